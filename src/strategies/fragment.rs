//! What is drawn as text.

use crate::manifest::write as text;
use crate::sim::{Scenario, ScenarioError};
use serde_yaml::{Mapping, Value};
use std::fmt;

/// A piece of a manifest: prints as YAML.
#[derive(Clone, PartialEq)]
pub struct Fragment(pub(super) Value);

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.0))
    }
}

impl fmt::Debug for Fragment {
    /// The same on lines of its own, for a failing test to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// A scenario as its file would have it.
#[derive(Clone, PartialEq, Eq)]
pub struct ScenarioFile(String);

impl ScenarioFile {
    pub(super) fn new(value: &Value) -> Self {
        Self(text(value))
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The scenario in it.
    ///
    /// # Errors
    ///
    /// None are known: what is drawn is valid. One would be a mistake of podclock's.
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        Scenario::parse(&self.0)
    }
}

impl fmt::Display for ScenarioFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ScenarioFile {
    /// The same on lines of its own, for a failing test to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// A map of these fields; those without a value are left out.
pub(super) fn map<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields.into_iter();
    let given = given.filter_map(|(name, value)| Some((Value::from(name), value?)));
    Value::Mapping(given.collect::<Mapping>())
}

/// A list, unless it is empty.
pub(super) fn list(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Sequence(values))
}
