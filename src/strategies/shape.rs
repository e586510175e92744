//! What actions and scripts need to know of a pod.

use crate::spec::PodSpec;
use serde_yaml::Value;

/// The names in a pod.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Each container's name, and whether it is an init container.
    pub(super) containers: Vec<(String, bool)>,
    /// Condition types of its readiness gates.
    pub(super) gates: Vec<String>,
}

impl Shape {
    /// Of a pod as a manifest writes it.
    pub(super) fn of_value(pod: &Value) -> Self {
        let list = |name: &str, field: &'static str| {
            let list = pod.get("spec").and_then(|spec| spec.get(name));
            let items = list.and_then(Value::as_sequence).into_iter().flatten();
            items
                .filter_map(|item| item.get(field)?.as_str().map(ToOwned::to_owned))
                .collect::<Vec<String>>()
        };
        let init = list("initContainers", "name");
        let regular = list("containers", "name");
        let init = init.into_iter().map(|name| (name, true));
        let regular = regular.into_iter().map(|name| (name, false));
        Self {
            containers: init.chain(regular).collect(),
            gates: list("readinessGates", "conditionType"),
        }
    }

    /// Of a pod that has been read.
    pub(super) fn of_spec(pod: &PodSpec) -> Self {
        let containers = pod
            .ids()
            .map(|id| (pod.container(id).name.to_string(), pod.is_init(id)));
        Self {
            containers: containers.collect(),
            gates: pod
                .readiness_gates
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }
}
