//! The status in the API, told as what changed.

use super::Names;
use super::messages::{self, condition_status, go_duration};
use super::row::{Row, Tone};
use crate::kubelet::{
    Condition, ConditionReason, Conditions, ContainerState, ContainerStatus, PodPhase, PodStatus,
    StartError, Terminated, Waiting,
};
use crate::spec::ContainerId;
use crate::time::Time;

/// One line per change.
pub(super) fn changes(
    at: Time,
    before: Option<&PodStatus>,
    status: &PodStatus,
    names: &Names<'_>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut tell = |subject: &str, tone: Tone, text: String| {
        rows.push(Row {
            at,
            subject: subject.to_owned(),
            tone,
            text,
        });
    };
    let was = before.map_or(PodPhase::Pending, |before| before.phase);
    if was != status.phase {
        let mut text = format!("phase {} → {}", was.name(), status.phase.name());
        if let Some(reason) = status.reason {
            text += &format!(" ({})", messages::pod_reason(reason).0);
        }
        tell("pod", tone_of_phase(status.phase), text);
    }
    for id in names.pod.ids() {
        let Some(now) = status.containers.get(id.index()) else {
            continue;
        };
        let old = before.and_then(|before| before.containers.get(id.index()));
        if let Some((tone, text)) = container(old, now, id, names) {
            tell(names.container(id), tone, text);
        }
    }
    let old = before.and_then(|before| before.conditions.as_ref());
    if let Some(now) = &status.conditions {
        for (tone, text) in conditions(old, now, names) {
            tell("pod", tone, text);
        }
    }
    for (index, &now) in status.foreign.iter().enumerate() {
        let old = before.and_then(|before| before.foreign.get(index).copied().flatten());
        if let Some(now) = now.filter(|&now| Some(now) != old) {
            let kind = names.conditions.get(index).map_or("", String::as_str);
            tell(
                "pod",
                Tone::Status,
                format!("condition {kind} {}", condition_status(now)),
            );
        }
    }
    rows
}

const fn tone_of_phase(phase: PodPhase) -> Tone {
    match phase {
        PodPhase::Running | PodPhase::Succeeded => Tone::Good,
        PodPhase::Failed => Tone::Bad,
        PodPhase::Pending => Tone::Status,
    }
}

/// The conditions that readers follow: Ready always, the others where they say something that Ready
/// does not.
fn conditions(
    old: Option<&Conditions>,
    now: &Conditions,
    names: &Names<'_>,
) -> Vec<(Tone, String)> {
    let mut told = Vec::new();
    let mut tell = |kind: &str, old: Option<&Condition>, now: &Condition, first: bool| {
        let same = old.map_or(!first, |old| old.status == now.status);
        if same {
            return;
        }
        let tone = if now.status { Tone::Good } else { Tone::Status };
        let status = if now.status { "True" } else { "False" };
        told.push((
            tone,
            format!("{kind} {status}{}", because(now.reason, names)),
        ));
    };
    tell(
        "Initialized",
        old.map(|old| &old.initialized),
        &now.initialized,
        !now.initialized.status,
    );
    tell("Ready", old.map(|old| &old.ready), &now.ready, true);
    let gated = !names.pod.readiness_gates.is_empty();
    if gated {
        let old = old.map(|old| &old.containers_ready);
        tell("ContainersReady", old, &now.containers_ready, true);
    }
    if let Some(restarting) = &now.restarting {
        let old = old.and_then(|old| old.restarting.as_ref());
        tell(
            "AllContainersRestarting",
            old,
            restarting,
            restarting.status,
        );
    }
    told
}

fn because(reason: ConditionReason, names: &Names<'_>) -> String {
    let (reason, message) = messages::condition(reason, names);
    match (reason, message.as_str()) {
        ("", _) => String::new(),
        (reason, "") => format!(" ({reason})"),
        (reason, message) => format!(" ({reason}: {message})"),
    }
}

/// What changed in one container's status, on one line.
fn container(
    old: Option<&ContainerStatus>,
    now: &ContainerStatus,
    id: ContainerId,
    names: &Names<'_>,
) -> Option<(Tone, String)> {
    let mut parts = Vec::new();
    let mut tone = Tone::Status;
    let state = state(&now.state, id, names);
    if old.is_none_or(|old| self::state(&old.state, id, names) != state) {
        parts.push(state);
    }
    let restarts = old.map_or(0, |old| old.restart_count);
    if restarts != now.restart_count {
        parts.push(format!("restartCount {}", now.restart_count));
    }
    if old.is_some_and(|old| old.ready != now.ready) || (old.is_none() && now.ready) {
        parts.push(if now.ready { "ready" } else { "not ready" }.to_owned());
        tone = if now.ready { Tone::Good } else { Tone::Status };
    }
    let has_startup = names.pod.container(id).startup.is_some();
    if has_startup && old.is_some_and(|old| old.started != now.started) && now.state.is_running() {
        parts.push(
            if now.started {
                "started"
            } else {
                "not started yet"
            }
            .to_owned(),
        );
    }
    let last = old
        .and_then(|old| old.last.as_ref())
        .map(|last| ended(last, names));
    let now_last = now.last.as_ref().map(|last| ended(last, names));
    let ended_since = now_last.filter(|text| Some(text) != last.as_ref());
    if let Some(text) = ended_since.filter(|_| !now.state.is_running()) {
        parts.push(format!("last {text}"));
    }
    if parts.is_empty() {
        return None;
    }
    if matches!(now.state, ContainerState::Waiting(Waiting::StartError(_)))
        || now.state.terminated().is_some_and(|ended| ended.code != 0)
    {
        tone = Tone::Bad;
    }
    Some((tone, format!("status {}", parts.join(", "))))
}

fn state(state: &ContainerState, id: ContainerId, names: &Names<'_>) -> String {
    match state {
        ContainerState::Waiting(waiting) => {
            let (reason, _) = messages::waiting(*waiting, id, names);
            match waiting {
                Waiting::StartError(StartError::CrashLoopBackOff { delay }) => {
                    format!(
                        "waiting: {reason} (back-off {})",
                        go_duration(u64::from(*delay))
                    )
                }
                Waiting::Created => "waiting".to_owned(),
                _ => format!("waiting: {reason}"),
            }
        }
        ContainerState::Running { .. } => "running".to_owned(),
        ContainerState::Terminated(terminated) => ended(terminated, names),
    }
}

fn ended(terminated: &Terminated, names: &Names<'_>) -> String {
    let (reason, _) = messages::terminated(terminated.reason, names);
    format!("terminated: {reason} (exit code {})", terminated.code)
}
