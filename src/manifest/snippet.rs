//! A diagnostic with the line of the source that it speaks of.

use super::{Diagnostic, Position};
use std::fmt;

impl Diagnostic {
    /// The finding over several lines, with the source line and a mark under the place.
    ///
    /// `source` is the text that was parsed. Plain text: colour is for the reader's program.
    ///
    /// ```
    /// use podclock::{manifest, Profile};
    ///
    /// let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {contaners: []}\n";
    /// let checked = manifest::parse(text, &Profile::default());
    /// let shown = checked.diagnostics[0].snippet("web.yaml", text).to_string();
    /// assert_eq!(
    ///     shown,
    ///     "error: spec.contaners: unknown field
    ///  --> web.yaml:4:8
    ///   |
    /// 4 | spec: {contaners: []}
    ///   |        ^^^^^^^^^
    ///   = help: did you mean `containers`?
    /// "
    /// );
    /// ```
    #[must_use]
    pub const fn snippet<'a>(&'a self, file: &'a str, source: &'a str) -> Snippet<'a> {
        Snippet {
            diagnostic: self,
            file,
            source,
        }
    }
}

/// A [`Diagnostic`] with its source line, made by [`Diagnostic::snippet`].
#[derive(Clone, Copy, Debug)]
pub struct Snippet<'a> {
    diagnostic: &'a Diagnostic,
    file: &'a str,
    source: &'a str,
}

/// A line longer than this is cut around the mark: minified JSON is one line.
const LONGEST_LINE: usize = 120;

impl fmt::Display for Snippet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let diagnostic = self.diagnostic;
        write!(f, "{}: ", diagnostic.severity)?;
        if !diagnostic.path.is_empty() {
            write!(f, "{}: ", diagnostic.path)?;
        }
        writeln!(f, "{}", diagnostic.message)?;
        let mut margin = 1;
        match diagnostic.position {
            Some(position) => {
                margin = position.line.to_string().len();
                self.quote(f, position, margin)?;
            }
            None => writeln!(f, " --> {}", self.file)?,
        }
        match &diagnostic.help {
            Some(help) => writeln!(f, "{:margin$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

impl Snippet<'_> {
    fn quote(&self, f: &mut fmt::Formatter<'_>, at: Position, margin: usize) -> fmt::Result {
        let Position { line, column } = at;
        writeln!(f, "{:margin$}--> {}:{line}:{column}", "", self.file)?;
        let Some(text) = self.source.lines().nth(line - 1) else {
            return Ok(());
        };
        let skip = if column > LONGEST_LINE {
            column - 40
        } else {
            0
        };
        let shown: String = text.chars().skip(skip).take(LONGEST_LINE).collect();
        let shown = shown.trim_end();
        let indent: String = shown.chars().take(column - 1 - skip).map(blank).collect();
        let marked: String = shown.chars().skip(column - 1 - skip).collect();
        let carets: usize = token(&marked).chars().map(width).sum();
        writeln!(f, "{:margin$} |", "")?;
        writeln!(f, "{line} | {shown}")?;
        writeln!(f, "{:margin$} | {indent}{}", "", "^".repeat(carets.max(1)))
    }
}

/// The key or scalar that a text begins with, to be underlined.
fn token(text: &str) -> &str {
    let quoted = text.starts_with(['"', '\'']);
    let mut previous = '\0';
    for (at, char) in text.char_indices() {
        let ends = if quoted {
            at > 0 && text.starts_with(previous)
        } else {
            char.is_whitespace() || matches!(char, ',' | '}' | ']' | '#')
        };
        if ends {
            return text[..at].trim_end_matches(':');
        }
        // A closing quote ends the token behind itself.
        previous = if quoted && at == 0 { '\0' } else { char };
    }
    text.trim_end_matches(':')
}

/// What stands under a character that is not marked: as wide as the character.
fn blank(char: char) -> String {
    if char == '\t' {
        return "\t".to_owned();
    }
    " ".repeat(width(char))
}

/// How many columns a terminal gives a character; wide are the CJK blocks and full-width forms.
const fn width(char: char) -> usize {
    match char {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    }
}
