//! A whole text: its documents, one after the other.

use super::locate::{self, Problem};
use super::path::Path;
use super::report::Report;
use super::{Diagnostic, ManifestError, Severity, document};
use crate::profile::Profile;
use crate::spec::Workload;

/// What became of a text: the workload, if there is no error, and every finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What the text describes; `None` if any diagnostic is an error.
    pub workload: Option<Workload>,
    /// Every finding, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// The workload, without warnings and notes.
    ///
    /// # Errors
    ///
    /// Some diagnostic is an error; all of them are in the result.
    pub fn into_result(self) -> Result<Workload, ManifestError> {
        let diagnostics = self.diagnostics;
        self.workload.ok_or(ManifestError { diagnostics })
    }
}

/// How many findings end the reading, once one of them is an error.
const MOST: usize = 1000;

pub(super) fn parse(text: &str, profile: &Profile) -> Checked {
    let (documents, problem) = locate::documents(text);
    let mut diagnostics = Vec::new();
    let mut pods = Vec::new();
    for document in &documents {
        if diagnostics.len() > MOST && diagnostics.iter().any(Diagnostic::is_error) {
            break;
        }
        let mut report = Report::new(document.index, Some(&document.spots));
        document::object(
            &document.value,
            &Path::ROOT,
            profile,
            &mut report,
            &mut pods,
        );
        diagnostics.extend(report.into_diagnostics());
        let duplicates = document.duplicates.iter().cloned();
        diagnostics.extend(duplicates.map(|(path, problem)| Diagnostic {
            path,
            ..whole(problem, document.index)
        }));
    }
    if let Some(problem) = problem {
        diagnostics.push(whole(problem, documents.len()));
    }
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    if pods.is_empty() && !failed {
        diagnostics.push(Diagnostic {
            severity: Severity::Error,
            path: String::new(),
            message: "no pod in this text, and nothing that makes pods".to_owned(),
            position: None,
            help: Some("add a Pod, a Deployment, a Job or the like".to_owned()),
            document: 0,
        });
    }
    // Stable: findings at one place stay in the order of the checks.
    diagnostics.sort_by_key(|diagnostic| {
        let nowhere = diagnostic.position.is_none();
        (nowhere, diagnostic.position, diagnostic.document)
    });
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    Checked {
        workload: (!failed).then_some(Workload { pods }),
        diagnostics,
    }
}

/// A problem with the text itself, not with a field.
fn whole(problem: Problem, document: usize) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        path: String::new(),
        message: problem.message,
        position: problem.position,
        help: problem.help,
        document,
    }
}
