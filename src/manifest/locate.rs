//! YAML events to values, with the place of each, within fixed budgets.
//!
//! Everything downstream walks these values recursively and may copy them, so the budgets on depth,
//! size and aliases are enforced here, before a value exists. The parser itself does not recurse.

use super::path::{Path, Step};
use super::{Position, scalar};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};
use serde_yaml::{Mapping, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest text that is read. The API server itself takes 3 MiB.
const MAX_BYTES: usize = 3 << 20;
/// How deep values may nest. A real pod stays below 20.
const MAX_DEPTH: usize = 64;
/// How many values a text may hold, aliases counted as often as they are used.
const MAX_NODES: usize = 200_000;
/// How many aliases a text may use.
const MAX_ALIASES: usize = 1000;

/// One document of a text.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its number in the text, from 0.
    pub(crate) index: usize,
    /// What it holds. Map keys are texts, as in JSON.
    pub(crate) value: Value,
    /// Where everything in it is.
    pub(crate) spots: Spots,
    /// Keys that occur twice in one map: the message and the place of the second.
    pub(crate) duplicates: Vec<Problem>,
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

/// Where a value is, and everything in it.
#[derive(Clone, Debug)]
pub(crate) struct Spots {
    at: Position,
    key: Option<Position>,
    inner: Inner,
}

#[derive(Clone, Debug)]
enum Inner {
    Scalar,
    List(Vec<Spots>),
    Map(Vec<(String, Spots)>),
}

impl Spots {
    /// Where to point for the value at `path`: a scalar itself, a map or list by its name. What is
    /// not there is blamed on the nearest thing around it.
    pub(crate) fn value(&self, path: &Path<'_>) -> Option<Position> {
        let spot = self.nearest(path).0;
        Some(match (&spot.inner, spot.key) {
            (Inner::List(_) | Inner::Map(_), Some(key)) => key,
            _ => spot.at,
        })
    }

    /// Where to point for the name of the field at `path`.
    pub(crate) fn key(&self, path: &Path<'_>) -> Option<Position> {
        let (spot, found) = self.nearest(path);
        if found {
            return Some(spot.key.unwrap_or(spot.at));
        }
        self.value(path)
    }

    fn nearest(&self, path: &Path<'_>) -> (&Self, bool) {
        let mut spot = self;
        for step in path.steps() {
            let next = match (&spot.inner, step) {
                (Inner::List(items), Step::Index(index)) => items.get(index),
                (Inner::Map(entries), Step::Field(name) | Step::Key(name)) => {
                    let mut entries = entries.iter().rev();
                    entries.find(|(key, _)| key == name).map(|(_, spot)| spot)
                }
                _ => None,
            };
            let Some(next) = next else {
                return (spot, false);
            };
            spot = next;
        }
        (spot, true)
    }
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

    fn at(message: impl Into<String>, marker: Marker) -> Self {
        Self {
            message: message.into(),
            position: Some(position(marker)),
            help: None,
        }
    }
}

fn position(marker: Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

/// What the parser says, and what usually is behind it.
fn syntax_error(info: &str, marker: Marker, text: &str) -> Problem {
    let mut problem = Problem::at(format!("not valid YAML: {info}"), marker);
    let lines: Vec<&str> = text.lines().take(marker.line()).collect();
    let dots = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && line.len() > 3 && line.chars().all(|char| matches!(char, '.' | '…'))
    };
    problem.help = if lines.iter().any(dots) {
        Some("a line of dots stands for something left out: put the missing part there".into())
    } else if lines
        .last()
        .is_some_and(|line| line.trim_start_matches(' ').starts_with('\t'))
    {
        Some("YAML is indented with spaces, not with tabs".into())
    } else {
        None
    };
    problem
}

#[derive(Debug)]
struct Node {
    value: Value,
    spots: Spots,
    /// How many values it is made of.
    size: usize,
}

#[derive(Debug)]
enum Frame {
    List {
        anchor: usize,
        at: Position,
        values: Vec<Value>,
        spots: Vec<Spots>,
        size: usize,
    },
    Map {
        anchor: usize,
        at: Position,
        values: Mapping,
        spots: Vec<(String, Spots)>,
        size: usize,
        key: Option<(String, Position)>,
        merges: Vec<Node>,
    },
}

#[derive(Debug, Default)]
struct Reader {
    documents: Vec<Document>,
    count: usize,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: BTreeMap<usize, (Value, Spots, usize)>,
    duplicates: Vec<Problem>,
    nodes: usize,
    aliases: usize,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let at = position(span.start);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                self.root = None;
                Ok(())
            }
            Event::DocumentEnd => {
                self.end_document();
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, span.start),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, anchor, tag, span.start)
            }
            Event::SequenceStart(anchor, _) => {
                self.open(span.start)?;
                self.stack.push(Frame::List {
                    anchor,
                    at,
                    values: Vec::new(),
                    spots: Vec::new(),
                    size: 1,
                });
                Ok(())
            }
            Event::MappingStart(anchor, _) => {
                self.open(span.start)?;
                self.stack.push(Frame::Map {
                    anchor,
                    at,
                    values: Mapping::new(),
                    spots: Vec::new(),
                    size: 1,
                    key: None,
                    merges: Vec::new(),
                });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span.start),
        }
    }

    fn end_document(&mut self) {
        let index = self.count;
        self.count += 1;
        let duplicates = std::mem::take(&mut self.duplicates);
        if let Some(node) = self.root.take() {
            self.documents.push(Document {
                index,
                value: node.value,
                spots: node.spots,
                duplicates,
            });
        }
    }

    fn open(&mut self, marker: Marker) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Problem::at(message, marker));
        }
        if let Some(Frame::Map { key: None, .. }) = self.stack.last() {
            let mut problem = Problem::at("a map key must be a text", marker);
            problem.help = Some("quote it if it holds `{{ }}` or `[ ]`".into());
            return Err(problem);
        }
        self.count(1, marker)
    }

    const fn count_over(&self, size: usize) -> bool {
        self.nodes.saturating_add(size) > MAX_NODES
    }

    fn count(&mut self, size: usize, marker: Marker) -> Result<(), Problem> {
        if self.count_over(size) {
            let message = format!("more than {MAX_NODES} values, aliases counted at each use");
            return Err(Problem::at(message, marker));
        }
        self.nodes += size;
        Ok(())
    }

    fn alias(&mut self, anchor: usize, marker: Marker) -> Result<(), Problem> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            return Err(Problem::at(
                format!("more than {MAX_ALIASES} aliases"),
                marker,
            ));
        }
        let Some((_, _, size)) = self.anchors.get(&anchor) else {
            return Err(Problem::at("an alias inside of what it stands for", marker));
        };
        self.count(*size, marker)?;
        let Some((value, spots, size)) = self.anchors.get(&anchor).cloned() else {
            return Ok(());
        };
        if self.stack.len() + depth(&spots) > MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels, aliases replaced");
            return Err(Problem::at(message, marker));
        }
        let at = position(marker);
        let spots = Spots { at, ..spots };
        self.put(Node { value, spots, size }, true, marker)
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        marker: Marker,
    ) -> Result<(), Problem> {
        self.count(1, marker)?;
        let plain = style == ScalarStyle::Plain;
        let value = match tag {
            Some(tag) if tag.is_yaml_core_schema() => scalar::tagged(&tag.suffix, &text)
                .ok_or_else(|| Problem::at(format!("not of type !!{}", tag.suffix), marker))?,
            _ if plain && !matches!(self.stack.last(), Some(Frame::Map { key: None, .. })) => {
                scalar::plain(&text)
            }
            _ => Value::String(text.into_owned()),
        };
        let spots = Spots {
            at: position(marker),
            key: None,
            inner: Inner::Scalar,
        };
        if anchor > 0 {
            self.anchors
                .insert(anchor, (value.clone(), spots.clone(), 1));
        }
        let node = Node {
            value,
            spots,
            size: 1,
        };
        self.put(node, plain, marker)
    }

    /// Adds a finished value to what is open; `bare` says that it is no quoted text.
    fn put(&mut self, node: Node, bare: bool, marker: Marker) -> Result<(), Problem> {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List {
                values,
                spots,
                size,
                ..
            }) => {
                values.push(node.value);
                spots.push(node.spots);
                *size += node.size;
            }
            Some(Frame::Map { key, .. }) if key.is_none() => {
                let Some(text) = key_text(&node.value) else {
                    return Err(Problem::at("a map key must be a text", marker));
                };
                // A quoted `<<` is an ordinary key; the mark keeps the two apart.
                let text = if bare && text == "<<" {
                    MERGE.to_owned()
                } else {
                    text
                };
                *key = Some((text, node.spots.at));
            }
            Some(Frame::Map {
                key,
                values,
                spots,
                size,
                merges,
                ..
            }) => {
                *size += node.size + 1;
                let (name, at) = key.take().unwrap_or((String::new(), node.spots.at));
                if name == MERGE {
                    merges.push(node);
                    return Ok(());
                }
                let mut spot = node.spots;
                spot.key = Some(at);
                if values.contains_key(&name) {
                    let first = spots.iter().find(|(key, _)| *key == name);
                    let line = first.and_then(|(_, spot)| spot.key).unwrap_or(at).line;
                    self.duplicates.push(Problem {
                        message: format!("key {name:?} already set in map"),
                        position: Some(at),
                        help: Some(format!("it is first set in line {line}")),
                    });
                }
                values.insert(Value::String(name.clone()), node.value);
                spots.push((name, spot));
            }
        }
        Ok(())
    }

    fn close(&mut self, marker: Marker) -> Result<(), Problem> {
        let (anchor, node) = match self.stack.pop() {
            Some(Frame::List {
                anchor,
                at,
                values,
                spots,
                size,
            }) => {
                let spots = Spots {
                    at,
                    key: None,
                    inner: Inner::List(spots),
                };
                let value = Value::Sequence(values);
                (anchor, Node { value, spots, size })
            }
            Some(Frame::Map {
                anchor,
                at,
                mut values,
                mut spots,
                size,
                merges,
                ..
            }) => {
                for merged in merges {
                    merge(&mut values, &mut spots, merged, marker)?;
                }
                let spots = Spots {
                    at,
                    key: None,
                    inner: Inner::Map(spots),
                };
                let value = Value::Mapping(values);
                (anchor, Node { value, spots, size })
            }
            None => return Ok(()),
        };
        if anchor > 0 {
            // An anchored value is held twice; counting it twice keeps copies within the budget.
            self.count(node.size, marker)?;
            let copy = (node.value.clone(), node.spots.clone(), node.size);
            self.anchors.insert(anchor, copy);
        }
        self.put(node, false, marker)
    }
}

/// Stands for the bare key `<<`. No YAML text can hold this character.
const MERGE: &str = "\u{0}<<";

/// A key as JSON has it: numbers and booleans become texts.
fn key_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

/// Takes over the entries of a `<<` that the map does not set itself.
fn merge(
    values: &mut Mapping,
    spots: &mut Vec<(String, Spots)>,
    merged: Node,
    marker: Marker,
) -> Result<(), Problem> {
    match (merged.value, merged.spots.inner) {
        (Value::Mapping(more), Inner::Map(more_spots)) => {
            for (name, spot) in more_spots {
                if values.contains_key(&name) {
                    continue;
                }
                if let Some(value) = more.get(&name) {
                    values.insert(Value::String(name.clone()), value.clone());
                    spots.push((name, spot));
                }
            }
            Ok(())
        }
        (Value::Sequence(list), Inner::List(list_spots)) => {
            for (value, spots_of) in list.into_iter().zip(list_spots) {
                if !value.is_mapping() {
                    return Err(Problem::at("`<<` merges maps only", marker));
                }
                let node = Node {
                    value,
                    spots: spots_of,
                    size: 0,
                };
                merge(values, spots, node, marker)?;
            }
            Ok(())
        }
        _ => Err(Problem::at("`<<` merges maps only", marker)),
    }
}

fn depth(spots: &Spots) -> usize {
    match &spots.inner {
        Inner::Scalar => 0,
        Inner::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Inner::Map(entries) => {
            1 + entries
                .iter()
                .map(|(_, spot)| depth(spot))
                .max()
                .unwrap_or(0)
        }
    }
}
