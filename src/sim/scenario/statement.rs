//! Statements of `expect:`, as a scenario file writes them.

use super::edge::Edge;
use super::words::{FromWord, parse, word_or_map};
use crate::runtime::Probed;
use crate::time::Span;
use serde::Deserialize;

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
    /// A container's preStop hook ends, however.
    #[serde(deserialize_with = "word_or_map")]
    PreStopEnded(OfContainer),
    /// A container's postStart hook begins.
    #[serde(deserialize_with = "word_or_map")]
    PostStart(OfContainer),
    /// A container's postStart hook ends, however.
    #[serde(deserialize_with = "word_or_map")]
    PostStartEnded(OfContainer),
    /// A probe begins, or ends with a result.
    #[serde(deserialize_with = "word_or_map")]
    Probe(Probes),
    /// A Kubernetes Event is sent.
    #[serde(deserialize_with = "word_or_map")]
    Event(Sent),
    /// The phase in the API turns to something, or is something at a moment.
    #[serde(deserialize_with = "word_or_map")]
    Phase(HasPhase),
    /// A container's status in the API turns to something, or is something at a moment.
    #[serde(deserialize_with = "word_or_map")]
    State(HasState),
    /// A condition of the pod in the API turns to something, or is something at a moment.
    #[serde(deserialize_with = "word_or_map")]
    Condition(HasCondition),
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

/// A container's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum StateName {
    Waiting,
    Running,
    Terminated,
}

/// Status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum ConditionStatusName {
    True,
    False,
    Unknown,
}

/// What a probe comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) enum ProbeResultName {
    /// It passed.
    Success,
    /// It said no.
    Failure,
    /// It took too long, which counts as a failure.
    Timeout,
    /// It could not be run, which does not count.
    Error,
}

/// Which occurrences count, and how many there must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds<'s> {
    pub(super) by: Option<Span>,
    pub(super) before: Option<&'s Edge>,
    pub(super) after: Option<&'s Edge>,
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
            /// Only what happens before that time, or before the first of that statement.
            before: Option<Edge>,
            /// Only what happens from that time on, or behind the first of that statement.
            after: Option<Edge>,
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
            pub(super) const fn bounds(&self) -> Bounds<'_> {
                let Self { by, times, at_least, at_most, never, .. } = *self;
                let (before, after) = (self.before.as_ref(), self.after.as_ref());
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
    /// About a probe; a bare word is its kind.
    Probes {
        /// Which one: startup, readiness or liveness.
        kind: Probed,
        /// Which container's; any by default.
        container: String,
        /// It ends with that, instead of: it begins.
        result: ProbeResultName,
    } from kind;
    /// About a container's status in the API; a bare word is its state.
    HasState {
        /// Which one; any by default.
        container: String,
        /// The state.
        is: StateName,
        /// The state's reason, such as Completed.
        reason: String,
        /// A part of the state's message.
        message: String,
        /// The exit code of the state.
        code: i32,
        /// The exit code of the last state, `lastState`.
        last_code: i32,
        /// Whether it is ready.
        ready: bool,
        /// Whether it counts as started.
        started: bool,
        /// Its restartCount.
        restart_count: u32,
        /// At that very moment, whenever it came.
        at: Span,
    } from is;
    /// About a condition of the pod; a bare word is its type.
    HasCondition {
        /// Its type, such as Initialized.
        r#type: String,
        /// Its status; True by default.
        status: ConditionStatusName,
        /// Its reason.
        reason: String,
        /// A part of its message.
        message: String,
        /// At that very moment, whenever it came.
        at: Span,
    } from r#type;
}
