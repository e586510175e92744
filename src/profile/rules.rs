//! Policies: what a version and its gates come to.
//!
//! Each policy is named for what is done. Every variant has a fixture in `fixtures/policies/` whose
//! timeline it changes: `tests/policies.rs` holds that.

/// Everything in which versions of the kubelet differ, as far as podclock knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Texts of the Created and Started events (EVT-9, EVT-10).
    pub start_text: StartText,
    /// Text of the Pulled event for an image that is there (IMG-2).
    pub image_present: ImagePresent,
    /// Text of the Unhealthy event for a probe that errored (PROBE-31).
    pub probe_error: ProbeError,
    /// When the runtime is listed (PLEG-5, TIME-24).
    pub relist: Relist,
    /// When a runtime call that takes no time is answered.
    pub instant_calls: InstantCalls,
    /// What a second delete makes of a deadline that lies in the past already.
    pub shortened_deletion: ShortenedDeletion,
    /// When `PodReadyToStartContainers` turns true (COND-14).
    pub sandbox_condition: SandboxCondition,
    /// When a container in crash back-off is tried again (BACK-7, WORK-20).
    pub backoff_retry: BackoffRetry,
    /// The crash back-off's constants (BACK-2, BACK-11).
    pub crash_backoff: CrashBackoff,
    /// What becomes of `lastState` once the runtime has forgotten the container.
    pub last_state: LastState,
    /// Whether a rule may restart every container (VER-1).
    pub restart_all: bool,
    /// What a restart of the kubelet does to `started` and `ready` (PROBE-84).
    pub status_after_restart: StatusAfterRestart,
    /// Whose restart policy counts (VAL-40).
    pub restart_scope: RestartScope,
    /// Whether a crashed sidecar of a pod that restarts nothing is probed again (PROBE-15).
    pub sidecar_probes: SidecarProbes,
    /// What ends the Pending phase of a pod with sidecars (PHASE-3, PHASE-13).
    pub phase_gate: PhaseGate,
    /// What an exec probe's timeout counts as (PROBE-34, PROBE-42).
    pub exec_timeout: ExecTimeout,
    /// The phase in which a deleted pod ends (TERM-36, OLD-9).
    pub when_deleted: WhenDeleted,
}

/// Texts of the Created and Started events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartText {
    /// `Created container: a`, `Started container a`
    Named,
    /// `Container created`, `Container started`
    Plain,
}

/// Text of the Pulled event for an image that is on the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImagePresent {
    /// `… already present on machine`
    Plain,
    /// `… already present on machine and can be accessed by the pod`
    Accessible,
}

/// Text of the Unhealthy event for a probe that errored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbeError {
    /// `Readiness probe errored: …`
    Plain,
    /// `Readiness probe errored and resulted in unknown state: …`
    WithState,
}

/// When the runtime is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relist {
    /// Each second.
    Periodic,
    /// Each second, and for one pod right after a sync that changed something.
    OnDemand,
}

/// When a runtime call that takes no time is answered; stops and commands in a container, that is
/// probes and hooks, are answered at once in any case. In reality every call takes its
/// milliseconds; this is how the recordings of each version decide the tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstantCalls {
    /// At once: the caller goes on as if it had not waited.
    Atomic,
    /// When everything else of the instant has come to rest.
    Settled,
}

/// What a second delete makes of a deadline that lies in the past already (DEL-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShortenedDeletion {
    /// It stays in the past, with the grace period that was asked for.
    InThePast,
    /// It becomes the present, with a grace period of one second.
    NotBeforeNow,
}

/// When `PodReadyToStartContainers` turns true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SandboxCondition {
    /// There is no such condition.
    Absent,
    /// At the first sync after a relist has seen the sandbox.
    NextSync,
    /// As soon as the sandbox is up.
    AtOnce,
}

/// When a container in crash back-off is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackoffRetry {
    /// Every 10 seconds, as after any error.
    ErrorPeriod,
    /// When the back-off ends, at most a sync period later.
    AtExpiry,
}

/// Constants of the crash back-off, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CrashBackoff {
    /// The first delay; each further one is twice as long.
    pub initial: u32,
    /// The longest delay.
    pub max: u32,
}

impl CrashBackoff {
    /// 10 s, doubling to 5 min.
    pub const STANDARD: Self = Self {
        initial: 10_000,
        max: 300_000,
    };
    /// 1 s, doubling to 1 min: gate `ReduceDefaultCrashLoopBackOffDecay`.
    pub const REDUCED: Self = Self {
        initial: 1000,
        max: 60_000,
    };

    /// The same with the node's own cap, which also bounds the first delay (BACK-11).
    #[must_use]
    pub const fn capped(self, seconds: u32) -> Self {
        let max = seconds.saturating_mul(1000);
        let initial = if self.initial < max {
            self.initial
        } else {
            max
        };
        Self { initial, max }
    }
}

/// What becomes of `lastState` once the runtime has forgotten the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastState {
    /// It is gone.
    FromRuntime,
    /// It is kept from the status before.
    Kept,
}

/// What a restart of the kubelet does to `started` and `ready`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusAfterRestart {
    /// Both are false until probed again.
    Reset,
    /// Both are kept for containers that started more than 10 s before the kubelet.
    Kept,
}

/// Whose restart policy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestartScope {
    /// The pod's alone.
    Pod,
    /// The container's rules, then the container's policy, then the pod's.
    Container,
}

/// Whether a crashed sidecar of a pod with restart policy Never is probed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SidecarProbes {
    /// No: its probe workers end as every container's in such a pod do.
    EndWithContainer,
    /// Yes: its workers wait for the next run.
    GoOn,
}

/// What ends the Pending phase of a pod with sidecars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhaseGate {
    /// A regular container that is Running or Terminated in the status.
    ByStatus,
    /// A regular container that the runtime has made in the current sandbox.
    ByRuntime,
}

/// What an exec probe's timeout counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExecTimeout {
    /// A failure.
    Failure,
    /// An error, which is not counted.
    Error,
}

/// The phase in which a deleted pod ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhenDeleted {
    /// Succeeded or Failed, by the exit codes.
    Terminal,
    /// The phase that it was in.
    AsItWas,
}
