//! Invariants of probes.

use super::facts::Facts;
use super::runtime::kube;
use crate::kubelet::{Event, KillMessage, KubeEvent, KubeReason, ProbeEvent, RunId};
use crate::spec::{Probe, ProbeKind};
use crate::timeline::{Entry, Names};
use std::time::Duration;

const fn probe(entry: &Entry) -> Option<ProbeEvent> {
    match &entry.event {
        Event::Probe(event) => Some(*event),
        _ => None,
    }
}

fn begins(entry: &Entry) -> Option<ProbeEvent> {
    probe(entry).filter(|event| event.end.is_none())
}

fn told(event: ProbeEvent, names: &Names<'_>, what: &str) -> String {
    let ProbeEvent { run, kind, .. } = event;
    let name = names.container(run.container);
    format!("{name}: run {}: {kind:?} probe {what}", run.ordinal)
}

fn settings<'a>(event: ProbeEvent, names: &Names<'a>) -> Option<&'a Probe> {
    names.pod.container(event.run.container).probe(event.kind)
}

pub(super) fn needs_start(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = begins(entry)?;
    let started = facts.run(event.run).is_some_and(|run| run.started.is_some());
    (!started).then(|| told(event, names, "begins before the start"))
}

pub(super) fn initial_delay(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = begins(entry)?;
    let started = facts.run(event.run)?.started?.whole_second();
    let delay = settings(event, names)?.initial_delay;
    let from = started + Duration::from_secs(delay.into());
    (entry.at < from).then(|| told(event, names, &format!("begins before {from}")))
}

pub(super) fn startup_first(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = begins(entry)?;
    let startup = names.pod.container(event.run.container).startup.is_some();
    if event.kind == ProbeKind::Startup || !startup {
        return None;
    }
    let passed = facts.run(event.run).is_some_and(|run| run.startup_passed);
    (!passed).then(|| told(event, names, "begins before the startup probe has succeeded"))
}

pub(super) fn one_at_a_time(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = probe(entry)?;
    let begun = facts.run(event.run)?.probing[event.kind as usize];
    match (event.end, begun) {
        (None, Some(at)) => Some(told(event, names, &format!("of {at} has not ended"))),
        (Some(_), None) => Some(told(event, names, "ends and has not begun")),
        _ => None,
    }
}

pub(super) fn timeout(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = probe(entry)?;
    event.end?;
    let begun = facts.run(event.run)?.probing[event.kind as usize]?;
    let timeout = settings(event, names)?.timeout;
    let latest = begun + Duration::from_secs(timeout.into());
    (entry.at > latest).then(|| told(event, names, &format!("ends after {latest}")))
}

pub(super) fn kill_is_earned(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let KubeEvent {
        container: Some(id),
        what: KubeReason::Killing(KillMessage::FailedProbe { kind, .. }),
    } = kube(entry)?
    else {
        return None;
    };
    let threshold = names.pod.container(id).probe(kind)?.failure_threshold;
    let failures = facts.container(id).worst_row[kind as usize];
    (failures < threshold).then(|| {
        let name = names.container(id);
        format!("{name} is killed after {failures} of {threshold} failed {kind:?} probes")
    })
}

pub(super) fn ready_is_earned(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let Event::Status(status) = &entry.event else {
        return None;
    };
    names.pod.ids().find_map(|container| {
        let now = status.containers.get(container.index())?;
        names.pod.container(container).readiness.as_ref()?;
        let (true, Some(ordinal)) = (now.ready, now.run) else {
            return None;
        };
        let run = RunId { container, ordinal };
        let passed = facts.run(run).is_some_and(|run| run.readiness_passed);
        (!passed).then(|| {
            let name = names.container(container);
            format!("{name}: run {ordinal} is ready, and no readiness probe has succeeded")
        })
    })
}
