//! Invariants of probes.

use super::facts::{Facts, Run};
use super::runtime::kube;
use crate::kubelet::{
    ConditionReason, ContainerStatus, Event, KillMessage, KubeEvent, KubeReason, PodStatus,
    ProbeEvent, RunId,
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
    let container = facts.container(id);
    let failures = container.worst_row[kind as usize];
    // A worker stores a failure for what does not run (PROBE-15), such as a run whose start the
    // kubelet did not live to see; should it start after all, it is killed for that.
    let late = |run: &Run| run.abandoned && run.is_running();
    let excused = container.runs.iter().any(late);
    (failures < threshold && !excused).then(|| {
        let name = names.container(id);
        format!("{name} is killed after {failures} of {threshold} failed {kind:?} probes")
    })
}

pub(super) fn ready_is_earned(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry)?;
    if is_over(status) {
        return None;
    }
    let shown = shown(status, names, ProbeKind::Readiness, |now| now.ready);
    let unearned = |&run: &RunId| {
        let passed = facts.run(run).is_some_and(|run| run.readiness_passed);
        !passed && !restarted(facts, run) && !lacks_worker(facts, run, names)
    };
    let run = shown.into_iter().find(unearned)?;
    let (name, ordinal) = (names.container(run.container), run.ordinal);
    Some(format!(
        "{name}: run {ordinal} is ready, and no readiness probe has succeeded"
    ))
}

pub(super) fn started_is_earned(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry)?;
    if is_over(status) {
        return None;
    }
    let kept = names.rules.status_after_restart == StatusAfterRestart::Kept;
    let shown = shown(status, names, ProbeKind::Startup, |now| now.started);
    let unearned = |&run: &RunId| {
        let passed = facts.run(run).is_some_and(|run| run.startup_passed);
        // A process of the kubelet takes over what it finds, and makes its first status before its
        // workers.
        let before = facts.status.as_ref();
        let before = before.and_then(|before| before.containers.get(run.container.index()));
        let as_before = before.is_some_and(|now| now.started && now.run == Some(run.ordinal));
        let found = as_before || restarted(facts, run) || kept && kept_started(facts, run);
        !passed && !found && !lacks_worker(facts, run, names)
    };
    let run = shown.into_iter().find(unearned)?;
    let (name, ordinal) = (names.container(run.container), run.ordinal);
    Some(format!(
        "{name}: run {ordinal} has started, and no startup probe has succeeded"
    ))
}

const fn status(entry: &Entry) -> Option<&PodStatus> {
    match &entry.event {
        Event::Status(status) => Some(status),
        _ => None,
    }
}

/// Whether the pod has ended for the kubelet: then its workers end as well (PROBE-11), while
/// containers may still run, and what lacks a worker counts as what has no probe (PROBE-83).
fn is_over(status: &PodStatus) -> bool {
    let over = [ConditionReason::PodFailed, ConditionReason::PodCompleted];
    let conditions = status.conditions.as_ref();
    conditions.is_some_and(|now| over.contains(&now.ready.reason))
}

/// The runs of containers with such a probe that a status shows in that way.
fn shown(
    status: &PodStatus,
    names: &Names<'_>,
    kind: ProbeKind,
    so: impl Fn(&ContainerStatus) -> bool,
) -> Vec<RunId> {
    let ids = names.pod.ids();
    let probed = ids.filter(|&id| names.pod.container(id).probe(kind).is_some());
    let runs = probed.filter_map(|container| {
        let now = status.containers.get(container.index())?;
        let ordinal = now.run.filter(|_| so(now))?;
        Some(RunId { container, ordinal })
    });
    runs.collect()
}
