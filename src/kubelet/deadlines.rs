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

/// A container's probes in the order in which they fire at one instant.
const IN_TURN: [ProbeKind; 3] = [
    ProbeKind::Readiness,
    ProbeKind::Startup,
    ProbeKind::Liveness,
];

/// The place of a probe among [`IN_TURN`].
const fn place(kind: ProbeKind) -> usize {
    match kind {
        ProbeKind::Readiness => 0,
        ProbeKind::Startup => 1,
        ProbeKind::Liveness => 2,
    }
}

/// The deadline of who has none.
const NEVER: Time = Time::from_millis(u64::MAX);

/// The deadlines that a state has. To be kept beside it, and to be made anew when anybody but a
/// step has changed it.
#[derive(Clone, Debug)]
pub(crate) struct Deadlines {
    /// The earliest of all.
    next: Option<(Time, Timer)>,
    /// The earliest that is not a probe's.
    other: Option<(Time, Timer)>,
    /// Those of the probes: three of each container, in turn.
    probes: SmallVec<[Time; 6]>,
}

impl Deadlines {
    /// Those of a state that nobody has looked at.
    pub(super) fn new() -> Self {
        Self {
            next: None,
            other: None,
            probes: SmallVec::new(),
        }
    }

    /// The earliest.
    pub(crate) const fn next(&self) -> Option<(Time, Timer)> {
        self.next
    }

    /// Whether none has passed: a step that comes late finds others than those that were kept.
    pub(super) fn hold_at(&self, now: Time) -> bool {
        !self.probes.is_empty() && self.next.is_none_or(|(at, _)| at >= now)
    }

    /// Looks at all of them.
    pub(super) fn look(&mut self, look: Look<'_, '_>) {
        self.other = look.next_other();
        let slots = &look.state.slots;
        self.probes.resize(slots.len() * 3, NEVER);
        let places = self.probes.chunks_exact_mut(3).zip(slots).enumerate();
        for (index, (places, slot)) in places {
            let id = ContainerId(index as u8);
            for (known, kind) in places.iter_mut().zip(IN_TURN) {
                let worker = slot.probes[kind as usize].as_ref();
                let at = worker.and_then(|worker| look.worker_deadline(id, kind, worker));
                *known = at.unwrap_or(NEVER);
            }
        }
        self.next = self.earliest();
    }

    /// Looks only at one probe's, after a step that has touched nothing but its worker.
    ///
    /// The others are what they were. No timer has fired out of turn and none has passed, so a tick
    /// that was the next is the next still, whatever instant it is. Only loops that do not wait for
    /// ticks reckon from the present.
    pub(super) fn look_at_probe(&mut self, look: Look<'_, '_>, id: ContainerId, kind: ProbeKind) {
        if look.machine.pace == Pace::AtOnce {
            self.other = look.next_other();
        }
        if let Some(known) = self.probes.get_mut(id.index() * 3 + place(kind)) {
            *known = look.probe_deadline(id, kind).unwrap_or(NEVER);
        }
        self.next = self.earliest();
        debug_assert!(self.agree(look), "deadlines that were kept are others");
    }

    fn earliest(&self) -> Option<(Time, Timer)> {
        let (mut first, mut place) = (NEVER, 0);
        for (index, &at) in self.probes.iter().enumerate() {
            if at < first {
                (first, place) = (at, index);
            }
        }
        if first == NEVER {
            return self.other;
        }
        let probe = Timer::Probe(ContainerId((place / 3) as u8), IN_TURN[place % 3]);
        match self.other {
            Some(other) if other < (first, probe) => Some(other),
            _ => Some((first, probe)),
        }
    }

    /// Whether a look at everything finds the same.
    fn agree(&self, look: Look<'_, '_>) -> bool {
        let mut anew = Self::new();
        anew.look(look);
        (anew.next, anew.other, &anew.probes) == (self.next, self.other, &self.probes)
            && self.next == look.next_timer()
    }
}
