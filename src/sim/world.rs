//! The world: everything that changes.

use super::event_list::EventList;
use super::open::Pending;
use crate::kubelet::PodState;
use crate::time::Time;
use smallvec::SmallVec;

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
}
