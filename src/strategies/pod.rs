//! Pods.

use super::container::{self, ContainerPlan, Place};
use super::fragment::{Fragment, list, map};
use super::time::around;
use crate::profile::{Feature, Profile};
use proptest::prelude::*;
use serde_yaml::Value;

/// A pod with what its containers do.
#[derive(Clone, Debug)]
pub(super) struct PodPlan {
    policy: &'static str,
    grace: i64,
    deadline: Option<u32>,
    gates: usize,
    init: Vec<ContainerPlan>,
    regular: Vec<ContainerPlan>,
}

pub(super) fn plan() -> impl Strategy<Value = PodPlan> {
    let policy = prop_oneof![3 => Just("Always"), 1 => Just("OnFailure"), 1 => Just("Never")];
    let init = prop::collection::vec(container::plan(true), 0..4);
    let init = prop_oneof![2 => Just(Vec::new()), 2 => init];
    let regular = prop_oneof![
        2 => prop::collection::vec(container::plan(false), 1..2),
        2 => prop::collection::vec(container::plan(false), 1..5),
    ];
    (
        policy,
        around(30, 0..=60),
        prop::option::weighted(0.1, 1..=60u32),
        prop_oneof![4 => Just(0), 1 => 1..=2usize],
        init,
        regular,
    )
        .prop_map(|(policy, grace, deadline, gates, init, regular)| PodPlan {
            policy,
            grace,
            deadline,
            gates,
            init,
            regular,
        })
}

/// Pods that an API server with this profile takes: up to four containers and three init containers
/// or sidecars, with probes, hooks, graces, gates, deadlines, and what the profile has of restart
/// policies and rules of single containers.
///
/// ```
/// use podclock::{Profile, manifest, strategies};
/// use proptest::prelude::*;
///
/// let profile = Profile::default();
/// proptest!(|(pod in strategies::pod(&profile))| {
///     let text = pod.to_string();
///     prop_assert!(manifest::parse(&text, &profile).into_result().is_ok());
/// });
/// ```
pub fn pod(profile: &Profile) -> impl Strategy<Value = Fragment> + use<> {
    let profile = profile.clone();
    plan().prop_map(move |plan| Fragment(plan.value(&profile)))
}

impl PodPlan {
    /// Every container with its name and its place.
    pub(super) fn containers<'a>(
        &'a self,
        profile: &'a Profile,
    ) -> impl Iterator<Item = (String, Place<'a>, &'a ContainerPlan)> {
        let place = move |init| Place {
            init,
            grace: self.grace,
            profile,
        };
        let named = |index: usize| format!("i{}", index + 1);
        let init = self.init.iter().enumerate();
        let init = init.map(move |(index, plan)| (named(index), place(true), plan));
        let regular = ["a", "b", "c", "d"].into_iter().zip(&self.regular);
        let regular = regular.map(move |(name, plan)| (name.to_owned(), place(false), plan));
        init.chain(regular)
    }

    /// As a manifest writes it.
    pub(super) fn value(&self, profile: &Profile) -> Value {
        let group = |init: bool| {
            let all = self.containers(profile);
            let group = all.filter(|(_, place, _)| place.init == init);
            list(
                group
                    .map(|(name, place, plan)| plan.value(&name, place))
                    .collect(),
            )
        };
        let gate = |index| map([("conditionType", Some(gate(index).into()))]);
        // A stop signal wants the operating system to be named (VAL-23).
        let os = profile
            .enabled(Feature::ContainerStopSignals)
            .then(|| map([("name", Some("linux".into()))]));
        let spec = map([
            (
                "restartPolicy",
                Some(self.policy.into()).filter(|_| self.policy != "Always"),
            ),
            (
                "terminationGracePeriodSeconds",
                (self.grace != 30).then(|| self.grace.into()),
            ),
            ("activeDeadlineSeconds", self.deadline.map(Value::from)),
            ("os", os),
            ("readinessGates", list((0..self.gates).map(gate).collect())),
            ("initContainers", group(true)),
            ("containers", group(false)),
        ]);
        map([
            ("apiVersion", Some("v1".into())),
            ("kind", Some("Pod".into())),
            ("metadata", Some(map([("name", Some("p".into()))]))),
            ("spec", Some(spec)),
        ])
    }
}

/// The condition type of a readiness gate.
fn gate(index: usize) -> String {
    format!("example.com/gate-{index}")
}
