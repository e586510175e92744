//! A scenario that cannot be used.

use crate::manifest::{Diagnostic, Position, Severity};
use std::fmt;

/// A scenario that cannot be used: everything that is wrong with it, by file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The scenario file, and after it the manifest that it names, if something is wrong there.
    pub files: Vec<FileErrors>,
}

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileErrors {
    /// The file as it was named.
    pub name: String,
    /// Its text, to quote from.
    pub text: String,
    /// Every finding, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl fmt::Display for FileErrors {
    /// The findings over several lines each, with the source line and a mark under the place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            write!(f, "{}", diagnostic.snippet(&self.name, &self.text))?;
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    /// One finding per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for file in &self.files {
            for diagnostic in &file.diagnostics {
                if !std::mem::take(&mut first) {
                    f.write_str("\n")?;
                }
                write!(f, "{}", diagnostic.display(&file.name))?;
            }
        }
        Ok(())
    }
}

/// A finding at a place.
pub(super) fn error(
    path: impl fmt::Display,
    position: Option<Position>,
    message: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        path: path.to_string(),
        message: message.into(),
        position,
        help: None,
        document: 0,
    }
}
