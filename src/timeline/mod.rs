//! What happened: typed entries in order, each with what led to it.

mod cause;
mod messages;
mod names;
#[cfg(feature = "json")]
mod recorded;

pub use names::Names;
#[cfg(feature = "json")]
pub use recorded::recorded;

use crate::kubelet::Event;
use crate::time::Time;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<Entry>,
    discards: bool,
}

impl Timeline {
    /// An empty timeline.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            discards: false,
        }
    }

    /// A timeline that stays empty: for runs of which only the end matters.
    #[must_use]
    pub const fn discard() -> Self {
        Self {
            entries: Vec::new(),
            discards: true,
        }
    }

    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn push(&mut self, at: Time, event: Event) {
        if self.discards {
            return;
        }
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
