//! The status that a sync makes: derived from the runtime, the status before and the clock.
//!
//! Source: `kubelet_pods.go: generateAPIPodStatus, convertToAPIContainerStatuses`.

use super::api_status::{
    ContainerState, ContainerStatus, PodStatus, Terminated, TerminatedReason, Waiting,
};
use super::event::{KubeEvent, KubeReason};
use super::facts::Facts;
use super::restart;
use super::runtime_status::{Run, RunState, RuntimeStatus};
use super::state::{PodState, PodView};
use super::step::Step;
use crate::profile::{LastState, StatusAfterRestart};
use crate::spec::{ContainerId, PodSpec};
use smallvec::SmallVec;

impl Step<'_, '_> {
    /// What a decision in this sync looks at, with this view of object and runtime.
    pub(super) fn facts<'a>(&'a self, pod: &'a PodView, view: &'a RuntimeStatus) -> Facts<'a> {
        Facts {
            spec: self.machine.spec(pod.revision),
            rules: self.machine.rules,
            pod,
            runtime: view,
            containers: &self.state.slots,
            before: self.state.known_status(),
        }
    }

    /// The status as a sync with this view of the object computes it; `view` is its view of the runtime.
    pub(super) fn generate_status(
        &mut self,
        pod: &PodView,
        view: fn(&PodState) -> &RuntimeStatus,
        terminated: bool,
    ) -> PodStatus {
        let facts = self.facts(pod, view(self.state));
        let deadline = facts.active_deadline();
        let overdue = deadline.is_some_and(|deadline| self.now >= deadline);
        let mut status = facts.status(terminated, overdue);
        if overdue {
            self.kube(KubeEvent {
                container: None,
                what: KubeReason::DeadlineExceeded,
            });
        }
        self.fill_readiness(self.machine.spec(pod.revision), pod, &mut status);
        let facts = self.facts(pod, view(self.state));
        status.conditions = Some(facts.conditions(&status));
        status
    }
}

impl Facts<'_> {
    /// Every container's status but for `started` and `ready`, which the prober fills in.
    ///
    /// Source: `kubelet_pods.go: convertToAPIContainerStatuses`.
    pub(super) fn container_statuses(&self) -> SmallVec<[ContainerStatus; 2]> {
        let restarting =
            self.rules.restart_all && restart::all(self.spec, Some(self.runtime), self.before);
        let mut statuses = SmallVec::with_capacity(self.spec.containers.len());
        for id in self.spec.ids() {
            statuses.push(self.container_status(id, restarting));
        }
        statuses
    }

    fn container_status(&self, id: ContainerId, restarting: bool) -> ContainerStatus {
        let old = self.before.containers.get(id.index());
        let mut runs = self.runtime.newest_first(id);
        let mut status = match runs.next() {
            Some(newest) => {
                let mut status = self.of_run(newest, old);
                if let Some(before) = runs.next() {
                    status.last = before.exit().map(Terminated::of);
                }
                status
            }
            None => without_run(self.spec, self.pod, old, restarting),
        };
        self.show_start_error(id, &mut status);
        status
    }

    /// Status of a container that the runtime knows (CSTAT-2).
    fn of_run(&self, run: &Run, old: Option<&ContainerStatus>) -> ContainerStatus {
        let rules = self.rules;
        let mut status = ContainerStatus {
            run: Some(run.id.ordinal),
            state: match &run.state {
                RunState::Created => ContainerState::Waiting(Waiting::Created),
                RunState::Running { started } => ContainerState::Running {
                    started: started.whole_second(),
                },
                RunState::Exited(exit) => ContainerState::Terminated(Terminated::of(exit)),
                RunState::Unknown if old.is_some_and(|old| old.state.is_running()) => {
                    let reason = TerminatedReason::UnknownAtTermination;
                    ContainerState::Terminated(Terminated::without_run(reason, 137))
                }
                RunState::Unknown => ContainerState::Waiting(Waiting::Created),
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
        if run.state == RunState::Unknown && old.state.is_running() {
            status.restart_count = old.restart_count + 1;
        }
        if rules.status_after_restart == StatusAfterRestart::Kept && run.is_running() {
            status.started = old.started;
        }
        status
    }

    /// Shows why the container could not be started, if it is to be started again (CSTAT-6).
    fn show_start_error(&self, id: ContainerId, status: &mut ContainerStatus) {
        let (spec, view) = (self.spec, self.runtime);
        if spec.is_init(id) {
            let newest = view.newest(id);
            if newest
                .and_then(Run::exit)
                .is_some_and(|exit| exit.code == 0)
            {
                return;
            }
            let forgotten = self.rules.last_state == LastState::Kept
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
        if !self.should_start(id) {
            return;
        }
        let slot = self.containers.get(id.index());
        if let Some(reason) = slot.and_then(|slot| slot.reason) {
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
