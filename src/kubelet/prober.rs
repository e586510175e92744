//! Probe workers, their results, and `started` and `ready`.
//!
//! Sources: `prober/worker.go`, `prober/prober_manager.go`, `prober/results/results_manager.go`.

use super::api_status::{ContainerState, ContainerStatus, PodStatus};
use super::event::{CallEnd, Event, KubeEvent, KubeReason, ProbeEvent, Unhealthy};
use super::input::Outcome;
use super::look::Look;
use super::output::{Token, Verb};
use super::ready::Task;
use super::runtime_status::RunId;
use super::state::{PodView, ProbeResult, tick_after, tick_from};
use super::step::Step;
use super::sync_loop::Notice;
use super::timers::Timer;
use super::{Text, Turns, restart};
use crate::profile::{ExecTimeout, RestartScope, StatusAfterRestart};
use crate::spec::{ContainerId, Handler, PodSpec, Probe, ProbeKind, RestartPolicy};
use crate::time::Time;

/// How often a probe that errors is tried again at once (TIME-13).
const MAX_TRIES: u8 = 3;

/// A container that has run for longer when the kubelet starts keeps what its probes found
/// (PROBE-84), in milliseconds.
pub(super) const OUTLIVED: u64 = 10_000;

/// One worker: a container's probe of one kind (PROBE-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProbeWorker {
    /// A moment at which its ticker ticks; the others follow a period apart.
    pub ticker: Time,
    /// The run that it probes: its container ID.
    pub run: Option<u32>,
    /// The last result that was counted (PROBE-50).
    pub last: ProbeResult,
    /// How often in a row, up to the greater of the thresholds.
    pub row: u32,
    /// Does nothing until a new run appears (PROBE-53).
    pub on_hold: bool,
    /// A tick came while it was probing: the ticker keeps one (PROBE-6).
    pub missed: bool,
    /// A manual trigger is waiting (PROBE-70).
    pub triggered: bool,
    /// It is to stop as soon as it is between probes (PROBE-7).
    pub stopping: bool,
    /// Whether its own copy of the pod was already being deleted (PROBE-16).
    pub born_deleted: bool,
    /// The probe under way.
    pub probing: Option<Probing>,
}

/// A probe under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Probing {
    /// When its first try began: ticks since then are kept, but only one (PROBE-6).
    pub since: Time,
    /// Which try, from 0.
    pub try_: u8,
    /// When this try times out.
    pub timeout: Time,
    /// Whether its container has died meanwhile, and it is about to learn that.
    pub killed: bool,
    /// Whether this try began before the runtime was told to stop the container: who has waited for
    /// the end of a process for longer learns of it first.
    pub before_stop: bool,
}

impl ProbeWorker {
    const fn new(now: Time, born_deleted: bool) -> Self {
        Self {
            ticker: now,
            run: None,
            last: ProbeResult::Success,
            row: 0,
            on_hold: false,
            missed: false,
            // Its first turn comes at once, like a trigger's.
            triggered: true,
            stopping: false,
            born_deleted,
            probing: None,
        }
    }

    /// Counts a result against the thresholds (PROBE-50 … PROBE-53). Returns whether one is
    /// reached.
    #[inline]
    fn count(&mut self, kind: ProbeKind, probe: &Probe, result: ProbeResult) -> bool {
        let (success, failure) = (probe.success_threshold, probe.failure_threshold);
        if self.last == result {
            self.row = (self.row + 1).min(success.max(failure));
        } else {
            self.last = result;
            self.row = 1;
        }
        let threshold = match result {
            ProbeResult::Success => success,
            _ => failure,
        };
        if self.row < threshold {
            return false;
        }
        let failed_liveness = kind == ProbeKind::Liveness && result == ProbeResult::Failure;
        if failed_liveness || kind == ProbeKind::Startup {
            self.on_hold = true;
            self.row = 0;
        }
        true
    }
}

/// The probe's period in milliseconds.
fn period(probe: &Probe) -> u64 {
    u64::from(probe.period) * 1000
}

impl<'m> Look<'_, 'm> {
    #[inline(always)]
    pub(super) fn probe_of(self, id: ContainerId, kind: ProbeKind) -> Option<&'m Probe> {
        // Probes never change: any revision will do (PROBE-9).
        self.machine.revisions[0].container(id).probe(kind)
    }

    /// When a worker next has something to do by itself.
    #[inline]
    pub(super) fn probe_deadline(self, id: ContainerId, kind: ProbeKind) -> Option<Time> {
        let worker = self.state.slots[id.index()].probes[kind as usize].as_ref()?;
        self.worker_deadline(id, kind, worker)
    }

    /// The same for those who have the worker.
    #[inline(always)]
    pub(super) fn worker_deadline(
        self,
        id: ContainerId,
        kind: ProbeKind,
        worker: &ProbeWorker,
    ) -> Option<Time> {
        if let Some(probing) = &worker.probing {
            return Some(probing.timeout);
        }
        if worker.missed {
            return Some(self.state.now);
        }
        let probe = self.probe_of(id, kind)?;
        let acts_from = self.acts_from(id, kind, probe, worker)?;
        // The ticker's first tick comes a period after it was set.
        let mut from = worker.ticker.plus_millis(1).max(acts_from);
        if from <= self.state.ticks_from {
            from = from.max(self.ticks_from(Timer::Probe(id, kind)));
        }
        Some(tick_from(worker.ticker, period(probe), from))
    }

    /// Whether a worker's ticker ticks now, or its probe times out.
    #[inline(always)]
    pub(super) fn probe_ticks(self, id: ContainerId, kind: ProbeKind) -> bool {
        let worker = self.state.slots[id.index()].probes[kind as usize].as_ref();
        let (Some(worker), Some(probe)) = (worker, self.probe_of(id, kind)) else {
            return false;
        };
        let now = self.state.now;
        match &worker.probing {
            Some(probing) => probing.timeout <= now,
            None => {
                let (since, period) = (now.millis_since(worker.ticker), period(probe));
                // The usual case comes first: it takes no division.
                worker.missed || since == period || (since > 0 && since.is_multiple_of(period))
            }
        }
    }

    /// How often a worker's ticker ticks, in milliseconds.
    pub(super) fn period(self, id: ContainerId, kind: ProbeKind) -> u64 {
        self.probe_of(id, kind).map_or(0, period)
    }

    /// From when on a worker's ticks do anything, by the cached status (PROBE-10 … PROBE-20). `None`:
    /// none does until the status changes.
    #[inline(always)]
    fn acts_from(
        self,
        id: ContainerId,
        kind: ProbeKind,
        probe: &Probe,
        worker: &ProbeWorker,
    ) -> Option<Time> {
        let status = &self.state.kubelet.cached.as_ref()?.status;
        if status.phase.is_terminal() {
            return Some(Time::START);
        }
        let status = status.containers.get(id.index())?;
        status.run?;
        if worker.run != status.run {
            return Some(Time::START);
        }
        if worker.on_hold {
            return None;
        }
        let ContainerState::Running { started } = status.state else {
            let result = self.state.slots[id.index()].results[kind as usize];
            let known = result == status.run.map(|run| (run, ProbeResult::Failure));
            let waits = known && !self.exits_with_container(id, status);
            return (!waits).then_some(Time::START);
        };
        if worker.born_deleted && kind != ProbeKind::Readiness {
            return Some(Time::START);
        }
        if status.started == (kind == ProbeKind::Startup) {
            return None;
        }
        Some(started.plus_seconds(i64::from(probe.initial_delay)))
    }

    /// Whether a worker ends with the death of its container (PROBE-15, PROBE-91).
    #[cold]
    fn exits_with_container(self, id: ContainerId, status: &ContainerStatus) -> bool {
        let Some(ended) = status.state.terminated() else {
            return false;
        };
        let spec = self.machine.spec(0);
        let rules = self.machine.rules;
        match rules.restart_scope {
            RestartScope::Pod => {
                let kept = rules.sidecar_probes == crate::profile::SidecarProbes::GoOn
                    && spec.is_sidecar(id);
                spec.restart_policy == RestartPolicy::Never && !kept
            }
            RestartScope::Container => {
                let all = rules.restart_all
                    && self
                        .state
                        .kubelet
                        .cached
                        .as_ref()
                        .is_some_and(|cached| restart::all(spec, None, &cached.status));
                !restart::after_exit(spec, rules, id, ended.code) && !all
            }
        }
    }
}

impl Step<'_, '_> {
    /// Makes the workers that are missing, in order, up to the first that is there (PROBE-3).
    pub(super) fn add_probes(&mut self, pod: &PodView) {
        let spec = self.machine.spec(pod.revision);
        let sidecars = spec.init_ids().filter(|&id| spec.is_sidecar(id));
        for id in spec.regular_ids().chain(sidecars) {
            for kind in ProbeKind::ALL {
                if spec.container(id).probe(kind).is_none() {
                    continue;
                }
                let worker = &mut self.state.slots[id.index()].probes[kind as usize];
                if worker.is_some() {
                    return;
                }
                *worker = Some(ProbeWorker::new(self.now, pod.deleted()));
                self.state.ready.wake(Task::Probe(id, kind));
            }
        }
    }

    /// Termination begins: no liveness or startup probe of a regular container any more (PROBE-95).
    pub(super) fn stop_liveness_and_startup(&mut self, spec: &PodSpec) {
        for id in spec.regular_ids() {
            for kind in [ProbeKind::Liveness, ProbeKind::Startup] {
                self.stop_probe(id, kind);
            }
        }
    }

    /// Every container has stopped: no probe at all any more.
    pub(super) fn remove_probes(&mut self, spec: &PodSpec) {
        for id in spec.ids() {
            for kind in ProbeKind::ALL {
                self.stop_probe(id, kind);
            }
        }
    }

    fn stop_probe(&mut self, id: ContainerId, kind: ProbeKind) {
        if let Some(worker) = &mut self.state.slots[id.index()].probes[kind as usize] {
            worker.stopping = true;
            if worker.probing.is_none() {
                self.end_probe_worker(id, kind);
            }
        }
    }

    #[cold]
    fn end_probe_worker(&mut self, id: ContainerId, kind: ProbeKind) {
        let slot = &mut self.state.slots[id.index()];
        if slot.probes[kind as usize]
            .take()
            .is_some_and(|worker| worker.run.is_some())
        {
            slot.results[kind as usize] = None;
        }
    }

    /// One turn of a worker's loop: what upstream calls `doProbe`, up to the call of the probe.
    pub(super) fn tick_probe(&mut self, id: ContainerId, kind: ProbeKind) {
        if !self.do_probe(id, kind) {
            self.end_probe_worker(id, kind);
        }
    }

    /// Returns whether the worker goes on.
    #[inline(always)]
    fn do_probe(&mut self, id: ContainerId, kind: ProbeKind) -> bool {
        let Some(cached) = &self.state.kubelet.cached else {
            return true;
        };
        if cached.status.phase.is_terminal() {
            return false;
        }
        let Some(status) = cached.status.containers.get(id.index()) else {
            return true;
        };
        let Some(run) = status.run else {
            return true;
        };
        let Some(worker) = &self.state.slots[id.index()].probes[kind as usize] else {
            return true;
        };
        let met = worker.run == Some(run);
        let (on_hold, born_deleted) = (met && worker.on_hold, worker.born_deleted);
        let started = status.started;
        let running = status.state.running_since();
        let exits = running.is_none() && self.look().exits_with_container(id, status);
        if !met {
            let status = *status;
            self.meet_run(id, kind, run, &status);
        }
        if on_hold {
            return true;
        }
        let Some(since) = running else {
            self.set_result(id, kind, run, ProbeResult::Failure);
            return !exits;
        };
        if born_deleted && kind != ProbeKind::Readiness {
            self.set_result(id, kind, run, ProbeResult::Success);
            return false;
        }
        let Some(probe) = self.look().probe_of(id, kind) else {
            return true;
        };
        let delay = u64::from(probe.initial_delay);
        if delay > 0 && self.now.millis_since(since) / 1000 < delay {
            return true;
        }
        if started == (kind == ProbeKind::Startup) {
            return true;
        }
        self.begin_probe(id, kind, probe, run, 0, self.now);
        true
    }

    /// A worker sees a run for the first time (PROBE-13, PROBE-21).
    #[cold]
    fn meet_run(&mut self, id: ContainerId, kind: ProbeKind, run: u32, status: &ContainerStatus) {
        let slot = &mut self.state.slots[id.index()];
        let Some(worker) = &mut slot.probes[kind as usize] else {
            return;
        };
        if worker.run.is_some() {
            slot.results[kind as usize] = None;
        }
        worker.run = Some(run);
        worker.on_hold = false;
        let first = match kind {
            ProbeKind::Startup => ProbeResult::Unknown,
            ProbeKind::Readiness => ProbeResult::Failure,
            ProbeKind::Liveness => ProbeResult::Success,
        };
        if self.machine.rules.status_after_restart == StatusAfterRestart::Kept {
            let sidecar = self.machine.spec(0).is_sidecar(id);
            if sidecar && kind == ProbeKind::Startup && status.started {
                self.set_result(id, kind, run, ProbeResult::Success);
            }
            if self.outlived_kubelet(status) {
                return;
            }
        }
        self.set_result(id, kind, run, first);
    }

    /// Whether the container had been running for a while when the kubelet started (PROBE-84).
    fn outlived_kubelet(&self, status: &ContainerStatus) -> bool {
        let (Some(kubelet), ContainerState::Running { started }) =
            (self.state.loops.kubelet_started, status.state)
        else {
            return false;
        };
        kubelet.millis_since(started) > OUTLIVED
    }

    #[inline(always)]
    fn set_result(&mut self, id: ContainerId, kind: ProbeKind, run: u32, result: ProbeResult) {
        let entry = &mut self.state.slots[id.index()].results[kind as usize];
        if *entry != Some((run, result)) {
            *entry = Some((run, result));
            let run = RunId {
                container: id,
                ordinal: run,
            };
            self.notify(Notice::Probed { run, kind, result });
        }
    }

    #[inline(always)]
    fn begin_probe(
        &mut self,
        id: ContainerId,
        kind: ProbeKind,
        probe: &Probe,
        run: u32,
        try_: u8,
        since: Time,
    ) {
        let timeout = self.now.plus_seconds(i64::from(probe.timeout));
        if let Some(worker) = &mut self.state.slots[id.index()].probes[kind as usize] {
            worker.probing = Some(Probing {
                since,
                try_,
                timeout,
                killed: false,
                before_stop: false,
            });
        }
        let run = RunId {
            container: id,
            ordinal: run,
        };
        self.report_probe(run, kind, None);
        self.ask(Token::of(run, Verb::Probe(kind)));
    }

    #[inline]
    fn report_probe(&mut self, run: RunId, kind: ProbeKind, end: Option<CallEnd>) {
        if self.out.discards {
            return;
        }
        let attempt = self.attempt(run);
        self.out.events.push(Event::Probe(ProbeEvent {
            run,
            attempt,
            kind,
            end,
        }));
    }

    /// A probe's answer has come.
    #[inline(always)]
    pub(super) fn probe_answered(&mut self, run: RunId, kind: ProbeKind, outcome: Outcome) {
        let worker = &self.state.slots[run.container.index()].probes[kind as usize];
        let probing = worker.as_ref().and_then(|worker| worker.probing.as_ref());
        let Some(&Probing { since, try_, .. }) = probing else {
            return;
        };
        let (end, verdict) = match outcome {
            Outcome::Ran { code: 0, .. } | Outcome::Done => {
                self.report_probe(run, kind, Some(CallEnd::Exit(0)));
                self.end_probe(run, kind, since, Some(ProbeResult::Success));
                return;
            }
            Outcome::Ran { code, output } => {
                (CallEnd::Exit(code), Ok(Unhealthy::Failed { output }))
            }
            Outcome::Exited { .. } => {
                let output = Text::EMPTY;
                (CallEnd::Killed, Ok(Unhealthy::Failed { output }))
            }
            Outcome::CannotRun(error) | Outcome::Failed(error) => {
                (CallEnd::CannotRun, Err(Unhealthy::Errored { error }))
            }
            Outcome::NotRunning => (CallEnd::NotRunning, Err(Unhealthy::NotRunning)),
        };
        self.report_probe(run, kind, Some(end));
        self.probe_failed(run, kind, since, try_, verdict);
    }

    /// A probe has taken longer than its timeout (PROBE-34, PROBE-42).
    pub(super) fn probe_timed_out(&mut self, run: RunId, kind: ProbeKind) {
        let worker = self.state.slots[run.container.index()].probes[kind as usize];
        let (Some(Probing { since, try_, .. }), Some(probe)) = (
            worker.and_then(|worker| worker.probing),
            self.look().probe_of(run.container, kind),
        ) else {
            return;
        };
        let verdict = Unhealthy::TimedOut {
            timeout: probe.timeout,
        };
        let exec = matches!(probe.handler, Handler::Exec { .. });
        let counted = !exec || self.machine.rules.exec_timeout == ExecTimeout::Failure;
        self.cancel(Token::of(run, Verb::Probe(kind)));
        self.report_probe(run, kind, Some(CallEnd::Timeout));
        let verdict = if counted { Ok(verdict) } else { Err(verdict) };
        self.probe_failed(run, kind, since, try_, verdict);
    }

    /// `Ok(_)` failed, `Err(_)` errored, which is tried again (PROBE-30).
    #[cold]
    fn probe_failed(
        &mut self,
        run: RunId,
        kind: ProbeKind,
        since: Time,
        try_: u8,
        verdict: Result<Unhealthy, Unhealthy>,
    ) {
        let id = run.container;
        if verdict.is_err() && try_ + 1 < MAX_TRIES {
            if let Some(probe) = self.look().probe_of(id, kind) {
                self.begin_probe(id, kind, probe, run.ordinal, try_ + 1, since);
            }
            return;
        }
        let result = verdict.is_ok().then_some(ProbeResult::Failure);
        let (Ok(verdict) | Err(verdict)) = verdict;
        self.kube(KubeEvent {
            container: Some(id),
            what: KubeReason::Unhealthy { kind, verdict },
        });
        self.end_probe(run, kind, since, result);
    }

    /// A probe is over. One that errored has no result.
    #[inline(always)]
    fn end_probe(&mut self, run: RunId, kind: ProbeKind, since: Time, result: Option<ProbeResult>) {
        let id = run.container;
        let probe = self.look().probe_of(id, kind);
        let slot = &mut self.state.slots[id.index()];
        let (Some(probe), Some(worker)) = (probe, &mut slot.probes[kind as usize]) else {
            return;
        };
        worker.probing = None;
        let counts = result.is_some_and(|result| worker.count(kind, probe, result));
        // The worker is between probes again: stop, a tick that came meanwhile, or a trigger. With a
        // tick and a trigger waiting either may be taken, and a trigger makes the ticker forget its
        // tick.
        let missed = tick_after(worker.ticker, period(probe), since) <= self.now;
        worker.missed = missed;
        let (stopping, triggered) = (worker.stopping, worker.triggered);
        if let Some(result) = result
            && counts
        {
            self.set_result(id, kind, run.ordinal, result);
        }
        if stopping {
            self.end_probe_worker(id, kind);
            return;
        }
        match self.machine.turns {
            // Nobody else has a turn before it takes up what waits.
            Turns::All if triggered => self.take_trigger(id, kind),
            Turns::All if missed => self.fire_probe(id, kind),
            Turns::OneByOne if triggered => self.state.ready.wake(Task::Probe(id, kind)),
            _ => {}
        }
    }

    /// Takes up a manual trigger, if the worker is between probes (PROBE-5, PROBE-70).
    #[inline]
    pub(super) fn take_trigger(&mut self, id: ContainerId, kind: ProbeKind) {
        let Some(worker) = &mut self.state.slots[id.index()].probes[kind as usize] else {
            return;
        };
        match &worker.probing {
            Some(probing) if probing.killed => self.probe_killed(id, kind),
            None if worker.triggered => {
                worker.triggered = false;
                worker.missed = false;
                worker.ticker = self.now;
                self.tick_probe(id, kind);
            }
            _ => {}
        }
    }

    /// A worker learns that its container has died while it was probing.
    #[cold]
    fn probe_killed(&mut self, container: ContainerId, kind: ProbeKind) {
        let worker = &self.state.slots[container.index()].probes[kind as usize];
        if let Some(ordinal) = worker.and_then(|worker| worker.run) {
            let killed = Outcome::Exited {
                code: 137,
                oom: false,
            };
            self.probe_answered(RunId { container, ordinal }, kind, killed);
        }
    }

    /// Fills in `started` and `ready`, and triggers readiness probes of what is not ready
    /// (PROBE-70, PROBE-80 … PROBE-82).
    ///
    /// Source: `prober_manager.go: UpdatePodStatus`.
    pub(super) fn fill_readiness(&mut self, spec: &PodSpec, pod: &PodView, status: &mut PodStatus) {
        let regular = spec.regular_ids();
        for id in regular.chain(spec.init_ids()) {
            let container = &mut status.containers[id.index()];
            container.started = self.is_started(id, container);
            if spec.is_init(id) && !spec.is_sidecar(id) {
                let ended = container.state.terminated();
                if ended.is_some_and(|ended| ended.code == 0) {
                    container.ready = true;
                }
            } else if container.started {
                container.ready = self.is_ready(id, container, pod);
            }
        }
    }

    /// Source: `prober_manager.go: isContainerStarted` (PROBE-80).
    fn is_started(&self, id: ContainerId, status: &ContainerStatus) -> bool {
        if !status.state.is_running() {
            return false;
        }
        let kept = self.machine.rules.status_after_restart == StatusAfterRestart::Kept;
        let slot = &self.state.slots[id.index()];
        match slot.results[ProbeKind::Startup as usize] {
            Some((run, result)) if Some(run) == status.run => result == ProbeResult::Success,
            _ if kept && status.started => true,
            _ => slot.probes[ProbeKind::Startup as usize].is_none(),
        }
    }

    fn is_ready(&mut self, id: ContainerId, status: &ContainerStatus, pod: &PodView) -> bool {
        let slot = &mut self.state.slots[id.index()];
        let result = slot.results[ProbeKind::Readiness as usize];
        let known = result.filter(|&(run, _)| Some(run) == status.run);
        let mut ready = match known {
            Some((_, ProbeResult::Success)) => true,
            _ => match &mut slot.probes[ProbeKind::Readiness as usize] {
                Some(worker) => {
                    worker.triggered = true;
                    let task = Task::Probe(id, ProbeKind::Readiness);
                    self.state.ready.wake(task);
                    false
                }
                None => true,
            },
        };
        let kept = self.machine.rules.status_after_restart == StatusAfterRestart::Kept;
        let passed = matches!(known, Some((_, ProbeResult::Success)));
        if kept && !passed && self.outlived_kubelet(status) {
            ready |= known.is_none();
            if self.look().probe_of(id, ProbeKind::Readiness).is_some() && !pod.ready {
                ready = false;
            }
        }
        ready
    }
}
