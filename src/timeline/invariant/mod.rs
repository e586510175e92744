//! What holds in every run: invariants over entries.
//!
//! Each is stated so that the recordings of the real kubelet satisfy it; where the kubelet has an
//! exception, the statement names it. Several are those that Kubernetes' own end-to-end tests hold
//! over every status that they watch (`test/e2e/node/pods.go`,
//! `test/e2e/common/node/init_container.go`).
//!
//! ```
//! use podclock::runtime::{Nominal, Script};
//! use podclock::sim::Model;
//! use podclock::{Profile, manifest};
//! use std::time::Duration;
//!
//! let text = include_str!("../../../fixtures/manifests/pod-minimal.yaml");
//! let profile = Profile::default();
//! let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
//! let run = Model::new(pod, profile.rules(), Script::new())
//!     .run(&mut Nominal, Duration::from_secs(60));
//! assert_eq!(run.timeline.violations(), []);
//! # Ok::<(), manifest::ManifestError>(())
//! ```

mod event;
mod facts;
mod phase;
mod probe;
mod runtime;
mod status;

use super::{Entry, Names, Timeline};
use crate::time::Time;
use facts::Facts;
use std::fmt;

/// Something that holds in every run.
#[derive(Clone, Copy)]
pub struct Invariant {
    /// Its name, such as `one-run-at-a-time`.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    check: Check,
}

/// What is wrong with an entry, after what came before it.
type Check = fn(&Facts, &Entry, &Names<'_>) -> Option<String>;

impl fmt::Debug for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.says)
    }
}

impl PartialEq for Invariant {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Invariant {}

/// A run that an invariant does not hold in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The invariant.
    pub invariant: Invariant,
    /// When it breaks.
    pub at: Time,
    /// The entry that breaks it.
    pub seq: u32,
    /// How.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            invariant,
            at,
            seq,
            detail,
        } = self;
        write!(f, "{at} (entry {seq}): {}: {detail}", invariant.name)
    }
}

/// Holds all invariants over entries as they come: for those who drive a model by themselves.
///
/// A watch is a value: a search can keep one beside each world, and go on from it twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Watch(Facts);

impl Watch {
    /// Before the first entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sees the next entry, and gives what it breaks.
    pub fn see(&mut self, entry: &Entry, names: &Names<'_>) -> Vec<Violation> {
        let broken = ALL.iter().filter_map(|&invariant| {
            Some(Violation {
                detail: (invariant.check)(&self.0, entry, names)?,
                at: entry.at,
                seq: entry.seq,
                invariant,
            })
        });
        let broken = broken.collect();
        self.0.add(entry, names);
        broken
    }
}

impl Timeline {
    /// Every entry that breaks an invariant. Empty for a timeline that no model has written.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let Some(names) = self.names() else {
            return Vec::new();
        };
        let mut watch = Watch::new();
        let entries = self.entries().iter();
        entries.flat_map(|entry| watch.see(entry, &names)).collect()
    }
}

macro_rules! invariants {
    ($($name:literal $check:path: $says:literal;)+) => {
        /// Every invariant.
        pub const ALL: &[Invariant] = &[$(Invariant { name: $name, says: $says, check: $check },)+];
    };
}

invariants! {
    // The runtime.
    "one-run-at-a-time" runtime::one_at_a_time:
        "a container's process starts only when no other of the same container runs; but a start that the kubelet's process did not live to see counts for nothing to the next one";
    "life-of-a-run" runtime::life:
        "a run is created, started, ended and removed, in this order and each once";
    "sandbox-first" runtime::sandbox_first:
        "a container starts only while a sandbox is up; but a start that the kubelet's process did not live to see goes on";
    "kill-keeps-timeout" runtime::kill_keeps_timeout:
        "KILL comes as long after the stop signal as the runtime was told, and not sooner; but what runs in a sandbox that is stopped ends with it";
    "kill-keeps-grace" runtime::kill_keeps_grace:
        "KILL comes no sooner after the start of a kill than the grace period that was promised: that of the deletion, of the failed probe or of the pod, and none where every container restarts; but what runs in a sandbox that is stopped ends with it";
    "stop-at-least-2s" runtime::stop_timeout:
        "the runtime is never told to wait less than 2 s";
    "stop-is-told" runtime::stop_is_told:
        "a container is stopped only after a Killing event that is about it";
    "init-first" runtime::init_first:
        "a container starts only when every init container before it has ended with 0 once, or is a sidecar that has started once";
    "nothing-after-the-end" runtime::nothing_after_the_end:
        "once the API shows a terminal phase, nothing runs and nothing starts; but a start that the kubelet's process did not live to see counts for nothing to the next one";
    // Probes.
    "probe-needs-start" probe::needs_start:
        "a probe begins only in a run whose process has started";
    "probe-delay" probe::initial_delay:
        "no probe begins before initialDelaySeconds after the start, cut to the second";
    "startup-first" probe::startup_first:
        "no readiness or liveness probe begins before the run's startup probe has succeeded once; but for the same exceptions as to started-by-probe";
    "one-probe-at-a-time" probe::one_at_a_time:
        "of each probe one call is under way at most, and only what has begun ends";
    "probe-timeout" probe::timeout:
        "no call of a probe lasts longer than timeoutSeconds";
    "killed-by-probe" probe::kill_is_earned:
        "a container is killed for a probe only after failureThreshold failures in a row; errors do not count, and a row may have begun in an earlier run; but for a run whose start the kubelet did not live to see";
    "ready-by-probe" probe::ready_is_earned:
        "a container with a readiness probe is ready only after a probe of that run has succeeded; but what has lost its worker counts as ready: a container that still runs when its pod has ended, one that was not to run again, or one that a new process of the kubelet has just found";
    "started-by-probe" probe::started_is_earned:
        "a container with a startup probe is shown started only after a probe of that run has succeeded; but what a new process of the kubelet finds counts as started, what still runs when its pod has ended and one that was not to run again too, and from 1.35 on what an earlier run has left goes on being shown";
    // The status.
    "statuses-stay" status::stay:
        "once the API has container statuses it has exactly one of each container";
    "restart-count" status::restart_count:
        "restartCount never decreases";
    "running-is-true" status::running_is_true:
        "a container that is shown running has a run that started in that second";
    "ended-is-true" status::ended_is_true:
        "an end that is shown with times is that of a run, with its exit code";
    "times-in-pairs" status::times:
        "an end is shown with both of its times, in order; but what could not be started has never started";
    "blocked-never-starts" status::blocked:
        "until every init container has ended with 0 once, regular containers wait, with restartCount 0 and no lastState";
    "init-in-order" status::init_in_order:
        "in a pod without sidecars, every init container after one that has not ended with 0 waits; but not in a pod's second sandbox, nor where some end restarts all";
    "init-done-is-ready" status::init_done_is_ready:
        "an init container that is shown ended with 0 is ready";
    "initialized" status::initialized:
        "in a pod without sidecars, Initialized is True exactly when every init container is shown ended with 0; but not in a pod's second sandbox, nor where some end restarts all";
    "ready-means-all" status::ready_means_all:
        "Ready and ContainersReady are True only where every container that counts is ready";
    "ended-for-good" status::ended_for_good:
        "where nothing restarts, a container that is shown ended never waits or runs again; but a new image restarts it, and a second sandbox the init containers";
    // The phase.
    "terminal-for-good" phase::for_good:
        "Succeeded and Failed are never left; but a pod that has Succeeded may yet outlive its deadline before its worker is done, or be found without containers that were to restart all";
    "terminal-is-over" phase::is_over_for_all:
        "in a terminal phase no container is shown running";
    "succeeded" phase::succeeded:
        "in a pod that Succeeded every regular container is shown ended with 0";
    "failed" phase::failed:
        "in a pod that Failed some container is shown ended with another code than 0, or never started, or the pod outlived its deadline";
    "last-status" phase::last_status:
        "when the kubelet lets the object go, no container is shown running, and the phase is terminal or Pending";
    // Events.
    "event-started" event::started:
        "as many Started events as starts, at most; as many Created as creations";
    "event-killing" event::killing:
        "a Killing event is about a container that runs, that ran at the last relist, or that the API still shows running because the sync that kills it has been busy since";
    "event-unhealthy" event::unhealthy:
        "an Unhealthy event comes with the bad end of a probe, at the same instant";
    "event-back-off" event::back_off:
        "a BackOff event about a container comes after an end of it, or after a failed pull";
    "event-pulled" event::pulled:
        "a Pulled event that tells of a pull comes with its end";
    "event-hook" event::hook:
        "a FailedPostStartHook or FailedPreStopHook event comes with the bad end of that hook, or is about one that cannot be run";
    "event-deadline" event::deadline:
        "a DeadlineExceeded event is about a pod with activeDeadlineSeconds";
}
