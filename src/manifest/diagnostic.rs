//! What is wrong with a manifest, and where.

use std::fmt;

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The API server would refuse the object, or podclock cannot simulate it.
    Error,
    /// The object is accepted, but probably does not do what was meant.
    Warning,
    /// Something that podclock leaves out.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// A place in a text; both numbers count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// One finding about a manifest.
///
/// ```
/// use podclock::{manifest, Profile};
///
/// let text = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: []}}";
/// let checked = manifest::parse(text, &Profile::default());
/// let diagnostic = &checked.diagnostics[0];
/// assert_eq!(diagnostic.path, "spec.containers");
/// assert_eq!(diagnostic.message, "Required value");
/// assert_eq!(
///     diagnostic.display("web.yaml").to_string(),
///     "web.yaml:1:59: error: spec.containers: Required value"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The field, as the API server names it (API-3); empty when it is about the whole text.
    pub path: String,
    /// What is wrong, in the API server's words where it has some (API-1, API-2).
    pub message: String,
    /// Where the field is, or the nearest thing around it.
    pub position: Option<Position>,
    /// What to do about it.
    pub help: Option<String>,
    /// Which document of the text, counted from 0.
    pub document: usize,
}

impl Diagnostic {
    /// The finding on one line: `FILE:LINE:COLUMN: error: PATH: MESSAGE (HELP)`.
    #[must_use]
    pub const fn display<'a>(&'a self, file: &'a str) -> Line<'a> {
        Line {
            diagnostic: self,
            file,
        }
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    /// `PATH: MESSAGE (HELP)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// A [`Diagnostic`] on one line, made by [`Diagnostic::display`].
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    diagnostic: &'a Diagnostic,
    file: &'a str,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        if let Some(Position { line, column }) = self.diagnostic.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}: {}", self.diagnostic.severity, self.diagnostic)
    }
}

/// A manifest that cannot be used: all its diagnostics, warnings and notes too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// Every finding, in the order of the text; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::error::Error for ManifestError {}

impl fmt::Display for ManifestError {
    /// One finding per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, diagnostic) in self.diagnostics.iter().enumerate() {
            if nth > 0 {
                f.write_str("\n")?;
            }
            if let Some(Position { line, column }) = diagnostic.position {
                write!(f, "{line}:{column}: ")?;
            }
            write!(f, "{}: {diagnostic}", diagnostic.severity)?;
        }
        Ok(())
    }
}
