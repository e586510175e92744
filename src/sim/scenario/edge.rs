//! Ends of a stretch of time: a reading of the clock, or another statement.

use super::statement::Statement;
use crate::time::Span;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Where the occurrences that count begin or end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(untagged))]
pub(super) enum Edge {
    /// A time since the pod's creation.
    At(Span),
    /// The first time that this comes.
    First(Box<Statement>),
}

impl Edge {
    /// The time, if it is one.
    pub(super) const fn time(&self) -> Option<Span> {
        match self {
            Self::At(span) => Some(*span),
            Self::First(_) => None,
        }
    }

    /// The statement, if it is one.
    pub(super) fn statement(&self) -> Option<&Statement> {
        match self {
            Self::At(_) => None,
            Self::First(statement) => Some(statement),
        }
    }
}

impl<'de> Deserialize<'de> for Edge {
    /// Without serde's guessing between the two, so that errors name what is wrong inside.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Edge;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a length of time, or another statement")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Edge, E> {
        Span::deserialize(seconds.into_deserializer()).map(Edge::At)
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Edge, E> {
        Span::deserialize(seconds.into_deserializer()).map(Edge::At)
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Edge, E> {
        Span::deserialize(seconds.into_deserializer()).map(Edge::At)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Edge, E> {
        if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Span::deserialize(text.into_deserializer()).map(Edge::At);
        }
        let word = std::iter::once((text, Nothing));
        let map = MapAccessDeserializer::new(MapDeserializer::new(word));
        let statement = Statement::deserialize(map)?;
        Ok(Edge::First(Box::new(statement)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Edge, A::Error> {
        let statement = Statement::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Edge::First(Box::new(statement)))
    }
}

/// What stands behind a bare word: `after: deleted` says the same as `after: {deleted: {}}`.
pub(super) struct Nothing;

impl<'de, E: de::Error> IntoDeserializer<'de, E> for Nothing {
    type Deserializer = MapDeserializer<'de, std::iter::Empty<(&'de str, &'de str)>, E>;

    fn into_deserializer(self) -> Self::Deserializer {
        MapDeserializer::new(std::iter::empty())
    }
}
