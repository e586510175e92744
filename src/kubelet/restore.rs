//! States put together again from what `canonical.rs` has made of them, part by part in its order. What
//! is kept in `crashes.rs` is put in by that.

use super::api_status::{
    ContainerState, ContainerStatus, ForeignConditions, PodPhase, PodStatus, Terminated, Times,
};
use super::canonical::Horizons;
use super::pack::Unpacker;
use super::prober::ProbeWorker;
use super::runtime_status::{Exit, Run, RunState, RuntimeStatus, Sandbox};
use super::state::{
    CachedStatus, ContainerSlot, Deletion, Loops, PodState, PodView, ProbeResult, Stopping,
};
use super::sync_pod::SyncPod;
use super::worker::{Activity, Update, UpdateKind, Worker};
use crate::time::Time;

impl Horizons<'_> {
    /// Puts a state together again, in the place of another.
    pub fn unpack(&self, state: &mut PodState, from: &mut Unpacker<'_>) {
        state.now = from.time();
        state.ticks_from = from.time();
        state.loops = self.unpack_loops(state.now, from);
        state.sandbox_calls = from.count();
        state.images = from.take();
        let (rest, seen) = from.fixed();
        if rest {
            state.ready.clear();
            state.fired.clear();
        } else {
            state.ready = from.take();
            state.fired = from.take();
        }
        let (exists, deletion) = from.fixed();
        state.object.exists = exists;
        state.object.revision = from.take();
        state.object.deletion = present(deletion, || Deletion {
            at: from.time(),
            grace: from.take(),
        });
        unpack_status(&mut state.object.status, from);
        unpack_runtime(&mut state.runtime, from);
        unpack_some(&mut state.seen, seen, from, unpack_runtime);
        unpack_kubelet(state, from);
        let many = from.length();
        if state.slots.len() != many {
            state.slots.resize_with(many, ContainerSlot::default);
        }
        for slot in &mut state.slots {
            unpack_slot(slot, from);
        }
    }

    fn unpack_loops(&self, now: Time, from: &mut Unpacker<'_>) -> Loops {
        let (ticking, own, started, collects) = from.fixed();
        let [relist, sync, status] = [(); 3].map(|()| match ticking {
            true => from.time(),
            false => now,
        });
        let gc = match collects {
            true => from.time(),
            false => now,
        };
        Loops {
            relist,
            sync,
            status,
            gc,
            phases: match own {
                true => from.take(),
                false => self.phases,
            },
            kubelet_started: present(started, || from.time()),
        }
    }
}

fn present<T>(is: bool, value: impl FnOnce() -> T) -> Option<T> {
    is.then(value)
}

/// In place, where there has been one.
fn unpack_some<T: Default>(
    place: &mut Option<T>,
    is: bool,
    from: &mut Unpacker<'_>,
    unpack: impl FnOnce(&mut T, &mut Unpacker<'_>),
) {
    match is {
        true => unpack(place.get_or_insert_default(), from),
        false => *place = None,
    }
}

fn unpack_runtime(status: &mut RuntimeStatus, from: &mut Unpacker<'_>) {
    let RuntimeStatus { sandboxes, runs } = status;
    sandboxes.clear();
    for _ in 0..from.length() {
        sandboxes.push(Sandbox {
            attempt: from.count(),
            ready: from.take(),
        });
    }
    runs.clear();
    for _ in 0..from.length() {
        runs.push(unpack_run(from));
    }
    runs.reverse();
}

fn unpack_run(from: &mut Unpacker<'_>) -> Run {
    let id = from.take();
    let attempt = from.count();
    let image = from.take();
    let sandbox = from.count();
    let state = from.bits(2);
    let (nth, created) = match state {
        2 => (0, Time::START),
        _ => (from.count(), from.time()),
    };
    let state = match state {
        0 => RunState::Created,
        1 => RunState::Running {
            started: from.time(),
        },
        2 => {
            let (started, finished) = (from.some_time(), from.time());
            let exit = Exit {
                started,
                finished,
                ended: finished,
                code: from.take(),
                reason: from.take(),
            };
            RunState::Exited(exit)
        }
        _ => RunState::Unknown,
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

fn unpack_status(status: &mut PodStatus, from: &mut Unpacker<'_>) {
    let (phase, reason, start_time, conditions, usual): (_, _, bool, bool, bool) = from.fixed();
    status.phase = phase;
    status.reason = reason;
    status.start_time = present(start_time, || from.time());
    status.conditions = present(conditions, || from.take());
    status.foreign.clear();
    if !usual {
        status.foreign = from.take();
    }
    status.containers.clear();
    for _ in 0..from.length() {
        status.containers.push(unpack_container(from));
    }
}

fn unpack_container(from: &mut Unpacker<'_>) -> ContainerStatus {
    let (waits, runs, run, last, ready, started) = from.fixed();
    let run = present(run, || from.count());
    let restart_count = from.count();
    let state = match (waits, runs) {
        (true, _) => ContainerState::Waiting(from.take()),
        (_, true) => ContainerState::Running {
            started: from.time(),
        },
        (false, false) => ContainerState::Terminated(unpack_ended(from)),
    };
    ContainerStatus {
        run,
        state,
        last: present(last, || unpack_ended(from)),
        ready,
        started,
        restart_count,
    }
}

fn unpack_ended(from: &mut Unpacker<'_>) -> Terminated {
    Terminated {
        reason: from.take(),
        code: from.take(),
        times: from.take::<bool>().then(|| Times {
            started: from.some_time(),
            finished: from.time(),
        }),
    }
}

fn unpack_kubelet(state: &mut PodState, from: &mut Unpacker<'_>) {
    let kubelet = &mut state.kubelet;
    let (usual, pod, work_due, fresh_from, worker, cached) = from.fixed();
    kubelet.inbox.clear();
    if usual {
        (kubelet.up, kubelet.pods_synced, kubelet.startup) = (true, true, None);
    } else {
        (kubelet.up, kubelet.pods_synced) = from.fixed();
        kubelet.startup = from.take();
        kubelet.inbox = from.take();
    }
    kubelet.pod = present(pod, || from.take());
    kubelet.work_due = present(work_due, || from.time());
    kubelet.fresh_from = present(fresh_from, || from.time());
    unpack_some(&mut kubelet.worker, worker, from, |worker, from| {
        unpack_worker(worker, state.object.revision, &state.runtime, from);
    });
    if cached {
        let (same, finished, withheld) = from.fixed();
        let known = kubelet.cached.get_or_insert_with(|| CachedStatus {
            status: PodStatus::initial(),
            finished,
            withheld,
        });
        (known.finished, known.withheld) = (finished, withheld);
        match same {
            true => known.status.clone_from(&state.object.status),
            false => unpack_status(&mut known.status, from),
        }
    } else {
        kubelet.cached = None;
    }
    kubelet.pulls.clear();
    for _ in 0..from.length() {
        kubelet.pulls.push(from.take());
    }
}

fn unpack_worker(
    worker: &mut Worker,
    revision: u8,
    runtime: &RuntimeStatus,
    from: &mut Unpacker<'_>,
) {
    let (terminating, terminated, finished, orphan, deleted) = from.fixed();
    let (pending, active, syncs, waits): (_, _, bool, bool) = from.fixed();
    // What an idle worker took up last says nothing but that it did.
    let taken = |from: &mut Unpacker<'_>| match syncs || waits {
        true => from.take(),
        false => Update {
            kind: UpdateKind::Sync,
            pod: PodView {
                revision,
                deletion_grace: None,
                phase: PodPhase::Pending,
                ready: false,
                initialized: false,
                reconcile_readiness: false,
                foreign: ForeignConditions::new(),
            },
            grace: None,
        },
    };
    *worker = Worker {
        terminating,
        terminated,
        finished,
        orphan,
        deleted,
        grace: from.take(),
        pending: present(pending, || from.take()),
        active: present(active, || taken(from)),
        at: match (syncs, waits) {
            (false, false) => Activity::Idle,
            (false, true) => Activity::AwaitingRelist(from.take()),
            (true, false) => Activity::Syncing(Box::new(SyncPod {
                view: unpack_view(runtime, from),
                actions: from.take(),
                at: from.take(),
                acted: from.take(),
                failed: from.take(),
                backoff_ends: from.some_time(),
                outcomes: (0..from.length())
                    .map(|_| (from.take(), from.take()))
                    .collect(),
                removed_all: from.take(),
            })),
            (true, true) => Activity::Stopping(Box::new(unpack_view(runtime, from))),
        },
    };
}

fn unpack_view(runtime: &RuntimeStatus, from: &mut Unpacker<'_>) -> RuntimeStatus {
    if from.take() {
        return runtime.clone();
    }
    let mut view = RuntimeStatus::default();
    unpack_runtime(&mut view, from);
    view
}

fn unpack_slot(slot: &mut ContainerSlot, from: &mut Unpacker<'_>) {
    slot.runs = from.count();
    slot.starts = from.count();
    let (reason, idle): (bool, bool) = from.fixed();
    slot.reason = present(reason, || from.take());
    (slot.kill, slot.stopping, slot.pre_stop) = (None, None, None);
    if !idle {
        slot.kill = from.take();
        slot.stopping = from.take::<bool>().then(|| Stopping {
            run: from.count(),
            kill_at: from.time(),
        });
        slot.pre_stop = from.take();
    }
    type Results = [Option<ProbeResult>; 3];
    let (startup, readiness, liveness, one, two, three) = from.fixed();
    let results: Results = [one, two, three];
    let workers = [startup, readiness, liveness];
    for (worker, is) in slot.probes.iter_mut().zip(workers) {
        *worker = present(is, || unpack_probe_worker(from));
    }
    slot.results = results.map(|result| result.map(|result| (from.count(), result)));
}

fn unpack_probe_worker(from: &mut Unpacker<'_>) -> ProbeWorker {
    let ticker = from.time();
    let (last, run, probing, flags) = from.fixed();
    let (on_hold, missed, triggered, stopping, born_deleted) = flags;
    let row = from.take();
    ProbeWorker {
        ticker,
        run: present(run, || from.count()),
        last,
        row,
        on_hold,
        missed,
        triggered,
        stopping,
        born_deleted,
        probing: present(probing, || from.take()),
    }
}
