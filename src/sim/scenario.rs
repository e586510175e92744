//! Scenario files: a pod, a script, actions.

use super::{Action, Model};
use crate::kubelet::{ConditionStatus, Loops, Phases, Text};
use crate::manifest::{self, Diagnostic, Severity};
use crate::profile::{Feature, Profile, Version};
use crate::runtime::{Attempt, SandboxPlan, Script};
use crate::spec::PodSpec;
use crate::time::Span;
use serde::Deserialize;
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A scenario: a model and how long to run it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The model.
    pub model: Model,
    /// How long to run it.
    pub until: Duration,
}

/// A scenario that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text is not a scenario.
    #[error("{0}")]
    Text(String),
    /// The pod, or an update of it, is not valid.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Pod(Vec<Diagnostic>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Option<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    note: Option<String>,
    kubelet: Option<String>,
    until: Span,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "the kubelet has been up for long enough either way"
    )]
    warmup: Option<Span>,
    #[serde(default)]
    phase: RawPhase,
    #[serde(default)]
    gates: BTreeMap<String, bool>,
    crash_loop_max: Option<u32>,
    pod: Value,
    #[serde(default)]
    script: RawScript,
    #[serde(default)]
    actions: Vec<RawAction>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPhase {
    pleg: Option<Span>,
    sync: Option<Span>,
    status: Option<Span>,
    gc: Option<Span>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawScript {
    images: Vec<String>,
    sandbox: Vec<SandboxPlan>,
    containers: BTreeMap<String, Vec<Attempt>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAction {
    at: Span,
    delete: Option<RawDelete>,
    condition: Option<RawCondition>,
    update: Option<Value>,
    restart_kubelet: Option<RawRestart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDelete {
    grace: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    r#type: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRestart {
    down: Span,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    ///
    /// The text is no scenario, or its pod is not valid.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let raw: Raw =
            serde_yaml::from_str(text).map_err(|error| ScenarioError::Text(error.to_string()))?;
        let profile = raw.profile()?;
        let pod = read_pod(&raw.pod, &profile, None)?;
        let script = Script::from_parts(raw.script.sandbox, raw.script.containers);
        let script = script.serving_images_of(&pod);
        let mut model = Model::new(Arc::new(pod), profile.rules(), script);
        let default = Phases::default();
        let millis = |span: Option<Span>, default: u64| span.map_or(default, Span::millis);
        model.loops = Loops::new(Phases {
            relist: millis(raw.phase.pleg, default.relist),
            sync: millis(raw.phase.sync, default.sync),
            status: millis(raw.phase.status, default.status),
            gc: millis(raw.phase.gc, default.gc),
        });
        let mut object = raw.pod;
        for action in raw.actions {
            let at = action.at.duration();
            if let Some(delete) = action.delete {
                let grace = delete.grace;
                model = model.at(at, Action::Delete { grace });
            }
            if let Some(condition) = action.condition {
                let status = match condition.status.as_str() {
                    "True" => ConditionStatus::True,
                    "False" => ConditionStatus::False,
                    _ => ConditionStatus::Unknown,
                };
                let condition = condition_index(&mut model.conditions, condition.r#type);
                model = model.at(at, Action::SetCondition { condition, status });
            }
            if let Some(restart) = action.restart_kubelet {
                model = model
                    .at(at, Action::StopKubelet)
                    .at(at + restart.down.duration(), Action::StartKubelet);
            }
            if let Some(patch) = action.update {
                let merged = manifest::strategic_merge(&object, &patch);
                let newest = &model.revisions[model.revisions.len() - 1];
                match read_pod(&merged, &profile, Some(newest)) {
                    Ok(spec) => {
                        object = merged;
                        let revision = model.revisions.len() as u8;
                        model.revisions.push(Arc::new(spec));
                        model = model.at(at, Action::Update { revision });
                    }
                    Err(_) => {
                        let error = Text::EMPTY;
                        model = model.at(at, Action::RefusedUpdate { error });
                    }
                }
            }
        }
        let images: Vec<&str> = raw.script.images.iter().map(String::as_str).collect();
        Ok(Self {
            name: raw.name.unwrap_or_default(),
            model: model.with_images(&images),
            until: raw.until.duration(),
        })
    }
}

impl Raw {
    fn profile(&self) -> Result<Profile, ScenarioError> {
        let text = |error: &dyn std::fmt::Display| ScenarioError::Text(error.to_string());
        let mut profile = match &self.kubelet {
            None => Profile::default(),
            Some(version) => {
                let version: Version = version.parse().map_err(|error| text(&error))?;
                Profile::of(version)
            }
        };
        for (name, &enabled) in &self.gates {
            let feature: Feature = name
                .parse()
                .map_err(|error| ScenarioError::Text(format!("gates.{name}: {error}")))?;
            profile = profile
                .with(feature, enabled)
                .map_err(|error| text(&error))?;
        }
        Ok(match self.crash_loop_max {
            Some(seconds) => profile.with_crash_loop_max(seconds),
            None => profile,
        })
    }
}

fn condition_index(known: &mut Vec<String>, wanted: String) -> u8 {
    let found = known.iter().position(|kind| *kind == wanted);
    let index = found.unwrap_or_else(|| {
        known.push(wanted);
        known.len() - 1
    });
    index as u8
}

fn read_pod(
    value: &Value,
    profile: &Profile,
    previous: Option<&PodSpec>,
) -> Result<PodSpec, ScenarioError> {
    let (spec, diagnostics) = manifest::pod(value, profile, previous, &manifest::Path::ROOT, None);
    let errors: Vec<Diagnostic> = diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    spec.ok_or(ScenarioError::Pod(errors))
}
