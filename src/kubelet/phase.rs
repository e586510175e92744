//! The pod's phase.
//!
//! Source: `kubelet_pods.go: getPhase` (PHASE-1 … PHASE-15).

use super::api_status::{ContainerState, ContainerStatus, PodPhase};
use super::restart;
use super::runtime_status::RuntimeStatus;
use crate::profile::{PhaseGate, RestartScope, Rules, WhenDeleted};
use crate::spec::{ContainerId, PodSpec, RestartPolicy};

/// What the containers' states come to. `terminated` says that the pod has been stopped for good.
pub(super) fn phase(
    spec: &PodSpec,
    rules: &Rules,
    statuses: &[ContainerStatus],
    view: &RuntimeStatus,
    terminated: bool,
) -> PodPhase {
    let inits = Inits::count(spec, rules, statuses);
    let counts = Counts::of(spec, statuses);
    if inits.failed_for_good {
        return PodPhase::Failed;
    }
    let held_by_sidecars = inits.sidecars_pending && !anyone_started(spec, rules, statuses, view);
    if inits.pending || held_by_sidecars || counts.waiting || inits.sidecars_waiting {
        return PodPhase::Pending;
    }
    let running = counts.running || inits.sidecars_running;
    if running {
        return PodPhase::Running;
    }
    if counts.stopped == 0 {
        return PodPhase::Pending;
    }
    let all_succeeded = counts.stopped == counts.succeeded;
    if terminated && rules.when_deleted == WhenDeleted::Terminal {
        return ended(all_succeeded);
    }
    match rules.restart_scope {
        RestartScope::Container if any_restartable(spec, rules, statuses) => PodPhase::Running,
        RestartScope::Container => ended(all_succeeded),
        RestartScope::Pod => match spec.restart_policy {
            RestartPolicy::Always => PodPhase::Running,
            _ if all_succeeded => PodPhase::Succeeded,
            RestartPolicy::Never => PodPhase::Failed,
            RestartPolicy::OnFailure => PodPhase::Running,
        },
    }
}

const fn ended(all_succeeded: bool) -> PodPhase {
    if all_succeeded {
        PodPhase::Succeeded
    } else {
        PodPhase::Failed
    }
}

#[derive(Default)]
struct Inits {
    pending: bool,
    failed_for_good: bool,
    sidecars_pending: bool,
    sidecars_running: bool,
    sidecars_waiting: bool,
}

impl Inits {
    fn count(spec: &PodSpec, rules: &Rules, statuses: &[ContainerStatus]) -> Self {
        let mut inits = Self::default();
        for id in spec.init_ids() {
            let Some(status) = statuses.get(id.index()) else {
                inits.pending |= !spec.is_sidecar(id);
                inits.sidecars_pending |= spec.is_sidecar(id);
                inits.sidecars_waiting |= spec.is_sidecar(id);
                continue;
            };
            if spec.is_sidecar(id) {
                inits.count_sidecar(status);
            } else {
                inits.count_ordinary(spec, rules, id, status);
            }
        }
        inits
    }

    fn count_ordinary(
        &mut self,
        spec: &PodSpec,
        rules: &Rules,
        id: ContainerId,
        status: &ContainerStatus,
    ) {
        match status.ended() {
            None => self.pending = true,
            Some(ended) if ended.code == 0 => {}
            Some(ended) => self.failed_for_good |= !restart::after(spec, rules, id, ended),
        }
    }

    const fn count_sidecar(&mut self, status: &ContainerStatus) {
        match &status.state {
            ContainerState::Running { .. } => {
                self.sidecars_running = true;
                self.sidecars_pending |= !status.started;
            }
            ContainerState::Waiting(_) if status.last.is_none() => {
                self.sidecars_pending = true;
                self.sidecars_waiting = true;
            }
            ContainerState::Waiting(_) | ContainerState::Terminated(_) => {}
        }
    }
}

#[derive(Default)]
struct Counts {
    running: bool,
    waiting: bool,
    stopped: u32,
    succeeded: u32,
}

impl Counts {
    fn of(spec: &PodSpec, statuses: &[ContainerStatus]) -> Self {
        let mut counts = Self::default();
        for id in spec.regular_ids() {
            let Some(status) = statuses.get(id.index()) else {
                counts.waiting = true;
                continue;
            };
            match &status.state {
                ContainerState::Running { .. } => counts.running = true,
                ContainerState::Terminated(terminated) => {
                    counts.stopped += 1;
                    counts.succeeded += u32::from(terminated.code == 0);
                }
                ContainerState::Waiting(_) if status.last.is_some() => counts.stopped += 1,
                ContainerState::Waiting(_) => counts.waiting = true,
            }
        }
        counts
    }
}

/// Whether a regular container has been started, by the status or by the runtime (PHASE-3, PHASE-13).
fn anyone_started(
    spec: &PodSpec,
    rules: &Rules,
    statuses: &[ContainerStatus],
    view: &RuntimeStatus,
) -> bool {
    let mut regular = spec.regular_ids();
    match rules.phase_gate {
        PhaseGate::ByStatus => regular.any(|id| {
            let status = statuses.get(id.index());
            status.is_some_and(|status| {
                status.state.is_running() || status.state.terminated().is_some()
            })
        }),
        PhaseGate::ByRuntime => {
            let active = view.sandboxes.last().filter(|sandbox| sandbox.ready);
            regular.any(|id| {
                view.newest_first(id)
                    .any(|run| active.is_some_and(|sandbox| run.sandbox == sandbox.attempt))
            })
        }
    }
}

fn any_restartable(spec: &PodSpec, rules: &Rules, statuses: &[ContainerStatus]) -> bool {
    spec.regular_ids().any(|id| {
        let ended = statuses.get(id.index()).and_then(ContainerStatus::ended);
        ended.is_some_and(|ended| restart::after(spec, rules, id, ended))
    })
}
