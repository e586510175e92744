//! Statements of `expect:`, as a scenario file writes them.

use crate::time::Span;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// One statement about the timeline. By itself it says that something happens at least once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = super::schema::allow_words))]
pub(super) enum Statement {
    /// The pod, or one container, turns ready in the API.
    #[serde(deserialize_with = "word_or_map")]
    Ready(OfContainer),
    /// The pod stops being ready in the API.
    Unready(OfPod),
    /// A container's process starts.
    #[serde(deserialize_with = "word_or_map")]
    Started(OfContainer),
    /// A container's process starts again.
    #[serde(deserialize_with = "word_or_map")]
    Restarted(OfContainer),
    /// A container's process ends.
    #[serde(deserialize_with = "word_or_map")]
    Terminated(Ended),
    /// A running container is sent its stop signal.
    #[serde(deserialize_with = "word_or_map")]
    Term(OfContainer),
    /// A container has to be killed, because it does not obey its stop signal in time.
    #[serde(deserialize_with = "word_or_map")]
    Killed(OfContainer),
    /// A container begins to wait for a reason, such as CrashLoopBackOff.
    #[serde(deserialize_with = "word_or_map")]
    Waiting(Waits),
    /// A container's preStop hook begins.
    #[serde(deserialize_with = "word_or_map")]
    PreStop(OfContainer),
    /// A container's postStart hook begins.
    #[serde(deserialize_with = "word_or_map")]
    PostStart(OfContainer),
    /// A Kubernetes Event is sent.
    #[serde(deserialize_with = "word_or_map")]
    Event(Sent),
    /// The phase in the API turns to something, or is something at a moment.
    #[serde(deserialize_with = "word_or_map")]
    Phase(HasPhase),
    /// Somebody asks for the pod's deletion.
    Deleted(OfPod),
    /// The pod has left the API server.
    Gone(OfPod),
    /// The time between two of the above.
    Between(Box<Between>),
}

/// Time from the first `from` to the first `to` behind it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Between {
    /// Where it begins.
    pub(super) from: Statement,
    /// Where it ends.
    pub(super) to: Statement,
    /// No longer than this.
    pub(super) at_most: Option<Span>,
    /// No shorter than this.
    pub(super) at_least: Option<Span>,
    /// Exactly this, to the millisecond.
    pub(super) exactly: Option<Span>,
}

/// A phase's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum PhaseName {
    Pending,
    Running,
    Succeeded,
    Failed,
}

/// Which occurrences count, and how many there must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) by: Option<Span>,
    pub(super) before: Option<Span>,
    pub(super) after: Option<Span>,
    pub(super) times: Option<u32>,
    pub(super) at_least: Option<u32>,
    pub(super) at_most: Option<u32>,
    pub(super) never: bool,
}

/// Declares statements: their own fields, and the bounds that all have.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } $(from $word:ident)?;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub(super) struct $name {
            $($(#[$field_doc])* pub(super) $field: Option<$type>,)*
            /// Only what happens until then, that moment included.
            by: Option<Span>,
            /// Only what happens before then.
            before: Option<Span>,
            /// Only what happens from then on.
            after: Option<Span>,
            /// Exactly so often.
            times: Option<u32>,
            /// At least so often.
            at_least: Option<u32>,
            /// At most so often.
            at_most: Option<u32>,
            /// Not at all.
            never: bool,
        }

        impl $name {
            pub(super) const fn bounds(&self) -> Bounds {
                let Self { by, before, after, times, at_least, at_most, never, .. } = *self;
                Bounds { by, before, after, times, at_least, at_most, never }
            }
        }

        $(impl FromWord for $name {
            fn from_word(word: &str) -> Result<Self, String> {
                let $word = Some(parse(word)?);
                Ok(Self { $word, ..Self::default() })
            }
        })?
    )+};
}

statements! {
    /// About the pod.
    OfPod {};
    /// About a container; a bare word is its name.
    OfContainer {
        /// Which one; any by default.
        container: String,
    } from container;
    /// About the end of a container's process; a bare word is the container's name.
    Ended {
        /// Which one; any by default.
        container: String,
        /// With that exit code.
        code: i32,
        /// Because the kernel killed it for its memory.
        oom: bool,
    } from container;
    /// About a waiting container; a bare word is the reason.
    Waits {
        /// Which one; any by default.
        container: String,
        /// The reason, such as CrashLoopBackOff.
        reason: String,
    } from reason;
    /// About a Kubernetes Event; a bare word is its reason.
    Sent {
        /// Its reason, such as BackOff.
        reason: String,
        /// A part of its message.
        message: String,
        /// The container that it is about.
        container: String,
    } from reason;
    /// About the phase; a bare word is one.
    HasPhase {
        /// The phase.
        is: PhaseName,
        /// At that very moment, whenever it came.
        at: Span,
    } from is;
}

/// Something that a single word can stand for.
pub(super) trait FromWord: Sized {
    fn from_word(word: &str) -> Result<Self, String>;
}

/// A part of a statement that a word can be.
trait Part: Sized {
    fn part(word: &str) -> Result<Self, String>;
}

impl Part for String {
    fn part(word: &str) -> Result<Self, String> {
        Ok(word.to_owned())
    }
}

impl Part for PhaseName {
    fn part(word: &str) -> Result<Self, String> {
        Ok(match word {
            "Pending" => Self::Pending,
            "Running" => Self::Running,
            "Succeeded" => Self::Succeeded,
            "Failed" => Self::Failed,
            _ => {
                return Err(format!(
                    "`{word}` is no phase: they are Pending, Running, Succeeded, Failed"
                ));
            }
        })
    }
}

fn parse<T: Part>(word: &str) -> Result<T, String> {
    T::part(word)
}

fn word_or_map<'de, D, T>(from: D) -> Result<T, D::Error>
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
