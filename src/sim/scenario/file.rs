//! A scenario file as written. These types are the format: its JSON Schema is made from them.

use super::menu::MenuFile;
use super::property::PropertyFile;
use super::statement::Statement;
use crate::kubelet::ConditionStatus;
use crate::runtime::{Attempt, Pull, SandboxPlan, Trace};
use crate::time::Span;
use serde::{Deserialize, Deserializer};
use serde_yaml::Value;
use std::collections::BTreeMap;

/// A scenario for podclock: a pod, a script of what its containers do, what is done to the pod, and
/// what is expected to come of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(title = "podclock scenario"))]
pub(super) struct File {
    /// What the scenario is called.
    #[serde(deserialize_with = "word")]
    pub(super) name: Option<String>,
    /// A word to the reader of the file.
    #[allow(dead_code, reason = "for the reader of the file")]
    pub(super) note: Option<String>,
    /// The Kubernetes version, such as "1.32"; the newest one by default.
    pub(super) kubelet: Option<String>,
    /// How long to run, from the pod's creation. Needed.
    pub(super) until: Option<Span>,
    /// How long the kubelet has been up before. Any length does: nothing depends on it.
    #[allow(
        dead_code,
        reason = "the kubelet has been up for long enough either way"
    )]
    pub(super) warmup: Option<Span>,
    /// When the kubelet's loops tick first.
    pub(super) phase: Phase,
    /// How long the kubelet's loops wait.
    pub(super) timing: Timing,
    /// By how much the kubelet lengthens the delay before it tries a failed sync again, in a search.
    pub(super) jitter: Jitter,
    /// Feature gates that are not as the version has them.
    pub(super) gates: BTreeMap<String, bool>,
    /// crashLoopBackOff.maxContainerRestartPeriod of the kubelet's configuration, in seconds.
    pub(super) crash_loop_max: Option<u32>,
    /// The v1 Pod; or, next to `manifest`, the name of one of its pods.
    #[cfg_attr(feature = "schema", schemars(with = "PodOrName"))]
    pub(super) pod: Option<Value>,
    /// A manifest to take the pod from, relative to this file.
    pub(super) manifest: Option<String>,
    /// What the container runtime and the containers do.
    pub(super) script: ScriptFile,
    /// What is done to the pod, in order of time or not.
    pub(super) actions: Vec<Action>,
    /// What may go otherwise: a seed or a search decides whether it does.
    pub(super) faults: MenuFile,
    /// What must come of it.
    pub(super) expect: Vec<Statement>,
    /// What is claimed of every run that a search finds.
    pub(super) properties: Vec<PropertyFile>,
    /// The choices of one run, in their order, instead of nominal ones: that run is made again. A
    /// search writes them.
    pub(super) choices: Option<Choices>,
}

/// Choices of a run in one line: `2` is the alternative with that index, `.` waits, and `1+250` lets
/// the open thing with index 1 happen 250 ms later.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices(pub(super) Trace);

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Line;

        impl serde::de::Visitor<'_> for Line {
            type Value = Choices;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("one line of choices")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Choices, E> {
                Ok(Choices::default())
            }

            /// A single choice.
            fn visit_u64<E: serde::de::Error>(self, index: u64) -> Result<Choices, E> {
                self.visit_str(&index.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, line: &str) -> Result<Choices, E> {
                line.parse().map(Choices).map_err(E::custom)
            }
        }

        from.deserialize_any(Line)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Choices {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Choices".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Choices of a run: 2 is the alternative with that index, . waits, and 1+250 lets the open thing with index 1 happen 250 ms later.",
            "type": ["string", "integer"],
            "pattern": r"^\s*((\.|[0-9]+(\+[0-9]+)?)(\s+|$))*$"
        })
    }
}

#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "a shape, for the schema alone")]
enum PodOrName {
    Pod(serde_json::Map<String, serde_json::Value>),
    Name(String),
}

/// How long the kubelet's loops wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum Timing {
    /// Until their next tick, as in every real kubelet.
    #[default]
    Faithful,
    /// Not at all: what takes time is only what the pod says and what its containers do.
    Ideal,
}

/// By how much the kubelet lengthens a delay that it lengthens at random, where no seed draws it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum Jitter {
    /// Not at all.
    #[default]
    Rest,
    /// A search tries it.
    Open,
}

/// First ticks of the kubelet's loops after the pod's creation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Phase {
    /// The relist of the runtime, each second. 0.313 by default.
    pub(super) pleg: Option<Span>,
    /// The sync loop, each second, and housekeeping, every other. 0.617 by default.
    pub(super) sync: Option<Span>,
    /// The status manager's full pass, every 10 seconds. 0.911 by default.
    pub(super) status: Option<Span>,
    /// The container garbage collection, each minute. 0.953 by default.
    pub(super) gc: Option<Span>,
}

/// What the container runtime and the containers do. What is not said goes well and takes no time.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct ScriptFile {
    /// Images that the node already has.
    pub(super) images: Vec<String>,
    /// By image, what a pull of it is like; otherwise the attempts of the container say it.
    pub(super) pulls: BTreeMap<String, Pull>,
    /// One entry per creation of a sandbox; the last repeats.
    pub(super) sandbox: Vec<SandboxPlan>,
    /// By container, one entry per attempt to start it; the last repeats.
    pub(super) containers: BTreeMap<String, Vec<Attempt>>,
}

/// Something that is done to the pod: a time, and exactly one thing to do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Action {
    /// When, from the pod's creation.
    pub(super) at: Span,
    /// Deletes the pod.
    #[serde(default, deserialize_with = "even_empty")]
    pub(super) delete: Option<Delete>,
    /// Sets a condition that the kubelet does not own, such as a readiness gate's.
    pub(super) condition: Option<SetCondition>,
    /// Changes the pod by this strategic merge patch.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")
    )]
    pub(super) update: Option<Value>,
    /// Stops the kubelet and starts it again.
    #[serde(default, deserialize_with = "even_empty")]
    pub(super) restart_kubelet: Option<Restart>,
}

/// A deletion.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Delete {
    /// gracePeriodSeconds; the pod's own by default.
    pub(super) grace: Option<i64>,
}

/// A condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct SetCondition {
    /// Its type, such as example.com/gate.
    pub(super) r#type: String,
    /// Its status.
    pub(super) status: Status,
}

/// Status of a condition.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum Status {
    True,
    False,
    Unknown,
}

/// A restart of the kubelet.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Restart {
    /// How long it is down.
    pub(super) down: Span,
}

/// A text, or a number that is meant as one: names of recordings are.
fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(from)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(serde::de::Error::custom("a name is a text")),
    }
}

/// A field that is there without a value counts as one with nothing in it.
pub(super) fn even_empty<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    let read = Option::<T>::deserialize(from)?;
    Ok(Some(read.unwrap_or_default()))
}

/// What can be done, in this order: `delete`, `condition`, `update`, `restart_kubelet`.
pub(super) fn given(all: [bool; 4]) -> Vec<&'static str> {
    let names = ["delete", "condition", "update", "restart_kubelet"];
    let given = names.into_iter().zip(all).filter(|(_, given)| *given);
    given.map(|(verb, _)| verb).collect()
}

impl Action {
    /// The names of what is asked for.
    pub(super) fn verbs(&self) -> Vec<&'static str> {
        given([
            self.delete.is_some(),
            self.condition.is_some(),
            self.update.is_some(),
            self.restart_kubelet.is_some(),
        ])
    }
}

impl From<Status> for ConditionStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::True => Self::True,
            Status::False => Self::False,
            Status::Unknown => Self::Unknown,
        }
    }
}
