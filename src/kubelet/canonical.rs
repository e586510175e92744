//! What of a state says something about its future, and how long.
//!
//! Two states with the same future may differ in moments long past, in numbers that count up, and
//! in what nobody will ask for. A state is taken apart here so that the last is left out, and the
//! others stand where [`Names`](super::Names) can give them the same names. What the crash back-off
//! alone asks for is kept in `crashes.rs`.

use super::api_status::{ContainerState, ContainerStatus, PodStatus, Terminated, Times};
use super::backoff::RESET_AFTER;
use super::pack::{Counter, Lasts, Packer};
use super::prober::{OUTLIVED, ProbeWorker};
use super::restart;
use super::runtime_status::{Exit, Run, RunState, RuntimeStatus, Sandbox};
use super::state::{
    CachedStatus, ContainerSlot, Deletion, GC_PERIOD, HOUSEKEEPING_PERIOD, Kubelet, Loops, Object,
    Phases, PodState, PullBackoff, RELIST_PERIOD, STATUS_PERIOD, SYNC_PERIOD, Stopping,
};
use super::sync_pod::SyncPod;
use super::worker::{Activity, Worker};
use super::{Pace, Pod};
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;
use smallvec::SmallVec;

/// How far back the world outside looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What is answered depends on how long a container has run, up to so many milliseconds;
    /// `None`: always.
    pub running_for: Option<u64>,
    /// What is answered depends on how many attempts there were, up to so many; `None`: always.
    pub attempts: Option<u32>,
}

impl Memory {
    /// Answers depend on nothing that was.
    pub const NONE: Self = Self {
        running_for: Some(0),
        attempts: Some(0),
    };
    /// Answers may depend on all that was.
    pub const ALL: Self = Self {
        running_for: None,
        attempts: None,
    };
}

/// For how long the moments of a pod's states matter, as far as that never changes.
#[derive(Clone, Debug)]
pub struct Horizons<'m> {
    pub(super) machine: Pod<'m>,
    memory: Memory,
    /// Whether the kubelet's process may be started anew.
    starts_anew: bool,
    /// Whether every container may restart. Then statuses of different rounds may look alike but for
    /// the restart counts and the moments, which count.
    in_rounds: bool,
    /// Until when, after each container's start, the last of its probes' initial delays is over.
    delays: SmallVec<[u64; 4]>,
    /// `startTime`
    start_time: Lasts,
    /// Those that are as a rule.
    pub(super) phases: Phases,
}

impl<'m> Horizons<'m> {
    /// Of this machine, whose loops begin so as a rule, in a world that remembers so much.
    #[must_use]
    pub fn new(machine: Pod<'m>, phases: Phases, memory: Memory) -> Self {
        let specs = machine.revisions.iter();
        let deadline = specs.clone().filter_map(|spec| spec.active_deadline).max();
        let millis = |seconds: i64| seconds.unsigned_abs().saturating_mul(1000);
        let containers = 0..machine.spec(0).containers.len();
        let delay = |index: usize| {
            let delays = machine.revisions.iter().flat_map(|spec| {
                let container = spec.containers.get(index);
                let probe = move |kind| container?.probe(kind);
                let probes = ProbeKind::ALL.into_iter().filter_map(probe);
                probes.map(|probe| u64::from(probe.initial_delay) * 1000)
            });
            delays.max().unwrap_or(0)
        };
        Self {
            machine,
            memory,
            starts_anew: true,
            in_rounds: machine.rules.restart_all
                && specs.clone().any(|spec| restart::could_ask_for_all(spec)),
            delays: containers.map(delay).collect(),
            start_time: Lasts::Shown(deadline.map_or(0, millis)),
            phases,
        }
    }

    /// The same where the kubelet's process is the only one.
    #[must_use]
    pub const fn of_one_process(mut self) -> Self {
        self.starts_anew = false;
        self
    }

    /// How far back the world outside looks.
    #[must_use]
    pub const fn memory(&self) -> Memory {
        self.memory
    }

    /// Takes a state apart, without what it remembers and nobody will ask for.
    pub fn pack(&self, state: &PodState, to: &mut Packer) {
        let kubelet_started = self.machine.latest_kubelet_start(state);
        let up_for = kubelet_started.map_or(0, |started| state.now.millis_since(started));
        let outlived = match self.starts_anew {
            true => up_for.saturating_add(OUTLIVED + 1000),
            false => 0,
        };
        Present {
            horizons: self,
            state,
            outlived,
        }
        .pack(kubelet_started, to);
    }
}

impl Pod<'_> {
    /// The latest start of the kubelet's process that the same containers outlived (PROBE-84); `None`
    /// where none did, or nobody asks.
    fn latest_kubelet_start(&self, state: &PodState) -> Option<Time> {
        let kubelet = state.loops.kubelet_started.filter(|_| state.kubelet.up)?;
        let spec = self.spec(state.object.revision);
        let starts = state
            .known()
            .flat_map(|status| &status.runs)
            .filter_map(|run| {
                let container = spec.container(run.id.container);
                let mut kinds = ProbeKind::ALL.into_iter();
                let probed = kinds.any(|kind| container.probe(kind).is_some());
                match run.state {
                    RunState::Running { started } if probed => Some(started.whole_second()),
                    _ => None,
                }
            });
        let (mut any, mut latest) = (false, state.now);
        for started in starts {
            if kubelet.millis_since(started) > OUTLIVED {
                any = true;
            } else {
                latest = latest.min(started.plus_millis(OUTLIVED));
            }
        }
        any.then(|| kubelet.max(latest))
    }
}

/// A state at its present.
struct Present<'a> {
    horizons: &'a Horizons<'a>,
    state: &'a PodState,
    /// For how long it counts whether a container started shortly before the kubelet's process.
    outlived: u64,
}

impl Present<'_> {
    fn pack(&self, kubelet_started: Option<Time>, to: &mut Packer) {
        let PodState {
            object,
            runtime,
            images,
            seen,
            sandbox_calls,
            loops,
            now,
            ready,
            fired,
            ticks_from,
            kubelet,
            slots,
        } = self.state;
        to.put(now);
        to.put(ticks_from);
        self.loops(loops, kubelet_started, to);
        to.count(Counter::SandboxCalls, *sandbox_calls);
        to.put(images);
        let rest = ready.is_empty() && fired.is_empty();
        to.fixed((rest, seen.is_some()));
        if !rest {
            to.put(ready);
            to.put(fired);
        }
        self.object(object, to);
        self.runtime(runtime, to);
        if let Some(seen) = seen {
            self.runtime(seen, to);
        }
        self.kubelet(kubelet, to);
        to.number(slots.len() as u64);
        for (index, slot) in slots.iter().enumerate() {
            self.slot(ContainerId(index as u8), slot, to);
        }
    }

    fn loops(&self, loops: &Loops, kubelet_started: Option<Time>, to: &mut Packer) {
        let Loops {
            relist,
            sync,
            status,
            gc,
            kubelet_started: _,
            phases,
        } = *loops;
        // Where nothing ticks nobody asks for them.
        let ticking = self.horizons.machine.pace == Pace::Ticking;
        let own = phases != self.horizons.phases;
        // As a rule it is kept in `crashes.rs`; a new process begins anew.
        let apart = self.horizons.machine.next_collection(self.state).is_some();
        let collects = ticking && self.state.kubelet.up && !apart;
        to.fixed((ticking, own, kubelet_started.is_some(), collects));
        if ticking {
            to.time(relist, Lasts::Ticker(RELIST_PERIOD));
            to.time(sync, Lasts::Ticker(SYNC_PERIOD.max(HOUSEKEEPING_PERIOD)));
            to.time(status, Lasts::Ticker(STATUS_PERIOD));
        }
        if collects {
            to.time(gc, Lasts::Ticker(GC_PERIOD));
        }
        if own {
            to.put(&phases);
        }
        if let Some(at) = kubelet_started {
            to.put(&at);
        }
    }

    fn object(&self, object: &Object, to: &mut Packer) {
        let Object {
            exists,
            revision,
            deletion,
            status,
        } = object;
        to.fixed((*exists, deletion.is_some()));
        to.put(revision);
        if let Some(Deletion { at, grace }) = *deletion {
            // A shorter one would be past as well (DEL-11).
            to.time(at, Lasts::UntilPast);
            to.put(&grace);
        }
        self.status(status, to);
    }

    fn restarts(&self, count: u32, to: &mut Packer) {
        let counter = match self.horizons.in_rounds {
            false => Counter::Restarts,
            true => Counter::Exact,
        };
        to.count(counter, count);
    }

    /// A moment that statuses show, and that matters otherwise for so long.
    fn shown(&self, millis: u64) -> Lasts {
        match self.horizons.in_rounds {
            false => Lasts::Shown(millis),
            true => Lasts::For(millis),
        }
    }

    /// Its start: until the last initial delay is over, while a new process of the kubelet would take
    /// it for new, and for as long as the runtime asks for it.
    fn started(&self, id: ContainerId) -> Lasts {
        let delay = self.horizons.delays.get(id.index());
        let delay = delay.map_or(0, |&delay| delay).max(self.outlived);
        match self.horizons.memory.running_for {
            Some(memory) => self.shown(memory.max(delay)),
            None => Lasts::Always,
        }
    }

    fn runtime(&self, status: &RuntimeStatus, to: &mut Packer) {
        let RuntimeStatus { sandboxes, runs } = status;
        to.number(sandboxes.len() as u64);
        for &Sandbox { attempt, ready } in sandboxes {
            to.count(Counter::Sandboxes, attempt);
            to.put(&ready);
        }
        to.number(runs.len() as u64);
        for run in runs.iter().rev() {
            self.run(run, to);
        }
    }

    fn run(&self, run: &Run, to: &mut Packer) {
        let Run {
            id,
            attempt,
            created,
            nth,
            image,
            sandbox,
            state,
        } = run;
        let container = id.container;
        to.put(id);
        self.restarts(*attempt, to);
        to.put(image);
        to.count(Counter::Sandboxes, *sandbox);
        // Of what is over, nobody will ask which attempt it was, nor when it was created.
        let begun = |to: &mut Packer| {
            to.count(Counter::Attempts(container), *nth);
            to.time(*created, Lasts::Created);
        };
        match state {
            RunState::Created => {
                to.bits(0, 2);
                begun(to);
            }
            RunState::Running { started } => {
                to.bits(1, 2);
                begun(to);
                to.time(*started, self.started(container));
            }
            RunState::Exited(exit) => {
                let Exit {
                    started,
                    finished,
                    ended: _,
                    code,
                    reason,
                } = exit;
                to.bits(2, 2);
                self.span(*started, *finished, to);
                to.put(code);
                to.put(reason);
            }
            RunState::Unknown => {
                to.bits(3, 2);
                begun(to);
            }
        }
    }

    fn status(&self, status: &PodStatus, to: &mut Packer) {
        let PodStatus {
            phase,
            reason,
            start_time,
            conditions,
            foreign,
            containers,
        } = status;
        to.fixed((
            *phase,
            *reason,
            start_time.is_some(),
            conditions.is_some(),
            foreign.is_empty(),
        ));
        if let Some(at) = *start_time {
            to.time(at, self.horizons.start_time);
        }
        if let Some(conditions) = conditions {
            to.put(conditions);
        }
        if !foreign.is_empty() {
            to.put(foreign);
        }
        to.number(containers.len() as u64);
        for (index, container) in containers.iter().enumerate() {
            self.container(ContainerId(index as u8), container, to);
        }
    }

    fn container(&self, id: ContainerId, status: &ContainerStatus, to: &mut Packer) {
        let ContainerStatus {
            run,
            state,
            last,
            ready,
            started,
            restart_count,
        } = status;
        let (waits, runs) = match state {
            ContainerState::Waiting(_) => (true, false),
            ContainerState::Running { .. } => (false, true),
            ContainerState::Terminated(_) => (false, false),
        };
        to.fixed((waits, runs, run.is_some(), last.is_some(), *ready, *started));
        if let Some(run) = *run {
            to.count(Counter::Runs(id), run);
        }
        self.restarts(*restart_count, to);
        match state {
            ContainerState::Waiting(waiting) => to.put(waiting),
            ContainerState::Running { started } => {
                to.time(*started, self.started(id));
            }
            ContainerState::Terminated(ended) => self.ended(ended, to),
        }
        if let Some(ended) = last {
            self.ended(ended, to);
        }
    }

    fn ended(&self, ended: &Terminated, to: &mut Packer) {
        let Terminated {
            reason,
            code,
            times,
        } = ended;
        to.put(reason);
        to.put(code);
        to.put(&times.is_some());
        if let Some(Times { started, finished }) = *times {
            self.span(started, finished, to);
        }
    }

    /// From when to when something ran that does not run any more.
    fn span(&self, started: Option<Time>, finished: Time, to: &mut Packer) {
        to.some_time(started, self.shown(0));
        to.time(finished, self.shown(0));
    }

    fn kubelet(&self, kubelet: &Kubelet, to: &mut Packer) {
        let Kubelet {
            up,
            pod,
            startup,
            inbox,
            pods_synced,
            worker,
            work_due,
            fresh_from,
            cached,
            pulls,
        } = kubelet;
        let usual = *up && *pods_synced && startup.is_none() && inbox.is_empty();
        to.fixed((
            usual,
            pod.is_some(),
            work_due.is_some(),
            fresh_from.is_some(),
            worker.is_some(),
            cached.is_some(),
        ));
        if !usual {
            to.fixed((*up, *pods_synced));
            to.put(startup);
            to.put(inbox);
        }
        if let Some(pod) = pod {
            to.put(pod);
        }
        for at in [work_due, fresh_from].into_iter().flatten() {
            to.time(*at, Lasts::ORDER);
        }
        if let Some(worker) = worker {
            self.worker(worker, to);
        }
        if let Some(CachedStatus {
            status,
            finished,
            withheld,
        }) = cached
        {
            let same = *status == self.state.object.status;
            to.fixed((same, *finished, *withheld));
            if !same {
                self.status(status, to);
            }
        }
        let starts = !self.state.starts_no_more();
        let old = |updated: Time| self.state.now.millis_since(updated) > u64::from(RESET_AFTER);
        let counts = |entry: &PullBackoff| starts && !old(entry.backoff.updated);
        to.number(pulls.len() as u64);
        for entry in pulls {
            to.put(&entry.filter(counts));
        }
    }

    fn worker(&self, worker: &Worker, to: &mut Packer) {
        let Worker {
            terminating,
            terminated,
            finished,
            orphan,
            deleted,
            grace,
            pending,
            active,
            at,
        } = worker;
        let (syncs, waits) = match at {
            Activity::Idle => (false, false),
            Activity::AwaitingRelist(_) => (false, true),
            Activity::Syncing(_) => (true, false),
            Activity::Stopping(_) => (true, true),
        };
        to.fixed((*terminating, *terminated, *finished, *orphan, *deleted));
        to.fixed((pending.is_some(), active.is_some(), syncs, waits));
        to.put(grace);
        // Of the update that an idle worker has done with, only that there was one.
        let done = matches!(at, Activity::Idle);
        for update in pending.iter().chain(active.iter().filter(|_| !done)) {
            to.put(update);
        }
        match at {
            Activity::Idle => {}
            Activity::AwaitingRelist(work) => to.put(work),
            Activity::Syncing(sync) => self.sync(sync, to),
            Activity::Stopping(view) => self.view(view, to),
        }
    }

    /// What a sync believes, mostly the truth.
    fn view(&self, view: &RuntimeStatus, to: &mut Packer) {
        let same = view.is_like(&self.state.runtime);
        to.put(&same);
        if !same {
            self.runtime(view, to);
        }
    }

    fn sync(&self, sync: &SyncPod, to: &mut Packer) {
        let SyncPod {
            view,
            actions,
            at,
            acted,
            failed,
            backoff_ends,
            outcomes,
            removed_all,
        } = sync;
        self.view(view, to);
        to.put(actions);
        to.put(at);
        to.put(acted);
        to.put(failed);
        to.some_time(*backoff_ends, Lasts::ORDER);
        to.number(outcomes.len() as u64);
        for (id, error) in outcomes {
            to.put(id);
            to.put(error);
        }
        to.put(removed_all);
    }

    fn slot(&self, id: ContainerId, slot: &ContainerSlot, to: &mut Packer) {
        let ContainerSlot {
            runs,
            starts,
            backoff: _,
            backoff_image: _,
            reason,
            kill,
            stopping,
            pre_stop,
            probes,
            results,
        } = slot;
        to.count(Counter::Runs(id), *runs);
        to.count(Counter::Attempts(id), *starts);
        let idle = kill.is_none() && stopping.is_none() && pre_stop.is_none();
        to.fixed((reason.is_some(), idle));
        if let Some(reason) = reason {
            to.put(reason);
        }
        if !idle {
            to.put(kill);
            to.put(&stopping.is_some());
            if let Some(Stopping { run, kill_at }) = *stopping {
                to.count(Counter::Runs(id), run);
                to.time(kill_at, Lasts::ORDER);
            }
            to.put(pre_stop);
        }
        to.fixed((
            probes[0].is_some(),
            probes[1].is_some(),
            probes[2].is_some(),
            results[0].map(|(_, result)| result),
            results[1].map(|(_, result)| result),
            results[2].map(|(_, result)| result),
        ));
        let spec = self.horizons.machine.spec(self.state.object.revision);
        let container = spec.containers.get(id.index());
        for (kind, worker) in ProbeKind::ALL.into_iter().zip(probes) {
            if let Some(worker) = worker {
                let probe = container.and_then(|container| container.probe(kind));
                let period = probe.map_or(0, |probe| u64::from(probe.period) * 1000);
                pack_probe_worker(id, worker, period, to);
            }
        }
        for (run, _) in results.iter().flatten() {
            to.count(Counter::Runs(id), *run);
        }
    }
}

fn pack_probe_worker(id: ContainerId, worker: &ProbeWorker, period: u64, to: &mut Packer) {
    let ProbeWorker {
        ticker,
        run,
        last,
        row,
        on_hold,
        missed,
        triggered,
        stopping,
        born_deleted,
        probing,
    } = worker;
    to.time(*ticker, Lasts::Ticker(period));
    let flags = (*on_hold, *missed, *triggered, *stopping, *born_deleted);
    to.fixed((*last, run.is_some(), probing.is_some(), flags));
    to.put(row);
    if let Some(run) = *run {
        to.count(Counter::Runs(id), run);
    }
    if let Some(probing) = probing {
        to.put(probing);
    }
}
