//! YAML events to values and places, within the budgets on depth, size and aliases.

use super::locate::{Document, Problem, position};
use super::spots::{Inner, Spots};
use super::{Position, scalar};
use saphyr_parser::{Event, Marker, ScalarStyle, Span, Tag};
use serde_yaml::{Mapping, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep values may nest. A real pod stays below 20.
const MAX_DEPTH: usize = 64;
/// How many values a text may hold, aliases counted as often as they are used.
const MAX_NODES: usize = 200_000;
/// How many aliases a text may use.
const MAX_ALIASES: usize = 1000;
/// How many keys that occur twice are reported.
const MAX_DUPLICATES: usize = 100;

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

/// What is said of values that nest too deeply.
pub(super) fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

/// Builds values from events, one open map or list per level.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) documents: Vec<Document>,
    count: usize,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: BTreeMap<usize, (Value, Spots, usize)>,
    duplicates: Vec<(String, Problem)>,
    nodes: usize,
    aliases: usize,
}

impl Reader {
    /// Takes the next event.
    pub(super) fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
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
            return Err(Problem::at(too_deep(), marker));
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
        if self.stack.len() + spots.depth() > MAX_DEPTH {
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
        if let Some(duplicate) = self.duplicate() {
            self.duplicates.push(duplicate);
        }
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
                values.insert(Value::String(name.clone()), node.value);
                spots.push((name, spot));
            }
        }
        Ok(())
    }

    /// The key that a value is about to be set under, if the map has it already.
    fn duplicate(&self) -> Option<(String, Problem)> {
        let Some(Frame::Map {
            key: Some((name, at)),
            values,
            spots,
            ..
        }) = self.stack.last()
        else {
            return None;
        };
        if !values.contains_key(name) || self.duplicates.len() >= MAX_DUPLICATES {
            return None;
        }
        let (_, first) = spots.iter().find(|(key, _)| key == name)?;
        let line = first.key?.line;
        let problem = Problem {
            message: format!("key {name:?} already set in map"),
            position: Some(*at),
            help: Some(format!("it is first set in line {line}")),
        };
        Some((self.path(), problem))
    }

    /// The field path of the key that is being read.
    fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.stack {
            match frame {
                Frame::List { values, .. } => path += &format!("[{}]", values.len()),
                Frame::Map { key, .. } => {
                    let dot = if path.is_empty() { "" } else { "." };
                    let name = key.as_ref().map_or("", |(name, _)| name);
                    path += &format!("{dot}{name}");
                }
            }
        }
        path
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
