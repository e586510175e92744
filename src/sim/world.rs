//! The world: everything that changes.

use super::event_list::EventList;
use super::open::{Die, Pending};
use crate::kubelet::{Deadlines, PodState};
use crate::time::Time;
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};

/// Everything that changes in a run: a value that can be kept, compared and continued from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The clock.
    pub now: Time,
    /// The pod.
    pub pod: PodState,
    /// Answers under way.
    pub events: EventList,
    /// How many of the model's actions have been done.
    pub actions_done: usize,
    /// What somebody may do at a moment that is still open.
    pub pending: SmallVec<[Pending; 1]>,
    /// The kubelet's die that has been thrown and still rolls, if one does.
    pub die: Option<Die>,
    /// The pod's deadlines.
    pub(super) deadlines: Derived<Deadlines>,
}

/// What follows from the rest of a value: it makes no two of them differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Derived<T>(pub(super) T);

impl<T> PartialEq for Derived<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Derived<T> {}

impl<T> Hash for Derived<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
