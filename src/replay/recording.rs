//! One recorded trace.

use super::entry::Entry;
use super::error::TraceError;
use serde_json::Value;

/// What the real kubelet did in one run of a scenario: `trace.json`, or one of the alternatives
/// beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The name of the file.
    pub file: String,
    entries: Vec<Entry>,
}

impl Recording {
    /// Reads a trace: a JSON array of entries whose times never go backwards.
    ///
    /// # Errors
    ///
    /// The text is no trace; the error names the entry.
    pub fn parse(file: &str, text: &str) -> Result<Self, TraceError> {
        let Value::Array(values) = serde_json::from_str(text)? else {
            return Err(TraceError::NotAList);
        };
        let mut entries = Vec::with_capacity(values.len());
        let mut previous = 0;
        for (index, value) in values.into_iter().enumerate() {
            let entry = Entry::read(value, index + 1)?;
            let at = entry.at();
            if at < previous {
                let entry = index + 1;
                return Err(TraceError::Backwards {
                    entry,
                    at,
                    previous,
                });
            }
            previous = at;
            entries.push(entry);
        }
        Ok(Self {
            file: file.to_owned(),
            entries,
        })
    }

    /// Its entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let read = Recording::parse("trace.json", text);
        read.expect_err("a malformed trace").to_string()
    }

    #[test]
    fn malformed_traces_are_errors_that_name_the_place() {
        let told = error("[\n{\"t\": 0,\n}]");
        assert!(told.contains("line 3 column 1"), "{told}");
        assert_eq!(error("{}"), "a trace is an array of entries");
        assert_eq!(
            error(r#"[{"t": 0, "kind": "api"}, 5]"#),
            "entry 2 is not an object"
        );
        assert_eq!(
            error(r#"[{"kind": "api"}]"#),
            "entry 1: `t` must be a whole number of milliseconds, 0 or more"
        );
        assert_eq!(
            error(r#"[{"t": 1.5, "kind": "api"}]"#),
            "entry 1: `t` must be a whole number of milliseconds, 0 or more"
        );
        assert_eq!(
            error(r#"[{"t": 5, "kind": "api"}, {"t": 4, "kind": "api"}]"#),
            "entry 2: `t` is 4, but the entry before is at 5"
        );
        assert_eq!(
            error(r#"[{"t": 5, "kind": "news"}]"#),
            "entry 1: `kind` must be one of api, runtime, exit, probe, hook, event, status"
        );
    }
}
