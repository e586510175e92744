//! A look at the machine's state: what can be told from it without changing it.

use super::facts;
use super::state::{PodState, tick_from};
use super::timers::Timer;
use super::{Pace, Pod, Turns};
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
    #[inline(always)]
    pub(super) fn ticks_from(self, timer: Timer) -> Time {
        let from = self.state.ticks_from;
        if !self.state.fired.is_empty() && self.is_over(timer.turn()) {
            from.plus_millis(1)
        } else {
            from
        }
    }

    /// Whether a timer with that turn has had it at this instant.
    fn is_over(self, turn: u32) -> bool {
        let mut fired = self.state.fired.iter().map(|fired| fired.turn());
        match self.machine.turns {
            Turns::All => fired.any(|fired| fired >= turn),
            Turns::OneByOne => fired.any(|fired| fired == turn),
        }
    }

    /// When a loop next ticks, from the moment on at which it has something to find.
    pub(super) fn loop_tick(self, anchor: Time, period: u64, from: Time, timer: Timer) -> Time {
        match self.machine.pace {
            Pace::Ticking => tick_from(anchor, period, from.max(self.ticks_from(timer))),
            Pace::AtOnce => {
                // What these find they may have to find again; the others do so once an instant.
                let again = matches!(timer, Timer::Relist | Timer::Sync);
                let over = self.ticks_from(timer) > self.state.now;
                let wait = if over && !again { 1000 } else { 0 };
                from.max(self.state.now.plus_millis(wait))
            }
        }
    }

    /// When the pod has been active for as long as it may (DLN-1).
    pub(super) fn active_deadline(self, revision: u8) -> Option<Time> {
        facts::active_deadline(self.machine.spec(revision), self.state.known_status())
    }
}
