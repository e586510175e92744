//! A look at the machine's state: what can be told from it without changing it.

use super::facts;
use super::state::PodState;
use super::timers::Timer;
use super::{Pod, Turns};
use crate::time::Time;

/// Machine and state, to be read.
#[derive(Clone, Copy)]
pub(super) struct Look<'a, 'm> {
    pub(super) machine: &'a Pod<'m>,
    pub(super) state: &'a PodState,
}

impl Look<'_, '_> {
    /// The earliest moment at which a timer may tick: at one instant it does so only once, and not
    /// after another whose turn comes later. A relist that found nothing to do has been all the same
    /// when a container is killed at its instant.
    pub(super) fn ticks_from(self, timer: Timer) -> Time {
        let from = self.state.ticks_from;
        let over = |fired: Timer| match self.machine.turns {
            Turns::All => fired >= timer,
            Turns::OneByOne => fired == timer,
        };
        if self.state.fired.iter().copied().any(over) {
            from.plus_millis(1)
        } else {
            from
        }
    }

    /// When the pod has been active for as long as it may (DLN-1).
    pub(super) fn active_deadline(self, revision: u8) -> Option<Time> {
        facts::active_deadline(self.machine.spec(revision), self.state.known_status())
    }
}
