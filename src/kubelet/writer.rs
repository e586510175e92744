//! The status manager: the cached status, and when the API sees it.
//!
//! Source: `status/status_manager.go`.

use super::api_status::{
    ContainerState, ContainerStatus, PodPhase, PodStatus, Terminated, TerminatedReason,
};
use super::event::Event;
use super::look::Look;
use super::ready::Task;
use super::state::{CachedStatus, PodView, STATUS_PERIOD};
use super::step::Step;
use super::timers::Timer;
use super::{conditions, restart};
use crate::profile::{Rules, WhenDeleted};
use crate::spec::{PodSpec, RestartPolicy};
use crate::time::Time;

impl PodStatus {
    /// What the API holds once the kubelet has written this status over `old`: no condition that
    /// is not the kubelet's changes, and no terminal phase appears while containers may still run
    /// (SM-12).
    ///
    /// Source: `mergePodStatus`.
    #[must_use]
    pub fn merged_over(&self, old: &Self, may_run: bool) -> Self {
        let mut merged = self.clone();
        merged.foreign.clone_from(&old.foreign);
        if !old.phase.is_terminal() && self.phase.is_terminal() && may_run {
            merged.phase = old.phase;
            merged.reason = old.reason;
        }
        if merged.phase.is_terminal()
            && let Some(known) = &mut merged.conditions
            && (known.ready.status || known.containers_ready.status)
        {
            known.ready = conditions::at_end(merged.phase);
            known.containers_ready = conditions::at_end(merged.phase);
        }
        merged
    }
}

impl Look<'_, '_> {
    /// What the API will hold.
    fn merge(self, new: &PodStatus) -> PodStatus {
        let worker = self.state.kubelet.worker.as_ref();
        let may_run = worker.map_or(!self.state.kubelet.pods_synced, |worker| !worker.terminated);
        new.merged_over(&self.state.object.status, may_run)
    }

    /// When the full pass would write something (SM-2).
    pub(super) fn status_deadline(self) -> Option<Time> {
        let cached = self.state.kubelet.cached.as_ref()?;
        let wanted = cached.withheld
            && self.state.object.exists
            && self.merge(&cached.status) != self.state.object.status;
        wanted.then(|| {
            let now = self.state.now;
            self.loop_tick(self.state.loops.status, STATUS_PERIOD, now, Timer::Status)
        })
    }
}

impl Step<'_, '_> {
    /// Source: `SetPodStatus`.
    pub(super) fn set_pod_status(&mut self, pod: &PodView, status: PodStatus) {
        self.cache_status_of(pod, status, pod.deleted(), false);
    }

    /// Stores a status that was made from the cached one.
    pub(super) fn cache_status(&mut self, status: PodStatus, force: bool, finished: bool) {
        if let Some(pod) = self.state.kubelet.pod.clone() {
            self.cache_status_of(&pod, status, force, finished);
        }
    }

    /// Source: `updateStatusInternal` (SM-1).
    fn cache_status_of(
        &mut self,
        pod: &PodView,
        mut status: PodStatus,
        force: bool,
        finished: bool,
    ) {
        let spec = self.machine.spec(pod.revision);
        let cached = self.state.kubelet.cached.as_ref();
        let old = cached.map_or(&self.state.object.status, |cached| &cached.status);
        if !self.transition_allowed(spec, old, &status) {
            return;
        }
        status.start_time = old.start_time.or_else(|| Some(self.now.whole_second()));
        if !force && cached.is_some_and(|cached| same_to_kubelet(&cached.status, &status)) {
            return;
        }
        let finished = finished || cached.is_some_and(|cached| cached.finished);
        self.state.kubelet.cached = Some(CachedStatus {
            status,
            finished,
            withheld: false,
        });
        self.state.ready.wake(Task::Writer);
    }

    /// Whether no container that must not restart leaves Terminated (VAL-61, SM-10).
    ///
    /// Source: `checkContainerStateTransition`.
    fn transition_allowed(&self, spec: &PodSpec, old: &PodStatus, new: &PodStatus) -> bool {
        let rules = self.machine.rules;
        let any_may_restart = rules.restart_all && restart::could_ask_for_all(spec);
        if spec.restart_policy == RestartPolicy::Always || any_may_restart {
            return true;
        }
        spec.ids().all(|id| {
            let old = old.containers.get(id.index());
            let Some(ended) = old.and_then(|old| old.state.terminated()) else {
                return true;
            };
            let failed = ended.code != 0 && spec.restart_policy == RestartPolicy::OnFailure;
            spec.is_sidecar(id)
                || new.containers[id.index()].state.terminated().is_some()
                || failed
                || restart::after_exit(spec, rules, id, ended.code)
        })
    }

    /// Source: `TerminatePod` (TERM-33, TERM-34).
    pub(super) fn terminate_pod(&mut self, pod: &PodView) {
        let spec = self.machine.spec(pod.revision);
        let status = final_status(spec, self.machine.rules, pod, self.state.known_status());
        self.cache_status_of(pod, status, true, true);
    }

    /// Source: `syncPod` (SM-3).
    pub(super) fn write_status(&mut self) {
        let Some(cached) = &self.state.kubelet.cached else {
            return;
        };
        if !self.state.object.exists {
            return;
        }
        let merged = self.look().merge(&cached.status);
        let finished = cached.finished;
        let withheld = !same_to_kubelet(&merged, &cached.status);
        let any_phase = self.machine.rules.when_deleted == WhenDeleted::AsItWas;
        let deletable =
            self.state.object.deletion.is_some() && (any_phase || merged.phase.is_terminal());
        if let Some(cached) = &mut self.state.kubelet.cached {
            cached.withheld = withheld;
        }
        if merged != self.state.object.status {
            self.state.object.status = merged.clone();
            self.out.events.push(Event::Status(Box::new(merged)));
            self.deliver_object();
        }
        if deletable && finished {
            self.delete_object(Some(0), true);
            self.state.kubelet.cached = None;
        }
    }
}

/// A status in which everything has ended: what is not located anywhere was killed.
pub(super) fn final_status(
    spec: &PodSpec,
    rules: &Rules,
    pod: &PodView,
    before: &PodStatus,
) -> PodStatus {
    let mut status = before.clone();
    if status.containers.len() == spec.containers.len() {
        let (inits, regular) = status.containers.split_at_mut(spec.init_count);
        if pod.initialized {
            regular.iter_mut().for_each(located_nowhere);
        }
        let began = |status: &ContainerStatus| {
            !matches!(status.state, ContainerState::Waiting(_)) || status.last.is_some()
        };
        let initialized = inits.iter().rposition(began).unwrap_or(0) + 1;
        inits.iter_mut().take(initialized).for_each(located_nowhere);
    }
    let terminal = rules.when_deleted == WhenDeleted::Terminal;
    if terminal && !status.phase.is_terminal() {
        status.phase = PodPhase::Failed;
    }
    status
}

/// Whether two statuses differ in nothing that the kubelet owns.
///
/// Source: `isPodStatusByKubeletEqual`.
fn same_to_kubelet(a: &PodStatus, b: &PodStatus) -> bool {
    a.phase == b.phase
        && a.reason == b.reason
        && a.start_time == b.start_time
        && a.conditions == b.conditions
        && a.containers == b.containers
}

fn located_nowhere(status: &mut ContainerStatus) {
    if status.state.terminated().is_none() {
        let reason = TerminatedReason::UnknownAtTermination;
        status.state = ContainerState::Terminated(Terminated::without_run(reason, 137));
    }
}
