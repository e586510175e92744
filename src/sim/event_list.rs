//! The future event list: answers of the runtime that are under way.

use crate::kubelet::{Outcome, Token};
use crate::time::Time;
use smallvec::SmallVec;

/// Place of an answer among what happens at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Before anything else: it took no time, and whoever asked goes on as if nothing had been.
    Prompt,
    /// As the clock has it.
    Timed,
    /// After everything else.
    Last,
}

/// One answer under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Notice {
    /// When it comes; at the earliest, where that is still open.
    pub at: Time,
    /// When it comes at the latest; `None`: perhaps never.
    pub until: Option<Time>,
    /// Its place among what happens at that instant.
    pub rank: Rank,
    /// To which request.
    pub token: Token,
    /// What it says.
    pub outcome: Outcome,
}

/// Answers under way, sorted by moment, then by token: without an insertion counter, so that equal
/// futures are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventList(SmallVec<[Notice; 4]>);

impl Notice {
    /// Whether its moment is still open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.until != Some(self.at)
    }

    /// Its moment, its place there, and what it answers: an order over what comes.
    fn key(&self) -> Option<(Time, Rank, Token)> {
        Some((self.until?, self.rank, self.token))
    }
}

impl EventList {
    /// The next one that comes in any case.
    #[must_use]
    #[inline]
    pub fn first(&self) -> Option<&Notice> {
        // Nothing is open, as a rule.
        let next = self.0.first()?;
        if !next.is_open() {
            return Some(next);
        }
        let mut first: Option<&Notice> = None;
        for notice in &self.0 {
            if notice.until.is_none() {
                continue;
            }
            if first.is_none_or(|known| notice.key() < known.key()) {
                first = Some(notice);
            }
            // Whatever is behind one whose moment is fixed comes no sooner.
            if !notice.is_open() {
                break;
            }
        }
        first
    }

    /// The next ones first, by their earliest moment.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Notice> {
        self.0.iter_mut()
    }

    #[inline]
    pub(super) fn push(&mut self, notice: Notice) {
        let key = |notice: &Notice| (notice.at, notice.rank, notice.token);
        // As a rule it is the only one, or the last.
        if self.0.last().is_none_or(|last| key(last) <= key(&notice)) {
            self.0.push(notice);
        } else {
            let place = self.0.partition_point(|known| key(known) <= key(&notice));
            self.0.insert(place, notice);
        }
    }

    /// Every answer that comes by that moment in any case.
    pub(super) fn at(&self, moment: Time) -> impl Iterator<Item = &Notice> {
        let due = move |notice: &&Notice| notice.until.is_some_and(|until| until <= moment);
        self.0.iter().filter(due)
    }

    #[inline]
    pub(super) fn take(&mut self, token: Token) -> Option<Notice> {
        let index = self.0.iter().position(|notice| notice.token == token)?;
        if index + 1 == self.0.len() {
            return self.0.pop();
        }
        Some(self.0.remove(index))
    }

    pub(super) fn cancel(&mut self, token: Token) {
        self.0.retain(|notice| notice.token != token);
    }
}
