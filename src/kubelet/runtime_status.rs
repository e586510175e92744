//! What the container runtime holds of a pod: its sandboxes and its containers' runs.
//!
//! The same type serves as the truth, as what the last relist saw of it, and as the view that a
//! sync works with (SIM-1).

use super::Text;
use super::api_status::ContainerSet;
use crate::spec::{ContainerId, ImageId};
use crate::time::Time;
use smallvec::SmallVec;

/// The pod's sandboxes and container runs, each in the order of their making.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RuntimeStatus {
    /// Sandboxes, oldest first.
    pub sandboxes: SmallVec<[Sandbox; 1]>,
    /// Runs of all containers, oldest first; dead ones stay until they are removed.
    pub runs: SmallVec<[Run; 2]>,
}

/// A pod sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sandbox {
    /// 0, 1, 2 …
    pub attempt: u32,
    /// Whether it is up.
    pub ready: bool,
}

/// Names one run of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// The container.
    pub container: ContainerId,
    /// Which of its runs: 0, 1, 2 … by the order of creation.
    pub ordinal: u32,
}

/// One run of one container: the runtime's *container*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Which run it is.
    pub id: RunId,
    /// The restart count that it was made with (START-38).
    pub attempt: u32,
    /// When it was created.
    pub created: Time,
    /// How many attempts to start the container came before.
    pub nth: u32,
    /// The image that it was made from: with the name all that its hash covers (CPA-12).
    pub image: ImageId,
    /// The sandbox that it was made in.
    pub sandbox: u32,
    /// How far it has come.
    pub state: RunState,
}

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Made, not started.
    Created,
    /// Its process runs.
    Running {
        /// Since when.
        started: Time,
    },
    /// Its process is gone.
    Exited(Exit),
    /// The runtime cannot say. The runtimes here always can; a real one may not.
    Unknown,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exit {
    /// When the process started; `None` if it never did.
    pub started: Option<Time>,
    /// When it ended.
    pub finished: Time,
    /// The same moment for the crash back-off alone, which is judged by it (BACK-3). How long ago
    /// it was is kept apart from all else where a search compares worlds (`crashes.rs`).
    pub ended: Time,
    /// Exit code.
    pub code: i32,
    /// The runtime's reason.
    pub reason: ExitReason,
}

/// The runtime's reason for an exit (CSTAT-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitReason {
    /// Code 0.
    Completed,
    /// Any other code.
    Error,
    /// The kernel's out-of-memory killer.
    OomKilled,
    /// The process could not be started; code 128.
    StartError(Text),
}

impl RunState {
    /// Whether an ordinary init container in this state has failed: also with code 0, if the kernel
    /// killed it for its memory (INIT-2, INIT-8).
    ///
    /// Source: `kuberuntime/helpers.go: isInitContainerFailed`.
    #[must_use]
    pub const fn is_failed_init(&self) -> bool {
        match self {
            Self::Exited(exit) => exit.code != 0 || matches!(exit.reason, ExitReason::OomKilled),
            Self::Unknown => true,
            Self::Created | Self::Running { .. } => false,
        }
    }
}

impl Run {
    /// Whether its process runs.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.state, RunState::Running { .. })
    }

    /// How it ended, if it did.
    #[must_use]
    pub const fn exit(&self) -> Option<&Exit> {
        match &self.state {
            RunState::Exited(exit) => Some(exit),
            _ => None,
        }
    }
}

impl RuntimeStatus {
    /// The newest run of a container, whatever its state.
    #[must_use]
    pub fn newest(&self, container: ContainerId) -> Option<&Run> {
        self.newest_first(container).next()
    }

    /// The runs of a container, newest first.
    pub fn newest_first(&self, container: ContainerId) -> impl Iterator<Item = &Run> {
        let runs = self.runs.iter().rev();
        runs.filter(move |run| run.id.container == container)
    }

    /// How the newest run of each container that ended did so, in an order that follows from the runs;
    /// and whether it has been started again.
    pub(super) fn newest_exits(&self) -> impl Iterator<Item = (RunId, &Exit, bool)> {
        let (mut ended, mut started) = (ContainerSet::EMPTY, ContainerSet::EMPTY);
        let runs = self.runs.iter().rev();
        runs.filter_map(move |run| {
            let container = run.id.container;
            let Some(exit) = run.exit().filter(|_| !ended.contains(container)) else {
                started.insert(container);
                return None;
            };
            ended.insert(container);
            Some((run.id, exit, started.contains(container)))
        })
    }

    /// The same, to be changed.
    pub(super) fn newest_exits_mut(&mut self) -> impl Iterator<Item = &mut Exit> {
        let mut newer = ContainerSet::EMPTY;
        let runs = self.runs.iter_mut().rev();
        runs.filter_map(move |run| {
            let RunState::Exited(exit) = &mut run.state else {
                return None;
            };
            let newest = !newer.contains(run.id.container);
            newer.insert(run.id.container);
            newest.then_some(exit)
        })
    }

    /// Whether all is the same but for what the crash back-off alone asks for.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let like = |(run, other): (&Run, &Run)| {
            let mut other = *other;
            if let (RunState::Exited(exit), RunState::Exited(others)) =
                (&run.state, &mut other.state)
            {
                others.ended = exit.ended;
            }
            *run == other
        };
        self.sandboxes == other.sandboxes
            && self.runs.len() == other.runs.len()
            && self.runs.iter().zip(&other.runs).all(like)
    }

    /// The newest run that ended, and how it did so (BACK-3).
    pub(super) fn newest_exit(&self, container: ContainerId) -> Option<(RunId, &Exit)> {
        let mut runs = self.newest_first(container);
        runs.find_map(|run| Some((run.id, run.exit()?)))
    }

    /// The run with that name.
    #[must_use]
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub(super) fn run_mut(&mut self, id: RunId) -> Option<&mut Run> {
        self.runs.iter_mut().find(|run| run.id == id)
    }

    /// Whether no process runs and no sandbox is up.
    ///
    /// Source: `pod_workers.go: isPodStatusCacheTerminal`.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        !self.runs.iter().any(Run::is_running) && !self.sandboxes.iter().any(|s| s.ready)
    }

    /// Whether that run's process runs.
    #[must_use]
    pub fn is_running(&self, id: RunId) -> bool {
        self.run(id).is_some_and(Run::is_running)
    }

    /// Whether a new sandbox is needed, and with which attempt (CPA-1, CPA-2).
    ///
    /// Source: `kuberuntime/util/util.go: PodSandboxChanged`.
    #[must_use]
    pub fn sandbox_change(&self) -> SandboxChange {
        let Some(newest) = self.sandboxes.last() else {
            return SandboxChange {
                needed: true,
                attempt: 0,
            };
        };
        let ready = self.sandboxes.iter().filter(|sandbox| sandbox.ready);
        let needed = ready.count() > 1 || !newest.ready;
        SandboxChange {
            needed,
            attempt: newest.attempt + u32::from(needed),
        }
    }
}

/// What becomes of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxChange {
    /// Whether a new one is needed.
    pub needed: bool,
    /// Attempt of the sandbox to use or to make.
    pub attempt: u32,
}
