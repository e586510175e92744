//! What happens to a pod: values, never sentences.
//!
//! Three families that do not mix: facts of the runtime and the API server, changes of the status
//! that the API holds, and the Kubernetes Events that `kubectl get events` would show.

use super::Text;
use super::api_status::PodStatus;
use super::input::ConditionStatus;
use super::runtime_status::RunId;
use crate::spec::{ContainerId, ImageId, ProbeKind};
use crate::time::Time;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// To the pod object at the API server.
    Api(ApiEvent),
    /// To the sandbox.
    Sandbox(SandboxEvent),
    /// To an image.
    Image(ImageEvent),
    /// To a container.
    Container(ContainerEvent),
    /// To a probe.
    Probe(ProbeEvent),
    /// To a lifecycle hook.
    Hook(HookEvent),
    /// The API holds a new status.
    Status(Box<PodStatus>),
    /// A Kubernetes Event was sent.
    Kube(KubeEvent),
}

/// Facts of the API server and of the kubelet's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiEvent {
    /// The object was created.
    Created,
    /// Somebody asked for its deletion.
    DeleteRequested {
        /// The grace period asked for, in seconds.
        grace: Option<i64>,
        /// Whether it was the kubelet, ending the object's life (DEL-12).
        by_kubelet: bool,
        /// Whether the object was there.
        found: bool,
    },
    /// The object has a deletion deadline now (DEL-4).
    DeletionTimestamp {
        /// The deadline, cut to the second.
        at: Time,
        /// Seconds.
        grace: i64,
    },
    /// The object is gone.
    Removed,
    /// A condition that the kubelet does not own was set.
    ConditionSet {
        /// Index into the pod's foreign condition types.
        condition: u8,
        /// Its new status.
        status: ConditionStatus,
    },
    /// Somebody changed the specification.
    Updated {
        /// Whether the object was there.
        found: bool,
    },
    /// A change of the specification was refused.
    UpdateRefused {
        /// The server's words.
        error: Text,
    },
    /// The kubelet's process ended.
    KubeletStopped,
    /// The kubelet's process started again.
    KubeletStarted,
}

/// Facts of the pod's sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxEvent {
    /// Its making began.
    Run {
        /// Which sandbox.
        attempt: u32,
    },
    /// It is up.
    Ready {
        /// Which sandbox.
        attempt: u32,
    },
    /// It could not be made.
    Failed {
        /// Which sandbox.
        attempt: u32,
        /// Why.
        error: Text,
    },
    /// It was stopped.
    Stopped {
        /// Which sandbox.
        attempt: u32,
    },
    /// It was removed.
    Removed {
        /// Which sandbox.
        attempt: u32,
    },
}

/// Facts of image pulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageEvent {
    /// A pull began.
    Pull {
        /// The image.
        image: ImageId,
    },
    /// The kubelet that waited for it is gone.
    GivenUp {
        /// The image.
        image: ImageId,
    },
    /// It ended.
    Pulled {
        /// The image.
        image: ImageId,
        /// Why it failed, if it did.
        error: Option<Text>,
    },
}

/// Facts of one container's run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerEvent {
    /// Which run.
    pub run: RunId,
    /// The restart count that it was made with.
    pub attempt: u32,
    /// What happened to it.
    pub fact: ContainerFact,
}

/// What happened to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerFact {
    /// It was created, or could not be.
    Create {
        /// Why it failed, if it did.
        error: Option<Text>,
    },
    /// Its start began.
    Start,
    /// Its start ended.
    Started {
        /// Why it failed, if it did.
        error: Option<Text>,
    },
    /// The runtime was told to stop it: the stop signal is sent.
    Stop {
        /// Seconds until KILL.
        timeout: i64,
        /// Whether it still ran.
        running: bool,
    },
    /// Its process ended.
    Exited {
        /// Exit code.
        code: i32,
        /// What ended it.
        by: ExitCause,
    },
    /// It was removed from the runtime.
    Removed,
}

/// What ended a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCause {
    /// Itself.
    Itself,
    /// The kernel, for its memory.
    OutOfMemory,
    /// The stop signal.
    Term,
    /// SIGKILL.
    Kill,
}

/// Beginning or end of one call of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeEvent {
    /// In which run.
    pub run: RunId,
    /// The restart count that the run was made with.
    pub attempt: u32,
    /// Which probe.
    pub kind: ProbeKind,
    /// How it ended; `None` is its beginning.
    pub end: Option<CallEnd>,
}

/// Beginning or end of a lifecycle hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookEvent {
    /// In which run.
    pub run: RunId,
    /// The restart count that the run was made with.
    pub attempt: u32,
    /// Which hook.
    pub hook: HookKind,
    /// How it ended; `None` is its beginning.
    pub end: Option<CallEnd>,
}

/// The two lifecycle hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookKind {
    /// After the start.
    PostStart,
    /// Before the stop signal.
    PreStop,
}

/// How a call into a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// With an exit code; 0 is success.
    Exit(i32),
    /// It could not be run.
    CannotRun,
    /// It took longer than its timeout.
    Timeout,
    /// Its container died meanwhile.
    Killed,
    /// Its container was already dead.
    NotRunning,
    /// The kubelet that waited for it is gone.
    GivenUp,
}

/// A Kubernetes Event: its reason with what its message speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KubeEvent {
    /// The container it is about; `None` for the pod.
    pub container: Option<ContainerId>,
    /// Reason and arguments.
    pub what: KubeReason,
}

/// Reasons of Kubernetes Events, with the arguments of their messages (section 8 of the rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeReason {
    /// EVT-2
    Pulling {
        /// The image.
        image: ImageId,
    },
    /// EVT-3, after a pull.
    Pulled {
        /// The image.
        image: ImageId,
        /// Milliseconds that the pull took.
        took: u64,
    },
    /// EVT-3, image on the node.
    AlreadyPresent {
        /// The image.
        image: ImageId,
    },
    /// EVT-4
    PullFailed {
        /// The image.
        image: ImageId,
        /// The runtime's words.
        error: Text,
    },
    /// EVT-5
    PullBackOff {
        /// The image.
        image: ImageId,
    },
    /// EVT-6
    NeverPull {
        /// The image.
        image: ImageId,
    },
    /// EVT-8, for the image step: `Error: ErrImagePull` and its like.
    FailedImage(ImageError),
    /// EVT-8 and EVT-11, for creates and starts.
    Failed {
        /// The runtime's words.
        error: Text,
    },
    /// EVT-9
    Created,
    /// EVT-10
    Started,
    /// EVT-12
    BackOff,
    /// EVT-13
    Killing(KillMessage),
    /// EVT-14
    FailedPostStartHook,
    /// EVT-15
    FailedPreStopHook,
    /// EVT-16
    Unhealthy {
        /// Which probe.
        kind: ProbeKind,
        /// What it said.
        verdict: Unhealthy,
    },
    /// EVT-19
    SandboxChanged,
    /// EVT-20
    FailedCreatePodSandBox {
        /// The runtime's words.
        error: Text,
    },
    /// EVT-27
    DeadlineExceeded,
}

/// Errors of the image step of a start (IMG-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageError {
    /// The pull failed.
    ErrImagePull,
    /// A pull failed not long ago.
    ImagePullBackOff,
    /// Not there, and never to be pulled.
    ErrImageNeverPull,
}

/// Message of a Killing event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillMessage {
    /// `Stopping container a`
    Stopping,
    /// `Container a definition changed, will be restarted`
    DefinitionChanged {
        /// Whether it is an init container.
        init: bool,
    },
    /// `Container a failed liveness probe[, will be restarted]`
    FailedProbe {
        /// Liveness or startup.
        kind: ProbeKind,
        /// Whether it is an init container.
        init: bool,
        /// Whether the message promises a restart.
        restart: bool,
    },
    /// `FailedPostStartHook`
    FailedPostStartHook,
    /// `killing`: every container restarts (VER-1).
    RestartingAll,
    /// `Container is in "unknown" state, try killing it before restart`
    UnknownState {
        /// Whether it is an init container.
        init: bool,
    },
}

/// What a bad probe said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unhealthy {
    /// It failed with that output.
    Failed {
        /// What it printed.
        output: Text,
    },
    /// It took longer than its timeout, in seconds.
    TimedOut {
        /// Seconds.
        timeout: u32,
    },
    /// It could not be run.
    Errored {
        /// Why.
        error: Text,
    },
    /// It could not be run: no process in the container.
    NotRunning,
}
