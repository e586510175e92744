//! Invariants of the status that the API holds.

use super::facts::Facts;
use crate::kubelet::{
    ContainerState, ContainerStatus, Event, ExitReason, PodPhase, PodStatus, Terminated,
    TerminatedReason,
};
use crate::spec::{ContainerId, ExitAction, PodSpec, RestartPolicy};
use crate::timeline::{Entry, Names};

/// The status that an entry brings.
pub(super) fn status(entry: &Entry) -> Option<&PodStatus> {
    match &entry.event {
        Event::Status(status) => Some(status),
        _ => None,
    }
}

/// Each container with its status.
pub(super) fn containers<'a>(
    status: &'a PodStatus,
    pod: &PodSpec,
) -> impl Iterator<Item = (ContainerId, &'a ContainerStatus)> + use<'a> {
    pod.ids().zip(&status.containers)
}

/// What is wrong with the first container that something is wrong with.
fn any<'a>(
    entry: &'a Entry,
    names: &Names<'_>,
    wrong: impl Fn(ContainerId, &'a ContainerStatus) -> Option<&'static str>,
) -> Option<String> {
    let mut all = containers(status(entry)?, names.pod);
    all.find_map(|(id, container)| {
        let what = wrong(id, container)?;
        Some(format!("{} {what}: {container:?}", names.container(id)))
    })
}

pub(super) fn stay(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let count = status(entry)?.containers.len();
    let had = facts
        .status
        .as_ref()
        .map_or(0, |known| known.containers.len());
    let wanted = names.pod.containers.len();
    (count != wanted && (count, had) != (0, 0))
        .then(|| format!("{count} container statuses of {wanted}, after {had}"))
}

pub(super) fn restart_count(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let before = facts.status.as_ref()?;
    any(entry, names, |id, now| {
        let before = before.containers.get(id.index())?.restart_count;
        (now.restart_count < before).then_some("has restarted less often than before")
    })
}

pub(super) fn running_is_true(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    any(entry, names, |id, now| {
        let ContainerState::Running { started } = now.state else {
            return None;
        };
        let mut runs = facts.container(id).runs.iter();
        let known = runs.any(|run| run.started.is_some_and(|at| at.whole_second() == started));
        (!known).then_some("did not start then")
    })
}

pub(super) fn ended_is_true(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    any(entry, names, |id, now| {
        let is_true = |end: &Terminated| {
            let Some(times) = end.times else {
                return true;
            };
            let mut runs = facts.container(id).runs.iter();
            runs.any(|run| {
                run.started.map(|at| at.whole_second()) == times.started
                    && run.ended.is_some_and(|(at, code)| {
                        at.whole_second() == times.finished && code == end.code
                    })
            })
        };
        let ends = [now.state.terminated(), now.last.as_ref()];
        let lie = ends.into_iter().flatten().any(|end| !is_true(end));
        lie.then_some("did not end so")
    })
}

pub(super) fn times(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    any(entry, names, |_, now| {
        let paired = |end: &Terminated| {
            let never = matches!(
                end.reason,
                TerminatedReason::Runtime(ExitReason::StartError(_))
            );
            end.times.is_none_or(|times| match times.started {
                None => never,
                Some(started) => started <= times.finished,
            })
        };
        let ends = [now.state.terminated(), now.last.as_ref()];
        let odd = ends.into_iter().flatten().any(|end| !paired(end));
        odd.then_some("has odd times")
    })
}

pub(super) fn blocked(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    if facts.initialized(names.pod, names.pod.init_count) {
        return None;
    }
    any(entry, names, |id, now| {
        let waits = matches!(now.state, ContainerState::Waiting(_));
        let blocked = waits && !now.started && now.last.is_none() && now.restart_count == 0;
        (!names.pod.is_init(id) && !blocked).then_some("is not blocked by its init containers")
    })
}

/// Whether a pod has init containers, and none of them is a sidecar.
fn plain_init(pod: &PodSpec) -> bool {
    pod.init_count > 0 && !pod.has_sidecars()
}

/// Whether init containers may run anew: in another sandbox, or because all restart.
fn begins_anew(facts: &Facts, pod: &PodSpec) -> bool {
    facts.sandboxes_made > 1 || restarts_all(pod)
}

/// Whether some container's end restarts all (VER-1).
pub(super) fn restarts_all(pod: &PodSpec) -> bool {
    let mut rules = pod
        .containers
        .iter()
        .flat_map(|container| &container.restart_rules);
    rules.any(|rule| rule.action == ExitAction::RestartAllContainers)
}

fn done(status: &ContainerStatus) -> bool {
    status.state.terminated().is_some_and(|end| end.code == 0)
}

pub(super) fn init_in_order(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry)?;
    let pod = names.pod;
    if !plain_init(pod) || begins_anew(facts, pod) {
        return None;
    }
    let init = status.containers.iter().take(pod.init_count);
    let open = init.take_while(|status| done(status)).count();
    any(entry, names, |id, now| {
        let later = pod.is_init(id) && id.index() > open;
        let waits = matches!(now.state, ContainerState::Waiting(_));
        (later && !waits).then_some("does not wait for the init container before it")
    })
}

pub(super) fn init_done_is_ready(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    any(entry, names, |id, now| {
        let plain = names.pod.is_init(id) && !names.pod.is_sidecar(id);
        (plain && done(now) && !now.ready).then_some("is done and not ready")
    })
}

pub(super) fn initialized(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry)?;
    let conditions = status.conditions.as_ref()?;
    if !plain_init(names.pod) || begins_anew(facts, names.pod) {
        return None;
    }
    let mut init = status.containers.iter().take(names.pod.init_count);
    let all = init.all(done);
    let said = conditions.initialized.status;
    (said != all).then(|| format!("Initialized is {said}, and every init container done: {all}"))
}

pub(super) fn ready_means_all(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let status = status(entry)?;
    let conditions = status.conditions.as_ref()?;
    if !conditions.ready.status && !conditions.containers_ready.status {
        return None;
    }
    if conditions.ready.status && !conditions.containers_ready.status {
        return Some("Ready, and not ContainersReady".to_owned());
    }
    any(entry, names, |id, now| {
        let counts = !names.pod.is_init(id) || names.pod.is_sidecar(id);
        (counts && !now.ready).then_some("is not ready, and the pod is")
    })
}

/// Whether no run of the container is followed by another, whatever its end.
fn is_final(pod: &PodSpec, id: ContainerId) -> bool {
    let container = pod.container(id);
    let policy = container.restart_policy.unwrap_or(pod.restart_policy);
    let rules = pod.containers.iter().map(|c| c.restart_rules.len());
    policy == RestartPolicy::Never && rules.sum::<usize>() == 0
}

pub(super) fn ended_for_good(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let before = facts.status.as_ref()?;
    any(entry, names, |id, now| {
        let ended = before.containers.get(id.index())?.state.terminated();
        let again = ended.is_some() && now.state.terminated().is_none();
        // One that was killed for its memory with code 0 leads to a new sandbox (INIT-8).
        let anew = names.pod.is_init(id) && begins_anew(facts, names.pod);
        let final_end = !facts.updated && !anew && is_final(names.pod, id);
        (again && final_end).then_some("had ended for good")
    })
}

/// Whether the pod is over in this status.
pub(super) const fn is_over(status: &PodStatus) -> bool {
    matches!(status.phase, PodPhase::Succeeded | PodPhase::Failed)
}
