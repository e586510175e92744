//! SyncPod: publish the status, then bring the runtime in line with the specification.
//!
//! Sources: `kubelet.go: SyncPod`; `kuberuntime/kuberuntime_manager.go: SyncPod`.

use super::actions::Actions;
use super::api_status::{ContainerSet, StartError};
use super::event::{Event, KillMessage, KubeEvent, KubeReason, SandboxEvent};
use super::input::Outcome;
use super::output::{Token, Verb};
use super::ready::Task;
use super::runtime_status::{RunId, RuntimeStatus, Sandbox};
use super::start::Starting;
use super::state::{PodState, PodView};
use super::step::Step;
use super::worker::{Activity, Retry};
use crate::profile::{Relist, SandboxCondition};
use crate::spec::{ContainerId, PodSpec};
use crate::time::Time;
use smallvec::SmallVec;

/// A SyncPod under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SyncPod {
    /// The runtime status that it began with, and goes on believing.
    pub view: RuntimeStatus,
    /// What is left to do.
    pub actions: Actions,
    /// How far it has come.
    pub at: SyncStage,
    /// Whether anything was done: a relist on demand follows only then.
    pub acted: bool,
    /// Whether anything failed.
    pub failed: bool,
    /// The earliest end of a back-off that kept a container from starting.
    pub backoff_ends: Option<Time>,
    /// What became of the containers that it tried to start; `None` is well.
    pub outcomes: SmallVec<[(ContainerId, Option<StartError>); 2]>,
    /// Whether it removed containers to restart every one, and so wants another sync at once.
    pub removed_all: bool,
}

/// How far a SyncPod has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncStage {
    /// Killing or forgetting one container after the other, to restart every one.
    Resetting,
    /// Killing the whole pod.
    KillingPod,
    /// Killing one container after the other.
    Killing,
    /// Making the sandbox.
    MakingSandbox,
    /// Starting one container after the other.
    Starting(Option<Starting>),
}

/// What is pruned before anything is started: of the runs of each init container that ended, all but
/// the newest.
fn dead_inits(spec: &PodSpec, view: &RuntimeStatus) -> SmallVec<[RunId; 4]> {
    let mut dead = SmallVec::new();
    for id in spec.init_ids() {
        let runs = view.newest_first(id);
        let ended = runs.filter(|run| run.exit().is_some());
        dead.extend(ended.skip(1).map(|run| run.id));
    }
    dead
}

impl SyncPod {
    /// Whether it has yet to start that container, if it can.
    pub(super) const fn is_to_start(&self, id: ContainerId) -> bool {
        let Actions {
            start, start_init, ..
        } = &self.actions;
        start.contains(id) || start_init.contains(id)
    }

    /// Whether it has yet to start any.
    pub(super) const fn is_to_start_any(&self) -> bool {
        !self.actions.start.is_empty() || !self.actions.start_init.is_empty()
    }
}

impl Step<'_, '_> {
    /// Source: `kubelet.go: SyncPod`.
    pub(super) fn begin_sync_pod(&mut self) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        let status = self.generate_status(&pod, PodState::seen, false);
        let terminal = status.phase.is_terminal();
        let restarting_all = status
            .conditions
            .and_then(|conditions| conditions.restarting)
            .is_some_and(|condition| condition.status);
        self.set_pod_status(&pod, status);
        if terminal {
            self.complete_terminal_sync();
            return;
        }
        self.add_probes(&pod);
        let view = self.state.seen();
        let actions = self.facts(&pod, view).actions(restarting_all);
        let spec = self.machine.spec(pod.revision);
        let idle = actions.is_nothing() && dead_inits(spec, view).is_empty();
        if idle && !self.kills_under_way() {
            // As in most syncs there is nothing to do, and nothing to wait for.
            self.clear_kills();
            self.complete_work(Retry::Resync);
            return;
        }
        let view = view.clone();
        if actions.sandbox.is_some() && !view.sandboxes.is_empty() {
            self.kube(KubeEvent {
                container: None,
                what: KubeReason::SandboxChanged,
            });
        }
        if actions.kill_pod {
            self.begin_kills(&pod, &view, None);
        }
        let sync = SyncPod {
            at: if actions.kill_pod {
                SyncStage::KillingPod
            } else {
                SyncStage::Resetting
            },
            acted: actions.kill_pod || !actions.kill.is_empty() || actions.sandbox.is_some(),
            view,
            actions,
            failed: false,
            backoff_ends: None,
            outcomes: SmallVec::new(),
            removed_all: false,
        };
        self.set_activity(Activity::Syncing(Box::new(sync)));
        self.advance_sync();
    }

    pub(super) fn set_activity(&mut self, at: Activity) {
        if let Some(worker) = &mut self.state.kubelet.worker {
            worker.at = at;
        }
    }

    /// The sync under way, if there is one.
    pub(super) fn sync(&mut self) -> Option<&mut SyncPod> {
        match &mut self.state.kubelet.worker.as_mut()?.at {
            Activity::Syncing(sync) => Some(sync),
            _ => None,
        }
    }

    /// Goes on with the sync until it has to wait for something, or is done.
    pub(super) fn advance_sync(&mut self) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        while let Some(sync) = self.sync() {
            match sync.at {
                SyncStage::Resetting => {
                    if self.advance_reset(&pod) {
                        return;
                    }
                }
                SyncStage::KillingPod => {
                    if self.kills_under_way() {
                        return;
                    }
                    self.end_kill_pod(&pod);
                }
                SyncStage::Killing => {
                    if self.kills_under_way() {
                        return;
                    }
                    self.next_kill(&pod);
                }
                SyncStage::MakingSandbox | SyncStage::Starting(Some(_)) => return,
                SyncStage::Starting(None) => self.start_next(&pod),
            }
        }
    }

    /// One container after the other is killed, if it runs, and removed (VER-1). Returns whether
    /// there is something to wait for.
    fn advance_reset(&mut self, pod: &PodView) -> bool {
        if self.kills_under_way() {
            return true;
        }
        let Some(sync) = self.sync() else {
            return true;
        };
        let Some(&run) = sync.actions.reset.first() else {
            sync.at = SyncStage::Killing;
            return false;
        };
        let seen_dead = sync.view.run(run).is_some_and(|run| run.exit().is_some());
        let kill = self.state.slots[run.container.index()].kill;
        if !seen_dead && kill.is_none_or(|kill| kill.run != run) {
            self.begin_kill(pod, run, KillMessage::RestartingAll, Some(0));
            return true;
        }
        self.state.slots[run.container.index()].kill = None;
        self.remove_run(run);
        if let Some(sync) = self.sync() {
            sync.actions.reset.remove(0);
            sync.removed_all = true;
            sync.acted = true;
        }
        false
    }

    /// Every container is dead: the sandboxes go, and with them, for a new one, the init containers.
    fn end_kill_pod(&mut self, pod: &PodView) {
        let Some(sync) = self.sync() else {
            return;
        };
        let view = sync.view.clone();
        let new_sandbox = sync.actions.sandbox.is_some();
        sync.at = SyncStage::Killing;
        sync.actions.kill.clear();
        self.stop_sandboxes(&view);
        if new_sandbox {
            let spec = self.machine.spec(pod.revision);
            for run in view
                .runs
                .iter()
                .filter(|run| spec.is_init(run.id.container))
            {
                self.remove_run(run.id);
            }
        }
    }

    fn next_kill(&mut self, pod: &PodView) {
        let Some(sync) = self.sync() else {
            return;
        };
        if sync.actions.kill.is_empty() {
            self.prepare_start(pod);
            return;
        }
        let order = sync.actions.kill.remove(0);
        self.begin_kill(pod, order.run, order.message, None);
    }

    /// The killing is done: prune dead init containers, make the sandbox, go on to the starts.
    fn prepare_start(&mut self, pod: &PodView) {
        self.clear_kills();
        let machine = self.machine;
        let Some(sync) = self.sync() else {
            return;
        };
        let sandbox = sync.actions.sandbox;
        for run in dead_inits(machine.spec(pod.revision), &sync.view) {
            self.remove_run(run);
        }
        match sandbox {
            None => self.set_stage(SyncStage::Starting(None)),
            Some(attempt) => {
                self.set_stage(SyncStage::MakingSandbox);
                self.out
                    .events
                    .push(Event::Sandbox(SandboxEvent::Run { attempt }));
                self.ask(Token {
                    container: None,
                    verb: Verb::RunSandbox,
                    ordinal: attempt,
                });
                self.state.sandbox_calls += 1;
            }
        }
    }

    pub(super) fn set_stage(&mut self, at: SyncStage) {
        if let Some(sync) = self.sync() {
            sync.at = at;
        }
    }

    /// The runtime has made the sandbox, or has not.
    pub(super) fn sandbox_made(&mut self, attempt: u32, outcome: Outcome) {
        let error = match outcome {
            Outcome::Failed(error) | Outcome::CannotRun(error) => Some(error),
            _ => None,
        };
        if let Some(error) = error {
            self.out
                .events
                .push(Event::Sandbox(SandboxEvent::Failed { attempt, error }));
        } else {
            self.out
                .events
                .push(Event::Sandbox(SandboxEvent::Ready { attempt }));
            let sandbox = Sandbox {
                attempt,
                ready: true,
            };
            self.change_runtime().sandboxes.push(sandbox);
        }
        if self.sync().map(|sync| sync.at) != Some(SyncStage::MakingSandbox) {
            return;
        }
        match error {
            Some(_) if self.terminating() => self.end_sync(),
            Some(error) => {
                self.kube(KubeEvent {
                    container: None,
                    what: KubeReason::FailedCreatePodSandBox { error },
                });
                if let Some(sync) = self.sync() {
                    sync.failed = true;
                }
                self.end_sync();
            }
            None => {
                if self.machine.rules.sandbox_condition == SandboxCondition::AtOnce {
                    self.publish_sandbox_ready();
                }
                self.set_stage(SyncStage::Starting(None));
                self.advance_sync();
            }
        }
    }

    /// Source: `kubelet.go: OnPodSandboxReady` (COND-14).
    fn publish_sandbox_ready(&mut self) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        let Some(cached) = &self.state.kubelet.cached else {
            return;
        };
        let mut status = cached.status.clone();
        if let Some(conditions) = &mut status.conditions {
            conditions.sandbox = Some(true);
        }
        self.set_pod_status(&pod, status);
    }

    /// Whether the pod's termination has been asked for.
    fn terminating(&self) -> bool {
        let worker = self.state.kubelet.worker.as_ref();
        worker.is_some_and(|worker| worker.terminating)
    }

    fn start_next(&mut self, pod: &PodView) {
        let Some(sync) = self.sync() else {
            return;
        };
        let next = sync
            .actions
            .start_init
            .first()
            .or_else(|| sync.actions.start.first());
        match next {
            None => self.end_sync(),
            Some(id) => {
                sync.actions.start_init.remove(id);
                sync.actions.start.remove(id);
                self.start_container(pod, id);
            }
        }
    }

    /// One container has been started, or has not.
    pub(super) fn started(&mut self, id: ContainerId, error: Option<StartError>) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        let spec = self.machine.spec(pod.revision);
        let gives_up = error.is_some() && spec.is_init(id) && !spec.is_sidecar(id);
        if let Some(sync) = self.sync() {
            sync.acted = true;
            sync.outcomes.push((id, error));
            sync.failed |= error.is_some();
            sync.at = SyncStage::Starting(None);
            if gives_up {
                sync.actions.start_init = ContainerSet::EMPTY;
                sync.actions.start = ContainerSet::EMPTY;
            }
        }
    }

    /// Source: `kubelet.go: SyncPod`, after the runtime's part; `pod_workers.go: podWorkerLoop`.
    fn end_sync(&mut self) {
        let Some(worker) = &mut self.state.kubelet.worker else {
            return;
        };
        let Activity::Syncing(sync) = std::mem::take(&mut worker.at) else {
            return;
        };
        for &(id, error) in &sync.outcomes {
            self.state.slots[id.index()].reason = error;
        }
        if sync.removed_all && !sync.failed {
            self.sync_pod();
        }
        if sync.acted && !sync.failed && self.machine.rules.relist == Relist::OnDemand {
            self.state.ready.wake(Task::Relist);
        }
        self.complete_work(if sync.failed {
            Retry::Error {
                backoff_ends: sync.backoff_ends,
            }
        } else {
            Retry::Resync
        });
    }

    /// Stops the sandboxes that a sync knows of; what still runs in them is killed.
    pub(super) fn stop_sandboxes(&mut self, view: &RuntimeStatus) {
        for sandbox in view.sandboxes.iter().rev() {
            self.stop_sandbox(sandbox.attempt);
        }
    }

    pub(super) fn stop_sandbox(&mut self, attempt: u32) {
        self.out
            .events
            .push(Event::Sandbox(SandboxEvent::Stopped { attempt }));
        let ready = |sandbox: &Sandbox| sandbox.attempt == attempt && sandbox.ready;
        if !self.state.runtime.sandboxes.iter().any(ready) {
            return;
        }
        let inside: SmallVec<[RunId; 2]> = self
            .state
            .runtime
            .runs
            .iter()
            .filter(|run| run.sandbox == attempt && run.is_running())
            .map(|run| run.id)
            .collect();
        for run in inside {
            self.kill_process(run);
        }
        let sandboxes = &mut self.change_runtime().sandboxes;
        for sandbox in sandboxes.iter_mut().filter(|s| s.attempt == attempt) {
            sandbox.ready = false;
        }
    }
}
