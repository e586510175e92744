//! The conditions that the kubelet owns.
//!
//! Source: `status/generate.go` (COND-2 … COND-8).

use super::api_status::{
    Condition, ConditionReason, Conditions, ContainerSet, ContainerStatus, ForeignConditions,
    GateView, PodPhase, PodStatus,
};
use super::restart;
use super::runtime_status::RuntimeStatus;
use crate::profile::{LastState, Rules, SandboxCondition};
use crate::spec::PodSpec;

/// All conditions, from a status whose containers and phase are in place.
pub(super) fn conditions(
    spec: &PodSpec,
    rules: &Rules,
    status: &PodStatus,
    old: &PodStatus,
    view: &RuntimeStatus,
) -> Conditions {
    Conditions {
        sandbox: match rules.sandbox_condition {
            SandboxCondition::Absent => None,
            SandboxCondition::NextSync | SandboxCondition::AtOnce => {
                Some(!view.sandbox_change().needed)
            }
        },
        initialized: initialized(spec, rules, status, old),
        ready: ready(spec, status),
        containers_ready: containers_ready(spec, &status.containers, status.phase),
        restarting: (rules.restart_all && restart::could_ask_for_all(spec))
            .then(|| restarting(spec, status.phase, view, old)),
    }
}

/// `ContainersReady` (COND-3)
pub(super) fn containers_ready(
    spec: &PodSpec,
    statuses: &[ContainerStatus],
    phase: PodPhase,
) -> Condition {
    if phase.is_terminal() {
        return at_end(phase);
    }
    let mut unready = ContainerSet::EMPTY;
    for id in spec.ids() {
        let counts = !spec.is_init(id) || spec.is_sidecar(id);
        if counts && !statuses.get(id.index()).is_some_and(|status| status.ready) {
            unready.insert(id);
        }
    }
    if unready.is_empty() {
        Condition::TRUE
    } else {
        Condition::not(ConditionReason::ContainersNotReady(unready))
    }
}

/// `Ready` (COND-4)
pub(super) fn ready(spec: &PodSpec, status: &PodStatus) -> Condition {
    let containers = containers_ready(spec, &status.containers, status.phase);
    if containers.status {
        gates_ready(spec, &status.foreign)
    } else {
        containers
    }
}

/// What the readiness gates make of a pod whose containers are ready.
fn gates_ready(spec: &PodSpec, foreign: &ForeignConditions) -> Condition {
    let mut gates = GateView::default();
    for gate in 0..spec.readiness_gates.len() {
        gates.set(gate, foreign.get(gate).copied().flatten());
    }
    if gates.all_true() {
        Condition::TRUE
    } else {
        Condition::not(ConditionReason::ReadinessGatesNotReady(gates))
    }
}

/// Both readiness conditions of a pod that has ended (COND-12).
pub(super) const fn at_end(phase: PodPhase) -> Condition {
    Condition::not(match phase {
        PodPhase::Succeeded => ConditionReason::PodCompleted,
        _ => ConditionReason::PodFailed,
    })
}

/// `Initialized` (COND-2, COND-7, COND-8)
fn initialized(spec: &PodSpec, rules: &Rules, status: &PodStatus, old: &PodStatus) -> Condition {
    if status.phase == PodPhase::Succeeded {
        return Condition {
            status: true,
            reason: ConditionReason::PodCompleted,
        };
    }
    let started = |id: crate::spec::ContainerId| {
        let status = status.containers.get(id.index());
        status
            .is_some_and(|status| status.state.is_running() || status.state.terminated().is_some())
    };
    if spec.regular_ids().any(started) {
        return Condition::TRUE;
    }
    let mut incomplete = ContainerSet::EMPTY;
    for id in spec.init_ids() {
        let complete = status.containers.get(id.index()).is_some_and(|status| {
            if spec.is_sidecar(id) {
                status.started
            } else {
                status.ready
            }
        });
        if !complete {
            incomplete.insert(id);
        }
    }
    let was_true = old.conditions.is_some_and(|old| old.initialized.status);
    if incomplete.is_empty() || (rules.last_state == LastState::Kept && was_true) {
        Condition::TRUE
    } else {
        Condition::not(ConditionReason::ContainersNotInitialized(incomplete))
    }
}

/// `AllContainersRestarting` (VER-1)
fn restarting(spec: &PodSpec, phase: PodPhase, view: &RuntimeStatus, old: &PodStatus) -> Condition {
    if phase.is_terminal() {
        return at_end(phase);
    }
    if !restart::all(spec, Some(view), old) || view.runs.is_empty() {
        return Condition::FALSE;
    }
    Condition {
        status: true,
        reason: ConditionReason::RestartAllContainersStarted,
    }
}
