//! Where findings are gathered while a document is read.

use super::path::Path;
use super::spots::Spots;
use super::suggest::{did_you_mean, nearest};
use super::{Diagnostic, Severity};
use std::collections::BTreeSet;
use std::fmt;

/// A value as field errors print it (API-1): texts quoted, numbers bare.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bad<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> From<&'a str> for Bad<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Bad<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for Bad<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// How many findings about one document are kept. Nobody reads more, and texts of many mistakes
/// must not take longer than texts of few.
const MOST: usize = 200;

/// The findings about one document.
#[derive(Debug)]
pub(super) struct Report<'a> {
    spots: Option<&'a Spots>,
    document: usize,
    /// Fields that could not be read. What validation says of them would be wrong.
    unread: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
}

/// A finding just made, to add help to; empty if it was left out.
#[derive(Debug)]
pub(super) struct Made<'a>(Option<&'a mut Diagnostic>);

impl Made<'_> {
    /// Says what to do next.
    pub(super) fn help(self, help: impl Into<String>) {
        if let Some(diagnostic) = self.0 {
            diagnostic.help = Some(help.into());
        }
    }

    /// Says what to do next, if there is something to say.
    pub(super) fn help_if(self, help: Option<String>) {
        if let Some(help) = help {
            self.help(help);
        }
    }
}

impl<'a> Report<'a> {
    /// `spots` gives positions; without them findings have paths only.
    pub(super) const fn new(document: usize, spots: Option<&'a Spots>) -> Self {
        Self {
            spots,
            document,
            unread: BTreeSet::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Whether anything so far is an error.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Keeps validation silent about a field that could not be read.
    pub(super) fn unread(&mut self, path: &Path<'_>) {
        self.unread.insert(path.to_string());
    }

    /// Whether that field could not be read.
    pub(super) fn is_unread(&self, path: &Path<'_>) -> bool {
        !self.unread.is_empty() && self.unread.contains(&path.to_string())
    }

    /// Any finding, at the place of the field's value.
    pub(super) fn add(
        &mut self,
        severity: Severity,
        path: &Path<'_>,
        message: impl Into<String>,
    ) -> Made<'_> {
        let position = self.spots.and_then(|spots| spots.value(path));
        self.push(Diagnostic {
            severity,
            path: path.to_string(),
            message: message.into(),
            position,
            help: None,
            document: self.document,
        })
    }

    /// An error at the place of the field's name.
    pub(super) fn at_key(&mut self, path: &Path<'_>, message: impl Into<String>) -> Made<'_> {
        let position = self.spots.and_then(|spots| spots.key(path));
        self.push(Diagnostic {
            severity: Severity::Error,
            path: path.to_string(),
            message: message.into(),
            position,
            help: None,
            document: self.document,
        })
    }

    /// Whether findings are no longer kept, so that looking for more is in vain.
    pub(super) fn is_full(&self) -> bool {
        self.diagnostics.len() >= MOST
    }

    fn push(&mut self, diagnostic: Diagnostic) -> Made<'_> {
        if self.is_full() {
            return self.overflow(diagnostic);
        }
        // Exact duplicates are told once (API-2).
        if self.diagnostics.contains(&diagnostic) {
            return Made(None);
        }
        self.diagnostics.push(diagnostic);
        Made(self.diagnostics.last_mut())
    }

    /// An error must not get lost among warnings: it takes the place of the last finding.
    fn overflow(&mut self, diagnostic: Diagnostic) -> Made<'_> {
        if diagnostic.is_error() && !self.has_errors() {
            self.diagnostics.pop();
            self.diagnostics.push(diagnostic);
            return Made(self.diagnostics.last_mut());
        }
        Made(None)
    }

    /// An error of validation; left out if the field could not be read in the first place.
    fn field_error(&mut self, path: &Path<'_>, message: String) -> Made<'_> {
        if self.is_unread(path) {
            return Made(None);
        }
        self.add(Severity::Error, path, message)
    }

    /// `Required value`
    pub(super) fn required(&mut self, path: &Path<'_>, detail: &str) -> Made<'_> {
        self.field_error(path, with_detail("Required value", detail))
    }

    /// `Invalid value: V: detail`
    pub(super) fn invalid<'v>(
        &mut self,
        path: &Path<'_>,
        value: impl Into<Bad<'v>>,
        detail: &str,
    ) -> Made<'_> {
        let message = with_detail(&format!("Invalid value: {}", value.into()), detail);
        self.field_error(path, message)
    }

    /// `Unsupported value: V: supported values: A, B`
    pub(super) fn unsupported(&mut self, path: &Path<'_>, value: &str, supported: &[&str]) {
        let list: Vec<String> = supported.iter().map(|name| format!("{name:?}")).collect();
        let list = list.join(", ");
        let message = format!("Unsupported value: {value:?}: supported values: {list}");
        let meant = nearest(value, supported.iter().copied()).map(did_you_mean);
        let made = self.field_error(path, message);
        made.help_if(meant);
    }

    /// `Forbidden: detail`
    pub(super) fn forbidden(&mut self, path: &Path<'_>, detail: &str) -> Made<'_> {
        self.field_error(path, format!("Forbidden: {detail}"))
    }

    /// `Duplicate value: V`
    pub(super) fn duplicate(&mut self, path: &Path<'_>, value: &str) -> Made<'_> {
        self.field_error(path, format!("Duplicate value: {value:?}"))
    }

    /// `Not found: V`
    pub(super) fn not_found(&mut self, path: &Path<'_>, value: &str) -> Made<'_> {
        self.field_error(path, format!("Not found: {value:?}"))
    }

    /// `Too many: N: must have at most M items`
    pub(super) fn too_many(&mut self, path: &Path<'_>, count: usize, limit: usize) -> Made<'_> {
        let message = format!("Too many: {count}: must have at most {limit} items");
        self.field_error(path, message)
    }

    /// A warning.
    pub(super) fn warning(&mut self, path: &Path<'_>, message: impl Into<String>) -> Made<'_> {
        self.add(Severity::Warning, path, message)
    }
}

fn with_detail(body: &str, detail: &str) -> String {
    if detail.is_empty() {
        body.to_owned()
    } else {
        format!("{body}: {detail}")
    }
}
