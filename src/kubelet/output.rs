//! What the pod machine asks for and reports.

use super::crashes::BackoffUse;
use super::event::Event;
use super::runtime_status::RunId;
use crate::profile::InstantCalls;
use crate::spec::{ContainerId, ImageId, ProbeKind};

/// What one step asks for and reports. The caller keeps it and hands it in again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// New requests to the runtime, in order.
    pub requests: Vec<Request>,
    /// Earlier requests whose answer no longer matters; a request above with the same token is a new
    /// one.
    pub cancelled: Vec<Token>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The kubelet has thrown a die: how long until the worker's next turn at the latest.
    pub jitter: Option<Jitter>,
    /// Whether nobody will look at the events: those that come most often are left out.
    pub(super) discards: bool,
    /// What was asked of the crash back-offs and done to them, in order, where somebody wants to know.
    pub(crate) backoffs: Vec<BackoffUse>,
    pub(crate) tells_backoffs: bool,
}

impl Output {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            requests: Vec::new(),
            cancelled: Vec::new(),
            events: Vec::new(),
            jitter: None,
            discards: false,
            backoffs: Vec::new(),
            tells_backoffs: false,
        }
    }

    /// The same for those who look at no event.
    pub(crate) const fn without_events() -> Self {
        let mut out = Self::new();
        out.discards = true;
        out
    }

    pub(super) fn asks_backoff(&mut self, asked: BackoffUse) {
        if self.tells_backoffs {
            self.backoffs.push(asked);
        }
    }

    /// Empties all lists and keeps their memory.
    pub fn clear(&mut self) {
        self.requests.clear();
        self.cancelled.clear();
        self.events.clear();
        self.backoffs.clear();
        self.jitter = None;
    }
}

/// A delay that the kubelet lengthens at random, so that not everything happens at once (TIME-7).
///
/// The machine goes on with the shortest; [`Input::Requeued`](super::Input::Requeued) tells it of
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Jitter {
    /// The delay itself, in milliseconds.
    pub earliest: u64,
    /// The delay with the greatest lengthening.
    pub latest: u64,
    /// Whether a sync failed and is to be tried again; else the pod has its turn every now and then.
    pub retry: bool,
}

/// Names a request: there is never more than one in flight with the same token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// The container; `None` for the pod's sandbox.
    pub container: Option<ContainerId>,
    /// What is asked.
    pub verb: Verb,
    /// Which of the container's runs, or which sandbox.
    pub ordinal: u32,
}

impl Token {
    /// The token of a request about one run.
    #[must_use]
    pub const fn of(run: RunId, verb: Verb) -> Self {
        Self {
            container: Some(run.container),
            verb,
            ordinal: run.ordinal,
        }
    }

    /// The run that the request is about, for requests that are about one.
    #[must_use]
    pub fn run(self) -> Option<RunId> {
        let container = self.container?;
        match self.verb {
            Verb::RunSandbox | Verb::PullImage | Verb::CreateContainer => None,
            _ => Some(RunId {
                container,
                ordinal: self.ordinal,
            }),
        }
    }
}

/// What the runtime is asked to do. The names follow the CRI where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Make the pod's sandbox.
    RunSandbox,
    /// Pull a container's image.
    PullImage,
    /// Create a container.
    CreateContainer,
    /// Start it.
    StartContainer,
    /// Run its process: the answer is how it ends when nobody stops it.
    Run,
    /// Stop it: the answer is how it ends at the stop signal.
    StopContainer,
    /// Run its postStart hook.
    PostStart,
    /// Run its preStop hook.
    PreStop,
    /// Run one of its probes.
    Probe(ProbeKind),
}

/// One request to the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Its name; the answer carries the same.
    pub token: Token,
    /// The image to pull, for pulls.
    pub image: Option<ImageId>,
    /// How many attempts to start the container came before: a failed pull, a failed create and a
    /// start are one each. For sandboxes: how many creations came before.
    pub nth: u32,
    /// Milliseconds since the run's process started; 0 where there is none.
    pub running_for: u64,
    /// Whether the run's process is alive.
    pub alive: bool,
}

impl Verb {
    /// Whether an answer that takes no time comes before anybody else's turn.
    #[must_use]
    pub const fn is_atomic(self, rule: InstantCalls) -> bool {
        match rule {
            InstantCalls::Atomic => true,
            InstantCalls::Settled => {
                matches!(
                    self,
                    Self::Probe(_) | Self::PostStart | Self::PreStop | Self::StopContainer
                )
            }
        }
    }

    /// A number that never changes: random streams are named by it.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::RunSandbox => 0,
            Self::PullImage => 1,
            Self::CreateContainer => 2,
            Self::StartContainer => 3,
            Self::Run => 4,
            Self::StopContainer => 5,
            Self::PostStart => 6,
            Self::PreStop => 7,
            Self::Probe(ProbeKind::Startup) => 8,
            Self::Probe(ProbeKind::Readiness) => 9,
            Self::Probe(ProbeKind::Liveness) => 10,
        }
    }
}
