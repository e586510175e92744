//! The text of a scenario: one document, located.

use super::error::{FileErrors, ScenarioError, error};
use crate::manifest::{Diagnostic, Path, Problem, Spots, did_you_mean, documents};
use serde_yaml::Value;

/// A scenario's text with everything found wrong in it so far.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) value: Value,
    pub(super) spots: Spots,
    pub(super) found: Vec<Diagnostic>,
    pub(super) elsewhere: Option<FileErrors>,
}

impl Source {
    /// Reads a text of exactly one document.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, ScenarioError> {
        let fail = |diagnostic: Diagnostic| ScenarioError {
            files: vec![FileErrors {
                name: name.to_owned(),
                text: text.to_owned(),
                diagnostics: vec![diagnostic],
            }],
        };
        let (mut documents, problem) = documents(text);
        if let Some(problem) = problem {
            return Err(fail(whole(problem)));
        }
        if let Some(second) = documents.get(1) {
            let position = second.spots.value(&Path::ROOT);
            return Err(fail(error("", position, "a scenario is one document")));
        }
        let Some(document) = documents
            .pop()
            .filter(|document| document.value.is_mapping())
        else {
            return Err(fail(error(
                "",
                None,
                "a scenario is a map with `until`, `pod` and more",
            )));
        };
        let found = document.duplicates.into_iter();
        let found = found.map(|(path, problem)| Diagnostic {
            path,
            ..whole(problem)
        });
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            value: document.value,
            spots: document.spots,
            found: found.collect(),
            elsewhere: None,
        })
    }

    /// Notes an error at a field's value.
    pub(super) fn error(&mut self, path: &Path<'_>, message: impl Into<String>) {
        let position = self.spots.value(path);
        self.found.push(error(path, position, message));
    }

    /// Notes an error at a field's name, with what to do about it.
    pub(super) fn key_error(
        &mut self,
        path: &Path<'_>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let position = self.spots.key(path);
        let diagnostic = error(path, position, message);
        self.found.push(Diagnostic { help, ..diagnostic });
    }

    /// A number as it is written: `0042` is one to YAML, and is meant as a name.
    pub(super) fn written(&self, field: &str) -> Option<String> {
        self.value.get(field).filter(|value| value.is_number())?;
        let at = self.spots.value(&Path::ROOT.field(field))?;
        let line = self.text.lines().nth(at.line - 1)?;
        let rest = line.chars().skip(at.column - 1);
        Some(rest.take_while(char::is_ascii_alphanumeric).collect())
    }

    /// Whether an unknown field has been taken for that one.
    pub(super) fn meant(&self, field: &str) -> bool {
        let help = did_you_mean(field);
        let mut found = self.found.iter();
        found.any(|diagnostic| diagnostic.help.as_ref() == Some(&help))
    }

    pub(super) fn has_errors(&self) -> bool {
        self.elsewhere.is_some() || self.found.iter().any(Diagnostic::is_error)
    }

    /// Everything found, in the order of the text.
    pub(super) fn sorted(&mut self) -> Vec<Diagnostic> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|diagnostic| (diagnostic.position.is_none(), diagnostic.position));
        found
    }

    pub(super) fn into_error(mut self) -> ScenarioError {
        let diagnostics = self.sorted();
        let mut files = Vec::new();
        if !diagnostics.is_empty() {
            files.push(FileErrors {
                name: self.name,
                text: self.text,
                diagnostics,
            });
        }
        files.extend(self.elsewhere);
        ScenarioError { files }
    }
}

fn whole(problem: Problem) -> Diagnostic {
    let diagnostic = error("", problem.position, problem.message);
    Diagnostic {
        help: problem.help,
        ..diagnostic
    }
}
