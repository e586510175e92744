//! Which occurrences of a statement count.

use super::edge::Edge;
use super::statement::{Bounds, Statement};
use super::told::moment;
use crate::time::Time;
use crate::timeline::{Entry, Timeline};

/// Which entries count: by time, and by place for those of one instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    from: Time,
    by: Option<Time>,
    before: Option<Time>,
    behind: Option<u32>,
    ahead_of: Option<u32>,
}

impl Window {
    pub(super) fn covers(&self, entry: &Entry) -> bool {
        entry.at >= self.from
            && self.by.is_none_or(|by| entry.at <= by)
            && self.before.is_none_or(|before| entry.at < before)
            && self.behind.is_none_or(|seq| entry.seq > seq)
            && self.ahead_of.is_none_or(|seq| entry.seq < seq)
    }
}

impl<'s> Bounds<'s> {
    /// The entries that count. `Err` is the statement that it names and that never comes: then
    /// there is no such stretch of time, and nothing can be said about it.
    pub(super) fn window(&self, timeline: &Timeline) -> Result<Window, &'s Statement> {
        let seq = |edge: Option<&'s Edge>| match edge.and_then(Edge::statement) {
            None => Ok(None),
            Some(statement) => match statement.first(timeline)? {
                Some(entry) => Ok(Some(entry.seq)),
                None => Err(statement),
            },
        };
        Ok(Window {
            from: self.after.and_then(Edge::time).map_or(Time::START, moment),
            by: self.by.map(moment),
            before: self.before.and_then(Edge::time).map(moment),
            behind: seq(self.after)?,
            ahead_of: seq(self.before)?,
        })
    }

    /// How often at least and at most.
    pub(super) fn range(&self) -> (usize, usize) {
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        if self.never {
            return (0, 0);
        }
        if let Some(times) = self.times {
            return (count(times), count(times));
        }
        let least = match (self.at_least, self.at_most) {
            (Some(least), _) => count(least),
            (None, Some(_)) => 0,
            (None, None) => 1,
        };
        (least, self.at_most.map_or(usize::MAX, count))
    }
}
