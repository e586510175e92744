//! podclock inside another program: a runtime of one's own, and a loop of one's own.
//!
//! `cargo run --example embed --no-default-features`

use podclock::kubelet::{Outcome, Text, Verb};
use podclock::manifest::{self, ManifestError};
use podclock::runtime::{Call, Choices, Nominal, Reply, Runtime};
use podclock::sim::{Action, Advance, Model};
use podclock::timeline::Timeline;
use podclock::{Profile, Time};
use std::io::{self, Write};
use std::time::Duration;

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: app:1
    readinessProbe: {exec: {command: [check]}, periodSeconds: 5}
";

/// An application that warms its caches for twelve seconds, and takes three to leave.
#[derive(Debug)]
struct Warming;

impl Runtime for Warming {
    fn reply(&self, call: &Call<'_>, _: &mut dyn Choices) -> Reply {
        let warm = call.request.running_for >= 12_000;
        match call.request.token.verb {
            Verb::PullImage => Reply::after(Duration::from_secs(4), Outcome::Done),
            Verb::Run => Reply::never(),
            Verb::StopContainer => {
                let exit = Outcome::Exited {
                    code: 0,
                    oom: false,
                };
                Reply::after(Duration::from_secs(3), exit)
            }
            Verb::Probe(_) if !call.request.alive => Reply::now(Outcome::NotRunning),
            Verb::Probe(_) => Reply::now(Outcome::Ran {
                code: if warm { 0 } else { 1 },
                output: Text::EMPTY,
            }),
            _ => Reply::now(Outcome::Done),
        }
    }
}

fn main() -> Result<(), ManifestError> {
    let profile = Profile::default();
    let pod = manifest::parse(POD, &profile).into_result()?.pods[0]
        .spec
        .clone();
    let model =
        Model::new(pod, profile.rules(), Warming).at(Duration::from_secs(40), Action::DELETE);

    // The loop is ours: stop it, slow it down to the wall clock, or keep the world and go on later.
    let (mut world, mut timeline) = (model.world(), Timeline::new());
    model.create(&mut world, &mut Nominal, &mut timeline);
    let mut ready_at = None;
    let horizon = Time::START + Duration::from_secs(120);
    while model.next(&world).is_some_and(|at| at <= horizon) {
        let Advance::Fired(now) = model.advance(&mut world, &mut Nominal, &mut timeline) else {
            break;
        };
        if ready_at.is_none() && world.pod.object.status.is_ready() {
            ready_at = Some(now);
        }
    }

    let mut out = io::stdout().lock();
    let told = match ready_at {
        Some(at) => writeln!(out, "{timeline}\nready at {at}"),
        None => writeln!(out, "{timeline}\nnever ready"),
    };
    // Nobody reads on: that is fine.
    told.or(Ok(()))
}
