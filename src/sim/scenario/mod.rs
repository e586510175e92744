//! Scenario files: a pod, a script, actions, and what is expected.

mod build;
mod check;
mod condition;
mod edge;
mod error;
mod expectation;
mod faults;
mod file;
mod held;
mod menu;
mod property;
mod question;
#[cfg(feature = "schema")]
mod schema;
mod source;
mod statement;
mod told;
mod tracked;
mod update;
mod usual;
mod window;
mod words;

pub use error::{FileErrors, ScenarioError};
pub use expectation::Expectation;
pub use question::Question;
#[cfg(feature = "proptest")]
pub(crate) use update::object as pod_object;
pub use usual::Saved;

use super::{Model, Property, Run};
use crate::manifest::Diagnostic;
use crate::profile::{Feature, Profile, Version};
use crate::runtime::{Choices, Trace};
use build::Under;
use serde_yaml::Value;
use std::path::Path;
use std::time::Duration;

/// Loops of the kubelet whose phases are given.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "only the program draws them")
)]
pub(crate) struct Placed {
    pub(crate) relist: bool,
    pub(crate) sync: bool,
    pub(crate) status: bool,
    pub(crate) gc: bool,
}

/// A scenario: a model, how long to run it, and what must come of it.
///
/// ```
/// use podclock::runtime::Nominal;
/// use podclock::sim::Scenario;
///
/// let scenario = Scenario::parse("
/// until: 2m
/// pod:
///   apiVersion: v1
///   kind: Pod
///   metadata: {name: web}
///   spec: {containers: [{name: app, image: app:1}]}
/// script:
///   containers:
///     app:
///     - on_term: ignore
/// actions:
/// - {at: 60, delete: {grace: 10}}
/// expect:
/// - ready: {before: 5}
/// - between: {from: deleted, to: killed, exactly: 10}
/// ")?;
/// let run = scenario.run(&mut Nominal);
/// assert_eq!(scenario.failures(&run.timeline), []);
/// # Ok::<(), podclock::sim::ScenarioError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name; that of its file where it has none.
    pub name: String,
    /// The version and gates that it runs under.
    pub profile: Profile,
    /// The model.
    pub model: Model,
    /// How long to run it.
    pub until: Duration,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
    /// Whether there is anything to choose: alternatives, or actions at an open moment.
    pub has_faults: bool,
    /// Which of the kubelet's loops tick at phases that the file gives; a seed places the others.
    #[cfg_attr(
        not(feature = "cli"),
        allow(dead_code, reason = "only the program draws them")
    )]
    pub(crate) placed: Placed,
    /// What is claimed of every run.
    pub properties: Vec<Property>,
    /// The choices of the run that the file is about, if it is about one.
    pub choices: Option<Trace>,
    /// The pod as it was written.
    pub(crate) object: Value,
    /// Warnings and notes about the file and its pod.
    pub warnings: Vec<Diagnostic>,
}

impl Scenario {
    /// Reads a scenario that is complete in itself.
    ///
    /// # Errors
    ///
    /// The text is no scenario, or its pod is not valid; or it wants a manifest from another file,
    /// which only [`Scenario::open`] can read.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        build::scenario("scenario", text, None, Under::default())
    }

    /// Reads a scenario from a text that was read from a file: the manifest that it may name is
    /// looked for next to it.
    ///
    /// # Errors
    ///
    /// The text is no scenario, or its pod is not valid, or its manifest cannot be read.
    pub fn parse_from(file: &Path, text: &str) -> Result<Self, ScenarioError> {
        Self::parse_under(file, text, None, &[])
    }

    /// Reads a scenario as [`Scenario::parse_from`] does, but under another version than its own,
    /// or with more gates switched: to compare what comes of it.
    ///
    /// # Errors
    ///
    /// As there; or a gate cannot be switched as asked.
    pub fn parse_under(
        file: &Path,
        text: &str,
        version: Option<Version>,
        gates: &[(Feature, bool)],
    ) -> Result<Self, ScenarioError> {
        let name = file.display().to_string();
        let folder = file.parent().unwrap_or_else(|| Path::new(""));
        build::scenario(&name, text, Some(folder), Under { version, gates })
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no scenario.
    pub fn open(file: &Path) -> Result<Self, ScenarioError> {
        match std::fs::read_to_string(file) {
            Ok(text) => Self::parse_from(file, &text),
            Err(problem) => Err(ScenarioError {
                files: vec![FileErrors {
                    name: file.display().to_string(),
                    text: String::new(),
                    diagnostics: vec![error::error("", None, problem.to_string())],
                }],
            }),
        }
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(&self, choices: &mut dyn Choices) -> Run {
        self.model.run(choices, self.until)
    }
}
