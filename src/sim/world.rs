//! The world: everything that changes.

use super::event_list::EventList;
use crate::kubelet::PodState;
use crate::time::Time;

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
}
