//! When the machine does something by itself, and why.

use super::Pace;
use super::look::Look;
use super::prober::ProbeWorker;
use super::start::StartStage;
use super::state::{HOUSEKEEPING_PERIOD, Loops, RELIST_PERIOD, SYNC_PERIOD, ticks_at};
use super::sync_pod::SyncStage;
use super::worker::{Activity, Worker};
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// Why a deadline is armed. Timers due at one instant fire in this order, but for the probes of one
/// container: readiness, startup, liveness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// Somebody is ready to run at this instant.
    Ready,
    /// A preStop hook's budget or a sidecar's wait ends, or a sleep hook does.
    Grace(ContainerId),
    /// A sleeping postStart hook ends.
    PostStart,
    /// A probe times out, or a probe worker ticks.
    Probe(ContainerId, ProbeKind),
    /// PLEG's relist.
    Relist,
    /// The runtime sends KILL to a container that it was told to stop.
    Kill(ContainerId),
    /// The sync loop's first turn in a process that has just started.
    SyncLoop,
    /// The status manager's first turn.
    Writer,
    /// The sync tick: the work queue has the pod due, or its active deadline has passed.
    Sync,
    /// Housekeeping.
    Housekeeping,
    /// The status manager's full pass.
    Status,
    /// Container garbage collection.
    Collection,
}

/// The probes of one container in the order of their timers' turns.
const PROBES_BY_TURN: [ProbeKind; 3] = [
    ProbeKind::Readiness,
    ProbeKind::Startup,
    ProbeKind::Liveness,
];

impl Timer {
    /// Its turn among those due at one instant. Nothing promises an order (ND-4). Recordings show
    /// probes before the relist more often than not, and the relist before a KILL; the rest is a
    /// choice (`docs/order-of-one-instant.md`).
    #[inline]
    pub(super) const fn turn(self) -> u32 {
        let (of, id, then) = match self {
            Self::Ready => (0, ContainerId(0), 0),
            Self::Grace(id) => (1, id, 0),
            Self::PostStart => (2, ContainerId(0), 0),
            Self::Probe(id, ProbeKind::Readiness) => (3, id, 0),
            Self::Probe(id, ProbeKind::Startup) => (3, id, 1),
            Self::Probe(id, ProbeKind::Liveness) => (3, id, 2),
            Self::Relist => (4, ContainerId(0), 0),
            Self::Kill(id) => (5, id, 0),
            Self::SyncLoop => (6, ContainerId(0), 0),
            Self::Writer => (7, ContainerId(0), 0),
            Self::Sync => (8, ContainerId(0), 0),
            Self::Housekeeping => (9, ContainerId(0), 0),
            Self::Status => (10, ContainerId(0), 0),
            Self::Collection => (11, ContainerId(0), 0),
        };
        of << 16 | (id.0 as u32) << 8 | then
    }
}

impl Ord for Timer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.turn().cmp(&other.turn())
    }
}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The earliest of the deadlines that it was offered.
struct Earliest(Option<(Time, Timer)>);

impl Earliest {
    fn offer(&mut self, at: Time, timer: Timer) {
        if self.0.is_none_or(|known| (at, timer) < known) {
            self.0 = Some((at, timer));
        }
    }
}

impl Look<'_, '_> {
    /// The earliest armed deadline. Ticks that would change nothing are not armed.
    pub(super) fn next_timer(self) -> Option<(Time, Timer)> {
        let mut next = Earliest(self.next_other());
        self.each_probe(|at, timer| next.offer(at, timer));
        if let Some(now) = self.ready_since() {
            next.offer(now, Timer::Ready);
        }
        next.0
    }

    /// Now, where somebody is ready to run.
    #[inline]
    pub(super) fn ready_since(self) -> Option<Time> {
        (!self.state.ready.is_empty()).then_some(self.state.now)
    }

    /// The earliest that is not a probe's, nor that somebody is ready.
    pub(super) fn next_other(self) -> Option<(Time, Timer)> {
        let mut next = Earliest(None);
        self.each_other(|at, timer| next.offer(at, timer));
        next.0
    }

    /// Every armed deadline.
    pub(super) fn each_timer(self, mut found: impl FnMut(Time, Timer)) {
        if let Some(now) = self.ready_since() {
            found(now, Timer::Ready);
        }
        self.each_probe(&mut found);
        self.each_other(&mut found);
    }

    /// Every armed deadline of a probe.
    pub(super) fn each_probe(self, mut found: impl FnMut(Time, Timer)) {
        self.each_worker(|id, kind, worker| {
            if let Some(at) = self.worker_deadline(id, kind, worker) {
                found(at, Timer::Probe(id, kind));
            }
        });
    }

    /// Every probe worker, in the order of their timers' turns.
    #[inline]
    pub(super) fn each_worker(self, mut found: impl FnMut(ContainerId, ProbeKind, &ProbeWorker)) {
        for (index, slot) in self.state.slots.iter().enumerate() {
            let id = ContainerId(index as u8);
            for &kind in &PROBES_BY_TURN {
                if let Some(worker) = &slot.probes[kind as usize] {
                    found(id, kind, worker);
                }
            }
        }
    }

    fn each_other(self, mut found: impl FnMut(Time, Timer)) {
        let mut arm = |at: Option<Time>, timer: Timer| {
            if let Some(at) = at {
                found(at, timer);
            }
        };
        for (index, slot) in self.state.slots.iter().enumerate() {
            let id = ContainerId(index as u8);
            let kill_at = slot.stopping.map(|stopping| stopping.kill_at);
            arm(kill_at, Timer::Kill(id));
            arm(self.kill_deadline(id), Timer::Grace(id));
        }
        arm(self.post_start_deadline(), Timer::PostStart);
        arm(self.relist_deadline(), Timer::Relist);
        arm(self.sync_loop_start(), Timer::SyncLoop);
        arm(self.writer_start(), Timer::Writer);
        arm(self.sync_deadline(), Timer::Sync);
        arm(self.housekeeping_deadline(), Timer::Housekeeping);
        arm(self.status_deadline(), Timer::Status);
        arm(self.gc_deadline(), Timer::Collection);
    }

    /// Which timers go off at this instant behind that one, in order; also ticks that find nothing to
    /// do as yet.
    pub(super) fn going_off(self, behind: Timer) -> SmallVec<[Timer; 4]> {
        let mut found: SmallVec<[Timer; 4]> = SmallVec::new();
        let mut offer = |timer: Timer| {
            let wanted = timer > behind && self.is_still_due(timer);
            if wanted && self.ticks_from(timer) <= self.state.now {
                found.push(timer);
            }
        };
        let ids = (0..).map(ContainerId);
        let slots = ids.zip(&self.state.slots);
        // Whose turn comes before a relist's is not behind one.
        if behind < Timer::Relist {
            slots.clone().for_each(|(id, _)| offer(Timer::Grace(id)));
            self.each_worker(|id, kind, _| offer(Timer::Probe(id, kind)));
            offer(Timer::PostStart);
            offer(Timer::Relist);
        }
        for (id, _) in slots.filter(|(_, slot)| slot.stopping.is_some()) {
            offer(Timer::Kill(id));
        }
        offer(Timer::Sync);
        found.sort_unstable();
        found
    }

    /// Whether that timer goes off at this instant, and has not been overtaken by what came before it.
    pub(super) fn is_still_due(self, timer: Timer) -> bool {
        let now = self.state.now;
        match timer {
            Timer::Kill(id) => {
                let stopping = self.state.slots[id.index()].stopping;
                stopping.is_some_and(|stopping| stopping.kill_at <= now)
            }
            Timer::Grace(id) => self.kill_deadline(id).is_some_and(|at| at <= now),
            Timer::PostStart => self.post_start_deadline().is_some_and(|at| at <= now),
            Timer::Probe(id, kind) => self.probe_ticks(id, kind),
            Timer::Relist => self.relist_ticks(),
            Timer::Sync => self.sync_ticks(),
            _ => false,
        }
    }

    /// Whether PLEG's ticker ticks at this instant.
    #[inline]
    pub(super) fn relist_ticks(self) -> bool {
        let Loops { relist, .. } = self.state.loops;
        self.state.kubelet.up && ticks_at(relist, RELIST_PERIOD, self.state.now)
    }

    /// Whether the sync tick comes at this instant, and finds the pod due.
    #[inline]
    pub(super) fn sync_ticks(self) -> bool {
        let (now, kubelet) = (self.state.now, &self.state.kubelet);
        let due = || kubelet.work_due.is_some_and(|due| due < now);
        let deadline = |revision| self.active_deadline(revision).is_some_and(|at| at <= now);
        let pod = kubelet.pod.as_ref();
        ticks_at(self.state.loops.sync, SYNC_PERIOD, now)
            && pod.is_some_and(|pod| due() || deadline(pod.revision))
    }

    /// The first sync tick that finds the pod due (WORK-24) or past its active deadline (DLN-2).
    fn sync_deadline(self) -> Option<Time> {
        let kubelet = &self.state.kubelet;
        let pod = kubelet.pod.as_ref()?;
        if kubelet
            .worker
            .as_ref()
            .is_some_and(|worker| worker.finished)
        {
            return None;
        }
        let ticks = self.state.loops.sync;
        let tick = |moment: Time| self.loop_tick(ticks, SYNC_PERIOD, moment, Timer::Sync);
        // A due entry is found by the first tick that comes strictly after it.
        let after = match self.machine.pace {
            Pace::Ticking => 1,
            Pace::AtOnce => 0,
        };
        let by_queue = kubelet.work_due.map(|due| tick(due.plus_millis(after)));
        let deadline = self.active_deadline(pod.revision);
        let by_deadline = deadline.filter(|_| !self.is_told()).map(tick);
        match (by_queue, by_deadline) {
            (Some(queue), Some(deadline)) => Some(queue.min(deadline)),
            (queue, deadline) => queue.or(deadline),
        }
    }

    /// Whether a sync that is due would tell the pod's worker nothing new. A ticker finds it due all
    /// the same.
    fn is_told(self) -> bool {
        let worker = self.state.kubelet.worker.as_ref();
        let told = |worker: &Worker| worker.terminating || worker.pending.is_some();
        self.machine.pace == Pace::AtOnce && worker.is_some_and(told)
    }

    /// Housekeeping matters to pods that are gone (WORK-4), and to a kubelet that has just started.
    fn housekeeping_deadline(self) -> Option<Time> {
        let kubelet = &self.state.kubelet;
        let finished = kubelet
            .worker
            .as_ref()
            .is_some_and(|worker| worker.finished);
        let leftovers = kubelet.pod.is_none() && (finished || kubelet.cached.is_some());
        let wanted = leftovers || !kubelet.pods_synced || self.has_orphans();
        let started = kubelet.up && self.sync_loop_start().is_none();
        let wanted = started && wanted;
        wanted.then(|| {
            let (ticks, now) = (self.state.loops.sync, self.state.now);
            self.loop_tick(ticks, HOUSEKEEPING_PERIOD, now, Timer::Housekeeping)
        })
    }

    /// When a sleeping postStart hook ends.
    fn post_start_deadline(self) -> Option<Time> {
        let worker = self.state.kubelet.worker.as_ref()?;
        match &worker.at {
            Activity::Syncing(sync) => match sync.at {
                SyncStage::Starting(Some(starting)) => match starting.stage {
                    StartStage::PostStart(_, until) => until,
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}
