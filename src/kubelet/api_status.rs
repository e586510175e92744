//! The pod's status in the API's shape, without its strings.

use super::Text;
use super::input::ConditionStatus;
use super::runtime_status::{Exit, ExitReason};
use crate::time::Time;
use smallvec::SmallVec;

/// A pod's status: what the kubelet holds in its cache, or what the API holds.
///
/// Times are whole seconds (SM-4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodStatus {
    /// `phase`
    pub phase: PodPhase,
    /// `reason`, with `message` implied.
    pub reason: Option<PodReason>,
    /// `startTime`
    pub start_time: Option<Time>,
    /// The conditions that the kubelet owns; `None` before it has written any.
    pub conditions: Option<Conditions>,
    /// Conditions that it does not own, by index into the pod's foreign condition types.
    pub foreign: ForeignConditions,
    /// One status per container, init containers first; empty before the kubelet has written any.
    pub containers: SmallVec<[ContainerStatus; 2]>,
}

/// Conditions that others set, by index into the pod's foreign condition types.
pub type ForeignConditions = SmallVec<[Option<ConditionStatus>; 4]>;

impl PodStatus {
    /// The status of a pod that no kubelet has written about (DEF-14).
    #[must_use]
    pub fn initial() -> Self {
        Self {
            phase: PodPhase::Pending,
            reason: None,
            start_time: None,
            conditions: None,
            foreign: ForeignConditions::new(),
            containers: SmallVec::new(),
        }
    }

    /// Whether the Ready condition is true.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.conditions
            .as_ref()
            .is_some_and(|conditions| conditions.ready.status)
    }
}

/// `status.phase`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodPhase {
    /// Not every container has started yet.
    Pending,
    /// Something runs, or will run again.
    Running,
    /// All ended well, for good.
    Succeeded,
    /// All ended, one of them badly, for good.
    Failed,
}

impl PodPhase {
    /// Whether it is Succeeded or Failed, which are never left.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    /// As the API writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// `status.reason`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PodReason {
    /// DLN-3
    DeadlineExceeded,
}

/// The conditions that the kubelet owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conditions {
    /// `PodReadyToStartContainers`; absent where the rules have no such condition (COND-6).
    pub sandbox: Option<bool>,
    /// `Initialized` (COND-2)
    pub initialized: Condition,
    /// `Ready` (COND-4)
    pub ready: Condition,
    /// `ContainersReady` (COND-3)
    pub containers_ready: Condition,
    /// `AllContainersRestarting` (VER-1), where the pod has a rule with that action.
    pub restarting: Option<Condition>,
}

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// True or False.
    pub status: bool,
    /// `reason`, with what `message` speaks of.
    pub reason: ConditionReason,
}

impl Condition {
    /// True, without a reason.
    pub const TRUE: Self = Self {
        status: true,
        reason: ConditionReason::None,
    };
    /// False, without a reason.
    pub const FALSE: Self = Self {
        status: false,
        reason: ConditionReason::None,
    };

    /// False for that reason.
    #[must_use]
    pub const fn not(reason: ConditionReason) -> Self {
        Self {
            status: false,
            reason,
        }
    }
}

/// Reasons of conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionReason {
    /// No reason is given.
    None,
    /// The pod succeeded.
    PodCompleted,
    /// The pod failed.
    PodFailed,
    /// The containers in this set are not initialized.
    ContainersNotInitialized(ContainerSet),
    /// The containers in this set are not ready.
    ContainersNotReady(ContainerSet),
    /// The readiness gates say no.
    ReadinessGatesNotReady(GateView),
    /// Every container restarts.
    RestartAllContainersStarted,
}

/// What the readiness gates said: by gate, two bits each (0 true, 1 absent, 2 False, 3 Unknown).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GateView(pub(super) u64);

impl GateView {
    /// What a gate said; `None` where the condition does not exist. True is not asked for.
    #[must_use]
    pub const fn get(self, gate: usize) -> Option<ConditionStatus> {
        match self.0 >> (gate * 2) & 3 {
            0 => Some(ConditionStatus::True),
            2 => Some(ConditionStatus::False),
            3 => Some(ConditionStatus::Unknown),
            _ => None,
        }
    }

    pub(super) const fn set(&mut self, gate: usize, status: Option<ConditionStatus>) {
        let bits = match status {
            Some(ConditionStatus::True) => 0,
            None => 1,
            Some(ConditionStatus::False) => 2,
            Some(ConditionStatus::Unknown) => 3,
        };
        self.0 |= bits << (gate * 2);
    }

    pub(super) const fn all_true(self) -> bool {
        self.0 == 0
    }
}

/// A set of containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ContainerSet(pub u64);

impl ContainerSet {
    /// No container.
    pub const EMPTY: Self = Self(0);

    /// Whether a container is in it.
    #[must_use]
    pub const fn contains(self, container: crate::spec::ContainerId) -> bool {
        self.0 >> container.0 & 1 == 1
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn insert(&mut self, container: crate::spec::ContainerId) {
        self.0 |= 1 << container.0;
    }

    pub(super) const fn remove(&mut self, container: crate::spec::ContainerId) {
        self.0 &= !(1 << container.0);
    }

    /// The containers in it, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = crate::spec::ContainerId> {
        let ids = (0..64).map(crate::spec::ContainerId);
        ids.filter(move |&id| self.contains(id))
    }

    pub(super) fn first(self) -> Option<crate::spec::ContainerId> {
        let bit = self.0.trailing_zeros();
        u8::try_from(bit)
            .ok()
            .filter(|&bit| bit < 64)
            .map(crate::spec::ContainerId)
    }
}

/// Status of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContainerStatus {
    /// The run that it speaks of: `containerID`.
    pub run: Option<u32>,
    /// `state`
    pub state: ContainerState,
    /// `lastState.terminated`
    pub last: Option<Terminated>,
    /// `ready`
    pub ready: bool,
    /// `started`
    pub started: bool,
    /// `restartCount`
    pub restart_count: u32,
}

impl ContainerStatus {
    /// How it last ended, unless it runs.
    pub(super) const fn ended(&self) -> Option<&Terminated> {
        match &self.state {
            ContainerState::Terminated(terminated) => Some(terminated),
            ContainerState::Waiting(_) => self.last.as_ref(),
            ContainerState::Running { .. } => None,
        }
    }
}

/// State of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerState {
    /// It waits for something.
    Waiting(Waiting),
    /// It runs.
    Running {
        /// Since when.
        started: Time,
    },
    /// It ended.
    Terminated(Terminated),
}

impl ContainerState {
    /// How it ended, if that is its state.
    #[must_use]
    pub const fn terminated(&self) -> Option<&Terminated> {
        match self {
            Self::Terminated(terminated) => Some(terminated),
            _ => None,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// Since when it runs, if it does.
    #[must_use]
    pub const fn running_since(&self) -> Option<Time> {
        match self {
            Self::Running { started } => Some(*started),
            _ => None,
        }
    }
}

/// Why a container waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Created, not started; no reason is given.
    Created,
    /// `ContainerCreating`
    ContainerCreating,
    /// `PodInitializing`
    PodInitializing,
    /// `RestartingAllContainers`
    RestartingAllContainers,
    /// The last attempt to start it failed.
    StartError(StartError),
}

/// Why an attempt to start a container failed (section 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartError {
    /// Its back-off has not ended.
    CrashLoopBackOff {
        /// The back-off in milliseconds.
        delay: u32,
    },
    /// The pull failed.
    ErrImagePull(Text),
    /// A pull failed not long ago, with that error.
    ImagePullBackOff(Text),
    /// The image is not there and is never pulled.
    ErrImageNeverPull,
    /// The runtime could not create it.
    CreateContainerError(Text),
    /// The runtime could not start it.
    RunContainerError(Text),
    /// Its postStart hook failed.
    PostStartHookError(HookError),
}

/// Why a hook failed (HOOK-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookError {
    /// Its command ended with that code.
    Exit {
        /// Exit code.
        code: i32,
        /// What it printed.
        output: Text,
    },
    /// It could not be run.
    CannotRun(Text),
    /// Its container had no process.
    NotRunning,
    /// The kubelet has no way to run such a handler (HOOK-12).
    InvalidHandler,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Terminated {
    /// `reason`, with `message` implied.
    pub reason: TerminatedReason,
    /// `exitCode`
    pub code: i32,
    /// When it started and finished; `None` where no run is behind it.
    pub times: Option<Times>,
}

/// `startedAt` and `finishedAt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    /// `None`: never.
    pub started: Option<Time>,
    /// When it ended.
    pub finished: Time,
}

/// Reasons of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TerminatedReason {
    /// The runtime's reason.
    Runtime(ExitReason),
    /// `ContainerStatusUnknown`, at the pod's end (TERM-33).
    UnknownAtTermination,
    /// `ContainerStatusUnknown`: it ran, and is gone from the runtime (CSTAT-5).
    UnknownWasRunning,
    /// `RestartingAllContainers`
    RestartingAllContainers,
    /// `Completed`: an init container that the runtime has forgotten, in a pod that went on.
    CompletedUnseen,
}

impl Terminated {
    pub(super) const fn of(exit: &Exit) -> Self {
        let started = match exit.started {
            Some(started) => Some(started.whole_second()),
            None => None,
        };
        Self {
            reason: TerminatedReason::Runtime(exit.reason),
            code: exit.code,
            times: Some(Times {
                started,
                finished: exit.finished.whole_second(),
            }),
        }
    }

    pub(super) const fn without_run(reason: TerminatedReason, code: i32) -> Self {
        Self {
            reason,
            code,
            times: None,
        }
    }
}
