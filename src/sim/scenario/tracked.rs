//! Reads types from a located document: serde's errors get a place, a field path and a suggestion,
//! and one error does not hide the next.

use crate::manifest::{Diagnostic, Path, Position, Severity, Spots, did_you_mean, nearest};
use serde::Deserialize;
use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::fmt::{self, Display};

/// How many errors are told before the rest is left for the next time.
const MAX_ERRORS: usize = 20;

/// Reads a value. What is wrong is reported and then passed over, so that the rest is read too:
/// the value may be there although there are errors.
pub(super) fn read<'v, T: Deserialize<'v>>(
    value: &'v Value,
    spots: &'v Spots,
) -> (Option<T>, Vec<Diagnostic>) {
    let mut skipped = BTreeSet::new();
    let mut diagnostics = Vec::new();
    loop {
        let node = Node {
            value,
            path: Path::ROOT,
            spots,
            skipped: &skipped,
        };
        let fault = match T::deserialize(node) {
            Ok(read) => return (Some(read), diagnostics),
            Err(fault) => fault,
        };
        let (path, position) = fault.place.unwrap_or_default();
        // A field that was there and could not be read is not missing.
        let passed_over = |known: &String| known.len() > path.len() && known.starts_with(&path);
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            path: path.clone(),
            message: fault.message,
            position,
            help: fault.help,
            document: 0,
        };
        let follows = fault.missing && skipped.iter().any(passed_over);
        if !follows && !diagnostics.contains(&diagnostic) {
            diagnostics.push(diagnostic);
        }
        if diagnostics.len() >= MAX_ERRORS || !pass_over(path, &mut skipped) {
            return (None, diagnostics);
        }
    }
}

/// Marks a place to be passed over; where that is done already, what it stands in.
fn pass_over(mut path: String, skipped: &mut BTreeSet<String>) -> bool {
    while !path.is_empty() {
        if skipped.insert(path.clone()) {
            return true;
        }
        path.truncate(path.rfind(['.', '[']).unwrap_or(0));
    }
    false
}

/// What serde found wrong.
#[derive(Debug)]
pub(super) struct Fault {
    message: String,
    help: Option<String>,
    place: Option<(String, Option<Position>)>,
    missing: bool,
}

impl Fault {
    const fn new(message: String) -> Self {
        Self {
            message,
            help: None,
            place: None,
            missing: false,
        }
    }

    fn unknown(message: String, word: &str, known: &'static [&'static str]) -> Self {
        let help = match nearest(word, known.iter().copied()) {
            Some(meant) => did_you_mean(meant),
            None => format!("known are {}", known.join(", ")),
        };
        Self {
            help: Some(help),
            ..Self::new(message)
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let wanted = wanted.to_string();
        // serde's word for a map without the name of a variant in it.
        if wanted == "enum" {
            return Self {
                missing: true,
                ..Self::new("exactly one statement must stand here".to_owned())
            };
        }
        let mut fault = Self::new(format!("{} where {wanted} must stand", plain(found)));
        let scalar = matches!(
            found,
            Unexpected::Bool(_)
                | Unexpected::Unsigned(_)
                | Unexpected::Signed(_)
                | Unexpected::Float(_)
        );
        if scalar && wanted.contains("string") {
            fault.help = Some("put it in quotes to make it a text".to_owned());
        }
        fault
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::unknown("unknown field".to_owned(), field, known)
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::unknown(format!("`{variant}` is not known here"), variant, known)
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            missing: true,
            ..Self::new(format!("`{field}` is missing"))
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Bool(bool) => plain(Unexpected::Bool(*bool)),
        Value::Number(number) => format!("the number {number}"),
        _ => String::new(),
    }
}

fn plain(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Str(text) => format!("the text {text:?}"),
        Unexpected::Bool(bool) => format!("the boolean {bool}"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        other => other.to_string(),
    }
}

/// A value with its place.
#[derive(Clone, Copy)]
struct Node<'v, 'p> {
    value: &'v Value,
    path: Path<'p>,
    spots: &'v Spots,
    skipped: &'p BTreeSet<String>,
}

impl<'v, 'p> Node<'v, 'p> {
    fn blame(&self, mut fault: Fault) -> Fault {
        if fault.place.is_none() {
            fault.place = Some((self.path.to_string(), self.spots.value(&self.path)));
        }
        fault
    }

    fn blame_key(&self, mut fault: Fault, key: &str) -> Fault {
        if fault.place.is_none() {
            let path = self.path.field(key);
            fault.place = Some((path.to_string(), self.spots.key(&path)));
        }
        fault
    }

    fn is_skipped(path: &Path<'_>, skipped: &BTreeSet<String>) -> bool {
        !skipped.is_empty() && skipped.contains(&path.to_string())
    }

    fn visit<V: Visitor<'v>>(&self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(bool) => visitor.visit_bool(*bool),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, Some(number)) => visitor.visit_f64(number),
                (None, None, None) => visitor.visit_unit(),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(items) => visitor.visit_seq(Items {
                node: self,
                items,
                next: 0,
            }),
            Value::Mapping(map) => visitor.visit_map(Entries {
                node: self,
                entries: map.iter(),
                value: None,
            }),
            Value::Tagged(_) => Err(Fault::new("a YAML tag has no meaning here".to_owned())),
        }
    }
}

impl<'de> de::Deserializer<'de> for Node<'de, '_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor).map_err(|fault| self.blame(fault))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let read = match self.value {
            Value::String(word) => visitor.visit_enum(Variant {
                node: &self,
                word,
                content: None,
            }),
            Value::Mapping(map) if map.len() == 1 => {
                let entry = map.iter().next();
                let word = entry.and_then(|(key, _)| key.as_str()).unwrap_or_default();
                visitor.visit_enum(Variant {
                    node: &self,
                    word,
                    content: entry.map(|(_, value)| value),
                })
            }
            Value::Bool(_) | Value::Number(_) => {
                let wanted = format!("one of the texts {}", known.join(", "));
                let mut fault =
                    Fault::new(format!("{} where {wanted} must stand", scalar(self.value)));
                fault.help = Some("put it in quotes to make it a text".to_owned());
                Err(fault)
            }
            _ => Err(Fault::new(format!(
                "exactly one of {} must stand here",
                known.join(", ")
            ))),
        };
        read.map_err(|fault| self.blame(fault))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'v, 'p, 'n> {
    node: &'n Node<'v, 'p>,
    items: &'v [Value],
    next: usize,
}

impl<'v> de::SeqAccess<'v> for Items<'v, '_, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'v>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        while let Some(value) = self.items.get(self.next) {
            let path = self.node.path.index(self.next);
            self.next += 1;
            if Node::is_skipped(&path, self.node.skipped) {
                continue;
            }
            let node = Node {
                value,
                path,
                spots: self.node.spots,
                skipped: self.node.skipped,
            };
            return seed.deserialize(node).map(Some);
        }
        Ok(None)
    }
}

struct Entries<'v, 'p, 'n> {
    node: &'n Node<'v, 'p>,
    entries: serde_yaml::mapping::Iter<'v>,
    value: Option<(&'v str, &'v Value)>,
}

impl<'v> de::MapAccess<'v> for Entries<'v, '_, '_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'v>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        for (key, value) in self.entries.by_ref() {
            let key = key.as_str().unwrap_or_default();
            let path = self.node.path.field(key);
            if Node::is_skipped(&path, self.node.skipped) {
                continue;
            }
            self.value = Some((key, value));
            let read = seed.deserialize(Word(key));
            return read
                .map(Some)
                .map_err(|fault| self.node.blame_key(fault, key));
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'v>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some((key, value)) = self.value.take() else {
            return Err(Fault::new("a value without a key".to_owned()));
        };
        let node = Node {
            value,
            path: self.node.path.field(key),
            spots: self.node.spots,
            skipped: self.node.skipped,
        };
        seed.deserialize(node)
    }
}

/// A key: a text, or the name of a variant.
struct Word<'v>(&'v str);

impl<'de> de::Deserializer<'de> for Word<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word: StrDeserializer<'de, Fault> = self.0.into_deserializer();
        word.deserialize_enum(name, known, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant by its name, with what stands behind it.
struct Variant<'v, 'p, 'n> {
    node: &'n Node<'v, 'p>,
    word: &'v str,
    content: Option<&'v Value>,
}

impl<'v> de::EnumAccess<'v> for Variant<'v, '_, '_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let blame = |fault| match self.content {
            Some(_) => self.node.blame_key(fault, self.word),
            None => fault,
        };
        let variant = seed.deserialize(Word(self.word)).map_err(blame)?;
        Ok((variant, self))
    }
}

impl<'v> de::VariantAccess<'v> for Variant<'v, '_, '_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.content {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(Fault::new(format!("nothing may follow `{}`", self.word))),
        }
    }

    /// `- ready` says the same as `- ready: {}`.
    fn newtype_variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<S::Value, Fault> {
        match self.content {
            None | Some(Value::Null) => {
                let nothing = std::iter::empty::<(&str, &str)>();
                let read = seed.deserialize(MapDeserializer::<_, Fault>::new(nothing));
                read.map_err(|fault| match self.content {
                    Some(_) => self.node.blame_key(fault, self.word),
                    None => fault,
                })
            }
            Some(value) => seed.deserialize(Node {
                value,
                path: self.node.path.field(self.word),
                spots: self.node.spots,
                skipped: self.node.skipped,
            }),
        }
    }

    fn tuple_variant<V: Visitor<'v>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        Err(Fault::new("a list has no meaning here".to_owned()))
    }

    fn struct_variant<V: Visitor<'v>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        Err(Fault::new("a map has no meaning here".to_owned()))
    }
}
