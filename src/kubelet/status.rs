//! The status that a sync makes: derived from the runtime, the status before and the clock.
//!
//! Source: `kubelet_pods.go: generateAPIPodStatus, convertToAPIContainerStatuses`.

use super::api_status::{
    ContainerState, ContainerStatus, PodReason, PodStatus, StartError, Terminated,
    TerminatedReason, Waiting,
};
use super::event::{KubeEvent, KubeReason};
use super::runtime_status::{Run, RunState, RuntimeStatus};
use super::state::PodView;
use super::step::Step;
use super::{conditions, phase, restart};
use crate::profile::{LastState, StatusAfterRestart};
use crate::spec::{ContainerId, PodSpec};

impl Step<'_, '_> {
    /// The status as a sync with this view of object and runtime computes it.
    pub(super) fn generate_status(
        &mut self,
        pod: &PodView,
        view: &RuntimeStatus,
        terminated: bool,
    ) -> PodStatus {
        let spec = self.machine.spec(pod.revision);
        let old = match &self.state.kubelet.cached {
            Some(cached) => cached.status.clone(),
            None => self.state.object.status.clone(),
        };
        let restarting = self.machine.rules.restart_all && restart::all(spec, Some(view), &old);
        let mut status = PodStatus {
            phase: old.phase,
            reason: None,
            start_time: old.start_time,
            conditions: None,
            foreign: pod.foreign.clone(),
            containers: spec
                .ids()
                .map(|id| self.container_status(spec, id, pod, view, &old, restarting))
                .collect(),
        };
        let rules = self.machine.rules;
        status.phase = phase::phase(spec, rules, &status.containers, view, terminated);
        if !status.phase.is_terminal() {
            if old.phase.is_terminal() {
                status.phase = old.phase;
            } else if pod.phase.is_terminal() {
                status.phase = pod.phase;
            }
        }
        if status.phase == old.phase {
            status.reason = old.reason;
        }
        if self.past_active_deadline(pod.revision) {
            self.kube(KubeEvent {
                container: None,
                what: KubeReason::DeadlineExceeded,
            });
            status.phase = super::api_status::PodPhase::Failed;
            status.reason = Some(PodReason::DeadlineExceeded);
        }
        if pod.phase.is_terminal() {
            status.phase = pod.phase;
        }
        self.fill_readiness(spec, pod, &mut status);
        status.conditions = Some(conditions::conditions(spec, rules, &status, &old, view));
        status
    }

    /// Whether the pod has been active for longer than it may (DLN-2).
    fn past_active_deadline(&self, revision: u8) -> bool {
        let deadline = self.look().active_deadline(revision);
        deadline.is_some_and(|deadline| self.now >= deadline)
    }

    /// One container's status without `started` and `ready`, which the probe manager fills in.
    fn container_status(
        &self,
        spec: &PodSpec,
        id: ContainerId,
        pod: &PodView,
        view: &RuntimeStatus,
        old: &PodStatus,
        restarting: bool,
    ) -> ContainerStatus {
        let old = old.containers.get(id.index());
        let mut runs = view.newest_first(id);
        let mut status = match runs.next() {
            Some(newest) => {
                let mut status = self.of_run(newest, old);
                if let Some(before) = runs.next() {
                    status.last = before.exit().map(Terminated::of);
                }
                status
            }
            None => without_run(spec, pod, old, restarting),
        };
        self.show_start_error(spec, id, pod, view, &mut status);
        status
    }

    /// Status of a container that the runtime knows (CSTAT-2).
    fn of_run(&self, run: &Run, old: Option<&ContainerStatus>) -> ContainerStatus {
        let rules = self.machine.rules;
        let mut status = ContainerStatus {
            run: Some(run.id.ordinal),
            state: match &run.state {
                RunState::Created => ContainerState::Waiting(Waiting::Created),
                RunState::Running { started } => ContainerState::Running {
                    started: started.whole_second(),
                },
                RunState::Exited(exit) => ContainerState::Terminated(Terminated::of(exit)),
            },
            last: None,
            ready: false,
            started: false,
            restart_count: run.attempt,
        };
        let Some(old) = old else {
            return status;
        };
        if rules.last_state == LastState::Kept {
            status.restart_count = status.restart_count.max(old.restart_count);
            status.last = match old.state {
                ContainerState::Terminated(ended) if old.run != status.run => Some(ended),
                _ => old.last,
            };
            let reset = old.state.terminated().is_some() && old.restart_count >= run.attempt;
            if run.is_running() && reset {
                status.restart_count = old.restart_count + 1;
            }
        }
        if rules.status_after_restart == StatusAfterRestart::Kept && run.is_running() {
            status.started = old.started;
        }
        status
    }

    /// Shows why the container could not be started, if it is to be started again (CSTAT-6).
    fn show_start_error(
        &self,
        spec: &PodSpec,
        id: ContainerId,
        pod: &PodView,
        view: &RuntimeStatus,
        status: &mut ContainerStatus,
    ) {
        if spec.is_init(id) {
            let newest = view.newest(id);
            if newest
                .and_then(Run::exit)
                .is_some_and(|exit| exit.code == 0)
            {
                return;
            }
            let forgotten = self.machine.rules.last_state == LastState::Kept
                && newest.is_none()
                && !spec.is_sidecar(id)
                && spec.regular_ids().any(|id| view.newest(id).is_some())
                && matches!(status.state, ContainerState::Waiting(_));
            if forgotten {
                let reason = TerminatedReason::CompletedUnseen;
                status.state = ContainerState::Terminated(Terminated::without_run(reason, 0));
                return;
            }
        }
        if !restart::should_start(spec, self.machine.rules, id, view, pod.deleted()) {
            return;
        }
        let reason: Option<StartError> = self.state.slots[id.index()].reason;
        if let Some(reason) = reason {
            if let ContainerState::Terminated(ended) = status.state {
                status.last = Some(ended);
            }
            status.state = ContainerState::Waiting(Waiting::StartError(reason));
        }
    }
}

/// Status of a container that the runtime does not know (CSTAT-4, CSTAT-5).
fn without_run(
    spec: &PodSpec,
    pod: &PodView,
    old: Option<&ContainerStatus>,
    restarting: bool,
) -> ContainerStatus {
    let waiting = if spec.init_count > 0 {
        Waiting::PodInitializing
    } else {
        Waiting::ContainerCreating
    };
    let mut status = ContainerStatus {
        run: None,
        state: ContainerState::Waiting(waiting),
        last: None,
        ready: false,
        started: false,
        restart_count: 0,
    };
    let Some(old) = old else {
        return status;
    };
    if old.state.terminated().is_some() {
        status = *old;
    } else {
        status.restart_count = old.restart_count;
        status.last = old.last;
    }
    if restarting && !matches!(old.state, ContainerState::Waiting(_)) {
        let reason = TerminatedReason::RestartingAllContainers;
        status.state = ContainerState::Waiting(Waiting::RestartingAllContainers);
        status.last = Some(Terminated::without_run(reason, 137));
        status.restart_count = old.restart_count + 1;
    } else if old.state.is_running() && status.last.is_none() {
        let reason = TerminatedReason::UnknownWasRunning;
        status.last = Some(Terminated::without_run(reason, 137));
        if !pod.deleted() {
            status.restart_count += 1;
        }
    }
    status
}
