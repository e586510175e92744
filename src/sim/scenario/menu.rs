//! `faults:` as a scenario file writes it.

use super::file::{Delete, Restart, SetCondition, even_empty, given};
use crate::runtime::{Probed, Window};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What may go otherwise than the script has it. Each list holds alternatives to the nominal.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct MenuFile {
    /// The weight of what the script says, under a seed: 9 by default, against 1 for each
    /// alternative.
    pub(super) nominal: Option<u32>,
    /// What making the sandbox may come to.
    pub(super) sandbox: Vec<StepFault>,
    /// By image, what pulls of it may come to; otherwise the containers say it.
    pub(super) pulls: BTreeMap<String, Vec<StepFault>>,
    /// By container, what may go otherwise.
    pub(super) containers: BTreeMap<String, ContainerMenu>,
    /// What may be done to the pod, each at most once.
    pub(super) actions: Vec<OpenAction>,
}

/// What may go otherwise about a container. The fields are those of a script's attempt.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Menu"))]
pub(super) struct ContainerMenu {
    /// What pulling its image may come to.
    pub(super) pull: Vec<StepFault>,
    /// What creating it may come to.
    pub(super) create: Vec<StepFault>,
    /// What starting its process may come to.
    pub(super) start: Vec<StepFault>,
    /// How its process may end by itself: exit codes, or maps.
    pub(super) exit: Vec<ExitFault>,
    /// What the stop signal may do.
    pub(super) on_term: Vec<TermFault>,
    /// What its probes may come to.
    pub(super) probes: BTreeMap<Probed, Vec<CommandFault>>,
    /// What its postStart hook may come to.
    pub(super) post_start: Vec<CommandFault>,
    /// What its preStop hook may come to.
    pub(super) pre_stop: Vec<CommandFault>,
}

/// What something that the container runtime does may come to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = super::schema::allow_bare))]
pub(super) enum StepFault {
    /// It is done.
    Success(Timed),
    /// It cannot be done.
    Error(Timed),
    /// Nothing comes of it, ever.
    Hang(Weighed),
}

/// What a probe or a hook may come to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = super::schema::allow_bare))]
pub(super) enum CommandFault {
    /// It goes well.
    Success(Timed),
    /// It says no.
    Failure(Timed),
    /// It cannot be run, which for probes is not counted.
    Error(Timed),
    /// It never ends by itself.
    Hang(Weighed),
}

/// What the stop signal may do.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = super::schema::allow_bare))]
pub(super) enum TermFault {
    /// Nothing.
    Ignore(Weighed),
    /// It ends the process.
    Exit(TermExit),
}

/// How long something takes, and how likely it is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Timed {
    /// How long it takes: a time, or a window such as 5s..20s. No time by default.
    pub(super) takes: Window,
    /// How likely it is under a seed; 1 by default.
    pub(super) weight: u32,
}

/// How likely something is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Weighed {
    /// How likely it is under a seed; 1 by default.
    pub(super) weight: u32,
}

/// How a process may end at the stop signal.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MayStop"))]
pub(super) struct TermExit {
    /// How long after the signal: a time, or a window. At once by default.
    pub(super) after: Window,
    /// Its exit code; 143 by default.
    pub(super) code: i32,
    /// How likely it is under a seed; 1 by default.
    pub(super) weight: u32,
}

/// How a process may end by itself.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MayExit"))]
pub(super) struct Exit {
    /// Its exit code.
    #[serde(default)]
    pub(super) code: i32,
    /// Whether the kernel kills it for its memory.
    #[serde(default)]
    pub(super) oom: bool,
    /// How long after its start: a time, or a window. At any moment, or never, by default.
    #[serde(default = "any_moment")]
    pub(super) after: Window,
    /// How likely it is under a seed; 1 by default.
    #[serde(default = "one")]
    pub(super) weight: u32,
}

/// An exit code, or more about the exit.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(untagged))]
pub(super) enum ExitFault {
    /// With that code, at any moment or never.
    Code(i32),
    /// As told.
    Told(Exit),
}

/// Something that may be done to the pod: exactly one thing, and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MayDo"))]
pub(super) struct OpenAction {
    /// When, from the pod's creation: a time, or a window. At any moment, or never, by default.
    #[serde(default = "any_moment")]
    pub(super) at: Window,
    /// How likely it is under a seed, against 1 that it is not done; 1 by default.
    #[serde(default = "one")]
    pub(super) weight: u32,
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

const fn one() -> u32 {
    1
}

const fn any_moment() -> Window {
    Window::ANY
}

impl Default for Timed {
    fn default() -> Self {
        let takes = Window::NOW;
        Self { takes, weight: 1 }
    }
}

impl Default for Weighed {
    fn default() -> Self {
        Self { weight: 1 }
    }
}

impl Default for TermExit {
    fn default() -> Self {
        Self {
            after: Window::NOW,
            code: 143,
            weight: 1,
        }
    }
}

impl MenuFile {
    /// Whether nothing may go otherwise.
    pub(super) fn is_empty(&self) -> bool {
        let menus = self.containers.values();
        self.sandbox.is_empty()
            && self.pulls.values().all(Vec::is_empty)
            && menus.into_iter().all(ContainerMenu::is_empty)
            && self.actions.is_empty()
    }
}

impl ContainerMenu {
    fn is_empty(&self) -> bool {
        let steps = [&self.pull, &self.create, &self.start];
        let hooks = [&self.post_start, &self.pre_stop];
        let mut commands = hooks.into_iter().chain(self.probes.values());
        steps.into_iter().all(Vec::is_empty)
            && self.exit.is_empty()
            && self.on_term.is_empty()
            && commands.all(Vec::is_empty)
    }
}

impl OpenAction {
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

impl<'de> Deserialize<'de> for ExitFault {
    /// Without serde's guessing between the two, so that errors name what is wrong inside.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = ExitFault;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exit code, or a map with `code`, `oom`, `after` and `weight`,")
            }

            fn visit_u64<E: de::Error>(self, code: u64) -> Result<ExitFault, E> {
                let code = i32::try_from(code).map_err(|_| E::custom("no exit code"))?;
                Ok(ExitFault::Code(code))
            }

            fn visit_i64<E: de::Error>(self, code: i64) -> Result<ExitFault, E> {
                let code = i32::try_from(code).map_err(|_| E::custom("no exit code"))?;
                Ok(ExitFault::Code(code))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ExitFault, A::Error> {
                Exit::deserialize(MapAccessDeserializer::new(map)).map(ExitFault::Told)
            }
        }

        from.deserialize_any(Either)
    }
}
