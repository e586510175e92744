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
    pub fn first(&self) -> Option<&Notice> {
        self.first_place().map(|place| &self.0[place])
    }

    /// Its place.
    #[inline(always)]
    pub(super) fn first_place(&self) -> Option<usize> {
        // Nothing is open, as a rule.
        match self.0.first() {
            Some(next) if next.is_open() => self.first_certain(),
            next => next.map(|_| 0),
        }
    }

    #[inline(never)]
    fn first_certain(&self) -> Option<usize> {
        let mut first: Option<usize> = None;
        for (place, notice) in self.0.iter().enumerate() {
            if notice.until.is_none() {
                continue;
            }
            if first.is_none_or(|known| notice.key() < self.0[known].key()) {
                first = Some(place);
            }
            // Whatever is behind one whose moment is fixed comes no sooner.
            if !notice.is_open() {
                break;
            }
        }
        first
    }

    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<&Notice> {
        self.0.get(place)
    }

    /// Whether the next one took no time: nothing comes between it and its request.
    #[inline]
    pub(super) fn has_prompt(&self, now: Time) -> bool {
        let first = self.first();
        first.is_some_and(|next| next.rank == Rank::Prompt && next.at <= now)
    }

    /// The next ones first, by their earliest moment.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Notice> {
        self.0.iter()
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

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds one that comes after all others.
    pub(super) fn add(&mut self, notice: Notice) {
        self.0.push(notice);
    }

    /// Every answer that comes by that moment in any case.
    pub(super) fn at(&self, moment: Time) -> impl Iterator<Item = &Notice> {
        let due = move |notice: &&Notice| notice.until.is_some_and(|until| until <= moment);
        self.0.iter().filter(due)
    }

    pub(super) fn take(&mut self, token: Token) -> Option<Notice> {
        let place = self.0.iter().position(|notice| notice.token == token)?;
        self.take_at(place)
    }

    /// Takes the one at that place.
    #[inline]
    pub(super) fn take_at(&mut self, place: usize) -> Option<Notice> {
        match self.0.len() {
            len if place + 1 == len => self.0.pop(),
            len if place < len => Some(self.0.remove(place)),
            _ => None,
        }
    }

    pub(super) fn cancel(&mut self, tokens: &[Token]) {
        self.0.retain(|notice| !tokens.contains(&notice.token));
    }
}
