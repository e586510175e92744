//! In which order the containers of a dying pod are stopped.

use crate::state::{State, entries, only, same, text};
use podclock::kubelet::{ContainerFact, Event, KubeReason};
use podclock::runtime::{Nominal, Script};
use podclock::sim::{Action, Model};
use podclock::timeline::Timeline;
use serde_yaml::Value;
use std::sync::Arc;
use std::time::Duration;

/// The pod is deleted while all its containers run, and each takes `stop_takes_ms` to end. `waits_s`
/// are the whole seconds from a container's Killing event to its stop signal.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    only(
        case,
        &["id", "kubernetes", "pod", "stop_takes_ms", "waits_s"],
    )?;
    let State { spec, rules, .. } = State::of(case)?;
    let takes = case["stop_takes_ms"].as_u64().ok_or("stop_takes_ms")?;
    let takes = Duration::from_millis(takes);
    let mut script = Script::new();
    for container in &spec.containers {
        script = script.container(&container.name, |attempt| attempt.stops_in(takes, 0));
    }
    let spec = Arc::new(spec);
    let model = Model::new(Arc::clone(&spec), rules, script);
    let model = model.at(Duration::from_secs(20), Action::DELETE);
    let run = model.run(&mut Nominal, Duration::from_secs(80));
    for (name, wanted) in entries(&case["waits_s"]) {
        let id = spec.find(text(name)?).ok_or("no such container")?;
        let killed = first(&run.timeline, |event| {
            matches!(event, Event::Kube(event)
                if event.container == Some(id) && matches!(event.what, KubeReason::Killing(_)))
        });
        let stopped = first(&run.timeline, |event| {
            matches!(event, Event::Container(event) if event.run.container == id
                && matches!(event.fact, ContainerFact::Stop { running: true, .. }))
        });
        let wait = killed.and_then(|killed| Some((stopped? - killed) / 1000));
        same(text(name)?, &wait, &wanted.as_u64())?;
    }
    Ok(())
}

/// When the first event of that kind came, in milliseconds.
fn first(timeline: &Timeline, wanted: impl Fn(&Event) -> bool) -> Option<u64> {
    let mut entries = timeline.entries().iter();
    let found = entries.find(|entry| wanted(&entry.event))?;
    Some(found.at.as_millis())
}
