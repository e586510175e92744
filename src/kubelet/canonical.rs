//! What of a state says something about its future, and how long.
//!
//! Two states with the same future may differ in moments long past, in numbers that count up, and
//! in what nobody will ask for. A state is taken apart here so that the last is left out, and the
//! others stand where [`Names`](super::Names) can give them the same names.

use super::api_status::{
    ContainerSet, ContainerState, ContainerStatus, PodStatus, Terminated, Times,
};
use super::backoff::{Backoff, RESET_AFTER};
use super::pack::{Counter, Lasts, Packer, Unpacker};
use super::prober::{OUTLIVED, ProbeWorker};
use super::restart;
use super::runtime_status::{Exit, Run, RunState, RuntimeStatus, Sandbox};
use super::state::{
    CachedStatus, ContainerSlot, Deletion, GC_PERIOD, HOUSEKEEPING_PERIOD, Kubelet, Loops, Object,
    PodState, PullBackoff, RELIST_PERIOD, STATUS_PERIOD, SYNC_PERIOD, Stopping,
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
    machine: Pod<'m>,
    memory: Memory,
    /// Whether restart counts may start over, where every container restarts: then their values
    /// count.
    recounts: bool,
    /// Until when, after each container's start, the last of its probes' initial delays is over.
    delays: SmallVec<[u64; 4]>,
    /// `startTime`
    start_time: Lasts,
}

impl<'m> Horizons<'m> {
    /// Of this machine, in a world that remembers so much.
    #[must_use]
    pub fn new(machine: Pod<'m>, memory: Memory) -> Self {
        let specs = machine.revisions.iter();
        let deadline = specs.clone().filter_map(|spec| spec.active_deadline).max();
        let millis = |seconds: i64| (seconds.unsigned_abs() + 1).saturating_mul(1000);
        let containers = 0..machine.spec(0).containers.len();
        let delay = |index: usize| {
            let delays = machine.revisions.iter().flat_map(|spec| {
                let container = spec.containers.get(index);
                let probe = move |kind| container?.probe(kind);
                let probes = ProbeKind::ALL.into_iter().filter_map(probe);
                probes.map(|probe| (u64::from(probe.initial_delay) + 1) * 1000)
            });
            delays.max().unwrap_or(0)
        };
        Self {
            machine,
            memory,
            recounts: machine.rules.restart_all
                && specs.clone().any(|spec| restart::could_ask_for_all(spec)),
            delays: containers.map(delay).collect(),
            start_time: deadline.map_or(Lasts::ORDER, |it| Lasts::For(millis(it))),
        }
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
        let outlived = up_for.saturating_add(OUTLIVED + 1000);
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
        let worker = state.kubelet.worker.as_ref().map(|worker| &worker.at);
        let view = match worker {
            Some(Activity::Stopping(view)) => Some(&**view),
            Some(Activity::Syncing(sync)) => Some(&sync.view),
            Some(Activity::Idle | Activity::AwaitingRelist(_)) | None => None,
        };
        let spec = self.spec(state.object.revision);
        let known = [&state.runtime].into_iter().chain(&state.seen).chain(view);
        let starts = known.flat_map(|status| &status.runs).filter_map(|run| {
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
        to.put(ready);
        to.put(fired);
        self.object(object, to);
        self.runtime(runtime, to);
        to.put(&seen.is_some());
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
        for (anchor, period) in [
            (relist, RELIST_PERIOD),
            (sync, SYNC_PERIOD.max(HOUSEKEEPING_PERIOD)),
            (status, STATUS_PERIOD),
            (gc, GC_PERIOD),
        ] {
            match self.horizons.machine.pace {
                Pace::Ticking => to.time(anchor, Lasts::Ticker(period)),
                // Nobody asks for it.
                Pace::AtOnce => to.time(self.state.now, Lasts::Always),
            }
        }
        to.put(&kubelet_started);
        to.put(&phases);
    }

    fn object(&self, object: &Object, to: &mut Packer) {
        let Object {
            exists,
            revision,
            deletion,
            status,
        } = object;
        to.put(exists);
        to.put(revision);
        to.put(&deletion.is_some());
        if let Some(Deletion { at, grace }) = *deletion {
            // A shorter one would be past as well (DEL-11).
            to.time(at, Lasts::UntilPast);
            to.put(&grace);
        }
        self.status(status, to);
    }

    fn restarts(&self, id: ContainerId, count: u32, to: &mut Packer) {
        let counter = match self.horizons.recounts {
            false => Counter::Restarts(id),
            true => Counter::Exact,
        };
        to.count(counter, count);
    }

    /// Its start, as the API shows it: until the last initial delay is over, and while a new process
    /// of the kubelet would take it for new.
    fn delay(&self, id: ContainerId) -> u64 {
        let delay = self.horizons.delays.get(id.index());
        delay.map_or(0, |&delay| delay).max(self.outlived)
    }

    /// Its start, as the runtime knows it.
    fn started(&self, id: ContainerId) -> Lasts {
        match self.horizons.memory.running_for {
            Some(memory) => Lasts::For(memory.max(self.delay(id))),
            None => Lasts::Always,
        }
    }

    /// Its newest end: until the longest back-off is over, and as long as there is one that was
    /// last raised before it: how long before decides whether the entry still says something.
    fn finished(&self, id: ContainerId, end: Time) -> Lasts {
        let slot = self.state.slots.get(id.index());
        match slot.and_then(|slot| self.backoff(slot)) {
            Some(backoff) if backoff.updated < end => Lasts::Always,
            _ => Lasts::For(u64::from(self.horizons.machine.rules.crash_backoff.max)),
        }
    }

    /// Its crash back-off, until housekeeping forgets it.
    fn backoff(&self, slot: &ContainerSlot) -> Option<Backoff> {
        let (housekeeping, pace) = (self.state.loops.sync, self.horizons.machine.pace);
        let gone = |entry: &Backoff| entry.forgotten_at(housekeeping, pace) <= self.state.now;
        slot.backoff.filter(|entry| !gone(entry))
    }

    fn runtime(&self, status: &RuntimeStatus, to: &mut Packer) {
        let RuntimeStatus { sandboxes, runs } = status;
        to.number(sandboxes.len() as u64);
        for &Sandbox { attempt, ready } in sandboxes {
            to.count(Counter::Sandboxes, attempt);
            to.put(&ready);
        }
        to.number(runs.len() as u64);
        let mut newer = ContainerSet::EMPTY;
        for run in runs.iter().rev() {
            let newest = !newer.contains(run.id.container);
            if run.exit().is_some() {
                newer.insert(run.id.container);
            }
            self.run(run, newest, to);
        }
    }

    fn run(&self, run: &Run, newest: bool, to: &mut Packer) {
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
        self.restarts(container, *attempt, to);
        to.time(*created, Lasts::ORDER);
        to.put(image);
        to.count(Counter::Sandboxes, *sandbox);
        // Of what is over, nobody will ask which attempt it was.
        let attempts = |to: &mut Packer| to.count(Counter::Attempts(container), *nth);
        match state {
            RunState::Created => {
                to.bits(0, 2);
                attempts(to);
            }
            RunState::Running { started } => {
                to.bits(1, 2);
                attempts(to);
                to.time(*started, self.started(container));
            }
            RunState::Exited(exit) => {
                let Exit {
                    started,
                    finished,
                    code,
                    reason,
                } = exit;
                to.bits(2, 2);
                to.some_time(*started, Lasts::ORDER);
                // A sync that kills and starts judges the back-off by an older end.
                let lasts = match newest {
                    true => self.finished(container, *finished),
                    false => Lasts::ORDER,
                };
                to.time(*finished, lasts);
                to.put(code);
                to.put(reason);
            }
            RunState::Unknown => {
                to.bits(3, 2);
                attempts(to);
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
        to.put(phase);
        to.put(reason);
        to.some_time(*start_time, self.horizons.start_time);
        to.put(conditions);
        to.put(foreign);
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
        some_run(id, *run, to);
        self.restarts(id, *restart_count, to);
        match state {
            ContainerState::Waiting(waiting) => {
                to.bits(0, 2);
                to.put(waiting);
            }
            ContainerState::Running { started } => {
                to.bits(1, 2);
                to.time(*started, Lasts::For(self.delay(id)));
            }
            ContainerState::Terminated(ended) => {
                to.bits(2, 2);
                pack_ended(ended, to);
            }
        }
        to.put(&last.is_some());
        if let Some(ended) = last {
            pack_ended(ended, to);
        }
        to.put(ready);
        to.put(started);
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
        to.put(up);
        to.put(pod);
        to.put(startup);
        to.put(inbox);
        to.put(pods_synced);
        to.some_time(*work_due, Lasts::ORDER);
        to.some_time(*fresh_from, Lasts::ORDER);
        to.put(&worker.is_some());
        if let Some(worker) = worker {
            self.worker(worker, to);
        }
        to.put(&cached.is_some());
        if let Some(CachedStatus {
            status,
            finished,
            withheld,
        }) = cached
        {
            let same = *status == self.state.object.status;
            to.put(&same);
            if !same {
                self.status(status, to);
            }
            to.put(finished);
            to.put(withheld);
        }
        let old = |updated: Time| self.state.now.millis_since(updated) > u64::from(RESET_AFTER);
        to.number(pulls.len() as u64);
        for entry in pulls {
            to.put(&entry.filter(|entry: &PullBackoff| !old(entry.backoff.updated)));
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
        for flag in [terminating, terminated, finished, orphan, deleted] {
            to.put(flag);
        }
        to.put(grace);
        to.put(pending);
        to.put(active);
        match at {
            Activity::Idle => to.bits(0, 2),
            Activity::AwaitingRelist(work) => {
                to.bits(1, 2);
                to.put(work);
            }
            Activity::Syncing(sync) => {
                to.bits(2, 2);
                self.sync(sync, to);
            }
            Activity::Stopping(view) => {
                to.bits(3, 2);
                self.view(view, to);
            }
        }
    }

    /// What a sync believes, mostly the truth.
    fn view(&self, view: &RuntimeStatus, to: &mut Packer) {
        let same = *view == self.state.runtime;
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
            backoff_image,
            reason,
            kill,
            stopping,
            pre_stop,
            probes,
            results,
        } = slot;
        to.count(Counter::Runs(id), *runs);
        to.count(Counter::Attempts(id), *starts);
        let backoff = self.backoff(slot);
        to.put(&backoff);
        if backoff.is_some() {
            // Without one nobody asks for it: a new process of the kubelet knows of no back-off.
            to.put(backoff_image);
        }
        to.put(reason);
        to.put(kill);
        to.put(&stopping.is_some());
        if let Some(Stopping { run, kill_at }) = *stopping {
            to.count(Counter::Runs(id), run);
            to.time(kill_at, Lasts::ORDER);
        }
        to.put(pre_stop);
        let spec = self.horizons.machine.spec(self.state.object.revision);
        let container = spec.containers.get(id.index());
        for (kind, worker) in ProbeKind::ALL.into_iter().zip(probes) {
            to.put(&worker.is_some());
            if let Some(worker) = worker {
                let probe = container.and_then(|container| container.probe(kind));
                let period = probe.map_or(0, |probe| u64::from(probe.period) * 1000);
                pack_probe_worker(id, worker, period, to);
            }
        }
        for result in results {
            to.put(&result.is_some());
            if let Some((run, result)) = result {
                to.count(Counter::Runs(id), *run);
                to.put(result);
            }
        }
    }
}

fn some_run(id: ContainerId, run: Option<u32>, to: &mut Packer) {
    to.put(&run.is_some());
    if let Some(run) = run {
        to.count(Counter::Runs(id), run);
    }
}

fn pack_ended(ended: &Terminated, to: &mut Packer) {
    let Terminated {
        reason,
        code,
        times,
    } = ended;
    to.put(reason);
    to.put(code);
    to.put(&times.is_some());
    if let Some(Times { started, finished }) = *times {
        to.some_time(started, Lasts::ORDER);
        to.time(finished, Lasts::ORDER);
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
    some_run(id, *run, to);
    to.put(last);
    to.put(row);
    for flag in [on_hold, missed, triggered, stopping, born_deleted] {
        to.put(flag);
    }
    to.put(probing);
}

impl PodState {
    /// Puts a state together again.
    #[must_use]
    pub fn unpack(from: &mut Unpacker) -> Self {
        let now = from.time();
        let ticks_from = from.time();
        let loops = Loops {
            relist: from.time(),
            sync: from.time(),
            status: from.time(),
            gc: from.time(),
            kubelet_started: from.take(),
            phases: from.take(),
        };
        let sandbox_calls = from.count();
        let images = from.take();
        let ready = from.take();
        let fired = from.take();
        let object = Object {
            exists: from.take(),
            revision: from.take(),
            deletion: from.take::<bool>().then(|| Deletion {
                at: from.time(),
                grace: from.take(),
            }),
            status: unpack_status(from),
        };
        let runtime = unpack_runtime(from);
        let seen = from.take::<bool>().then(|| unpack_runtime(from));
        let kubelet = unpack_kubelet(&object.status, &runtime, from);
        let slots = (0..from.number()).map(|_| unpack_slot(from)).collect();
        Self {
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
        }
    }
}

fn unpack_runtime(from: &mut Unpacker) -> RuntimeStatus {
    let sandboxes = (0..from.number())
        .map(|_| Sandbox {
            attempt: from.count(),
            ready: from.take(),
        })
        .collect();
    let mut runs: SmallVec<[Run; 2]> = (0..from.number()).map(|_| unpack_run(from)).collect();
    runs.reverse();
    RuntimeStatus { sandboxes, runs }
}

fn unpack_run(from: &mut Unpacker) -> Run {
    let id = from.take();
    let attempt = from.count();
    let created = from.time();
    let image = from.take();
    let sandbox = from.count();
    let (nth, state) = match from.bits(2) {
        0 => (from.count(), RunState::Created),
        1 => {
            let nth = from.count();
            let started = from.time();
            (nth, RunState::Running { started })
        }
        2 => {
            let exit = Exit {
                started: from.some_time(),
                finished: from.time(),
                code: from.take(),
                reason: from.take(),
            };
            (0, RunState::Exited(exit))
        }
        _ => (from.count(), RunState::Unknown),
    };
    Run {
        id,
        attempt,
        created,
        nth,
        image,
        sandbox,
        state,
    }
}

fn unpack_status(from: &mut Unpacker) -> PodStatus {
    PodStatus {
        phase: from.take(),
        reason: from.take(),
        start_time: from.some_time(),
        conditions: from.take(),
        foreign: from.take(),
        containers: (0..from.number()).map(|_| unpack_container(from)).collect(),
    }
}

fn unpack_container(from: &mut Unpacker) -> ContainerStatus {
    let run = unpack_some_run(from);
    let restart_count = from.count();
    let state = match from.bits(2) {
        0 => ContainerState::Waiting(from.take()),
        1 => ContainerState::Running {
            started: from.time(),
        },
        _ => ContainerState::Terminated(unpack_ended(from)),
    };
    ContainerStatus {
        run,
        state,
        last: from.take::<bool>().then(|| unpack_ended(from)),
        ready: from.take(),
        started: from.take(),
        restart_count,
    }
}

fn unpack_some_run(from: &mut Unpacker) -> Option<u32> {
    from.take::<bool>().then(|| from.count())
}

fn unpack_ended(from: &mut Unpacker) -> Terminated {
    Terminated {
        reason: from.take(),
        code: from.take(),
        times: from.take::<bool>().then(|| Times {
            started: from.some_time(),
            finished: from.time(),
        }),
    }
}

fn unpack_kubelet(api: &PodStatus, runtime: &RuntimeStatus, from: &mut Unpacker) -> Kubelet {
    Kubelet {
        up: from.take(),
        pod: from.take(),
        startup: from.take(),
        inbox: from.take(),
        pods_synced: from.take(),
        work_due: from.some_time(),
        fresh_from: from.some_time(),
        worker: from.take::<bool>().then(|| unpack_worker(runtime, from)),
        cached: from.take::<bool>().then(|| CachedStatus {
            status: match from.take() {
                true => api.clone(),
                false => unpack_status(from),
            },
            finished: from.take(),
            withheld: from.take(),
        }),
        pulls: from.take(),
    }
}

fn unpack_worker(runtime: &RuntimeStatus, from: &mut Unpacker) -> Worker {
    Worker {
        terminating: from.take(),
        terminated: from.take(),
        finished: from.take(),
        orphan: from.take(),
        deleted: from.take(),
        grace: from.take(),
        pending: from.take(),
        active: from.take(),
        at: match from.bits(2) {
            0 => Activity::Idle,
            1 => Activity::AwaitingRelist(from.take()),
            2 => Activity::Syncing(Box::new(SyncPod {
                view: unpack_view(runtime, from),
                actions: from.take(),
                at: from.take(),
                acted: from.take(),
                failed: from.take(),
                backoff_ends: from.some_time(),
                outcomes: (0..from.number())
                    .map(|_| (from.take(), from.take()))
                    .collect(),
                removed_all: from.take(),
            })),
            _ => Activity::Stopping(Box::new(unpack_view(runtime, from))),
        },
    }
}

fn unpack_view(runtime: &RuntimeStatus, from: &mut Unpacker) -> RuntimeStatus {
    match from.take() {
        true => runtime.clone(),
        false => unpack_runtime(from),
    }
}

fn unpack_slot(from: &mut Unpacker) -> ContainerSlot {
    let runs = from.count();
    let starts = from.count();
    let backoff: Option<Backoff> = from.take();
    ContainerSlot {
        runs,
        starts,
        backoff,
        backoff_image: backoff.and_then(|_| from.take()),
        reason: from.take(),
        kill: from.take(),
        stopping: from.take::<bool>().then(|| Stopping {
            run: from.count(),
            kill_at: from.time(),
        }),
        pre_stop: from.take(),
        probes: [(); 3].map(|()| from.take::<bool>().then(|| unpack_probe_worker(from))),
        results: [(); 3].map(|()| from.take::<bool>().then(|| (from.count(), from.take()))),
    }
}

fn unpack_probe_worker(from: &mut Unpacker) -> ProbeWorker {
    ProbeWorker {
        ticker: from.time(),
        run: unpack_some_run(from),
        last: from.take(),
        row: from.take(),
        on_hold: from.take(),
        missed: from.take(),
        triggered: from.take(),
        stopping: from.take(),
        born_deleted: from.take(),
        probing: from.take(),
    }
}
