//! Deadlines that are kept from one step to the next.
//!
//! Every deadline is a function of the state, and of nothing else. But most steps of a long life
//! are a probe's, which touch one probe worker: the deadlines of all others are what they were.

use super::Pace;
use super::look::Look;
use super::timers::Timer;
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;

/// The deadlines that a state has. To be kept beside it, and to be made anew when anybody but a
/// step has changed it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deadlines {
    /// Whether anybody has looked at the state.
    known: bool,
    /// Whether probe workers have been touched, and nobody has looked at them since.
    behind: bool,
    /// The earliest of all.
    next: Option<Deadline>,
    /// The earliest that is not a probe's.
    other: Option<Deadline>,
    /// One of each probe worker, in the order of their turns.
    probes: Vec<ProbeDeadline>,
}

/// One deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deadline {
    at: Time,
    timer: Timer,
}

/// A probe worker's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ProbeDeadline {
    /// `None`: the worker has nothing to do by itself.
    at: Option<Time>,
    /// How often its ticker ticks, in milliseconds.
    period: u64,
    container: ContainerId,
    kind: ProbeKind,
    /// Whether the worker has been touched since.
    touched: bool,
}

impl Deadline {
    const fn new((at, timer): (Time, Timer)) -> Self {
        Self { at, timer }
    }

    #[inline]
    fn is_before(&self, other: &Self) -> bool {
        self.at < other.at || (self.at == other.at && self.timer < other.timer)
    }
}

impl ProbeDeadline {
    const fn timer(&self) -> Timer {
        Timer::Probe(self.container, self.kind)
    }

    #[inline]
    fn is_of(&self, id: ContainerId, kind: ProbeKind) -> bool {
        self.container == id && self.kind == kind
    }

    #[inline]
    fn is_due(&self, now: Time) -> bool {
        self.at.is_some_and(|at| at <= now)
    }

    /// Whether the worker's ticker ticks at that moment only if its deadline has come. The ticker of
    /// one that has longer to wait than a period may tick before, for nothing.
    #[inline]
    fn tells_tick(&self, now: Time) -> bool {
        self.at.is_some_and(|at| at.millis_since(now) < self.period)
    }
}

impl Deadlines {
    /// The earliest.
    #[inline]
    pub(crate) fn next(&self) -> Option<(Time, Timer)> {
        debug_assert!(!self.behind, "nobody has caught up with the probe workers");
        self.next.map(|next| (next.at, next.timer))
    }

    /// Whether they are known, and none has passed: a step that comes late finds others than those
    /// that were kept.
    #[inline]
    pub(super) fn hold_at(&self, now: Time) -> bool {
        self.known && self.next.is_none_or(|next| next.at >= now)
    }

    /// Whether nothing but probes' timers is due, and none of their tickers ticks for nothing.
    #[inline]
    pub(super) fn only_probes_tick(&self, now: Time) -> bool {
        self.other.is_none_or(|other| other.at > now)
            && self.probes.iter().all(|probe| probe.tells_tick(now))
    }

    /// The probes' timers that are due behind that one go off, in order.
    #[inline]
    pub(super) fn go_off_behind(
        &mut self,
        id: ContainerId,
        kind: ProbeKind,
        now: Time,
    ) -> impl Iterator<Item = Timer> {
        self.behind = true;
        let probes = self.probes.iter_mut();
        let behind = probes.filter(move |probe| probe.is_due(now) && !probe.is_of(id, kind));
        behind.map(|probe| {
            probe.touched = true;
            probe.timer()
        })
    }

    /// Only the earliest is known: of a state that has been put together again.
    pub(crate) fn forget_all_but(&mut self, next: Option<(Time, Timer)>) {
        self.known = false;
        self.behind = false;
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
        look.each_worker(|container, kind, worker| {
            self.probes.push(ProbeDeadline {
                at: look.worker_deadline(container, kind, worker),
                period: look.period(container, kind),
                container,
                kind,
                touched: false,
            });
        });
        self.look_at_other(look);
    }

    /// A probe worker has been touched. Its deadline is looked at when somebody wants to know the
    /// next one: as a rule an answer comes first, and touches it again.
    #[inline]
    pub(super) fn touch(&mut self, id: ContainerId, kind: ProbeKind) {
        self.behind = true;
        let mut probes = self.probes.iter_mut();
        if let Some(probe) = probes.find(|probe| probe.is_of(id, kind)) {
            probe.touched = true;
        }
    }

    /// Looks at the probe workers that have been touched. All other deadlines are what they were.
    ///
    /// No timer has fired out of turn and none has passed, so a tick that was the next is the next
    /// still, whatever instant it is. Only loops that do not wait for ticks reckon from the present.
    #[inline]
    pub(super) fn catch_up(&mut self, look: Look<'_, '_>) {
        if self.behind {
            match look.machine.pace {
                Pace::Ticking => self.choose(look),
                Pace::AtOnce => self.look_at_other(look),
            }
            debug_assert!(self.agree(look), "deadlines that were kept are others");
        }
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
        self.behind = false;
        let mut first: Option<(Time, Timer)> = None;
        for probe in &mut self.probes {
            if probe.touched {
                probe.touched = false;
                probe.at = look.probe_deadline(probe.container, probe.kind);
            }
            if let Some(at) = probe.at
                && first.is_none_or(|(known, _)| at < known)
            {
                first = Some((at, probe.timer()));
            }
        }
        self.next = self.other;
        self.offer(first);
        self.offer(look.ready_since().map(|now| (now, Timer::Ready)));
    }

    /// Takes that one for the next if it comes before it.
    #[inline(always)]
    fn offer(&mut self, found: Option<(Time, Timer)>) {
        if let Some(found) = found.map(Deadline::new)
            && self.next.is_none_or(|next| found.is_before(&next))
        {
            self.next = Some(found);
        }
    }

    /// Whether a look at everything finds the same.
    fn agree(&self, look: Look<'_, '_>) -> bool {
        let mut found = Vec::new();
        look.each_worker(|container, kind, worker| {
            found.push((
                container,
                kind,
                look.worker_deadline(container, kind, worker),
            ));
        });
        let probes = self.probes.iter().filter(|probe| probe.at.is_some());
        let kept = probes.map(|probe| (probe.container, probe.kind, probe.at));
        found.retain(|&(_, _, at)| at.is_some());
        kept.eq(found)
            && self.other == look.next_other().map(Deadline::new)
            && self.next() == look.next_timer()
    }
}
