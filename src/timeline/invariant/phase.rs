//! Invariants of the phase.

use super::facts::Facts;
use super::status::{containers, is_over, restarts_all, status};
use crate::kubelet::{ApiEvent, ContainerState, Event, PodPhase};
use crate::timeline::{Entry, Names};

pub(super) fn for_good(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (before, now) = (facts.status.as_ref()?, status(entry)?);
    // The worker ends with the pod that it was given, which does not say Succeeded yet.
    let excused = now.reason.is_some() || restarts_all(names.pod);
    let excused = before.phase == PodPhase::Succeeded && excused;
    (is_over(before) && now.phase != before.phase && !excused).then(|| {
        let (before, now) = (before.phase.name(), now.phase.name());
        format!("{before} turns to {now}")
    })
}

pub(super) fn is_over_for_all(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry).filter(|status| is_over(status))?;
    let mut all = containers(status, names.pod);
    let (id, _) = all.find(|(_, container)| container.state.is_running())?;
    let (name, phase) = (names.container(id), status.phase.name());
    Some(format!("{name} is shown running in phase {phase}"))
}

pub(super) fn succeeded(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry).filter(|status| status.phase == PodPhase::Succeeded)?;
    let mut all = containers(status, names.pod).filter(|(id, _)| !names.pod.is_init(*id));
    let (id, _) = all.find(|(_, container)| {
        let end = container.state.terminated();
        end.is_none_or(|end| end.code != 0)
    })?;
    Some(format!("{} has not succeeded", names.container(id)))
}

pub(super) fn failed(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry).filter(|status| status.phase == PodPhase::Failed)?;
    let some = containers(status, names.pod).any(|(_, container)| match container.state {
        ContainerState::Terminated(end) => end.code != 0,
        ContainerState::Waiting(_) => true,
        ContainerState::Running { .. } => false,
    });
    let good = some || status.reason.is_some();
    (!good).then(|| "Failed, and every container has succeeded".to_owned())
}

pub(super) fn last_status(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let Event::Api(ApiEvent::DeleteRequested {
        by_kubelet: true,
        found: true,
        ..
    }) = entry.event
    else {
        return None;
    };
    let last = facts.status.as_ref()?;
    if last.phase == PodPhase::Running {
        return Some("the last phase is Running".to_owned());
    }
    let mut all = containers(last, names.pod);
    let (id, _) = all.find(|(_, container)| container.state.is_running())?;
    Some(format!("{} is last shown running", names.container(id)))
}
