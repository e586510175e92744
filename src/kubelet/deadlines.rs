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
    /// The earliest of all.
    next: Option<Deadline>,
    /// The earliest that is not a probe's.
    other: Option<Deadline>,
    /// Those of the probes, in any order.
    probes: Vec<Deadline>,
}

/// One deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deadline {
    at: Time,
    /// The timer's turn at its instant.
    turn: u32,
    timer: Timer,
}

impl Deadline {
    const fn new((at, timer): (Time, Timer)) -> Self {
        Self {
            at,
            turn: timer.turn(),
            timer,
        }
    }

    #[inline]
    fn is_before(&self, other: &Self) -> bool {
        self.at < other.at || (self.at == other.at && self.turn < other.turn)
    }
}

impl Deadlines {
    /// The earliest.
    #[inline]
    pub(crate) fn next(&self) -> Option<(Time, Timer)> {
        self.next.map(|next| (next.at, next.timer))
    }

    /// Whether they are known, and none has passed: a step that comes late finds others than those
    /// that were kept.
    #[inline]
    pub(super) fn hold_at(&self, now: Time) -> bool {
        self.known && self.next.is_none_or(|next| next.at >= now)
    }

    /// The probes' timers that are due behind that one, in order; `None` where any other is.
    #[inline]
    pub(super) fn probes_behind(&self, first: Timer, now: Time) -> Option<SmallVec<[Timer; 8]>> {
        if self.other.as_ref().is_some_and(|other| other.at <= now) {
            return None;
        }
        let mut behind = SmallVec::new();
        for due in self.probes.iter().filter(|deadline| deadline.at <= now) {
            if due.timer != first {
                let later = |known: &Timer| known.turn() > due.turn;
                let place = behind.iter().position(later).unwrap_or(behind.len());
                behind.insert(place, due.timer);
            }
        }
        Some(behind)
    }

    /// How many probes have one.
    pub(super) fn probes(&self) -> usize {
        self.probes.len()
    }

    /// Only the earliest is known: of a state that has been put together again.
    pub(crate) fn forget_all_but(&mut self, next: Option<(Time, Timer)>) {
        self.known = false;
        self.next = next.map(Deadline::new);
    }

    /// They are to be looked at anew in the next step.
    pub(super) const fn forget(&mut self) {
        self.known = false;
    }

    /// Looks at all of them.
    pub(super) fn look(&mut self, look: Look<'_, '_>) {
        self.known = true;
        self.probes.clear();
        look.each_probe(|at, timer| self.probes.push(Deadline::new((at, timer))));
        self.look_at_other(look);
    }

    /// Looks only at one probe's, whose worker has been touched. The others are what they were.
    #[inline]
    pub(super) fn look_at_probe(&mut self, look: Look<'_, '_>, id: ContainerId, kind: ProbeKind) {
        let timer = Timer::Probe(id, kind);
        let turn = timer.turn();
        let known = self.probes.iter().position(|known| known.turn == turn);
        match (known, look.probe_deadline(id, kind)) {
            (Some(place), Some(at)) => self.probes[place].at = at,
            (Some(place), None) => {
                self.probes.swap_remove(place);
            }
            (None, Some(at)) => self.probes.push(Deadline { at, turn, timer }),
            (None, None) => {}
        }
    }

    /// The same for one whose tick has gone off, and that has not had its turn yet.
    #[inline]
    pub(super) fn tick_gone_off(&mut self, timer: Timer, period: u64) {
        let mut probes = self.probes.iter_mut();
        if let Some(known) = probes.find(|known| known.timer == timer) {
            known.at = known.at.plus_millis(period);
        }
    }

    /// Ends a step that has touched nothing but probe workers, which have been looked at.
    ///
    /// No timer has fired out of turn and none has passed, so a tick that was the next is the next
    /// still, whatever instant it is. Only loops that do not wait for ticks reckon from the present.
    #[inline]
    pub(super) fn end_of_probes(&mut self, look: Look<'_, '_>) {
        match look.machine.pace {
            Pace::Ticking => self.choose(look),
            Pace::AtOnce => self.look_at_other(look),
        }
        debug_assert!(self.agree(look), "deadlines that were kept are others");
    }

    /// Looks at all but the probes', after a step that has touched no probe worker.
    pub(super) fn look_at_others(&mut self, look: Look<'_, '_>) {
        self.look_at_other(look);
        debug_assert!(self.agree(look), "deadlines that were kept are others");
    }

    fn look_at_other(&mut self, look: Look<'_, '_>) {
        self.other = look.next_other().map(Deadline::new);
        self.choose(look);
    }

    #[inline]
    fn choose(&mut self, look: Look<'_, '_>) {
        let mut next = self.other;
        for probe in &self.probes {
            if next.as_ref().is_none_or(|known| probe.is_before(known)) {
                next = Some(*probe);
            }
        }
        self.next = next;
        if let Some(now) = look.ready_since() {
            let ready = Deadline::new((now, Timer::Ready));
            self.next = Some(
                self.next
                    .filter(|next| next.is_before(&ready))
                    .unwrap_or(ready),
            );
        }
    }

    /// Whether a look at everything finds the same.
    fn agree(&self, look: Look<'_, '_>) -> bool {
        let mut anew = Self::default();
        anew.look(look);
        let same = |probe: &Deadline| anew.probes.contains(probe);
        anew.probes.len() == self.probes.len()
            && self.probes.iter().all(same)
            && (anew.next, anew.other) == (self.next, self.other)
            && self.next() == look.next_timer()
    }
}
