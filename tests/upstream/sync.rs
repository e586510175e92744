//! Whole runs of the pods whose syncs upstream tests one by one.

use crate::state::{State, entries, list, only, same, text};
use podclock::Time;
use podclock::kubelet::{ContainerFact, Event, RunState, RuntimeStatus, SandboxEvent};
use podclock::runtime::{Nominal, Script};
use podclock::sim::{Action, Model};
use podclock::spec::PodSpec;
use podclock::timeline::Timeline;
use serde_yaml::Value;
use std::sync::Arc;
use std::time::Duration;

/// `exits` has, by container, one `[second, code]` for each run that ends by itself, as long after
/// its start; `delete_at` and `until` are seconds. `holds` is what the runtime holds then, `history`
/// what happened to sandboxes and containers, in order. `events_after` is a second after which there
/// is no Kubernetes Event.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod exits delete_at until holds history events_after";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let State { spec, rules, .. } = State::of(case)?;
    let mut script = Script::new();
    for (name, runs) in entries(&case["exits"]) {
        for run in list(runs) {
            let after = Duration::from_secs(run[0].as_u64().ok_or("a second")?);
            let code = run[1].as_i64().and_then(|code| i32::try_from(code).ok());
            let code = code.ok_or("an exit code")?;
            script = script.container(text(name)?, |run| run.exits(after, code));
        }
        script = script.container(text(name)?, |run| run);
    }
    let spec = Arc::new(spec);
    let mut model = Model::new(Arc::clone(&spec), rules, script);
    if let Some(at) = case["delete_at"].as_u64() {
        model = model.at(Duration::from_secs(at), Action::DELETE);
    }
    let until = case["until"].as_u64().ok_or("until")?;
    let run = model.run(&mut Nominal, Duration::from_secs(until));
    let timeline = run.timeline;
    let held = holds(&run.world.pod.runtime, &spec);
    let told = history(&timeline, &spec);
    for (what, found) in [("holds", held), ("history", told)] {
        let wanted = list(&case[what])
            .into_iter()
            .map(|word| text(word).map(str::to_owned));
        let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
        if !case[what].is_null() {
            same(what, &found, &wanted)?;
        }
    }
    let Some(quiet) = case["events_after"].as_u64() else {
        return Ok(());
    };
    let quiet = Time::from_millis(quiet * 1000);
    let late = timeline.entries().iter();
    let late = late.filter(|entry| entry.at > quiet && matches!(entry.event, Event::Kube(_)));
    same("events", &late.count(), &0)
}

fn holds(runtime: &RuntimeStatus, spec: &PodSpec) -> Vec<String> {
    let state = |state: &RunState| match state {
        RunState::Created => "created",
        RunState::Running { .. } => "running",
        RunState::Exited(_) => "exited",
        RunState::Unknown => "unknown",
    };
    let up = |ready: bool| if ready { "ready" } else { "down" };
    let sandboxes = runtime.sandboxes.iter();
    let sandboxes = sandboxes.map(|s| format!("sandbox {} {}", s.attempt, up(s.ready)));
    let runs = runtime.runs.iter().map(|run| {
        let name = &spec.container(run.id.container).name;
        format!("{name} {} {}", run.attempt, state(&run.state))
    });
    sandboxes.chain(runs).collect()
}

fn history(timeline: &Timeline, spec: &PodSpec) -> Vec<String> {
    let told = |event: &Event| match event {
        Event::Sandbox(SandboxEvent::Ready { attempt }) => Some(format!("sandbox {attempt} ready")),
        Event::Sandbox(SandboxEvent::Stopped { attempt }) => {
            Some(format!("sandbox {attempt} stopped"))
        }
        Event::Container(event) => {
            let name = &spec.container(event.run.container).name;
            let done = match event.fact {
                ContainerFact::Started { error: None } => "running".to_owned(),
                ContainerFact::Exited { code, .. } => format!("exited {code}"),
                ContainerFact::Removed => "removed".to_owned(),
                _ => return None,
            };
            Some(format!("{name} {} {done}", event.attempt))
        }
        _ => None,
    };
    let entries = timeline.entries().iter();
    entries.filter_map(|entry| told(&entry.event)).collect()
}
