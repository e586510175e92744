//! The values that states are made of, each taken apart in the same way wherever it stands.
//!
//! Enums have as many bits as their variants need; a variant's number is its place in the list here.

use super::super::Text;
use super::super::actions::{Actions, KillOrder};
use super::super::api_status::{
    Condition, ConditionReason, Conditions, ContainerSet, GateView, HookError, PodPhase, PodReason,
    StartError, TerminatedReason, Waiting,
};
use super::super::backoff::Backoff;
use super::super::event::KillMessage;
use super::super::input::{ConditionStatus, Outcome};
use super::super::kill::{Kill, KillStage};
use super::super::output::{Token, Verb};
use super::super::prober::Probing;
use super::super::ready::Task;
use super::super::runtime_status::{ExitReason, RunId};
use super::super::start::{StartStage, Starting};
use super::super::state::{Phases, PodView, ProbeResult, PullBackoff, Startup};
use super::super::sync_loop::Notice;
use super::super::sync_pod::SyncStage;
use super::super::timers::Timer;
use super::super::worker::{Update, UpdateKind, Work};
use super::fixed::Fixed;
use super::names::{Counter, Lasts};
use super::{Pack, Packer, Unpacker};
use crate::spec::{ContainerId, ImageId, ProbeKind};
use crate::time::Time;
use smallvec::{Array, SmallVec};

macro_rules! structs {
    ($($type:ident { $($field:ident),+ })+) => {$(
        impl Pack for $type {
            #[inline]
            fn pack(&self, to: &mut Packer) {
                let Self { $($field),+ } = self;
                $(to.put($field);)+
            }

            #[inline]
            fn unpack(from: &mut Unpacker<'_>) -> Self {
                Self { $($field: from.take()),+ }
            }
        }
    )+};
}

macro_rules! enums {
    ($($type:ident: $bits:literal {
        $($number:literal = $variant:ident $(($($value:ident),+))? $({ $($field:ident),+ })?,)*
        last $last:literal = $final:ident
            $(($($final_value:ident),+))? $({ $($final_field:ident),+ })?
    })+) => {$(
        impl Pack for $type {
            #[inline]
            fn pack(&self, to: &mut Packer) {
                match self {
                    $(Self::$variant $(($($value),+))? $({ $($field),+ })? => {
                        to.bits($number, $bits);
                        $($(to.put($value);)+)?
                        $($(to.put($field);)+)?
                    })*
                    Self::$final $(($($final_value),+))? $({ $($final_field),+ })? => {
                        to.bits($last, $bits);
                        $($(to.put($final_value);)+)?
                        $($(to.put($final_field);)+)?
                    }
                }
            }

            #[inline]
            fn unpack(from: &mut Unpacker<'_>) -> Self {
                match from.bits($bits) {
                    $($number => {
                        $($(let $value = from.take();)+)?
                        $($(let $field = from.take();)+)?
                        Self::$variant $(($($value),+))? $({ $($field),+ })?
                    })*
                    _ => {
                        $($(let $final_value = from.take();)+)?
                        $($(let $final_field = from.take();)+)?
                        Self::$final $(($($final_value),+))? $({ $($final_field),+ })?
                    }
                }
            }
        }
    )+};
}

/// Those that are nothing but a choice among a few.
macro_rules! units {
    ($($type:ident: $bits:literal {
        $($number:literal = $variant:ident,)*
        last $last:literal = $final:ident $(,)?
    })+) => {$(
        impl Fixed for $type {
            const BITS: u32 = $bits;

            #[inline]
            fn code(&self) -> u64 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::$final => $last,
                }
            }

            #[inline]
            fn decode(code: u64) -> Self {
                match code {
                    $($number => Self::$variant,)*
                    _ => Self::$final,
                }
            }
        }

        impl Pack for $type {
            #[inline]
            fn pack(&self, to: &mut Packer) {
                to.bits(self.code(), $bits);
            }

            #[inline]
            fn unpack(from: &mut Unpacker<'_>) -> Self {
                from.fixed()
            }
        }
    )+};
}

units! {
    PodPhase: 2 { 0 = Pending, 1 = Running, 2 = Succeeded, last 3 = Failed }
    PodReason: 1 { last 0 = DeadlineExceeded }
    ConditionStatus: 2 { 0 = True, 1 = False, last 2 = Unknown }
    ProbeResult: 2 { 0 = Success, 1 = Failure, last 2 = Unknown }
    ProbeKind: 2 { 0 = Startup, 1 = Readiness, last 2 = Liveness }
    UpdateKind: 2 { 0 = Create, 1 = Update, 2 = Sync, last 3 = Kill }
    Work: 2 { 0 = SyncPod, 1 = TerminatingPod, last 2 = TerminatedPod }
}

enums! {
    Waiting: 3 {
        0 = Created,
        1 = ContainerCreating,
        2 = PodInitializing,
        3 = RestartingAllContainers,
        last 4 = StartError(error)
    }
    StartError: 3 {
        0 = CrashLoopBackOff { delay },
        1 = ErrImagePull(text),
        2 = ImagePullBackOff(text),
        3 = ErrImageNeverPull,
        4 = CreateContainerError(text),
        5 = RunContainerError(text),
        last 6 = PostStartHookError(error)
    }
    HookError: 2 {
        0 = Exit { code, output },
        1 = CannotRun(text),
        2 = NotRunning,
        last 3 = InvalidHandler
    }
    TerminatedReason: 3 {
        0 = Runtime(reason),
        1 = UnknownAtTermination,
        2 = UnknownWasRunning,
        3 = RestartingAllContainers,
        last 4 = CompletedUnseen
    }
    ExitReason: 2 { 0 = Completed, 1 = Error, 2 = OomKilled, last 3 = StartError(text) }
    KillStage: 3 {
        0 = Begun(message),
        1 = PreStop { since, sleeps_until },
        2 = AwaitingTurn(since),
        3 = Stopping,
        last 4 = Done
    }
    KillMessage: 3 {
        0 = Stopping,
        1 = DefinitionChanged { init },
        2 = FailedProbe { kind, init, restart },
        3 = FailedPostStartHook,
        4 = RestartingAll,
        last 5 = UnknownState { init }
    }
    StartStage: 3 {
        0 = Pulling { since },
        1 = Creating,
        2 = StartingProcess(run),
        3 = PostStart(run, ends),
        last 4 = Killing(error)
    }
    SyncStage: 3 {
        0 = Resetting,
        1 = KillingPod,
        2 = Killing,
        3 = MakingSandbox,
        last 4 = Starting(starting)
    }
    Notice: 2 {
        0 = Config(pod),
        1 = Relisted,
        2 = Died(run),
        last 3 = Probed { run, kind, result }
    }
    Task: 3 {
        0 = SyncLoop,
        1 = Worker,
        2 = Writer,
        3 = Probe(id, kind),
        4 = Kill(id),
        5 = Relist,
        last 6 = Fire(timer)
    }
    Timer: 4 {
        0 = Ready,
        1 = Grace(id),
        2 = PostStart,
        3 = Probe(id, kind),
        4 = Relist,
        5 = Kill(id),
        6 = SyncLoop,
        7 = Writer,
        8 = Sync,
        9 = Housekeeping,
        10 = Status,
        last 11 = Collection
    }
    Outcome: 3 {
        0 = Done,
        1 = Failed(text),
        2 = Exited { code, oom },
        3 = Ran { code, output },
        4 = CannotRun(text),
        last 5 = NotRunning
    }
    Verb: 4 {
        0 = RunSandbox,
        1 = PullImage,
        2 = CreateContainer,
        3 = StartContainer,
        4 = Run,
        5 = StopContainer,
        6 = PostStart,
        7 = PreStop,
        last 8 = Probe(kind)
    }
}

structs! {
    Kill { run, grace, without_hook, ordered, stage }
    KillOrder { run, message }
    Starting { container, stage }
    Probing { since, try_, timeout, killed, before_stop }
    Backoff { delay, updated }
    PullBackoff { backoff, error }
    Phases { relist, sync, status, gc }
    Update { kind, pod, grace }
}

impl ConditionReason {
    /// Which it is, in three bits, without what it speaks of.
    const fn tag(self) -> u64 {
        match self {
            Self::None => 0,
            Self::PodCompleted => 1,
            Self::PodFailed => 2,
            Self::ContainersNotInitialized(_) => 3,
            Self::ContainersNotReady(_) => 4,
            Self::ReadinessGatesNotReady(_) => 5,
            Self::RestartAllContainersStarted => 6,
        }
    }
}

/// Without what its reason speaks of, which follows.
impl Fixed for Condition {
    const BITS: u32 = 4;

    #[inline]
    fn code(&self) -> u64 {
        u64::from(self.status) | self.reason.tag() << 1
    }

    #[inline]
    fn decode(code: u64) -> Self {
        let reason = match code >> 1 {
            0 => ConditionReason::None,
            1 => ConditionReason::PodCompleted,
            2 => ConditionReason::PodFailed,
            3 => ConditionReason::ContainersNotInitialized(ContainerSet::EMPTY),
            4 => ConditionReason::ContainersNotReady(ContainerSet::EMPTY),
            5 => ConditionReason::ReadinessGatesNotReady(GateView(0)),
            _ => ConditionReason::RestartAllContainersStarted,
        };
        Self {
            status: code & 1 == 1,
            reason,
        }
    }
}

impl Pack for Conditions {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        let Self {
            sandbox,
            initialized,
            ready,
            containers_ready,
            restarting,
        } = *self;
        to.fixed((sandbox, initialized, ready, containers_ready, restarting));
        let conditions = [initialized, ready, containers_ready];
        for condition in conditions.into_iter().chain(restarting) {
            match condition.reason {
                ConditionReason::ContainersNotInitialized(set)
                | ConditionReason::ContainersNotReady(set) => to.put(&set),
                ConditionReason::ReadinessGatesNotReady(view) => to.put(&view),
                _ => {}
            }
        }
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        type All = (
            Option<bool>,
            Condition,
            Condition,
            Condition,
            Option<Condition>,
        );
        let (sandbox, initialized, ready, containers_ready, restarting): All = from.fixed();
        let mut whole = |mut condition: Condition| {
            match &mut condition.reason {
                ConditionReason::ContainersNotInitialized(set)
                | ConditionReason::ContainersNotReady(set) => *set = from.take(),
                ConditionReason::ReadinessGatesNotReady(view) => *view = from.take(),
                _ => {}
            }
            condition
        };
        Self {
            sandbox,
            initialized: whole(initialized),
            ready: whole(ready),
            containers_ready: whole(containers_ready),
            restarting: restarting.map(whole),
        }
    }
}

impl Pack for PodView {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        let Self {
            revision,
            deletion_grace,
            phase,
            ready,
            initialized,
            reconcile_readiness,
            ref foreign,
        } = *self;
        let usual = revision == 0 && deletion_grace.is_none() && foreign.is_empty();
        to.fixed((usual, phase, ready, initialized, reconcile_readiness));
        if !usual {
            to.put(&revision);
            to.put(&deletion_grace);
            to.put(foreign);
        }
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let (usual, phase, ready, initialized, reconcile_readiness): (bool, _, _, _, _) =
            from.fixed();
        let mut view = Self {
            revision: 0,
            deletion_grace: None,
            phase,
            ready,
            initialized,
            reconcile_readiness,
            foreign: SmallVec::new(),
        };
        if !usual {
            view.revision = from.take();
            view.deletion_grace = from.take();
            view.foreign = from.take();
        }
        view
    }
}

macro_rules! numbers {
    ($($type:ty)+) => {$(
        impl Pack for $type {
            #[inline]
            fn pack(&self, to: &mut Packer) {
                to.number(u64::from(*self));
            }

            #[inline]
            fn unpack(from: &mut Unpacker<'_>) -> Self {
                from.number() as Self
            }
        }
    )+};
}

macro_rules! newtypes {
    ($($type:ident)+) => {$(
        impl Pack for $type {
            #[inline]
            fn pack(&self, to: &mut Packer) {
                to.put(&self.0);
            }

            #[inline]
            fn unpack(from: &mut Unpacker<'_>) -> Self {
                Self(from.take())
            }
        }
    )+};
}

numbers!(u8 u32 u64);
newtypes!(Text ContainerId ImageId ContainerSet GateView);

impl Pack for bool {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.bits(u64::from(*self), 1);
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        from.bits(1) == 1
    }
}

impl Pack for i64 {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.number((self << 1 ^ self >> 63) as u64);
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let zigzag = from.number();
        (zigzag >> 1) as Self ^ -((zigzag & 1) as Self)
    }
}

impl Pack for i32 {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.put(&i64::from(*self));
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        from.take::<i64>() as Self
    }
}

impl<T: Pack> Pack for Option<T> {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.bits(u64::from(self.is_some()), 1);
        if let Some(value) = self {
            to.put(value);
        }
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        (from.bits(1) == 1).then(|| from.take())
    }
}

impl<A: Array> Pack for SmallVec<A>
where
    A::Item: Pack,
{
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.number(self.len() as u64);
        for item in self {
            to.put(item);
        }
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let mut list = Self::new();
        for _ in 0..from.length() {
            list.push(from.take());
        }
        list
    }
}

/// A moment that decides something for as long as it is there.
impl Pack for Time {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.time(*self, Lasts::Always);
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        from.time()
    }
}

impl Pack for Startup {
    fn pack(&self, to: &mut Packer) {
        let Self { sync_loop, writer } = *self;
        to.some_time(sync_loop, Lasts::ORDER);
        to.some_time(writer, Lasts::ORDER);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            sync_loop: from.some_time(),
            writer: from.some_time(),
        }
    }
}

impl Pack for RunId {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.put(&self.container);
        to.count(Counter::Runs(self.container), self.ordinal);
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            container: from.take(),
            ordinal: from.count(),
        }
    }
}

impl Pack for Token {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        let Self {
            container,
            verb,
            ordinal,
        } = *self;
        to.put(&container);
        to.put(&verb);
        let counter = match (container, verb) {
            (None, _) => Counter::Sandboxes,
            (Some(id), Verb::PullImage) => Counter::Attempts(id),
            (Some(id), _) => Counter::Runs(id),
        };
        to.count(counter, ordinal);
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            container: from.take(),
            verb: from.take(),
            ordinal: from.count(),
        }
    }
}

impl Pack for Actions {
    fn pack(&self, to: &mut Packer) {
        let Self {
            reset,
            kill_pod,
            kill,
            sandbox,
            start_init,
            start,
        } = self;
        to.put(reset);
        to.put(kill_pod);
        to.put(kill);
        to.put(&sandbox.is_some());
        if let Some(attempt) = *sandbox {
            to.count(Counter::Sandboxes, attempt);
        }
        to.put(start_init);
        to.put(start);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            reset: from.take(),
            kill_pod: from.take(),
            kill: from.take(),
            sandbox: from.take::<bool>().then(|| from.count()),
            start_init: from.take(),
            start: from.take(),
        }
    }
}
