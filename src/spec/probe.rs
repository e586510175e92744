//! A probe's settings.

use super::Handler;

/// Startup, readiness or liveness probe, defaults in place (DEF-4 … DEF-8).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    /// What is asked.
    pub handler: Handler,
    /// `initialDelaySeconds`: whole seconds from the container's start (PROBE-22).
    pub initial_delay: u32,
    /// `timeoutSeconds`, at least 1.
    pub timeout: u32,
    /// `periodSeconds`, at least 1.
    pub period: u32,
    /// `successThreshold`, at least 1.
    pub success_threshold: u32,
    /// `failureThreshold`, at least 1.
    pub failure_threshold: u32,
    /// Probe-level `terminationGracePeriodSeconds` (TERM-7, TERM-8).
    pub termination_grace: Option<i64>,
}

/// The three kinds of probe, in the order in which their workers are made (PROBE-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// Holds back the other two until it has succeeded once per run of the container.
    Startup,
    /// Decides whether the container is ready.
    Readiness,
    /// Decides whether the container is killed.
    Liveness,
}

impl ProbeKind {
    /// All kinds, in order.
    pub const ALL: [Self; 3] = [Self::Startup, Self::Readiness, Self::Liveness];
}
