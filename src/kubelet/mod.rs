//! The kubelet's life with one pod, as a pure machine.
//!
//! No clock, no randomness, no I/O, no panics: the same arguments give the same answer. There are
//! four functions: [`Pod::initial`], [`Pod::step`], [`Pod::next_deadline`], and
//! [`PodState`] to look at. What it decides in a sync can also be asked by itself: [`Facts`].
//!
//! Four layers are kept apart (SIM-1): what the runtime holds ([`PodState::runtime`]), what the
//! last relist saw of it ([`PodState::seen`]), what the kubelet's status manager has cached
//! ([`Kubelet::cached`]), and what the API holds ([`Object::status`]). Almost every delay that
//! users ask about is the distance between two of them.

mod actions;
mod ages;
mod api_status;
mod backoff;
mod canonical;
mod conditions;
mod crashes;
mod deadlines;
mod event;
mod facts;
mod gc;
mod init;
mod input;
mod kill;
mod look;
mod object;
mod output;
mod pack;
mod phase;
mod prober;
mod process;
mod ready;
mod relist;
mod restart;
mod restore;
mod runtime_status;
mod shapes;
mod start;
mod state;
mod status;
mod step;
mod sync_loop;
mod sync_pod;
mod timers;
mod worker;
mod writer;

pub use actions::{Actions, KillOrder};
pub(crate) use ages::Extent;
pub use api_status::{
    Condition, ConditionReason, Conditions, ContainerSet, ContainerState, ContainerStatus,
    ForeignConditions, GateView, HookError, PodPhase, PodReason, PodStatus, StartError, Terminated,
    TerminatedReason, Times, Waiting,
};
pub use backoff::{Backoff, BackoffLimits};
pub use canonical::{Horizons, Memory};
pub(crate) use crashes::{Crashes, Frame, Passage, newest_ended, read_number, write_number};
pub(crate) use deadlines::Deadlines;
pub use event::{
    ApiEvent, CallEnd, ContainerEvent, ContainerFact, Event, ExitCause, HookEvent, HookKind,
    ImageError, ImageEvent, KillMessage, KubeEvent, KubeReason, ProbeEvent, SandboxEvent,
    Unhealthy,
};
pub use facts::{Facts, Known};
pub use input::{ConditionStatus, Input, Outcome};
pub use kill::{Kill, KillStage};
pub use output::{Jitter, Output, Request, Token, Verb};
pub(crate) use pack::Pack;
pub use pack::{Counter, Lasts, Names, Packer, Unpacker};
pub use prober::{ProbeWorker, Probing};
pub use ready::{Ready, Task};
pub use restart::after_exit as restarts_after_exit;
pub use runtime_status::{
    Exit, ExitReason, Run, RunId, RunState, RuntimeStatus, Sandbox, SandboxChange,
};
pub(crate) use shapes::Shape;
pub use start::{StartStage, Starting};
pub use state::{
    CachedStatus, ContainerSlot, Deletion, Kubelet, Loops, Object, Phases, PodState, PodView,
    ProbeResult, PullBackoff, Startup, Stopping,
};
pub use sync_loop::Notice;
pub use sync_pod::{SyncPod, SyncStage};
pub use timers::Timer;
pub use worker::{Activity, Update, UpdateKind, Work, Worker};

use crate::profile::Rules;
use crate::spec::PodSpec;
use crate::time::Time;
use look::Look;
use std::sync::Arc;
use step::Step;

/// A text that the machine passes on without reading it: an error of the runtime, the output of a
/// probe. Whoever drives the machine keeps the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(pub u32);

impl Text {
    /// The empty text.
    pub const EMPTY: Self = Self(0);
}

/// The machine: what never changes in a pod's life.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'m> {
    /// The pod's specification, and after it what updates will make of it. Never empty; all have
    /// the same containers.
    pub revisions: &'m [Arc<PodSpec>],
    /// What the kubelet does where versions differ.
    pub rules: &'m Rules,
    /// How far a step goes.
    pub turns: Turns,
    /// How long the kubelet's loops wait.
    pub pace: Pace,
}

/// How long the kubelet's loops wait until they look for what has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Until their next tick, as in every real kubelet.
    #[default]
    Ticking,
    /// Not at all: relist, sync, housekeeping, status pass and garbage collection find at once, when
    /// an instant has settled, what they would find at their next tick. The same rules in an ideal
    /// kubelet, where no phase matters.
    AtOnce,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Turns {
    /// Everybody who is ready has a turn, in the order of Go's scheduler.
    #[default]
    All,
    /// Nobody has a turn but by [`Input::Turn`], so that any order can be tried.
    OneByOne,
}

impl<'m> Pod<'m> {
    /// The specification's revision with that index; the newest one for an index past the end.
    #[inline]
    pub(crate) fn spec(&self, revision: u8) -> &'m PodSpec {
        let last = self.revisions.len() - 1;
        &self.revisions[usize::from(revision).min(last)]
    }

    /// A node that runs its kubelet and has not heard of the pod. `images` are the images that it
    /// holds, as a bit mask over the pod's table.
    #[must_use]
    pub fn initial(&self, loops: Loops, images: u64) -> PodState {
        PodState::new(self, loops, images)
    }

    /// Takes one input at `now` and lets everything that can happen at this instant happen.
    /// `out` is added to. Returns the [next deadline](Self::next_deadline). Total: any input in any
    /// state is fine; what makes no sense is ignored.
    pub fn step(
        &self,
        state: &mut PodState,
        now: Time,
        input: Input,
        out: &mut Output,
    ) -> Option<(Time, Timer)> {
        let mut deadlines = Deadlines::default();
        self.step_keeping(state, now, input, out, &mut deadlines);
        self.catch_up(state, &mut deadlines);
        deadlines.next()
    }

    /// The same for those who keep the state's deadlines. They have to [catch up](Self::catch_up)
    /// before they ask for the next one: an answer that comes at once has no need of it.
    #[inline(always)]
    pub(crate) fn step_keeping(
        &self,
        state: &mut PodState,
        now: Time,
        input: Input,
        out: &mut Output,
        deadlines: &mut Deadlines,
    ) {
        Step::new(self, state, now, out).take(input, deadlines);
    }

    /// The same as a step with [`Input::Deadline`] at the next deadline, for those who know which it
    /// is.
    #[inline(always)]
    pub(crate) fn step_due(
        &self,
        state: &mut PodState,
        now: Time,
        timer: Timer,
        out: &mut Output,
        deadlines: &mut Deadlines,
    ) {
        Step::new(self, state, now, out).take_due(timer, deadlines);
    }

    /// Brings the deadlines of a state up to date.
    #[inline(always)]
    pub(crate) fn catch_up(&self, state: &PodState, deadlines: &mut Deadlines) {
        let machine = self;
        deadlines.catch_up(Look { machine, state });
    }

    /// All deadlines of a state.
    pub(crate) fn deadlines(&self, state: &PodState) -> Deadlines {
        let machine = self;
        let mut deadlines = Deadlines::default();
        deadlines.look(Look { machine, state });
        deadlines
    }

    /// Everything of this instant has been, and what comes are answers that took no time
    /// ([`InstantCalls::Settled`](crate::profile::InstantCalls)): the instant's ticks are over, those
    /// too that had nothing to do.
    pub fn rest(&self, state: &mut PodState, now: Time) {
        if self.pace == Pace::Ticking {
            state.ticks_from = now.plus_millis(1);
            state.fired.clear();
        }
    }

    /// The timers that are due at `now`, in the order in which they would fire; where any order is
    /// tried, also ticks that find nothing to do as yet.
    #[must_use]
    pub fn due(&self, state: &PodState, now: Time) -> Vec<Timer> {
        let machine = self;
        let mut due = Vec::new();
        Look { machine, state }.each_timer(|at, timer| {
            if at <= now && timer != Timer::Ready {
                due.push((at, timer));
            }
        });
        due.sort_unstable();
        let mut due: Vec<Timer> = due.into_iter().map(|(_, timer)| timer).collect();
        if self.turns == Turns::OneByOne {
            let mut state = state.clone();
            if state.now < now {
                state.now = now;
                state.fired.clear();
            }
            let state = &state;
            let mut idle = Look { machine, state }.going_off(Timer::Ready);
            idle.retain(|timer| !due.contains(timer));
            due.extend(idle);
        }
        due
    }

    /// The next moment at which the machine does something by itself, and why: hand it
    /// [`Input::Deadline`] then.
    #[must_use]
    pub fn next_deadline(&self, state: &PodState) -> Option<(Time, Timer)> {
        let machine = self;
        Look { machine, state }.next_timer()
    }
}
