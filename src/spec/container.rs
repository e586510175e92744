//! One container of a pod.

use super::{Handler, ImageId, Probe, ProbeKind};

/// A container, init container or sidecar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    /// The container's name, unique in its pod.
    pub name: Box<str>,
    /// Its image.
    pub image: ImageId,
    /// When the image is pulled (IMG-1 … IMG-5).
    pub pull_policy: PullPolicy,
    /// The container's own restart policy. `Always` on an init container makes it a sidecar;
    /// anything else needs the feature `ContainerRestartRules` (VAL-40).
    pub restart_policy: Option<RestartPolicy>,
    /// What to do at which exit code, before the policies are asked (VAL-42).
    pub restart_rules: Vec<ExitRule>,
    /// Startup probe.
    pub startup: Option<Probe>,
    /// Readiness probe.
    pub readiness: Option<Probe>,
    /// Liveness probe.
    pub liveness: Option<Probe>,
    /// Hook that runs right after the start and holds up the pod's worker (HOOK-1).
    pub post_start: Option<Handler>,
    /// Hook that runs before the stop signal, within the grace period (HOOK-22).
    pub pre_stop: Option<Handler>,
    /// The stop signal, where the pod sets one (VAL-23).
    pub stop_signal: Option<StopSignal>,
}

impl Container {
    /// The probe of that kind, if the container has one.
    #[must_use]
    pub const fn probe(&self, kind: ProbeKind) -> Option<&Probe> {
        match kind {
            ProbeKind::Startup => self.startup.as_ref(),
            ProbeKind::Readiness => self.readiness.as_ref(),
            ProbeKind::Liveness => self.liveness.as_ref(),
        }
    }
}

/// When a container's image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PullPolicy {
    /// At every start of the container.
    Always,
    /// If the node does not have it.
    IfNotPresent,
    /// Never: without the image on the node the container does not start.
    Never,
}

/// Restart policy of a pod, or of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestartPolicy {
    /// Whatever the exit code.
    Always,
    /// After any exit code but 0.
    OnFailure,
    /// Not at all.
    Never,
}

/// One entry of `restartPolicyRules` (VAL-42): the first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExitRule {
    /// Matches the codes listed (`In`) or all others (`NotIn`).
    pub matches_listed: bool,
    /// The exit codes.
    pub codes: Vec<i32>,
    /// What follows.
    pub action: ExitAction,
}

impl ExitRule {
    /// Whether the rule speaks of this exit code.
    #[must_use]
    pub fn matches(&self, code: i32) -> bool {
        self.codes.contains(&code) == self.matches_listed
    }
}

/// What an [`ExitRule`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitAction {
    /// Restart this container.
    Restart,
    /// Restart every container of the pod (VER-1).
    RestartAllContainers,
}

/// A Linux signal by its Kubernetes name, such as `SIGINT`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StopSignal(pub Box<str>);
