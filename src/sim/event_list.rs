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
    /// When it comes.
    pub at: Time,
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

impl EventList {
    /// The next one.
    #[must_use]
    pub fn first(&self) -> Option<&Notice> {
        self.0.first()
    }

    pub(super) fn pop(&mut self) -> Option<Notice> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    pub(super) fn push(&mut self, notice: Notice) {
        let key = |notice: &Notice| (notice.at, notice.rank, notice.token);
        let place = self.0.partition_point(|known| key(known) <= key(&notice));
        self.0.insert(place, notice);
    }

    /// Every answer that comes at that moment.
    pub(super) fn at(&self, moment: Time) -> impl Iterator<Item = &Notice> {
        self.0.iter().take_while(move |notice| notice.at <= moment)
    }

    pub(super) fn take(&mut self, token: Token) -> Option<Notice> {
        let index = self.0.iter().position(|notice| notice.token == token)?;
        Some(self.0.remove(index))
    }

    pub(super) fn cancel(&mut self, token: Token) {
        self.0.retain(|notice| notice.token != token);
    }
}
