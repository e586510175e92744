//! Properties that every pod is asked for.

mod beside;
mod deletion;
mod oddity;

pub(super) use beside::Beside;

use super::fingerprint::Fingerprint;
use super::observer::{End, Step};
use super::properties::Clock;
use crate::time::Time;
use crate::timeline::{Invariant, invariant};
use deletion::Deletion;
use std::sync::Arc;

/// A property that every pod is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// An invariant of all runs; along the first run to each world alone.
    Invariant(Invariant),
    /// A container's process starts again only after it ended by itself, a probe of it failed, or
    /// something else called for it; along the first run to each world alone.
    RestartHasCause,
    /// A pod that is deleted is gone in time.
    GoneInTime,
    /// Every instant ends.
    NoLivelock,
    /// A pod does not stay Running with nothing in it.
    RunningIsSomething,
    /// What has a startup probe is not shown ready before that has passed.
    ReadyAfterStartup,
    /// The phase does not go from Running back to Pending.
    RunningStays,
    /// No container starts after the delete.
    NoStartAfterDelete,
}

/// What a built-in property is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every kubelet keeps it: where it breaks, podclock is wrong.
    Invariant,
    /// One wants it, and it depends on the pod and on what goes wrong.
    Wish,
    /// Some kubelets break it, and one would not think so.
    Oddity,
}

/// Those that are no invariants, with their names and what they say.
const OTHERS: [(Builtin, Kind, &str, &str); 7] = [
    (
        Builtin::RestartHasCause,
        Kind::Invariant,
        "restart-has-cause",
        "a container starts again only after its process has ended by itself, a probe of it has \
         failed, it could not be started, or every container was to start again; but a start that \
         the kubelet's process did not live to see counts for nothing to the next one",
    ),
    (
        Builtin::NoLivelock,
        Kind::Invariant,
        "no-livelock",
        "every instant ends",
    ),
    (
        Builtin::GoneInTime,
        Kind::Wish,
        "gone-in-time",
        "a deleted pod is gone within its grace period, 3 s for what is cut to whole seconds and \
         the least timeout, and 15 s for the kubelet's loops; where the delete comes during a sync, \
         also the grace period of each container, for it may be killing them. It counts from the \
         delete, or from the last pull, start or postStart hook that came to its end after it, or \
         from the kubelet's start",
    ),
    (
        Builtin::RunningIsSomething,
        Kind::Oddity,
        "running-is-something",
        "a pod that is not deleted does not stay Running for a minute, or for ever, with no sandbox \
         and no process, while its kubelet is up",
    ),
    (
        Builtin::ReadyAfterStartup,
        Kind::Oddity,
        "ready-after-startup-probe",
        "a container with a startup probe is shown ready only once a startup probe of its newest \
         run has succeeded",
    ),
    (
        Builtin::RunningStays,
        Kind::Oddity,
        "running-stays",
        "the phase does not go from Running back to Pending",
    ),
    (
        Builtin::NoStartAfterDelete,
        Kind::Oddity,
        "no-start-after-delete",
        "no container's process starts after the pod's deletion was asked for",
    ),
];

impl Builtin {
    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = OTHERS.into_iter().map(|(builtin, ..)| builtin);
        others.chain(invariant::ALL.iter().map(|&it| Self::Invariant(it)))
    }

    fn row(self) -> (Kind, &'static str, &'static str) {
        if let Self::Invariant(it) = self {
            return (Kind::Invariant, it.name, it.says);
        }
        let mut rows = OTHERS.into_iter();
        let row = rows.find(|&(builtin, ..)| builtin == self);
        row.map_or((Kind::Wish, "", ""), |(_, kind, name, says)| {
            (kind, name, says)
        })
    }

    /// Its name, such as `gone-in-time`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it says.
    #[must_use]
    pub fn says(self) -> &'static str {
        self.row().2
    }

    /// What it is about.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.row().0
    }

    /// Whether it is held along the first run to each world alone, because it remembers whole runs.
    #[must_use]
    pub const fn is_beside(self) -> bool {
        matches!(self, Self::Invariant(_) | Self::RestartHasCause)
    }
}

/// What is remembered as part of the world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inside {
    deletion: Deletion,
    /// Since when the pod is Running with nothing in it.
    empty: Clock,
    /// Containers whose newest run has passed its startup probe, as a bit mask.
    passed: u64,
}

impl Default for Inside {
    fn default() -> Self {
        Self {
            deletion: Deletion::default(),
            empty: Clock::Stopped,
            passed: 0,
        }
    }
}

impl Inside {
    pub(super) const fn rebase(&mut self, from: Time, to: Time) {
        self.deletion.rebase(from, to);
        self.empty.rebase(from, to);
    }

    pub(super) fn fingerprint(&self, now: Time, into: &mut Fingerprint) {
        use std::hash::Hash;
        self.deletion.fingerprint(now, into);
        self.empty.fingerprint(now, into);
        self.passed.hash(into);
    }
}

/// Sees the next step, and tells what it breaks.
pub(super) fn see(
    step: &Step<'_>,
    inside: &mut Inside,
    beside: Option<&mut Arc<Beside>>,
    mut tell: impl FnMut(Builtin, Time, String),
) {
    if step.end == Some(End::Livelock) {
        tell(Builtin::NoLivelock, step.world.now, String::new());
    }
    inside.deletion.see(step, &mut tell);
    inside.see(step, &mut tell);
    if let Some(beside) = beside.filter(|_| !step.entries.is_empty()) {
        Arc::make_mut(beside).see(step, &mut tell);
    }
}
