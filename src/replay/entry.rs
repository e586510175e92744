//! One entry of a trace.

use super::error::TraceError;
use super::summary;
use serde_json::Value;
use std::fmt;

const KINDS: [&str; 7] = ["api", "runtime", "exit", "probe", "hook", "event", "status"];

/// One entry of a trace, recorded or podclock's own. Two entries are equal if all their fields
/// are, in whatever order those stand.
///
/// Displayed as one line without its time: the fields that matter, a status in short form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    at: u64,
    value: Value,
}

impl Entry {
    /// Checks one entry of a recorded trace; `number` is its place, from 1.
    pub(super) fn read(value: Value, number: usize) -> Result<Self, TraceError> {
        let entry = number;
        if !value.is_object() {
            return Err(TraceError::NotAnObject { entry });
        }
        let at = value.get("t").and_then(Value::as_u64);
        let at = at.ok_or(TraceError::Time { entry })?;
        let kind = value.get("kind").and_then(Value::as_str);
        if !kind.is_some_and(|kind| KINDS.contains(&kind)) {
            return Err(TraceError::Kind { entry });
        }
        Ok(Self { at, value })
    }

    /// An entry of podclock's own making.
    pub(super) fn own(value: Value) -> Self {
        let at = value.get("t").and_then(Value::as_u64);
        let at = at.unwrap_or_default();
        Self { at, value }
    }

    /// Milliseconds since the pod was created.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// The entry as JSON, `t` included.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// A text field; empty if there is none.
    pub(super) fn text(&self, field: &str) -> &str {
        let value = self.value.get(field);
        value.and_then(Value::as_str).unwrap_or_default()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        summary::entry(self, f)
    }
}
