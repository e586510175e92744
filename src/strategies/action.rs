//! What is done to a pod.

use super::fragment::map;
use super::shape::Shape;
use super::time::span;
use crate::kubelet::ConditionStatus;
use crate::sim::Action;
use crate::spec::PodSpec;
use crate::time::Span;
use proptest::prelude::*;
use serde_yaml::Value;
use std::time::Duration;

/// Something done at a moment; indices count modulo what the pod has.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActionPlan {
    at: Span,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Delete(Option<i64>),
    Condition(usize, ConditionStatus),
    Image(usize, u8),
    Deadline(u32),
    RestartKubelet(Span),
}

/// Up to four things within that many seconds.
pub(super) fn plans(seconds: u64) -> impl Strategy<Value = Vec<ActionPlan>> {
    let delete = prop_oneof![
        2 => Just(None),
        1 => Just(Some(0)),
        2 => (1..=40i64).prop_map(Some),
    ];
    let status = prop_oneof![
        3 => Just(ConditionStatus::True),
        1 => Just(ConditionStatus::False),
        1 => Just(ConditionStatus::Unknown),
    ];
    let what = prop_oneof![
        5 => delete.prop_map(What::Delete),
        2 => (0..3usize, status).prop_map(|(gate, status)| What::Condition(gate, status)),
        1 => (0..8usize, 1..4u8).prop_map(|(container, tag)| What::Image(container, tag)),
        1 => (1..=90u32).prop_map(What::Deadline),
        2 => span(20).prop_map(What::RestartKubelet),
    ];
    let action = (span(seconds), what).prop_map(|(at, what)| ActionPlan { at, what });
    prop::collection::vec(action, 0..5)
}

/// What may be done to a pod within two minutes: deletions, with a grace period or none, again and
/// shortened; its readiness gates' conditions; restarts of the kubelet. Each with its moment, for
/// [`Model::at`](crate::sim::Model::at). Shrinks to nothing.
///
/// Updates are not among them: they need a file with the object to patch, as
/// [`scenario`](super::scenario) draws it.
///
/// ```
/// use podclock::{Profile, manifest, strategies};
/// use proptest::prelude::*;
///
/// let text = include_str!("../../fixtures/manifests/pod-minimal.yaml");
/// let pod = manifest::parse(text, &Profile::default()).into_result()?.pods[0].spec.clone();
/// proptest!(|(actions in strategies::actions(&pod))| {
///     prop_assert!(actions.len() <= 8);
/// });
/// # Ok::<(), manifest::ManifestError>(())
/// ```
pub fn actions(pod: &PodSpec) -> impl Strategy<Value = Vec<(Duration, Action)>> + use<> {
    let gates = Shape::of_spec(pod).gates.len();
    plans(120).prop_map(move |plans| {
        let plans = plans.into_iter();
        plans.flat_map(|plan| plan.actions(gates)).collect()
    })
}

impl ActionPlan {
    fn actions(self, gates: usize) -> Vec<(Duration, Action)> {
        let at = self.at.duration();
        match self.what {
            What::Delete(grace) => vec![(at, Action::Delete { grace })],
            What::Condition(gate, status) if gates > 0 => {
                let condition = (gate % gates) as u8;
                vec![(at, Action::SetCondition { condition, status })]
            }
            What::RestartKubelet(down) => vec![
                (at, Action::StopKubelet),
                (at + down.duration(), Action::StartKubelet),
            ],
            What::Condition(..) | What::Image(..) | What::Deadline(_) => Vec::new(),
        }
    }

    /// As a scenario file writes it; `None` where the pod has nothing to do it to.
    pub(super) fn value(self, shape: &Shape) -> Option<Value> {
        let (verb, what) = match self.what {
            What::Delete(grace) => ("delete", map([("grace", grace.map(Value::from))])),
            What::Condition(gate, status) => {
                let gate = shape.gates.get(gate % shape.gates.len().max(1))?;
                let status = match status {
                    ConditionStatus::True => "True",
                    ConditionStatus::False => "False",
                    ConditionStatus::Unknown => "Unknown",
                };
                let fields = [
                    ("type", Some(gate.as_str().into())),
                    ("status", Some(status.into())),
                ];
                ("condition", map(fields))
            }
            What::Image(container, tag) => {
                let (name, init) = shape.containers.get(container % shape.containers.len())?;
                let image = format!("img-{name}:{tag}");
                let container = map([
                    ("name", Some(name.as_str().into())),
                    ("image", Some(image.into())),
                ]);
                let list = if *init {
                    "initContainers"
                } else {
                    "containers"
                };
                let spec = map([(list, Some(vec![container].into()))]);
                ("update", map([("spec", Some(spec))]))
            }
            What::Deadline(seconds) => {
                let spec = map([("activeDeadlineSeconds", Some(seconds.into()))]);
                ("update", map([("spec", Some(spec))]))
            }
            What::RestartKubelet(down) => {
                let down = map([("down", Some(down.to_string().into()))]);
                ("restart_kubelet", down)
            }
        };
        Some(map([
            ("at", Some(self.at.to_string().into())),
            (verb, Some(what)),
        ]))
    }
}
