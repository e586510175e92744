//! What a search has come to, property by property.

use super::bounds::Cut;
use super::builtin::Kind;
use super::properties::{Breach, Properties};
use super::search::{Explored, Found};

/// What has come of one property.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// It breaks: here is a run.
    Violated(&'a Found<Breach>),
    /// It asks for some run, and here is one.
    Shown(&'a Found<Breach>),
    /// It asks for some run, the search is complete, and there is none.
    Impossible,
    /// Of all that the search has seen, nothing breaks it. Whether that is all there is, its
    /// [`Cut`] says.
    Kept,
    /// It asks for some run, and the search has seen none so far.
    Open,
}

impl Outcome<'_> {
    /// Whether it says that the property does not hold.
    #[must_use]
    pub const fn is_violated(&self) -> bool {
        matches!(self, Self::Violated(_) | Self::Impossible)
    }
}

/// How much a search can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every world that can be reached has been visited.
    Complete,
    /// Every world that can be reached with so many faults has been.
    CompleteUpToFaults,
    /// Something else has kept it from going on.
    Bounded,
}

impl Cut {
    /// How much the search can say.
    #[must_use]
    pub const fn reach(self) -> Reach {
        if self.is_complete() {
            Reach::Complete
        } else if self.is_complete_but_for_faults() {
            Reach::CompleteUpToFaults
        } else {
            Reach::Bounded
        }
    }
}

impl Properties {
    /// What has come of each property, by its number.
    #[must_use]
    pub fn outcomes<'a>(&self, explored: &'a Explored<Breach>) -> Vec<Outcome<'a>> {
        let outcome = |number| {
            let found = explored.findings.get(&number);
            match (found, self.asks_for_one(number)) {
                (Some(found), true) => Outcome::Shown(found),
                (Some(found), false) => Outcome::Violated(found),
                (None, true) if explored.cut.is_complete() => Outcome::Impossible,
                (None, true) => Outcome::Open,
                (None, false) => Outcome::Kept,
            }
        };
        (0..self.len()).map(outcome).collect()
    }

    /// What a property is about; `None` for those that are not built in.
    #[must_use]
    pub fn kind(&self, number: usize) -> Option<Kind> {
        self.builtin(number).map(super::Builtin::kind)
    }
}
