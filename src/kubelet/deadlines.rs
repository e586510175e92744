//! Deadlines that are kept from one step to the next.
//!
//! Every deadline is a function of the state, and of nothing else. But most steps of a long life
//! are a probe's, which touch one probe worker: the deadlines of all others are what they were.

use super::Pace;
use super::look::Look;
use super::timers::Timer;
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;
use smallvec::SmallVec;

/// The deadlines that a state has. To be kept beside it, and to be made anew when anybody but a
/// step has changed it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deadlines {
    /// Whether anybody has looked at the state.
    known: bool,
    /// The earliest that is not a probe's.
    other: Option<(Time, Timer)>,
    /// Those of the probes, the earliest first.
    probes: SmallVec<[(Time, Timer); 4]>,
}

/// Which deadlines a step may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touched {
    /// Any.
    All,
    /// One probe's.
    Probe(ContainerId, ProbeKind),
    /// No probe's.
    Other,
}

impl Touched {
    /// What a timer touches, if it wakes nobody.
    pub(super) const fn by_timer(timer: Timer) -> Self {
        match timer {
            Timer::Probe(id, kind) => Self::Probe(id, kind),
            Timer::Relist => Self::Other,
            _ => Self::All,
        }
    }
}

impl Deadlines {
    /// The earliest.
    pub(crate) fn next(&self) -> Option<(Time, Timer)> {
        match (self.other, self.probes.first()) {
            (Some(other), Some(probe)) if other < *probe => Some(other),
            (other, probe) => probe.copied().or(other),
        }
    }

    /// Whether they are known, and none has passed: a step that comes late finds others than those
    /// that were kept.
    pub(super) fn hold_at(&self, now: Time) -> bool {
        self.known && self.next().is_none_or(|(at, _)| at >= now)
    }

    /// Looks at all of them.
    pub(super) fn look(&mut self, look: Look<'_, '_>) {
        self.known = true;
        self.other = look.next_other();
        self.probes.clear();
        look.each_probe(|at, timer| self.probes.push((at, timer)));
        self.probes.sort_unstable();
    }

    /// Looks at those that a step has touched.
    ///
    /// The others are what they were. No timer has fired out of turn and none has passed, so a tick
    /// that was the next is the next still, whatever instant it is. Only loops that do not wait for
    /// ticks reckon from the present.
    pub(super) fn look_again(&mut self, look: Look<'_, '_>, touched: Touched) {
        match touched {
            Touched::All => self.look(look),
            Touched::Other => self.other = look.next_other(),
            Touched::Probe(id, kind) => {
                if look.machine.pace == Pace::AtOnce {
                    self.other = look.next_other();
                }
                self.put(Timer::Probe(id, kind), look.probe_deadline(id, kind));
            }
        }
        debug_assert!(self.agree(look), "deadlines that were kept are others");
    }

    /// Puts a probe's deadline in the place of its old one.
    fn put(&mut self, timer: Timer, at: Option<Time>) {
        let known = self.probes.iter().position(|&(_, known)| known == timer);
        let (mut place, at) = match (known, at) {
            (Some(place), Some(at)) => (place, at),
            (Some(place), None) => {
                self.probes.remove(place);
                return;
            }
            (None, Some(at)) => {
                self.probes.push((at, timer));
                (self.probes.len() - 1, at)
            }
            (None, None) => return,
        };
        let (probes, new) = (&mut self.probes[..], (at, timer));
        while let Some(&later) = probes.get(place + 1).filter(|&&known| known < new) {
            probes[place] = later;
            place += 1;
        }
        while place > 0 && new < probes[place - 1] {
            probes[place] = probes[place - 1];
            place -= 1;
        }
        probes[place] = new;
    }

    /// Whether a look at everything finds the same.
    fn agree(&self, look: Look<'_, '_>) -> bool {
        let mut anew = Self::default();
        anew.look(look);
        (anew.other, &anew.probes) == (self.other, &self.probes)
    }
}
