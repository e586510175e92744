//! Invariants of probes.

use super::facts::Facts;
use super::runtime::kube;
use crate::kubelet::{
    ConditionReason, Event, KillMessage, KubeEvent, KubeReason, PodStatus, ProbeEvent, RunId,
};
use crate::profile::{RestartScope, StatusAfterRestart};
use crate::spec::{Probe, ProbeKind, RestartPolicy};
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
    let started = facts
        .run(event.run)
        .is_some_and(|run| run.started.is_some());
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
    let run = facts.run(event.run)?;
    // An error is tried again at once, whatever has become of the container.
    let again = facts.container(event.run.container).bad_probe[event.kind as usize];
    let excused = again == Some(entry.at)
        || taken_over(facts, event.run, names)
        || lacks_worker(facts, event.run, names);
    (!run.startup_passed && !excused).then(|| {
        told(
            event,
            names,
            "begins before the startup probe has succeeded",
        )
    })
}

/// Whether the kubelet's process is younger than the run, or than its being started.
fn restarted(facts: &Facts, run: RunId) -> bool {
    let (Some(run), Some(at)) = (facts.run(run), facts.kubelet_started) else {
        return false;
    };
    run.abandoned || run.started.is_some_and(|started| started <= at)
}

/// A process of the kubelet makes its first status before its workers, and what lacks a worker
/// counts as started (PROBE-80), until the startup probe's worker has had a turn. Where a restart of
/// the kubelet changes no status, none changes this one, and not even a restart of the container does
/// until then (PROBE-84).
fn taken_over(facts: &Facts, run: RunId, names: &Names<'_>) -> bool {
    let kept = names.rules.status_after_restart == StatusAfterRestart::Kept;
    let restarted = restarted(facts, run);
    let began = facts.run(run).is_some_and(|run| run.startup_began);
    restarted && !began || kept && kept_started(facts, run)
}

/// Whether some run of the container, this one or one before, was shown started or counted as that.
fn kept_started(facts: &Facts, run: RunId) -> bool {
    let mut runs = facts.container(run.container).runs.iter();
    facts.shows_started(run.container)
        || runs.any(|known| {
            let ordinal = known.ordinal;
            let id = RunId { ordinal, ..run };
            ordinal <= run.ordinal && restarted(facts, id)
        })
}

/// Where a container ends that is not to run again, its workers end with it (PROBE-15); should it
/// run again all the same, after an update or as a sidecar, it may lack them, and one without a
/// worker counts as one without a probe (PROBE-83).
fn lacks_worker(facts: &Facts, run: RunId, names: &Names<'_>) -> bool {
    let pod = names.pod;
    let container = pod.container(run.container);
    let runs = &facts.container(run.container).runs;
    let mut before = runs.iter().take_while(|known| known.ordinal < run.ordinal);
    match names.rules.restart_scope {
        RestartScope::Pod => pod.restart_policy == RestartPolicy::Never && before.next().is_some(),
        RestartScope::Container => before.any(|run| {
            let policy = container.restart_policy.unwrap_or(pod.restart_policy);
            let good = run.ended.is_some_and(|(_, code)| code == 0);
            !container.restart_rules.is_empty()
                || policy == RestartPolicy::Never
                || policy == RestartPolicy::OnFailure && good
        }),
    }
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

/// Of a pod that has ended no worker is left, and what lacks a worker counts as started and as ready
/// (PROBE-80, PROBE-83).
fn no_workers(status: &PodStatus) -> bool {
    let over = [ConditionReason::PodFailed, ConditionReason::PodCompleted];
    let conditions = status.conditions.as_ref();
    conditions.is_some_and(|now| over.contains(&now.ready.reason))
}

pub(super) fn ready_is_earned(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let Event::Status(status) = &entry.event else {
        return None;
    };
    let is_over = no_workers(status);
    names.pod.ids().find_map(|container| {
        let now = status.containers.get(container.index())?;
        names.pod.container(container).readiness.as_ref()?;
        let (true, Some(ordinal)) = (now.ready, now.run) else {
            return None;
        };
        let run = RunId { container, ordinal };
        let passed = facts.run(run).is_some_and(|run| run.readiness_passed);
        let excused = is_over || restarted(facts, run) || lacks_worker(facts, run, names);
        (!passed && !excused).then(|| {
            let name = names.container(container);
            format!("{name}: run {ordinal} is ready, and no readiness probe has succeeded")
        })
    })
}

pub(super) fn started_is_earned(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let Event::Status(status) = &entry.event else {
        return None;
    };
    names.pod.ids().find_map(|container| {
        let now = status.containers.get(container.index())?;
        names.pod.container(container).startup.as_ref()?;
        let (true, Some(ordinal)) = (now.started, now.run) else {
            return None;
        };
        let run = RunId { container, ordinal };
        let passed = facts.run(run).is_some_and(|run| run.startup_passed);
        let kept = names.rules.status_after_restart == StatusAfterRestart::Kept;
        // A process of the kubelet takes over what it finds, and makes its first status before its
        // workers.
        let before = facts.status.as_ref();
        let before = before.and_then(|before| before.containers.get(container.index()));
        let as_before = before.is_some_and(|before| before.started && before.run == now.run);
        let found = as_before
            || no_workers(status)
            || restarted(facts, run)
            || kept && kept_started(facts, run);
        (!passed && !found && !lacks_worker(facts, run, names)).then(|| {
            let name = names.container(container);
            format!("{name}: run {ordinal} has started, and no startup probe has succeeded")
        })
    })
}
