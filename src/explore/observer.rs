//! Who watches a search, and remembers what it needs.

use super::fingerprint::Fingerprint;
use crate::sim::{Model, World};
use crate::time::Time;
use crate::timeline::{Entry, Moment, Names};

/// One step of one run.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The model.
    pub model: &'a Model,
    /// The world before it.
    pub before: &'a World,
    /// The world after it.
    pub world: &'a World,
    /// What happened in it. Their places in the timeline are not those of the whole run.
    pub entries: &'a [Entry],
    /// How the run ends here, if it does.
    pub end: Option<End>,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing will ever happen again.
    Quiescent,
    /// One instant would not end.
    Livelock,
}

impl<'a> Step<'a> {
    /// The words behind the entries.
    #[must_use]
    pub fn names(&self) -> Names<'a> {
        self.model.names()
    }

    /// The entries, each with the status that the API held before it.
    pub fn moments(&self) -> impl Iterator<Item = Moment<'a>> {
        let names = self.names();
        let object = &self.before.pod.object;
        let mut before = object.exists.then_some(&object.status);
        self.entries.iter().map(move |entry| {
            let moment = Moment {
                entry,
                before,
                names,
            };
            if let crate::kubelet::Event::Status(status) = &entry.event {
                before = Some(status);
            }
            moment
        })
    }
}

/// Watches every run of a search. What it remembers is part of the world that is visited: two
/// worlds are one only where their observers, too, will see the same.
pub trait Observer: Clone + Send + Sync {
    /// What it finds.
    type Finding: Clone + Send + Sync;

    /// Whether it sees nothing. Steps are made without a log for it.
    const BLIND: bool = false;

    /// Whether a step that it has seen once need not be shown to it again, where it comes from a
    /// world with the same future and the observer remembers the same: then what it finds may
    /// depend on no moment but as a distance from now, and on nothing that worlds of the same
    /// canonical form differ in, nor on how long ago a container ended. Such steps are recalled, which
    /// takes far less time than making them.
    fn recalls(&self) -> bool {
        Self::BLIND
    }

    /// Moves every moment that it remembers, so that `from` becomes `to`. Asked only of those for
    /// which steps are recalled.
    fn rebase(&mut self, from: Time, to: Time) {
        let _ = (from, to);
    }

    /// The same for what it has found.
    fn rebase_finding(finding: &mut Self::Finding, from: Time, to: Time) {
        let _ = (finding, from, to);
    }

    /// Sees the next step of its run.
    fn see(&mut self, step: &Step<'_>, found: &mut Vec<Self::Finding>);

    /// Takes what it remembers into a fingerprint: moments by their distance from now.
    fn fingerprint(&self, now: Time, into: &mut Fingerprint);

    /// Whether its run is of no interest any more: the search does not go on from there.
    fn is_done(&self) -> bool {
        false
    }

    /// Whether a finding counts, by when it was made in its run.
    fn counts(&self, finding: &Self::Finding) -> bool {
        let _ = finding;
        true
    }

    /// Of findings with the same number one is kept.
    fn number(finding: &Self::Finding) -> usize;

    /// Whether a finding is kept in place of an earlier one with the same number. By default the
    /// first stays, which has the fewest faults and after that the fewest steps.
    fn replaces(new: &Self::Finding, old: &Self::Finding) -> bool {
        let _ = (new, old);
        false
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blind;

impl Observer for Blind {
    type Finding = std::convert::Infallible;

    const BLIND: bool = true;

    fn see(&mut self, _: &Step<'_>, _: &mut Vec<Self::Finding>) {}

    fn fingerprint(&self, _: Time, _: &mut Fingerprint) {}

    fn number(finding: &Self::Finding) -> usize {
        match *finding {}
    }
}
