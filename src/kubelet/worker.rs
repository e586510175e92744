//! The pod worker: one sync at a time, one pending update (CORE-1).
//!
//! Source: `pod_workers.go`.

use super::Pace;
use super::output::Jitter;
use super::ready::Task;
use super::runtime_status::RuntimeStatus;
use super::state::{PodState, PodView, RELIST_PERIOD, tick_after};
use super::step::Step;
use super::sync_pod::SyncPod;
use crate::profile::BackoffRetry;
use crate::spec::ContainerId;
use crate::time::Time;

/// The pod's worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    /// Termination has been asked for, or decided (WORK-2).
    pub terminating: bool,
    /// The pod's containers have been stopped for good (WORK-3).
    pub terminated: bool,
    /// Nothing is left to do (WORK-4).
    pub finished: bool,
    /// Only the runtime knows the pod (TERM-44).
    pub orphan: bool,
    /// Termination began with the object's deletion.
    pub deleted: bool,
    /// The grace period in force, in seconds; 0 before there is one (TERM-1).
    pub grace: i64,
    /// The update that waits, newest wins.
    pub pending: Option<Update>,
    /// The last update that was taken up.
    pub active: Option<Update>,
    /// What it is doing.
    pub at: Activity,
}

/// One update of a pod, as the worker takes it up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Update {
    /// What the sync loop wants.
    pub kind: UpdateKind,
    /// The object as it was then.
    pub pod: PodView,
    /// The grace period that overrides every other (TERM-5).
    pub grace: Option<i64>,
}

/// What the sync loop wants of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpdateKind {
    /// First sight of the pod.
    Create,
    /// The object has changed.
    Update,
    /// Look again.
    Sync,
    /// The pod must go.
    Kill,
}

/// What the worker is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activity {
    /// It waits for an update.
    #[default]
    Idle,
    /// It has taken up an update and waits for a relist newer than its last sync (CORE-2).
    AwaitingRelist(Work),
    /// It waits for the runtime inside SyncPod.
    Syncing(Box<SyncPod>),
    /// It waits for the containers to stop, inside SyncTerminatingPod.
    Stopping(Box<RuntimeStatus>),
}

impl Worker {
    /// Whether it will start no container any more. A sync that began before the pod's end goes on
    /// (WORK-2).
    pub(super) fn starts_no_more(&self) -> bool {
        let at_work = match &self.at {
            Activity::AwaitingRelist(work) => *work == Work::SyncPod,
            Activity::Syncing(sync) => sync.is_to_start_any(),
            Activity::Idle | Activity::Stopping(_) => false,
        };
        self.terminating && !at_work
    }
}

impl Activity {
    /// Whether a sync is under way.
    pub(super) const fn is_sync(&self) -> bool {
        matches!(self, Self::Syncing(_) | Self::Stopping(_))
    }

    /// Whether the sync under way may yet be judged by the end of that container that it believes in.
    pub(super) fn is_to_start(&self, id: ContainerId) -> bool {
        matches!(self, Self::Syncing(sync) if sync.is_to_start(id))
    }

    /// What a sync under way believes of the runtime.
    pub(super) fn view(&self) -> Option<&RuntimeStatus> {
        match self {
            Self::Stopping(view) => Some(view),
            Self::Syncing(sync) => Some(&sync.view),
            Self::Idle | Self::AwaitingRelist(_) => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn view_mut(&mut self) -> Option<&mut RuntimeStatus> {
        match self {
            Self::Stopping(view) => Some(view),
            Self::Syncing(sync) => Some(&mut sync.view),
            Self::Idle | Self::AwaitingRelist(_) => None,
        }
    }
}

/// The three kinds of sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    /// Keep the pod going.
    SyncPod,
    /// Stop it.
    TerminatingPod,
    /// Clean up.
    TerminatedPod,
}

/// When a sync that failed is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// Phase transition: at once.
    Now,
    /// It went well: after the sync period (WORK-22).
    Resync,
    /// It failed: after the error period, or when the back-off ends (WORK-20).
    Error {
        /// The earliest end of a back-off among the errors, if there was one.
        backoff_ends: Option<Time>,
    },
}

const RESYNC_PERIOD: u64 = 60_000;
const ERROR_PERIOD: u64 = 10_000;

impl Worker {
    const fn work(&self) -> Work {
        match (self.terminating, self.terminated) {
            (_, true) => Work::TerminatedPod,
            (true, false) => Work::TerminatingPod,
            (false, false) => Work::SyncPod,
        }
    }

    /// Source: `pod_workers.go: calculateEffectiveGracePeriod` (TERM-1).
    fn effective_grace(&self, pod: &PodView, asked: Option<i64>, spec_grace: i64) -> i64 {
        let mut grace = self.grace;
        let mut overridden = false;
        for wanted in [pod.deletion_grace, asked].into_iter().flatten() {
            if grace == 0 || wanted < grace {
                grace = wanted;
                overridden = true;
            }
        }
        if !overridden && grace == 0 {
            grace = spec_grace;
        }
        grace.max(1)
    }

    /// Source: `pod_workers.go: requeueLastPodUpdate`.
    fn requeue(&mut self) {
        if self.pending.is_none() {
            self.pending.clone_from(&self.active);
        }
    }
}

impl Step<'_, '_> {
    /// Takes note of an update.
    ///
    /// Source: `pod_workers.go: UpdatePod`.
    pub(super) fn update_pod(&mut self, mut update: Update) {
        let spec_grace = self.machine.spec(update.pod.revision).termination_grace;
        if self.state.kubelet.worker.is_none() {
            // A pod that has ended before this kubelet knew it, and whose containers are gone, has
            // only the last sync left.
            let ended = update.pod.phase.is_terminal() && self.state.seen().is_at_rest();
            self.state.kubelet.worker = Some(Worker {
                terminating: ended,
                terminated: ended,
                ..Worker::default()
            });
        }
        let Some(worker) = &mut self.state.kubelet.worker else {
            return;
        };
        let first = worker.active.is_none() && worker.pending.is_none();
        let restart = !first && update.kind == UpdateKind::Create;
        if worker.finished || (worker.terminating && restart) {
            return;
        }
        if !worker.terminating {
            if update.pod.deleted() {
                worker.deleted = true;
                worker.terminating = true;
            } else if update.pod.phase.is_terminal() || update.kind == UpdateKind::Kill {
                worker.terminating = true;
            }
        }
        if worker.terminated {
            update.grace = None;
        } else if worker.terminating {
            worker.grace = worker.effective_grace(&update.pod, update.grace, spec_grace);
            update.grace = Some(worker.grace);
        } else {
            update.grace = None;
        }
        worker.pending = Some(update);
        if matches!(worker.at, Activity::Idle) {
            self.state.ready.wake(Task::Worker);
        }
    }

    /// Lets the worker do what it can.
    pub(super) fn run_worker(&mut self) {
        while self.turn_worker() {}
    }

    /// Returns whether the worker did anything.
    fn turn_worker(&mut self) -> bool {
        let fresh = self.state.kubelet.fresh_from.is_none();
        let Some(worker) = &mut self.state.kubelet.worker else {
            return false;
        };
        match &worker.at {
            Activity::Idle => {
                let Some(update) = worker.pending.take() else {
                    return false;
                };
                // What kind of sync it is, is decided here, before the wait for a relist.
                worker.at = Activity::AwaitingRelist(worker.work());
                worker.active = Some(update);
                true
            }
            Activity::AwaitingRelist(work) if fresh => {
                let work = *work;
                worker.at = Activity::Idle;
                self.begin(work);
                true
            }
            Activity::AwaitingRelist(_) | Activity::Syncing(_) | Activity::Stopping(_) => false,
        }
    }

    fn begin(&mut self, work: Work) {
        match work {
            Work::SyncPod => self.begin_sync_pod(),
            Work::TerminatingPod => self.begin_terminating(),
            Work::TerminatedPod => self.sync_terminated(),
        }
    }

    /// The object that the sync under way works with.
    pub(super) fn active_pod(&self) -> Option<PodView> {
        let worker = self.state.kubelet.worker.as_ref()?;
        worker.active.as_ref().map(|update| update.pod.clone())
    }

    /// Source: `kubelet.go: SyncTerminatingPod`, up to the kill.
    fn begin_terminating(&mut self) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        let grace = self
            .state
            .kubelet
            .worker
            .as_ref()
            .and_then(|worker| worker.active.as_ref())
            .and_then(|update| update.grace);
        let status = self.generate_status(&pod, PodState::seen, false);
        self.set_pod_status(&pod, status);
        let view = self.state.seen().clone();
        let spec = self.machine.spec(pod.revision);
        self.stop_liveness_and_startup(spec);
        self.begin_kills(&pod, &view, grace);
        if let Some(worker) = &mut self.state.kubelet.worker {
            worker.at = Activity::Stopping(Box::new(view));
        }
        self.advance_waiting();
    }

    /// Source: `kubelet.go: SyncTerminatingPod`, from the kill's end.
    pub(super) fn end_terminating(&mut self) {
        if self
            .state
            .kubelet
            .worker
            .as_ref()
            .is_some_and(|worker| worker.orphan)
        {
            self.state.kubelet.worker = None;
            return;
        }
        let Some(pod) = self.active_pod() else {
            return;
        };
        let spec = self.machine.spec(pod.revision);
        self.remove_probes(spec);
        let status = self.generate_status(&pod, |state| &state.runtime, true);
        self.set_pod_status(&pod, status);
        if let Some(worker) = &mut self.state.kubelet.worker {
            worker.at = Activity::Idle;
            worker.terminated = true;
            worker.requeue();
        }
        self.complete_work(Retry::Now);
    }

    /// Source: `kubelet.go: SyncTerminatedPod`.
    fn sync_terminated(&mut self) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        let status = self.generate_status(&pod, PodState::seen, true);
        self.set_pod_status(&pod, status);
        self.terminate_pod(&pod);
        if let Some(worker) = &mut self.state.kubelet.worker {
            worker.at = Activity::Idle;
            worker.finished = true;
            worker.pending = None;
        }
        self.state.kubelet.fresh_from = None;
    }

    /// SyncPod found a terminal phase.
    ///
    /// Source: `pod_workers.go: completeSync`.
    pub(super) fn complete_terminal_sync(&mut self) {
        if let Some(worker) = &mut self.state.kubelet.worker {
            worker.at = Activity::Idle;
            worker.terminating = true;
            worker.requeue();
        }
        self.complete_work(Retry::Now);
    }

    /// Source: `pod_workers.go: completeWork`.
    pub(super) fn complete_work(&mut self, retry: Retry) {
        let failed = matches!(retry, Retry::Error { .. });
        let delay = match retry {
            Retry::Now => 0,
            Retry::Resync => RESYNC_PERIOD,
            Retry::Error { backoff_ends } => match (self.machine.rules.backoff_retry, backoff_ends)
            {
                (BackoffRetry::AtExpiry, Some(end)) => {
                    end.millis_since(self.now).min(RESYNC_PERIOD)
                }
                _ => ERROR_PERIOD,
            },
        };
        self.out.jitter = (delay > 0).then_some(Jitter {
            earliest: delay,
            latest: delay + delay / 2,
            retry: failed,
        });
        let kubelet = &mut self.state.kubelet;
        kubelet.work_due = Some(self.now.plus_millis(delay));
        kubelet.fresh_from = Some(match self.machine.pace {
            Pace::Ticking => tick_after(self.state.loops.relist, RELIST_PERIOD, self.now),
            Pace::AtOnce => self.now,
        });
        // The worker's loop goes round without anybody else's turn.
        self.worker_turns = true;
    }
}
