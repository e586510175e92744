//! Statements in a single word.

use super::statement::{PhaseName, StateName};
use crate::runtime::Probed;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// Something that a single word can stand for.
pub(super) trait FromWord: Sized {
    fn from_word(word: &str) -> Result<Self, String>;
}

/// A part of a statement that a word can be.
pub(super) trait Part: Sized {
    fn part(word: &str) -> Result<Self, String>;
}

impl Part for String {
    fn part(word: &str) -> Result<Self, String> {
        Ok(word.to_owned())
    }
}

/// Words that serde knows.
macro_rules! parts {
    ($($type:ty: $problem:literal;)+) => {$(
        impl Part for $type {
            fn part(word: &str) -> Result<Self, String> {
                let from: StrDeserializer<'_, serde::de::value::Error> = word.into_deserializer();
                Self::deserialize(from).map_err(|_| format!("`{word}` is {}", $problem))
            }
        }
    )+};
}

parts! {
    PhaseName: "no phase: they are Pending, Running, Succeeded, Failed";
    StateName: "no state: they are waiting, running, terminated";
    Probed: "no kind of probe: they are startup, readiness, liveness";
}

pub(super) fn parse<T: Part>(word: &str) -> Result<T, String> {
    T::part(word)
}

pub(super) fn word_or_map<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromWord + Deserialize<'de>,
{
    struct Either<T>(PhantomData<T>);

    impl<'de, T: FromWord + Deserialize<'de>> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a word or a map")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
            T::from_word(word).map_err(E::custom)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    from.deserialize_any(Either(PhantomData))
}
