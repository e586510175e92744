//! A Kubernetes version and its feature gates, resolved once into plain policies.
//!
//! This is the only place that knows versions: the kubelet's machine reads [`Rules`], which name
//! what is done, never since when.

mod api;
mod feature;
mod rules;
mod version;

pub use api::{InitSource, Served};
pub use feature::{Feature, Stage};
pub use rules::{
    BackoffRetry, CrashBackoff, ExecTimeout, ImagePresent, InstantCalls, LastState, PhaseGate,
    ProbeError, Relist, RestartScope, Rules, SandboxCondition, ShortenedDeletion, SidecarProbes,
    StartText, StatusAfterRestart, WhenDeleted,
};
pub use version::Version;

/// A gate that cannot be switched as asked: a kubelet of that version would not start.
///
/// ```
/// use podclock::{Feature, Profile, Version};
///
/// let switch = |minor, on| Profile::of(Version::minor(minor)).with(Feature::StartupProbe, on);
/// let told = |minor, on| switch(minor, on).unwrap_err().to_string();
/// assert_eq!(
///     told(15, true),
///     "unrecognized feature gate: StartupProbe (it came with Kubernetes 1.16, this is 1.15)"
/// );
/// assert_eq!(
///     told(20, false),
///     "cannot set feature gate StartupProbe to false, feature is locked to true (in Kubernetes 1.20)"
/// );
/// assert!(switch(20, true).is_ok());
/// assert_eq!(
///     told(24, true),
///     "unrecognized feature gate: StartupProbe (Kubernetes 1.24 has it no longer: it is always on)"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// The version does not have the gate yet.
    #[error(
        "unrecognized feature gate: {feature} (it came with Kubernetes {}, this is {version})",
        .feature.since()
    )]
    Unknown {
        /// The gate.
        feature: Feature,
        /// The version.
        version: Version,
    },
    /// The version has what the gate was for, and no longer the gate.
    #[error(
        "unrecognized feature gate: {feature} (Kubernetes {version} has it no longer: it is always \
         on)"
    )]
    Removed {
        /// The gate.
        feature: Feature,
        /// The version.
        version: Version,
    },
    /// The gate is locked to its default.
    #[error(
        "cannot set feature gate {feature} to {}, feature is locked to {default} (in Kubernetes \
         {version})",
        !.default
    )]
    Locked {
        /// The gate.
        feature: Feature,
        /// The version.
        version: Version,
        /// What it is locked to.
        default: bool,
    },
}

/// A version with its gates: what a manifest is checked against, and where [`Rules`] come from.
///
/// ```
/// use podclock::{Feature, Profile, Version};
///
/// let profile = Profile::of(Version::V1_32);
/// assert!(!profile.enabled(Feature::ContainerRestartRules));
/// assert!(profile.with(Feature::ContainerRestartRules, true).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    version: Version,
    switched: Vec<(Feature, bool)>,
    crash_loop_max: Option<u32>,
}

/// `crashLoopBackOff.maxContainerRestartPeriod` where the kubelet's configuration does not set it,
/// in seconds. It holds with the reduced back-off too, whose own cap it replaces.
const DEFAULT_CRASH_LOOP_MAX: u32 = 300;

impl Default for Profile {
    fn default() -> Self {
        Self::of(Version::V1_36)
    }
}

impl Profile {
    /// A version with its default gates.
    #[must_use]
    pub const fn of(version: Version) -> Self {
        Self {
            version,
            switched: Vec::new(),
            crash_loop_max: None,
        }
    }

    /// The same with one gate switched.
    ///
    /// # Errors
    ///
    /// The version does not have the gate yet or any more, or has it locked to its default.
    pub fn with(mut self, feature: Feature, enabled: bool) -> Result<Self, GateError> {
        let version = self.version;
        let Some(stage) = feature.stage(version) else {
            return Err(GateError::Unknown { feature, version });
        };
        if stage.removed {
            return Err(GateError::Removed { feature, version });
        }
        if stage.locked && stage.default != enabled {
            let default = stage.default;
            return Err(GateError::Locked {
                feature,
                version,
                default,
            });
        }
        self.switched.retain(|&(known, _)| known != feature);
        self.switched.push((feature, enabled));
        Ok(self)
    }

    /// The same with `crashLoopBackOff.maxContainerRestartPeriod` of the kubelet's configuration,
    /// in seconds (BACK-11). Heeded while `KubeletCrashLoopBackOffMax` is on.
    #[must_use]
    pub const fn with_crash_loop_max(mut self, seconds: u32) -> Self {
        self.crash_loop_max = Some(seconds);
        self
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Whether a gate is on.
    #[must_use]
    pub fn enabled(&self, feature: Feature) -> bool {
        let switched = self.switched.iter().find(|&&(known, _)| known == feature);
        match switched {
            Some(&(_, enabled)) => enabled,
            None => feature
                .stage(self.version)
                .is_some_and(|stage| stage.default),
        }
    }

    /// The policies that version and gates come to.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let on = |feature| self.enabled(feature);
        let since = |minor| self.version >= Version::minor(minor);
        let standard = if on(Feature::ReduceDefaultCrashLoopBackOffDecay) {
            CrashBackoff::REDUCED
        } else {
            CrashBackoff::STANDARD
        };
        let crash_backoff = if on(Feature::KubeletCrashLoopBackOffMax) {
            standard.capped(self.crash_loop_max.unwrap_or(DEFAULT_CRASH_LOOP_MAX))
        } else {
            standard
        };
        Rules {
            start_text: if since(35) {
                StartText::Plain
            } else {
                StartText::Named
            },
            image_present: if on(Feature::KubeletEnsureSecretPulledImages) {
                ImagePresent::Accessible
            } else {
                ImagePresent::Plain
            },
            probe_error: if since(33) {
                ProbeError::WithState
            } else {
                ProbeError::Plain
            },
            relist: if on(Feature::PlegOnDemandRelist) {
                Relist::OnDemand
            } else {
                Relist::Periodic
            },
            instant_calls: if since(36) {
                InstantCalls::Settled
            } else {
                InstantCalls::Atomic
            },
            shortened_deletion: if since(33) {
                ShortenedDeletion::NotBeforeNow
            } else {
                ShortenedDeletion::InThePast
            },
            sandbox_condition: if !on(Feature::PodReadyToStartContainersCondition) {
                SandboxCondition::Absent
            } else if since(36) {
                SandboxCondition::AtOnce
            } else {
                SandboxCondition::NextSync
            },
            backoff_retry: if since(35) {
                BackoffRetry::AtExpiry
            } else {
                BackoffRetry::ErrorPeriod
            },
            crash_backoff,
            last_state: if on(Feature::RestartAllContainersOnContainerExits) {
                LastState::Kept
            } else {
                LastState::FromRuntime
            },
            restart_all: on(Feature::RestartAllContainersOnContainerExits),
            status_after_restart: if since(35)
                && !on(Feature::ChangeContainerStatusOnKubeletRestart)
            {
                StatusAfterRestart::Kept
            } else {
                StatusAfterRestart::Reset
            },
            restart_scope: if on(Feature::ContainerRestartRules) {
                RestartScope::Container
            } else {
                RestartScope::Pod
            },
            sidecar_probes: if since(34) {
                SidecarProbes::GoOn
            } else {
                SidecarProbes::EndWithContainer
            },
            phase_gate: if since(34) {
                PhaseGate::ByRuntime
            } else {
                PhaseGate::ByStatus
            },
            exec_timeout: if on(Feature::ExecProbeTimeout) {
                ExecTimeout::Failure
            } else {
                ExecTimeout::Error
            },
            when_deleted: if since(27) {
                WhenDeleted::Terminal
            } else {
                WhenDeleted::AsItWas
            },
        }
    }
}
