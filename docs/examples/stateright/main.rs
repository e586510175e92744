//! A pod inside a model of one's own, checked by stateright: a load balancer that is always a little
//! late, and requests that must not go to a process that has ended.
//!
//! `cargo run --example stateright --no-default-features`

mod pod;
mod service;

use pod::Pod;
use podclock::explore::Instants;
use podclock::runtime::Replayed;
use podclock::sim::{Scenario, ScenarioError};
use service::Service;
use stateright::{Checker, Model};
use std::io::{self, Write};

/// A pod that somebody deletes at any moment. What comes before TERM is left open.
const POD: &str = "
until: 1m
pod:
  apiVersion: v1
  kind: Pod
  metadata: {name: web}
  spec:
    containers:
    - name: app
      image: app:1
      readinessProbe: {exec: {command: [check]}}
      lifecycle: HOOKS
faults:
  actions:
  - delete:
";

fn main() -> Result<(), ScenarioError> {
    for hooks in ["{}", "{preStop: {sleep: {seconds: 5}}}"] {
        let scenario = Scenario::parse(&POD.replace("HOOKS", hooks))?;
        let service = Service {
            pod: Pod {
                model: scenario.model,
                instants: Instants::Corners,
            },
        };
        let checker = service.checker().spawn_bfs().join();
        // Nobody reads on: that is fine.
        tell(hooks, &checker).unwrap_or(());
    }
    Ok(())
}

fn tell(hooks: &str, checker: &impl Checker<Service>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let states = checker.unique_state_count();
    let Some(path) = checker.discovery(Service::SERVED) else {
        let always = Service::SERVED;
        return writeln!(out, "lifecycle: {hooks}\n{states} states: {always}");
    };
    let service = checker.model();
    let (choices, took) = service.pods_run(path);
    let mut choices = Replayed::new(choices).without_latencies();
    let run = service.pod.model.run(&mut choices, took);
    writeln!(out, "lifecycle: {hooks}\nfound after {states} states:")?;
    writeln!(out, "{}", run.timeline)
}
