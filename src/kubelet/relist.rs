//! PLEG: what the relist sees, and what it wakes.
//!
//! Source: `pleg/generic.go: Relist, generateEvents`.

use super::look::Look;
use super::ready::Task;
use super::runtime_status::{Run, RunId, RunState, RuntimeStatus, Sandbox};
use super::state::RELIST_PERIOD;
use super::step::Step;
use super::sync_loop::Notice;
use super::timers::Timer;
use super::worker::Activity;
use crate::time::Time;
use smallvec::SmallVec;

impl Look<'_, '_> {
    /// When a relist would change anything: the runtime has changed, or a worker waits for it.
    pub(super) fn relist_deadline(self) -> Option<Time> {
        let kubelet = &self.state.kubelet;
        let wanted = self.state.seen.is_some() || kubelet.fresh_from.is_some();
        (kubelet.up && wanted).then(|| {
            let now = self.state.now;
            self.loop_tick(self.state.loops.relist, RELIST_PERIOD, now, Timer::Relist)
        })
    }

    /// Whether nobody needs what the runtime still holds of the pod.
    ///
    /// Source: `pod_workers.go: ShouldPodContentBeRemoved`.
    pub(super) fn content_may_go(self) -> bool {
        match &self.state.kubelet.worker {
            Some(worker) => worker.deleted && worker.terminated,
            None => self.state.kubelet.pods_synced,
        }
    }
}

impl Step<'_, '_> {
    /// The truth, to be changed. The last relist goes on seeing what it saw.
    pub(super) fn change_runtime(&mut self) -> &mut RuntimeStatus {
        if self.state.seen.is_none() {
            self.state.seen = Some(self.state.runtime.clone());
        }
        &mut self.state.runtime
    }

    /// PLEG-1 … PLEG-5
    pub(super) fn relist(&mut self, on_demand: bool) {
        self.refresh_worker(on_demand);
        let Some(old) = self.state.seen.take() else {
            return;
        };
        let new = self.state.runtime.clone();
        for run in &old.runs {
            match (&run.state, new.run(run.id)) {
                (_, Some(now)) => self.compare(Some(run), now),
                (RunState::Exited(_), None) => {}
                (_, None) => self.notify(Notice::Died(Some(run.id))),
            }
        }
        for run in new.runs.iter().filter(|run| old.run(run.id).is_none()) {
            self.compare(None, run);
        }
        self.compare_sandboxes(&old.sandboxes, &new.sandboxes);
    }

    /// A relist that a sync has asked for (TIME-24). A pod of which the runtime has nothing is not
    /// found.
    ///
    /// Source: `pleg/generic.go: relistPod`.
    pub(super) fn relist_on_demand(&mut self) {
        let RuntimeStatus { sandboxes, runs } = &self.state.runtime;
        if !sandboxes.is_empty() || !runs.is_empty() {
            self.relist(true);
        }
    }

    /// A worker that waits goes on; one that does not may start without waiting from now on,
    /// unless its last sync ended at this very instant.
    ///
    /// Source: `container/cache.go: getIfNewerThan, notify`.
    fn refresh_worker(&mut self, on_demand: bool) {
        let kubelet = &mut self.state.kubelet;
        let waits = kubelet
            .worker
            .as_ref()
            .is_some_and(|worker| matches!(worker.at, Activity::AwaitingRelist(_)));
        let due = kubelet.fresh_from.is_some_and(|from| from <= self.now);
        if waits || due || on_demand {
            kubelet.fresh_from = None;
        }
        if waits {
            self.state.ready.wake(Task::Worker);
        }
    }

    fn compare(&mut self, old: Option<&Run>, new: &Run) {
        let same =
            |old: &Run| std::mem::discriminant(&old.state) == std::mem::discriminant(&new.state);
        if old.is_some_and(same) {
            return;
        }
        match &new.state {
            RunState::Created | RunState::Unknown => {}
            RunState::Running { .. } => self.notify(Notice::Relisted),
            RunState::Exited(_) => self.notify(Notice::Died(Some(new.id))),
        }
    }

    fn compare_sandboxes(&mut self, old: &[Sandbox], new: &[Sandbox]) {
        let find = |list: &[Sandbox], attempt| {
            let mut list = list.iter();
            list.find(|sandbox| sandbox.attempt == attempt)
                .map(|sandbox| sandbox.ready)
        };
        for sandbox in new {
            if find(old, sandbox.attempt) != Some(sandbox.ready) {
                self.notify(if sandbox.ready {
                    Notice::Relisted
                } else {
                    Notice::Died(None)
                });
            }
        }
        for sandbox in old {
            if sandbox.ready && find(new, sandbox.attempt).is_none() {
                self.notify(Notice::Died(None));
            }
        }
    }

    /// A run has been seen dead: of each container one dead run is kept, of a pod that is gone
    /// none (TIME-19).
    ///
    /// Sources: `kubelet.go: cleanUpContainersInPod`; `pod_container_deletor.go`.
    pub(super) fn clean_up_after(&mut self, died: Option<RunId>) {
        let all = self.look().content_may_go();
        let view = self.state.seen().clone();
        let dead = |run: &&Run| run.exit().is_some();
        let mut gone: SmallVec<[RunId; 2]> = SmallVec::new();
        if all {
            gone.extend(view.runs.iter().rev().filter(dead).map(|run| run.id));
        } else if let Some(run) = died.filter(|&run| view.run(run).is_some()) {
            let older = view.newest_first(run.container).filter(dead).skip(1);
            gone.extend(older.map(|run| run.id));
        }
        if !gone.is_empty() {
            // Whoever removes them is a goroutine of its own, and has been woken.
            self.state.ready.give_way();
        }
        for run in gone {
            self.remove_run(run);
        }
    }

    pub(super) fn remove_run(&mut self, run: RunId) {
        let Some(found) = self.state.runtime.run(run).copied() else {
            return;
        };
        self.change_runtime().runs.retain(|known| known.id != run);
        let fact = super::event::ContainerFact::Removed;
        self.report_container(run, found.attempt, fact);
    }

    /// The restart count that a run was made with.
    pub(super) fn attempt(&self, run: RunId) -> u32 {
        let known = self.state.runtime.run(run);
        known.map_or(0, |run| run.attempt)
    }
}
