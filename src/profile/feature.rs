//! The feature gates that change a pod's life, one row each.

use super::Version;
use std::fmt;
use std::str::FromStr;

/// State of a gate in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Whether it is on by default.
    pub default: bool,
    /// Whether it cannot be switched.
    pub locked: bool,
    /// Whether the version has what the gate was for, and no longer the gate.
    pub removed: bool,
}

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $($from:literal => $stage:ident),+;)+) => {
        /// A feature gate of Kubernetes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[$doc])* $variant,)+
        }

        impl Feature {
            /// Every gate.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The gate's name upstream.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            const fn history(self) -> &'static [(u8, Stage)] {
                match self {
                    $(Self::$variant => &[$(($from, $stage)),+],)+
                }
            }
        }
    };
}

const OFF: Stage = Stage {
    default: false,
    locked: false,
    removed: false,
};
const ON: Stage = Stage {
    default: true,
    ..OFF
};
const LOCKED: Stage = Stage { locked: true, ..ON };
const REMOVED: Stage = Stage {
    removed: true,
    ..LOCKED
};

// Each row: the gate, then from which minor version on it has which default. Sources: section 10.2
// of the rules; upstream pkg/features/kube_features.go: defaultVersionedKubernetesFeatureGates; for
// removals the list of removed feature gates in the Kubernetes documentation.
features! {
    /// Readiness gates of pods (COND-4).
    PodReadinessGates = "PodReadinessGates": 11 => OFF, 12 => ON, 14 => LOCKED, 17 => REMOVED;
    /// Startup probes (PROBE-23).
    StartupProbe = "StartupProbe": 16 => OFF, 18 => ON, 20 => LOCKED, 24 => REMOVED;
    /// An exec probe's timeout is a failure (PROBE-34).
    ExecProbeTimeout = "ExecProbeTimeout": 20 => ON, 35 => LOCKED;
    /// Probe-level `terminationGracePeriodSeconds` (TERM-7).
    ProbeTerminationGracePeriod = "ProbeTerminationGracePeriod":
        21 => OFF, 25 => ON, 28 => LOCKED, 29 => REMOVED;
    /// Probes that call the gRPC health service.
    GrpcContainerProbe = "GRPCContainerProbe": 23 => OFF, 24 => ON, 27 => LOCKED, 29 => REMOVED;
    /// Sidecars: init containers that restart always (section 4.8).
    SidecarContainers = "SidecarContainers": 28 => OFF, 29 => ON, 33 => LOCKED;
    /// The condition `PodReadyToStartContainers` (COND-6).
    PodReadyToStartContainersCondition = "PodReadyToStartContainersCondition": 28 => OFF, 29 => ON;
    /// The sleep hook (HOOK-13).
    PodLifecycleSleepAction = "PodLifecycleSleepAction": 29 => OFF, 30 => ON, 34 => LOCKED;
    /// A sleep hook of zero seconds (VAL-22).
    PodLifecycleSleepActionAllowZero = "PodLifecycleSleepActionAllowZero":
        32 => OFF, 33 => ON, 34 => LOCKED;
    /// A cap of the node's own on crash back-off (BACK-11).
    KubeletCrashLoopBackOffMax = "KubeletCrashLoopBackOffMax": 32 => OFF, 35 => ON;
    /// Crash back-off from 1 s to 60 s (BACK-11).
    ReduceDefaultCrashLoopBackOffDecay = "ReduceDefaultCrashLoopBackOffDecay": 33 => OFF;
    /// `lifecycle.stopSignal` (VAL-23).
    ContainerStopSignals = "ContainerStopSignals": 33 => OFF;
    /// Present images are checked against pull secrets (IMG-12).
    KubeletEnsureSecretPulledImages = "KubeletEnsureSecretPulledImages": 33 => OFF, 35 => ON;
    /// Restart policy and rules of single containers (VAL-40).
    ContainerRestartRules = "ContainerRestartRules": 34 => OFF, 35 => ON;
    /// The rule action `RestartAllContainers` (VER-1).
    RestartAllContainersOnContainerExits = "RestartAllContainersOnContainerExits":
        35 => OFF, 36 => ON;
    /// On: a kubelet restart resets `started` and `ready`, as before 1.35 (PROBE-84).
    ChangeContainerStatusOnKubeletRestart = "ChangeContainerStatusOnKubeletRestart": 35 => OFF;
    /// The pod is relisted right after a sync that changed something (TIME-24).
    PlegOnDemandRelist = "PLEGOnDemandRelist": 36 => ON;
}

impl Feature {
    /// The first version that has the gate, and the fields behind it.
    #[must_use]
    pub fn since(self) -> Version {
        Version::minor(self.history().first().map_or(0, |&(from, _)| from))
    }

    /// The gate's state in a version; `None` where the version does not have it yet.
    #[must_use]
    pub fn stage(self, version: Version) -> Option<Stage> {
        let rows = self.history().iter();
        rows.rev()
            .find(|&&(from, _)| version >= Version::minor(from))
            .map(|&(_, stage)| stage)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no gate podclock knows: a kubelet may know it, but not for a pod's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a feature gate that changes a pod's life")]
pub struct ParseFeatureError;

impl FromStr for Feature {
    type Err = ParseFeatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.iter();
        all.find(|feature| feature.name() == text)
            .copied()
            .ok_or(ParseFeatureError)
    }
}
