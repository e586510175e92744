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
            fn unpack(from: &mut Unpacker) -> Self {
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
            fn unpack(from: &mut Unpacker) -> Self {
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

enums! {
    PodPhase: 2 { 0 = Pending, 1 = Running, 2 = Succeeded, last 3 = Failed }
    PodReason: 1 { last 0 = DeadlineExceeded }
    ConditionStatus: 2 { 0 = True, 1 = False, last 2 = Unknown }
    ConditionReason: 3 {
        0 = None,
        1 = PodCompleted,
        2 = PodFailed,
        3 = ContainersNotInitialized(set),
        4 = ContainersNotReady(set),
        5 = ReadinessGatesNotReady(view),
        last 6 = RestartAllContainersStarted
    }
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
    ProbeResult: 2 { 0 = Success, 1 = Failure, last 2 = Unknown }
    ProbeKind: 2 { 0 = Startup, 1 = Readiness, last 2 = Liveness }
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
    UpdateKind: 2 { 0 = Create, 1 = Update, 2 = Sync, last 3 = Kill }
    Work: 2 { 0 = SyncPod, 1 = TerminatingPod, last 2 = TerminatedPod }
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
        last 5 = Relist
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
    Condition { status, reason }
    Conditions { sandbox, initialized, ready, containers_ready, restarting }
    Kill { run, grace, without_hook, ordered, stage }
    KillOrder { run, message }
    Starting { container, stage }
    Probing { since, try_, timeout, killed }
    Backoff { delay, updated }
    PullBackoff { backoff, error }
    Phases { relist, sync, status, gc }
    PodView { revision, deletion_grace, phase, ready, initialized, reconcile_readiness, foreign }
    Update { kind, pod, grace }
}

macro_rules! numbers {
    ($($type:ty)+) => {$(
        impl Pack for $type {
            #[inline]
            fn pack(&self, to: &mut Packer) {
                to.number(u64::from(*self));
            }

            #[inline]
            fn unpack(from: &mut Unpacker) -> Self {
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
            fn unpack(from: &mut Unpacker) -> Self {
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
    fn unpack(from: &mut Unpacker) -> Self {
        from.bits(1) == 1
    }
}

impl Pack for i64 {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.number((self << 1 ^ self >> 63) as u64);
    }

    #[inline]
    fn unpack(from: &mut Unpacker) -> Self {
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
    fn unpack(from: &mut Unpacker) -> Self {
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
    fn unpack(from: &mut Unpacker) -> Self {
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
    fn unpack(from: &mut Unpacker) -> Self {
        (0..from.number()).map(|_| from.take()).collect()
    }
}

/// A moment that decides something for as long as it is there.
impl Pack for Time {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        to.time(*self, Lasts::Always);
    }

    #[inline]
    fn unpack(from: &mut Unpacker) -> Self {
        from.time()
    }
}

impl Pack for Startup {
    fn pack(&self, to: &mut Packer) {
        let Self { sync_loop, writer } = *self;
        to.some_time(sync_loop, Lasts::ORDER);
        to.some_time(writer, Lasts::ORDER);
    }

    fn unpack(from: &mut Unpacker) -> Self {
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
    fn unpack(from: &mut Unpacker) -> Self {
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
    fn unpack(from: &mut Unpacker) -> Self {
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

    fn unpack(from: &mut Unpacker) -> Self {
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
