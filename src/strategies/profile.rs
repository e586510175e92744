//! Versions and gates.

use super::fragment::map;
use crate::profile::{Feature, Profile, Version};
use proptest::prelude::*;
use serde_yaml::{Mapping, Value};

/// Gates that are worth switching: those that change how a pod lives in a recorded version.
const GATES: [Feature; 9] = [
    Feature::ContainerRestartRules,
    Feature::RestartAllContainersOnContainerExits,
    Feature::PlegOnDemandRelist,
    Feature::ChangeContainerStatusOnKubeletRestart,
    Feature::PodReadyToStartContainersCondition,
    Feature::ReduceDefaultCrashLoopBackOffDecay,
    Feature::KubeletCrashLoopBackOffMax,
    Feature::ContainerStopSignals,
    Feature::PodLifecycleSleepActionAllowZero,
];

/// A profile with what a scenario file says to get it.
#[derive(Clone, Debug)]
pub(super) struct ProfilePlan {
    pub(super) profile: Profile,
    gates: Vec<(Feature, bool)>,
    crash_loop_max: Option<u32>,
}

/// The newest version with its default gates; less often, an older one, or switched gates.
pub(super) fn plan() -> impl Strategy<Value = ProfilePlan> {
    let version = prop_oneof![3 => Just(Version::V1_36), 2 => Just(Version::V1_32)];
    let gates = prop::collection::vec((0..GATES.len(), any::<bool>()), 0..3);
    let gates = prop_oneof![3 => Just(Vec::new()), 1 => gates];
    let crash_loop_max = prop::option::weighted(0.1, 1..=300u32);
    (version, gates, crash_loop_max).prop_map(|(version, gates, crash_loop_max)| {
        ProfilePlan::new(Profile::of(version), &gates, crash_loop_max)
    })
}

impl ProfilePlan {
    fn new(mut profile: Profile, gates: &[(usize, bool)], crash_loop_max: Option<u32>) -> Self {
        let mut switched: Vec<(Feature, bool)> = Vec::new();
        for &(index, enabled) in gates {
            let feature = GATES[index];
            let known = switched.iter().any(|&(known, _)| known == feature);
            // What the version lacks, or has locked, stays as it is.
            if let (false, Ok(with)) = (known, profile.clone().with(feature, enabled)) {
                profile = with;
                switched.push((feature, enabled));
            }
        }
        Self {
            profile: match crash_loop_max {
                Some(seconds) => profile.with_crash_loop_max(seconds),
                None => profile,
            },
            gates: switched,
            crash_loop_max,
        }
    }

    /// A version with its default gates.
    pub(super) fn of(version: Version) -> Self {
        Self::new(Profile::of(version), &[], None)
    }

    pub(super) fn version(&self) -> Value {
        self.profile.version().to_string().into()
    }

    pub(super) fn gates(&self) -> Option<Value> {
        let gates = self.gates.iter();
        let gates: Mapping = gates
            .map(|&(feature, enabled)| (feature.name().into(), enabled.into()))
            .collect();
        (!gates.is_empty()).then_some(Value::Mapping(gates))
    }

    pub(super) fn crash_loop_max(&self) -> Option<Value> {
        self.crash_loop_max.map(Value::from)
    }
}

/// First ticks of the kubelet's loops, as a scenario file has them.
pub(super) fn phase(phases: crate::kubelet::Phases) -> Option<Value> {
    let span = |millis| Some(crate::Span::from_millis(millis).to_string().into());
    (phases != crate::kubelet::Phases::default()).then(|| {
        map([
            ("pleg", span(phases.relist)),
            ("sync", span(phases.sync)),
            ("status", span(phases.status)),
            ("gc", span(phases.gc)),
        ])
    })
}
