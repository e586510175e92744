//! Invariants of Kubernetes Events: none contradicts what happened.

use super::facts::Facts;
use super::runtime::kube;
use crate::kubelet::{HookKind, KubeEvent, KubeReason};
use crate::spec::{ContainerId, Handler};
use crate::time::Time;
use crate::timeline::{Entry, Names};
use std::time::Duration;

/// The container and the reason of an Event about one.
fn about(entry: &Entry) -> Option<(ContainerId, KubeReason)> {
    let KubeEvent { container, what } = kube(entry)?;
    Some((container?, what))
}

pub(super) fn started(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (id, what) = about(entry)?;
    let container = facts.container(id);
    let [created, started] = container.told;
    let runs = &container.runs;
    let starts = runs.iter().filter(|run| run.started.is_some()).count();
    let wrong = match what {
        KubeReason::Created => created as usize >= runs.len(),
        KubeReason::Started => started as usize >= starts,
        _ => false,
    };
    wrong.then(|| format!("{}: {what:?} once more than it was", names.container(id)))
}

/// How long a relist may take to see the end of a container.
const RELIST: Duration = Duration::from_secs(1);

pub(super) fn killing(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (id, KubeReason::Killing(_)) = about(entry)? else {
        return None;
    };
    let fresh = |at: Time| entry.at.since(at) <= RELIST;
    let runs = &facts.container(id).runs;
    // Where all containers restart, one that was created goes too: the kubelet that asked for its
    // start did not live to see it.
    let good = runs.iter().any(|run| match run.ended {
        Some((at, _)) => run.started.is_some() && fresh(at),
        None => run.started.is_some() || run.abandoned,
    });
    let shown = facts.status.as_ref();
    let shown = shown.and_then(|status| status.containers.get(id.index()));
    let shown = shown.is_some_and(|shown| shown.state.is_running());
    (!good && !shown).then(|| format!("{} is killed, and does not run", names.container(id)))
}

pub(super) fn unhealthy(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (id, KubeReason::Unhealthy { kind, .. }) = about(entry)? else {
        return None;
    };
    let bad = facts.container(id).bad_probe[kind as usize] == Some(entry.at);
    (!bad).then(|| format!("{}: no {kind:?} probe ends badly", names.container(id)))
}

pub(super) fn back_off(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (id, what) = about(entry)?;
    let container = facts.container(id);
    let good = match what {
        KubeReason::BackOff => container.runs.iter().any(|run| run.ended.is_some()),
        KubeReason::PullBackOff { image } => {
            let mut pulled = facts.pulled.iter();
            pulled.any(|&(known, _, failed)| known == image && failed)
        }
        _ => true,
    };
    (!good).then(|| format!("{}: nothing to back off from", names.container(id)))
}

pub(super) fn pulled(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (id, what) = about(entry)?;
    let (image, wanted) = match what {
        KubeReason::Pulled { image, .. } => (image, false),
        KubeReason::PullFailed { image, .. } => (image, true),
        _ => return None,
    };
    let ended = facts.pulled.contains(&(image, entry.at, wanted));
    (!ended).then(|| format!("{}: no pull ends so", names.container(id)))
}

pub(super) fn hook(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let (id, what) = about(entry)?;
    let container = names.pod.container(id);
    let (hook, handler) = match what {
        KubeReason::FailedPostStartHook => (HookKind::PostStart, &container.post_start),
        KubeReason::FailedPreStopHook => (HookKind::PreStop, &container.pre_stop),
        _ => return None,
    };
    let never_runs = matches!(handler, Some(Handler::TcpSocket { .. }));
    let bad = facts.container(id).bad_hook[hook as usize] == Some(entry.at);
    (!bad && !never_runs).then(|| format!("{}: no {hook:?} hook fails", names.container(id)))
}

pub(super) fn deadline(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let sent = kube(entry)?.what == KubeReason::DeadlineExceeded;
    // An update may change a deadline, and cannot take it away.
    (sent && names.pod.active_deadline.is_none()).then(|| "the pod has no deadline".to_owned())
}
