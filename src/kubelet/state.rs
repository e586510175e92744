//! State of the pod machine: data only, small, and equal where the future is equal.

use super::api_status::{ForeignConditions, PodPhase, PodStatus, StartError};
use super::backoff::Backoff;
use super::crashes::Counts;
use super::kill::Kill;
use super::prober::ProbeWorker;
use super::ready::Ready;
use super::runtime_status::{Exit, RunId, RuntimeStatus};
use super::sync_loop::Notice;
use super::timers::Timer;
use super::worker::Worker;
use super::{Pod, Text};
use crate::spec::{ImageId, PodSpec};
use crate::time::Time;
use smallvec::SmallVec;

/// The four layers of SIM-1 in one value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodState {
    /// The object at the API server.
    pub object: Object,
    /// The truth at the runtime.
    pub runtime: RuntimeStatus,
    /// Images on the node, by index into the pod's table.
    pub images: u64,
    /// What the last relist saw, where that is not the truth any more.
    pub seen: Option<RuntimeStatus>,
    /// How many sandboxes were asked for.
    pub sandbox_calls: u32,
    /// First ticks of the kubelet's loops.
    pub loops: Loops,
    /// The instant of the last step.
    pub now: Time,
    /// Which goroutines are ready at this instant.
    pub ready: Ready,
    /// Which timers have fired at the moment from which ticks are counted.
    pub fired: SmallVec<[Timer; 4]>,
    /// Ticks before this moment have been, whether or not they had anything to do.
    pub ticks_from: Time,
    /// What the kubelet's process remembers of the pod.
    pub kubelet: Kubelet,
    /// What is remembered of each container, init containers first.
    pub slots: Vec<ContainerSlot>,
}

/// The pod object at the API server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// Whether it is there.
    pub exists: bool,
    /// Index of its specification's revision.
    pub revision: u8,
    /// Set once somebody has deleted it.
    pub deletion: Option<Deletion>,
    /// Its status.
    pub status: PodStatus,
}

/// `deletionTimestamp` and `deletionGracePeriodSeconds` (DEL-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deletion {
    /// The deadline: request time plus grace, cut to the second.
    pub at: Time,
    /// Seconds.
    pub grace: i64,
}

/// A moment at which each of the kubelet's loops ticks; the others follow a period apart
/// (TIME-1, TIME-3, TIME-8, TIME-11, TIME-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Loops {
    /// PLEG's relist, each second.
    pub relist: Time,
    /// The sync tick, each second, and housekeeping, each two.
    pub sync: Time,
    /// The status manager's full pass, each ten.
    pub status: Time,
    /// Container garbage collection, each minute.
    pub gc: Time,
    /// When the kubelet's process started; `None`: long before the pod.
    pub kubelet_started: Option<Time>,
    /// How long after the process' start each loop has its first turn.
    pub phases: Phases,
}

/// How long after the start of the kubelet's process each of its loops has its first turn, in
/// milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phases {
    /// PLEG.
    pub relist: u64,
    /// The sync loop, with its tick and housekeeping.
    pub sync: u64,
    /// The status manager.
    pub status: u64,
    /// Container garbage collection.
    pub gc: u64,
}

impl Default for Phases {
    /// The phases that the recordings use where they say nothing else.
    fn default() -> Self {
        Self {
            relist: 313,
            sync: 617,
            status: 911,
            gc: 953,
        }
    }
}

impl Loops {
    /// Loops whose first ticks after the pod's creation come at these phases.
    #[must_use]
    pub const fn new(phases: Phases) -> Self {
        Self {
            relist: Time::from_millis(phases.relist),
            sync: Time::from_millis(phases.sync),
            status: Time::from_millis(phases.status),
            gc: Time::from_millis(phases.gc),
            kubelet_started: None,
            phases,
        }
    }
}

/// First turns of the loops of a process that has just started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Startup {
    /// When the sync loop has its first; `None`: it has had it.
    pub sync_loop: Option<Time>,
    /// When the status manager has its first.
    pub writer: Option<Time>,
}

impl Default for Loops {
    fn default() -> Self {
        Self::new(Phases::default())
    }
}

pub(super) const RELIST_PERIOD: u64 = 1000;
pub(super) const SYNC_PERIOD: u64 = 1000;
pub(super) const HOUSEKEEPING_PERIOD: u64 = 2000;
pub(super) const STATUS_PERIOD: u64 = 10_000;
pub(super) const GC_PERIOD: u64 = 60_000;

/// The first tick of a loop at or after a moment.
#[inline(always)]
pub(super) const fn tick_from(anchor: Time, period: u64, from: Time) -> Time {
    let since = from.millis_since(anchor);
    match since {
        0 => anchor,
        // The usual case, without a division.
        since if since <= period => anchor.plus_millis(period),
        since => anchor.plus_millis(since.div_ceil(period) * period),
    }
}

/// Whether a loop ticks at a moment.
#[inline]
pub(super) const fn ticks_at(anchor: Time, period: u64, now: Time) -> bool {
    anchor.as_millis() <= now.as_millis() && now.millis_since(anchor).is_multiple_of(period)
}

/// The first tick of a loop strictly after a moment.
#[inline]
pub(super) const fn tick_after(anchor: Time, period: u64, after: Time) -> Time {
    tick_from(anchor, period, after.plus_millis(1))
}

/// What the kubelet's process remembers of the pod. All of it is lost when the process ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kubelet {
    /// Whether the process runs.
    pub up: bool,
    /// The pod manager's copy of the object; `None` once it is removed.
    pub pod: Option<PodView>,
    /// Set until every loop of the process has had its first turn.
    pub startup: Option<Startup>,
    /// What waits in the sync loop's channels.
    pub inbox: SmallVec<[Notice; 2]>,
    /// Whether housekeeping has run since the process started.
    pub pods_synced: bool,
    /// The pod's worker; `None` before the first update and after housekeeping forgot it.
    pub worker: Option<Worker>,
    /// When the work queue has the pod due (WORK-24).
    pub work_due: Option<Time>,
    /// The relist that a worker has to wait for before it may sync again (PLEG-5).
    pub fresh_from: Option<Time>,
    /// The status manager's cache.
    pub cached: Option<CachedStatus>,
    /// Image pull back-off, by image, with the message of the last failure.
    pub pulls: SmallVec<[Option<PullBackoff>; 2]>,
}

/// Image pull back-off of one image (IMG-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PullBackoff {
    /// Delay and last failure.
    pub backoff: Backoff,
    /// Message of the last failure.
    pub error: Text,
}

/// The object as one delivery of the pod configuration shows it to the kubelet. A worker goes on
/// with the one that its update came with, however the object changes meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodView {
    /// Index of the specification's revision.
    pub revision: u8,
    /// `deletionGracePeriodSeconds`; set if and only if the pod is being deleted.
    pub deletion_grace: Option<i64>,
    /// The status' phase.
    pub phase: PodPhase,
    /// Whether its Ready condition is true.
    pub ready: bool,
    /// Whether its status counts as initialized at the pod's end (TERM-34).
    pub initialized: bool,
    /// Whether readiness gates ask for a sync (COND-10).
    pub reconcile_readiness: bool,
    /// Conditions that others set.
    pub foreign: ForeignConditions,
}

impl PodView {
    /// Whether the pod is being deleted.
    #[must_use]
    pub const fn deleted(&self) -> bool {
        self.deletion_grace.is_some()
    }
}

/// The status manager's entry for the pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CachedStatus {
    /// The status.
    pub status: PodStatus,
    /// Whether the pod's worker has finished (TERM-40).
    pub finished: bool,
    /// Whether the API holds something else, although it has been written (SM-12).
    pub withheld: bool,
}

/// What is remembered of one container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContainerSlot {
    /// How many runs the runtime has made of it.
    pub runs: u32,
    /// How many attempts to start it were made: a failed pull, a failed create and a start.
    pub starts: u32,
    /// Crash back-off (BACK-1).
    pub backoff: Option<Backoff>,
    /// The image that the crash back-off is about: another one starts afresh.
    pub backoff_image: Option<ImageId>,
    /// Why the last attempt to start it failed: the reason cache (CSTAT-7).
    pub reason: Option<StartError>,
    /// The kill under way.
    pub kill: Option<Kill>,
    /// The run that the runtime is stopping, and when it sends KILL.
    pub stopping: Option<Stopping>,
    /// The run whose preStop hook is under way; it may outlive the kill's patience (HOOK-23).
    pub pre_stop: Option<RunId>,
    /// Probe workers: startup, readiness, liveness.
    pub probes: [Option<ProbeWorker>; 3],
    /// The results managers' entries: run and result.
    pub results: [Option<(u32, ProbeResult)>; 3],
}

/// A stop that the runtime has under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stopping {
    /// Which run.
    pub run: u32,
    /// When KILL follows.
    pub kill_at: Time,
}

/// A probe's result as the results manager keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeResult {
    /// Passed. The zero value upstream, and so the first "last result" of a worker (PROBE-50).
    #[default]
    Success,
    /// Failed.
    Failure,
    /// Not known yet: the first result of a startup probe (PROBE-21).
    Unknown,
}

impl PodState {
    pub(super) fn new(machine: &Pod<'_>, loops: Loops, images: u64) -> Self {
        let spec = machine.spec(0);
        Self {
            object: Object {
                exists: false,
                revision: 0,
                deletion: None,
                status: PodStatus::initial(),
            },
            runtime: RuntimeStatus::default(),
            images,
            seen: None,
            sandbox_calls: 0,
            loops,
            now: Time::START,
            ready: Ready::default(),
            fired: SmallVec::new(),
            ticks_from: Time::START,
            kubelet: Kubelet::new(spec),
            slots: (0..spec.containers.len())
                .map(|_| ContainerSlot::default())
                .collect(),
        }
    }

    /// The pod's status as the kubelet knows it: its own, or the API's before it has one.
    #[must_use]
    pub fn known_status(&self) -> &PodStatus {
        let cached = self.kubelet.cached.as_ref();
        cached.map_or(&self.object.status, |cached| &cached.status)
    }

    /// All that anybody knows of the runtime: the truth, what the last relist saw where that is
    /// something else, and what a sync under way believes.
    pub(super) fn known(&self) -> impl Iterator<Item = &RuntimeStatus> {
        let worker = self.kubelet.worker.as_ref();
        let view = worker.and_then(|worker| worker.at.view());
        [&self.runtime].into_iter().chain(&self.seen).chain(view)
    }

    /// The same, to be changed.
    pub(super) fn known_mut(&mut self) -> impl Iterator<Item = &mut RuntimeStatus> {
        let worker = self.kubelet.worker.as_mut();
        let view = worker.and_then(|worker| worker.at.view_mut());
        let truth = [&mut self.runtime].into_iter();
        truth.chain(&mut self.seen).chain(view)
    }

    /// Whether no container will be started any more for which a back-off would be asked: the object is
    /// gone or deleted, and the worker knows. A new process of the kubelet, which has none yet, has
    /// forgotten all back-offs.
    pub(super) fn starts_no_more(&self) -> bool {
        let is_gone = self.object.deletion.is_some() || !self.object.exists;
        let worker = self.kubelet.worker.as_ref();
        is_gone && worker.is_none_or(Worker::starts_no_more)
    }

    /// The newest exits that somebody knows of, and for how long a start may yet be judged by each.
    pub(super) fn newest_exits(&self) -> impl Iterator<Item = (RunId, &Exit, Counts)> {
        let over = self.starts_no_more();
        let Kubelet {
            worker, fresh_from, ..
        } = &self.kubelet;
        let syncs = worker.as_ref().is_some_and(|worker| worker.at.is_sync());
        let truth = self.runtime.newest_exits().map(move |exit| (exit, !over));
        // The next sync that waits for a relist does not begin with what the last one saw.
        let outdated = over || syncs || fresh_from.is_some();
        let seen = self.seen.iter().flat_map(RuntimeStatus::newest_exits);
        let seen = seen.map(move |exit| (exit, !outdated));
        let view = worker.iter().flat_map(|worker| {
            let exits = worker.at.view().into_iter();
            let exits = exits.flat_map(RuntimeStatus::newest_exits);
            exits.map(|exit| (exit, worker.at.is_to_start(exit.0.container)))
        });
        let counts = |((run, exit, started), counts): ((RunId, _, _), _)| match (counts, started) {
            (false, _) => (run, exit, Counts::Never),
            (true, true) => (run, exit, Counts::Delayed(run.container)),
            (true, false) => (run, exit, Counts::Always),
        };
        truth.chain(seen).chain(view).map(counts)
    }

    /// What the last relist saw.
    #[must_use]
    pub fn seen(&self) -> &RuntimeStatus {
        self.seen.as_ref().unwrap_or(&self.runtime)
    }
}

impl Kubelet {
    pub(super) fn new(spec: &PodSpec) -> Self {
        Self {
            up: true,
            startup: None,
            inbox: SmallVec::new(),
            pods_synced: true,
            pod: None,
            worker: None,
            work_due: None,
            fresh_from: None,
            cached: None,
            pulls: SmallVec::from_elem(None, spec.images.len()),
        }
    }
}
