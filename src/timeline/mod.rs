//! What happened: typed entries in order, each with what led to it.

mod cause;
mod condition;
#[cfg(feature = "json")]
mod diff;
mod fold;
pub mod invariant;
pub(crate) mod is;
mod messages;
mod names;
mod query;
#[cfg(feature = "json")]
mod recorded;
mod row;
mod shown;
mod summary;
mod text;
mod text_status;
pub mod when;
#[cfg(feature = "json")]
pub mod wire;
mod words;

pub use condition::{Condition, Moment};
#[cfg(feature = "json")]
pub use diff::{Change, Diff};
pub use invariant::{Invariant, Violation, Watch};
pub use names::Names;
#[cfg(feature = "json")]
pub use recorded::recorded;
pub use row::{Row, Rows, Tone};
pub use shown::{ShownCondition, ShownState};
pub use summary::Summary;
pub use when::When;
pub(crate) use words::Words;

use crate::kubelet::{Event, Output};
use crate::time::Time;
use std::sync::Arc;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Time,
    /// Its place in the timeline.
    pub seq: u32,
    /// The entry that led to it.
    pub cause: Option<u32>,
    /// What happened.
    pub event: Event,
}

/// A run's entries in order.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: Vec<Entry>,
    discards: bool,
    words: Option<Arc<Words>>,
    /// What the machine writes into, used again and again.
    buffer: Output,
}

impl PartialEq for Timeline {
    /// Whether the same happened; what containers are called does not count.
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Timeline {}

impl Timeline {
    /// An empty timeline.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            discards: false,
            words: None,
            buffer: Output::new(),
        }
    }

    /// A timeline that stays empty: for runs of which only the end matters.
    #[must_use]
    pub const fn discard() -> Self {
        Self {
            entries: Vec::new(),
            discards: true,
            words: None,
            buffer: Output::without_events(),
        }
    }

    /// The same, which also tells what is asked of the crash back-offs.
    pub(crate) fn telling_backoffs(mut self) -> Self {
        self.buffer.tells_backoffs = true;
        self
    }

    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Forgets every entry, and keeps their memory.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.buffer.backoffs.clear();
    }

    /// Forgets every entry behind the first so many.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.entries.truncate(count);
    }

    /// The words behind the entries; `None` for a timeline that no model has written.
    #[must_use]
    pub fn names(&self) -> Option<Names<'_>> {
        self.words.as_ref().map(|words| words.names())
    }

    pub(crate) fn with_words(&mut self, words: impl FnOnce() -> Words) {
        if !self.discards {
            self.words = Some(Arc::new(words()));
        }
    }

    /// What the machine writes into. Whoever has done something that it asks for takes it out.
    pub(crate) const fn buffer(&mut self) -> &mut Output {
        &mut self.buffer
    }

    /// Makes entries of the buffer's events.
    #[inline(always)]
    pub(crate) fn keep(&mut self, at: Time) {
        if !self.buffer.events.is_empty() {
            self.keep_all(at);
        }
    }

    fn keep_all(&mut self, at: Time) {
        if self.discards {
            self.buffer.events.clear();
            return;
        }
        for event in self.buffer.events.drain(..) {
            let seq = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            let cause = cause::of(&self.entries, &event);
            self.entries.push(Entry {
                at,
                seq,
                cause,
                event,
            });
        }
    }
}
