//! What holds at a moment, as `properties:` of a scenario file write it.

use super::edge::Nothing;
use super::statement::{PhaseName, Statement};
use crate::kubelet::PodPhase;
use crate::sim::{Holds, holds};
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Something that holds at a moment, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(untagged))]
pub(super) enum Held {
    /// A combination of others.
    Mixed(Mixed),
    /// What a statement says: of the phase, a state or a condition that it is so; `ready`, `unready`
    /// and `deleted` that the pod is so; `gone` that it is not there; `started` that a process of the
    /// container runs.
    Is(Box<Statement>),
}

/// A combination of others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "snake_case"))]
pub(super) enum Mixed {
    /// It does not hold.
    Not(Box<Held>),
    /// Every one holds.
    All(Vec<Held>),
    /// At least one holds.
    Any(Vec<Held>),
}

impl Held {
    /// The condition; `None` where a statement says what happens, and not what is.
    pub(super) fn holds(&self) -> Option<Holds> {
        let all = |list: &[Self]| list.iter().map(Self::holds).collect::<Option<Vec<_>>>();
        Some(match self {
            Self::Is(statement) => statement.holds()?,
            Self::Mixed(Mixed::Not(held)) => held.holds()?.not(),
            Self::Mixed(Mixed::All(list)) => {
                let all = all(list)?;
                Holds::new(move |view| all.iter().all(|holds| holds.in_view(view)))
            }
            Self::Mixed(Mixed::Any(list)) => {
                let all = all(list)?;
                Holds::new(move |view| all.iter().any(|holds| holds.in_view(view)))
            }
        })
    }

    /// A statement in it that says what happens.
    pub(super) fn happens(&self) -> Option<&Statement> {
        let mut statements = self.statements().into_iter();
        statements.find(|statement| statement.holds().is_none())
    }

    /// Every statement in it.
    pub(super) fn statements(&self) -> Vec<&Statement> {
        match self {
            Self::Is(statement) => vec![statement],
            Self::Mixed(Mixed::Not(held)) => held.statements(),
            Self::Mixed(Mixed::All(list) | Mixed::Any(list)) => {
                list.iter().flat_map(Self::statements).collect()
            }
        }
    }

    /// In words.
    pub(super) fn told(&self) -> String {
        let join = |list: &[Self], word: &str| {
            let all: Vec<String> = list.iter().map(Self::told).collect();
            match all.as_slice() {
                [one] => one.clone(),
                all => format!("({})", all.join(word)),
            }
        };
        match self {
            Self::Is(statement) => statement.told_held(),
            Self::Mixed(Mixed::Not(held)) => format!("not {}", held.told()),
            Self::Mixed(Mixed::All(list)) => join(list, " and "),
            Self::Mixed(Mixed::Any(list)) => join(list, " or "),
        }
    }
}

impl Statement {
    /// What it says of a moment, if it says something of one.
    fn holds(&self) -> Option<Holds> {
        Some(match self {
            Self::Ready(of) => match &of.container {
                Some(container) => holds::container_ready(container.as_str()),
                None => holds::ready(),
            },
            Self::Unready(_) => holds::exists().and(holds::ready().not()),
            Self::Started(of) => match &of.container {
                Some(container) => holds::running(container),
                None => holds::any_running(),
            },
            Self::Phase(phase) => holds::phase(phase.is?.into()),
            Self::State(state) => {
                let wanted = state.clone();
                holds::container_shows(state.container.as_deref(), move |status, shown| {
                    wanted.is_shown(status, shown)
                })
            }
            Self::Condition(condition) => {
                let wanted = condition.clone();
                holds::condition_shows(condition.r#type.as_deref()?, move |shown| {
                    wanted.is_shown(shown)
                })
            }
            Self::Deleted(_) => holds::deletion_asked(),
            Self::Gone(_) => holds::gone(),
            _ => return None,
        })
    }

    fn told_held(&self) -> String {
        let of = self.container();
        match self {
            Self::Ready(_) => format!("{} is ready", of.unwrap_or("the pod")),
            Self::Unready(_) => "the pod is not ready".to_owned(),
            Self::Started(_) => format!("{} runs", of.unwrap_or("a container")),
            Self::Phase(phase) => {
                let phase = PodPhase::from(phase.is.unwrap_or(PhaseName::Pending));
                format!("the phase is {}", phase.name())
            }
            Self::State(_) | Self::Condition(_) => self.shown("is"),
            Self::Deleted(_) => "the pod's deletion is asked for".to_owned(),
            Self::Gone(_) => "the pod is gone".to_owned(),
            _ => self.subject(),
        }
    }
}

impl<'de> Deserialize<'de> for Held {
    /// Without serde's guessing between the two, so that errors name what is wrong inside.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Held;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a statement, or a map with `not`, `all` or `any`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Held, E> {
        let word = std::iter::once((text, Nothing));
        let map = MapAccessDeserializer::new(MapDeserializer::new(word));
        Statement::deserialize(map).map(|statement| Held::Is(Box::new(statement)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Held, A::Error> {
        let Some(word) = map.next_key::<String>()? else {
            // As serde has it of an enum: what was there may have been passed over.
            return Err(de::Error::invalid_type(de::Unexpected::Map, &"enum"));
        };
        let mixed = match word.as_str() {
            "not" => Mixed::Not(Box::new(map.next_value()?)),
            "all" => Mixed::All(map.next_value()?),
            "any" => Mixed::Any(map.next_value()?),
            _ => {
                let map = Begun {
                    word: Some(word),
                    map,
                };
                let statement = Statement::deserialize(MapAccessDeserializer::new(map))?;
                return Ok(Held::Is(Box::new(statement)));
            }
        };
        match map.next_key::<String>()? {
            None => Ok(Held::Mixed(mixed)),
            Some(_) => Err(de::Error::custom("one thing must stand here")),
        }
    }
}

/// A map whose first key has been read already.
struct Begun<A> {
    word: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Begun<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        match self.word.take() {
            Some(word) => seed
                .deserialize(de::value::StringDeserializer::new(word))
                .map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A limit, in words.
pub(super) fn at_most(limit: Option<crate::Span>) -> String {
    limit.map_or_else(String::new, |limit| format!(" within {limit}"))
}
