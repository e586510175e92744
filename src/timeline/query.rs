//! Questions to a timeline.

use super::{Condition, Entry, Moment, Timeline};
use crate::kubelet::{Event, PodStatus};
use crate::time::Time;
use std::time::Duration;

impl Timeline {
    /// The entries that a condition holds for, in order. None for a timeline that no model has
    /// written: it lacks the words behind its indices.
    pub fn all<'t>(&'t self, wanted: &impl Condition) -> impl Iterator<Item = &'t Entry> {
        let mut before: Option<&PodStatus> = None;
        self.entries().iter().filter(move |entry| {
            let holds = self.names().is_some_and(|names| {
                let moment = Moment {
                    entry,
                    before,
                    names,
                };
                wanted.holds(&moment)
            });
            if let Event::Status(status) = &entry.event {
                before = Some(status);
            }
            holds
        })
    }

    /// The first entry that a condition holds for.
    pub fn first(&self, wanted: impl Condition) -> Option<&Entry> {
        self.all(&wanted).next()
    }

    /// The last entry that a condition holds for.
    pub fn last(&self, wanted: impl Condition) -> Option<&Entry> {
        self.all(&wanted).last()
    }

    /// How many entries a condition holds for.
    pub fn count(&self, wanted: impl Condition) -> usize {
        self.all(&wanted).count()
    }

    /// The time from the first entry that `from` holds for to the first one at or behind it that
    /// `to` holds for; `None` if either is missing.
    pub fn between(&self, from: impl Condition, to: impl Condition) -> Option<Duration> {
        let from = self.first(from)?;
        let to = self.all(&to).find(|entry| entry.seq >= from.seq)?;
        Some(to.at.since(from.at))
    }

    /// The status that the API held at a moment, what came in that moment included.
    #[must_use]
    pub fn status_at(&self, at: Time) -> Option<&PodStatus> {
        let until = self.entries().partition_point(|entry| entry.at <= at);
        let mut entries = self.entries()[..until].iter().rev();
        entries.find_map(|entry| match &entry.event {
            Event::Status(status) => Some(&**status),
            _ => None,
        })
    }
}
