//! YAML events to values, with the place of each, within fixed budgets.
//!
//! Everything downstream walks these values recursively and may copy them, so the budgets on depth,
//! size and aliases are enforced here, before a value exists. The parser itself does not recurse.

use super::Position;
use super::reader::{Reader, too_deep};
use super::spots::Spots;
use saphyr_parser::{Marker, Parser};
use serde_yaml::Value;
use std::borrow::Cow;

/// The longest text that is read. The API server itself takes 3 MiB.
const MAX_BYTES: usize = 3 << 20;

/// One document of a text.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its number in the text, from 0.
    pub(crate) index: usize,
    /// What it holds. Map keys are texts, as in JSON.
    pub(crate) value: Value,
    /// Where everything in it is.
    pub(crate) spots: Spots,
    /// Keys that occur twice in one map: the path and what to say of the second.
    pub(crate) duplicates: Vec<(String, Problem)>,
}

/// Something wrong with a text as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) position: Option<Position>,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

/// Reads every document of a text; the first problem ends the reading.
pub(crate) fn documents(text: &str) -> (Vec<Document>, Option<Problem>) {
    if text.len() > MAX_BYTES {
        let message = format!("the text is longer than {MAX_BYTES} bytes");
        return (Vec::new(), Some(Problem::nowhere(message)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // JSON may be indented with tabs, YAML may not. A bare tab inside a JSON text is no JSON.
    let text = if text.trim_start().starts_with(['{', '[']) && text.contains('\t') {
        Cow::Owned(text.replace('\t', " "))
    } else {
        Cow::Borrowed(text)
    };
    let mut text = text;
    for _ in 0..MAX_MENDS {
        match read(&text) {
            Err(scalar) => match indented(&text, scalar) {
                Some(mended) => text = Cow::Owned(mended),
                None => break,
            },
            Ok(read) => return read,
        }
    }
    let message = "quoted texts over several lines are not indented";
    (Vec::new(), Some(Problem::nowhere(message.to_owned())))
}

/// The parser's word for a quoted text whose further lines are indented too little.
const UNINDENTED: &str = "invalid indentation in quoted scalar";

/// How many quoted texts may be indented too little. Each costs one more reading.
const MAX_MENDS: usize = 64;

/// Reads a text; an error is the start of a quoted text that is indented too little.
fn read(text: &str) -> Result<(Vec<Document>, Option<Problem>), Marker> {
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let outcome = match event {
            Ok((event, span)) => reader.event(event, span),
            Err(error) if error.info() == UNINDENTED => return Err(*error.marker()),
            Err(error) => Err(syntax_error(error.info(), *error.marker(), text)),
        };
        if let Err(problem) = outcome {
            return Ok((reader.documents, Some(problem)));
        }
    }
    Ok((reader.documents, None))
}

/// Indents the further lines of the quoted text at `start`, which changes nothing about its value.
///
/// YAML wants them indented; the API server's reader does not care, and the annotations of old
/// (OLD-1) end in a line with just `]'`.
fn indented(text: &str, start: Marker) -> Option<String> {
    let from = text.char_indices().nth(start.index())?.0;
    let (before, rest) = text.split_at(from);
    let quote = rest
        .chars()
        .next()
        .filter(|char| matches!(char, '"' | '\''))?;
    let mut mended = before.to_owned();
    let mut chars = rest.chars();
    mended.extend(chars.next());
    let mut changed = false;
    while let Some(char) = chars.next() {
        mended.push(char);
        match char {
            '\\' if quote == '"' => mended.extend(chars.next()),
            '\n' => {
                mended.push_str(&" ".repeat(start.col() + 1));
                changed = true;
            }
            _ if char == quote => break,
            _ => {}
        }
    }
    mended.push_str(chars.as_str());
    (changed && mended.len() <= 2 * MAX_BYTES).then_some(mended)
}

impl Problem {
    const fn nowhere(message: String) -> Self {
        Self {
            message,
            position: None,
            help: None,
        }
    }

    pub(super) fn at(message: impl Into<String>, marker: Marker) -> Self {
        Self {
            message: message.into(),
            position: Some(position(marker)),
            help: None,
        }
    }
}

/// A parser's mark as a position.
pub(super) fn position(marker: Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

/// What the parser says, and what usually is behind it.
fn syntax_error(info: &str, marker: Marker, text: &str) -> Problem {
    // The parser has a bound of its own, which flow collections may meet before their events come.
    if info.contains("recursion limit") {
        return Problem::at(too_deep(), marker);
    }
    let mut problem = Problem::at(format!("not valid YAML: {info}"), marker);
    let lines: Vec<&str> = text.lines().take(marker.line()).collect();
    let dots = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && line.len() > 3 && line.chars().all(|char| matches!(char, '.' | '…'))
    };
    let last = lines.last().copied().unwrap_or_default();
    problem.help = if lines.iter().any(dots) {
        Some("a line of dots stands for something left out: put the missing part there".into())
    } else if last.trim_start_matches(' ').starts_with('\t') {
        Some("YAML is indented with spaces, not with tabs".into())
    } else if info.contains("mapping values are not allowed") {
        Some("put a value that holds `: ` in quotes, and check the indentation".into())
    } else if info.contains("did not find expected ','") {
        Some("a bracket or brace is not closed".into())
    } else if info.contains("did not find expected key") {
        Some("check the indentation: fields of one object begin in the same column".into())
    } else {
        None
    };
    problem
}
