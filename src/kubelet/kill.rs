//! Killing containers: event, preStop, turn, stop signal, KILL.
//!
//! Sources: `kuberuntime/kuberuntime_container.go: killContainer, executePreStopHook`;
//! `kuberuntime/kuberuntime_termination_order.go`.

use super::event::{
    ContainerEvent, ContainerFact, Event, ExitCause, HookKind, KillMessage, KubeReason,
};
use super::input::Outcome;
use super::look::Look;
use super::output::{Token, Verb};
use super::ready::Task;
use super::runtime_status::{Exit, ExitReason, Run, RunId, RunState, RuntimeStatus};
use super::start::{StartStage, Starting, hook_end};
use super::state::{PodView, Stopping};
use super::step::Step;
use super::sync_pod::SyncStage;
use super::worker::Activity;
use crate::spec::{Container, ContainerId, Handler, PodSpec, ProbeKind};
use crate::time::Time;
use smallvec::SmallVec;
use std::cmp::Reverse;

/// TIME-14
pub(super) const MIN_GRACE: i64 = 2;

/// A kill under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kill {
    /// Which run.
    pub run: RunId,
    /// What is left of the grace period, in seconds.
    pub grace: i64,
    /// Whether no hook runs.
    pub without_hook: bool,
    /// Whether sidecars wait for the others (TERM-20).
    pub ordered: bool,
    /// How far it has come.
    pub stage: KillStage,
}

/// How far a kill has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillStage {
    /// To be begun with that message.
    Begun(KillMessage),
    /// Waiting for the preStop hook.
    PreStop {
        /// Since when.
        since: Time,
        /// When a sleep hook ends.
        sleeps_until: Option<Time>,
    },
    /// Waiting for its turn, since then.
    AwaitingTurn(Time),
    /// Waiting for the process to end.
    Stopping,
    /// Done.
    Done,
}

/// Whether there is time for a preStop hook (HOOK-22).
pub(super) const fn has_time_for_hook(grace: i64) -> bool {
    grace > 0
}

/// Which grace period holds where nothing overrides it (TERM-6 … TERM-9).
///
/// Source: `kuberuntime_container.go: setTerminationGracePeriod`.
pub(super) fn own_grace(
    spec: &PodSpec,
    container: &Container,
    pod: &PodView,
    message: KillMessage,
) -> i64 {
    if let Some(grace) = pod.deletion_grace {
        return grace;
    }
    let probe = match message {
        KillMessage::FailedProbe { kind, .. } => match kind {
            ProbeKind::Startup => container.startup.as_ref(),
            _ => container.liveness.as_ref(),
        },
        _ => None,
    };
    probe
        .and_then(|probe| probe.termination_grace)
        .unwrap_or(spec.termination_grace)
}

impl Look<'_, '_> {
    /// When a kill goes on by the clock.
    pub(super) fn kill_deadline(self, id: ContainerId) -> Option<Time> {
        let kill = self.state.slots[id.index()].kill?;
        match kill.stage {
            KillStage::PreStop {
                since,
                sleeps_until,
            } => {
                let budget = since.plus_seconds(kill.grace);
                Some(sleeps_until.map_or(budget, |until| until.min(budget)))
            }
            KillStage::AwaitingTurn(since) => Some(since.plus_seconds(kill.grace)),
            KillStage::Begun(_) | KillStage::Stopping | KillStage::Done => None,
        }
    }
}

impl Step<'_, '_> {
    /// Begins to kill every container that this view has running, each in a goroutine of its own
    /// (TERM-16).
    pub(super) fn begin_kills(&mut self, pod: &PodView, view: &RuntimeStatus, grace: Option<i64>) {
        self.clear_kills();
        let ordered = self.machine.spec(pod.revision).has_sidecars();
        let mut running: SmallVec<[&Run; 4]> =
            view.runs.iter().filter(|run| run.is_running()).collect();
        running.sort_by_key(|run| Reverse(run.created));
        for run in running {
            let kill = self.kill_of(pod, run.id, KillMessage::Stopping, grace, ordered);
            self.state.slots[run.id.container.index()].kill = Some(kill);
            self.state.ready.wake(Task::Kill(run.id.container));
        }
    }

    /// Kills one container: the caller waits for it.
    pub(super) fn begin_kill(
        &mut self,
        pod: &PodView,
        run: RunId,
        message: KillMessage,
        grace: Option<i64>,
    ) {
        let kill = self.kill_of(pod, run, message, grace, false);
        self.state.slots[run.container.index()].kill = Some(kill);
        self.start_kill(run.container);
    }

    fn kill_of(
        &self,
        pod: &PodView,
        run: RunId,
        message: KillMessage,
        grace: Option<i64>,
        ordered: bool,
    ) -> Kill {
        let spec = self.machine.spec(pod.revision);
        let container = spec.container(run.container);
        Kill {
            run,
            grace: grace.unwrap_or_else(|| own_grace(spec, container, pod, message)),
            without_hook: false,
            ordered,
            stage: KillStage::Begun(message),
        }
    }

    /// Source: `kuberuntime_container.go: killContainer`.
    pub(super) fn start_kill(&mut self, id: ContainerId) {
        let Some(mut kill) = self.state.slots[id.index()].kill else {
            return;
        };
        let KillStage::Begun(message) = kill.stage else {
            self.advance_kills();
            self.advance_waiting();
            return;
        };
        self.kube_of(id, KubeReason::Killing(message));
        // Hooks never change: any revision will do.
        let hook = self.machine.spec(0).container(id).pre_stop.as_ref();
        match hook.filter(|_| has_time_for_hook(kill.grace) && !kill.without_hook) {
            None => kill.stage = KillStage::AwaitingTurn(self.now),
            Some(hook) => {
                kill.stage = KillStage::PreStop {
                    since: self.now,
                    sleeps_until: match hook {
                        Handler::Sleep { seconds } => Some(self.now.plus_seconds(*seconds)),
                        _ => None,
                    },
                };
                // The hook has a goroutine of its own, and the kill waits for it.
                self.state.ready.give_way();
                self.begin_pre_stop(kill.run, hook);
            }
        }
        self.state.slots[id.index()].kill = Some(kill);
        self.advance_kills();
        self.advance_waiting();
    }

    fn begin_pre_stop(&mut self, run: RunId, hook: &Handler) {
        match hook {
            Handler::Sleep { .. } => {}
            Handler::TcpSocket { .. } | Handler::Grpc { .. } => {
                self.kube_of(run.container, KubeReason::FailedPreStopHook);
            }
            Handler::Exec { .. } | Handler::HttpGet { .. } => {
                self.state.slots[run.container.index()].pre_stop = Some(run);
                self.report_hook(run, HookKind::PreStop, None);
                self.ask(Token::of(run, Verb::PreStop));
            }
        }
    }

    /// The preStop hook has ended; perhaps nobody waits for it any more (HOOK-23, HOOK-24).
    pub(super) fn pre_stop_ended(&mut self, run: RunId, outcome: Outcome) {
        let slot = &mut self.state.slots[run.container.index()];
        if slot.pre_stop != Some(run) {
            return;
        }
        slot.pre_stop = None;
        let (end, error) = hook_end(outcome);
        self.report_hook(run, HookKind::PreStop, Some(end));
        if error.is_some() {
            self.kube_of(run.container, KubeReason::FailedPreStopHook);
        }
    }

    /// Whether a kill has not ended yet.
    pub(super) fn kills_under_way(&self) -> bool {
        let mut kills = self.state.slots.iter().filter_map(|slot| slot.kill);
        kills.any(|kill| kill.stage != KillStage::Done)
    }

    pub(super) fn clear_kills(&mut self) {
        for slot in &mut self.state.slots {
            slot.kill = None;
        }
    }

    /// Lets every kill go on as far as it can, and then whoever waits for them.
    pub(super) fn advance_kills(&mut self) {
        while (0..self.state.slots.len()).any(|index| self.advance_kill(ContainerId(index as u8))) {
        }
    }

    /// Returns whether the kill went on.
    fn advance_kill(&mut self, id: ContainerId) -> bool {
        let Some(mut kill) = self.state.slots[id.index()].kill else {
            return false;
        };
        match kill.stage {
            KillStage::PreStop {
                since,
                sleeps_until,
            } => {
                let budget = since.plus_seconds(kill.grace);
                let pending = match sleeps_until {
                    Some(until) => until > self.now,
                    None => self.state.slots[id.index()].pre_stop == Some(kill.run),
                };
                if pending && budget > self.now {
                    return false;
                }
                kill.grace -= whole_seconds(since, self.now);
                kill.stage = KillStage::AwaitingTurn(self.now);
            }
            KillStage::AwaitingTurn(since) => {
                if kill.ordered && kill.grace > 0 {
                    let waits = self.waits_for_others(id);
                    if waits && since.plus_seconds(kill.grace) > self.now {
                        return false;
                    }
                    kill.grace -= whole_seconds(since, self.now);
                }
                kill.stage = KillStage::Stopping;
                self.state.slots[id.index()].kill = Some(kill);
                self.stop_process(kill.run, kill.grace.max(MIN_GRACE));
                return true;
            }
            KillStage::Stopping => {
                if self.state.runtime.is_running(kill.run) {
                    return false;
                }
                kill.stage = KillStage::Done;
            }
            KillStage::Begun(_) | KillStage::Done => return false,
        }
        self.state.slots[id.index()].kill = Some(kill);
        true
    }

    /// Whether a sidecar has to wait for others to stop first (TERM-22).
    fn waits_for_others(&self, id: ContainerId) -> bool {
        let Some(pod) = self.active_pod() else {
            return false;
        };
        let spec = self.machine.spec(pod.revision);
        if !spec.is_sidecar(id) {
            return false;
        }
        let stopping = |id: ContainerId| {
            let kill = self.state.slots[id.index()].kill;
            kill.is_some_and(|kill| kill.stage != KillStage::Done)
        };
        let mut later = spec
            .init_ids()
            .skip(id.index() + 1)
            .filter(|&id| spec.is_sidecar(id));
        spec.regular_ids().any(stopping) || later.next().is_some_and(stopping)
    }

    /// The runtime is told to stop a run (TERM-13).
    fn stop_process(&mut self, run: RunId, timeout: i64) {
        let attempt = self.attempt(run);
        let running = self.state.runtime.is_running(run);
        self.report_container(run, attempt, ContainerFact::Stop { timeout, running });
        if !running {
            return;
        }
        let kill_at = self.now.plus_seconds(timeout);
        let slot = &mut self.state.slots[run.container.index()];
        let known = slot.stopping.filter(|stopping| stopping.run == run.ordinal);
        slot.stopping = Some(Stopping {
            run: run.ordinal,
            kill_at: known.map_or(kill_at, |known| known.kill_at.min(kill_at)),
        });
        for worker in slot.probes.iter_mut().flatten() {
            if let Some(probing) = &mut worker.probing {
                probing.before_stop = true;
            }
        }
        if known.is_none() {
            self.ask(Token::of(run, Verb::StopContainer));
        }
    }

    /// A process has ended.
    pub(super) fn process_ended(&mut self, run: RunId, code: i32, by: ExitCause) {
        let Some(&found) = self.state.runtime.run(run) else {
            return;
        };
        let RunState::Running { started } = found.state else {
            return;
        };
        let exit = Exit {
            started: Some(started),
            finished: self.now,
            ended: self.now,
            code,
            reason: match (by, code) {
                (ExitCause::OutOfMemory, _) => ExitReason::OomKilled,
                (_, 0) => ExitReason::Completed,
                _ => ExitReason::Error,
            },
        };
        if let Some(run) = self.change_runtime().run_mut(run) {
            run.state = RunState::Exited(exit);
        }
        self.report_container(run, found.attempt, ContainerFact::Exited { code, by });
        let stopper_runs = by == ExitCause::Kill || self.stopped_at_once(run);
        let slot = &mut self.state.slots[run.container.index()];
        if slot
            .stopping
            .is_some_and(|stopping| stopping.run == run.ordinal)
        {
            slot.stopping = None;
            self.cancel(Token::of(run, Verb::StopContainer));
        }
        self.cancel(Token::of(run, Verb::Run));
        self.end_calls_into(run, stopper_runs);
    }

    /// Whether the runtime has been told to stop the run at this very instant: whoever told it does
    /// not have to wait.
    fn stopped_at_once(&self, run: RunId) -> bool {
        let slot = &self.state.slots[run.container.index()];
        let (Some(stopping), Some(kill)) = (slot.stopping, slot.kill) else {
            return false;
        };
        let timeout = kill.grace.max(MIN_GRACE);
        kill.stage == KillStage::Stopping
            && kill.run == run
            && stopping.kill_at == self.now.plus_seconds(timeout)
    }

    /// KILL: the process ends at once.
    pub(super) fn kill_process(&mut self, run: RunId) {
        self.process_ended(run, 137, ExitCause::Kill);
    }

    /// Commands that run in a container die with it, and everybody who waits for its end is woken:
    /// who has waited longest is the next to run, unless whoever stops the container runs already;
    /// the others follow, the last first.
    fn end_calls_into(&mut self, run: RunId, stopper_runs: bool) {
        let killed = Outcome::Exited {
            code: 137,
            oom: false,
        };
        if self.state.slots[run.container.index()].pre_stop == Some(run) {
            self.cancel(Token::of(run, Verb::PreStop));
            self.pre_stop_ended(run, killed);
        }
        let starting = self.sync().map(|sync| sync.at);
        if let Some(SyncStage::Starting(Some(Starting {
            stage: StartStage::PostStart(waiting, None),
            ..
        }))) = starting
            && waiting == run
        {
            self.cancel(Token::of(run, Verb::PostStart));
            self.post_start_ended(run, killed);
        }
        let (mut longer, mut shorter) =
            (SmallVec::<[Task; 3]>::new(), SmallVec::<[Task; 3]>::new());
        for kind in ProbeKind::ALL {
            let worker = &mut self.state.slots[run.container.index()].probes[kind as usize];
            let Some(worker) = worker.as_mut().filter(|w| w.run == Some(run.ordinal)) else {
                continue;
            };
            if let Some(probing) = &mut worker.probing {
                probing.killed = true;
                match probing.before_stop && !stopper_runs {
                    true => longer.push(Task::Probe(run.container, kind)),
                    false => shorter.push(Task::Probe(run.container, kind)),
                }
                self.cancel(Token::of(run, Verb::Probe(kind)));
            }
        }
        let stopper = [Task::Kill(run.container)];
        for task in shorter.into_iter().chain(stopper).chain(longer) {
            self.state.ready.wake(task);
        }
    }

    /// Whoever waits for kills goes on, if they are done.
    pub(super) fn advance_waiting(&mut self) {
        self.advance_start();
        if self.kills_under_way() {
            return;
        }
        match self.state.kubelet.worker.as_ref().map(|worker| &worker.at) {
            Some(Activity::Syncing(_)) => self.advance_sync(),
            Some(Activity::Stopping(view)) => {
                let view = view.clone();
                self.clear_kills();
                self.stop_sandboxes(&view);
                self.end_terminating();
            }
            _ => {}
        }
    }

    pub(super) fn report_container(&mut self, run: RunId, attempt: u32, fact: ContainerFact) {
        self.out
            .events
            .push(Event::Container(ContainerEvent { run, attempt, fact }));
    }
}

/// Whole seconds between two moments, as the kubelet subtracts them (HOOK-22).
fn whole_seconds(since: Time, now: Time) -> i64 {
    i64::try_from(now.millis_since(since) / 1000).unwrap_or(i64::MAX)
}
