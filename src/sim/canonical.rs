//! Worlds with the same future as one value.

use super::model::Model;
use super::world::{Derived, World};
use crate::kubelet::{Counter, Lasts, Memory, Pace, Visitor, visit_token};
use crate::time::Time;
use smallvec::SmallVec;

/// After so long every loop of the kubelet ticks at the same moments again; without ticks there are
/// still the whole seconds of the API's times.
const fn cycle(pace: Pace) -> u64 {
    match pace {
        Pace::Ticking => 60_000,
        Pace::AtOnce => 1000,
    }
}

/// A moment late enough that all that matters of the past fits before it; a multiple of
/// every cycle.
const PRESENT: u64 = 100 * 24 * 60 * 60_000;

impl Model {
    /// The world in its canonical form: the one that stands for all with the same future. Moments
    /// are shifted, what is long past keeps only its order, and counters start over. What follows
    /// differs from what follows the world itself in nothing but moments and numbers.
    #[must_use]
    pub fn canonical(&self, world: &World) -> World {
        let mut canonical = world.clone();
        self.canonicalize(&mut canonical);
        canonical.deadlines = Derived(self.pod().deadlines(&canonical.pod));
        canonical
    }

    /// Brings a world into its canonical form, to be compared.
    pub(crate) fn canonicalize(&self, world: &mut World) {
        let machine = self.pod();
        let memory = self.runtime.memory();
        machine.forget(&mut world.pod);
        world.forget_openings();
        let mut survey = Survey::new(world, memory);
        world.visit(self, memory, &mut survey);
        let mut rename = survey.rename(self.actions.len() > world.actions_done, cycle(self.pace));
        world.visit(self, memory, &mut rename);
    }
}

impl World {
    /// How long a window has been open decides nothing.
    fn forget_openings(&mut self) {
        let past = Time::from_millis(self.now.as_millis().saturating_sub(1));
        for notice in self.events.iter_mut() {
            notice.at = notice.at.max(past);
        }
        for pending in &mut self.pending {
            pending.from = pending.from.max(past);
        }
    }

    fn visit(&mut self, model: &Model, memory: Memory, visitor: &mut impl Visitor) {
        model.pod().visit(&mut self.pod, memory, visitor);
        visitor.time(&mut self.now, Lasts::Always);
        for notice in self.events.iter_mut() {
            visitor.time(&mut notice.at, Lasts::Always);
            if let Some(until) = &mut notice.until {
                visitor.time(until, Lasts::Always);
            }
            visit_token(&mut notice.token, visitor);
        }
        for pending in &mut self.pending {
            visitor.time(&mut pending.from, Lasts::Always);
            if let Some(until) = &mut pending.until {
                visitor.time(until, Lasts::Always);
            }
        }
    }
}

/// Values of counters: each once, in order.
type Counts = SmallVec<[(Counter, u32); 16]>;

/// Looks at what there is.
struct Survey {
    now: Time,
    memory: Memory,
    /// The oldest moment that still decides something.
    alive: Time,
    /// Moments that may be long past.
    past: SmallVec<[Time; 16]>,
    counts: Counts,
}

impl Survey {
    fn new(world: &World, memory: Memory) -> Self {
        Self {
            now: world.now,
            memory,
            alive: world.now,
            past: SmallVec::new(),
            counts: SmallVec::new(),
        }
    }

    /// What is older than anything that decides something keeps its order and its small distances.
    fn rename(mut self, fixed: bool, cycle: u64) -> Rename {
        let now = self.now.as_millis();
        let shift = match fixed {
            true => 0,
            false => PRESENT.wrapping_sub(now - now % cycle),
        };
        let alive = self.alive.whole_second();
        self.past.retain(|at| *at < alive);
        self.past.sort_unstable();
        self.past.dedup();
        let mut long_past: SmallVec<[(Time, Time); 16]> = SmallVec::new();
        let (mut second, mut rank) = (Time::START, 0);
        for &at in &self.past {
            // Of two moments the kubelet asks which comes first, and of statuses, whose times are
            // cut to the second, whether they show the same one.
            let known = long_past.last().map(|&(before, _)| before.whole_second());
            if known.is_some_and(|known| known != at.whole_second()) {
                second = second.plus_millis(1000);
                rank = 0;
            }
            rank += u64::from(at != at.whole_second());
            long_past.push((at, second.plus_millis(rank)));
        }
        Rename {
            shift,
            long_past,
            counts: self.counts,
            memory: self.memory,
        }
    }
}

impl Visitor for Survey {
    fn time(&mut self, at: &mut Time, lasts: Lasts) {
        let matters = match lasts {
            Lasts::Always => true,
            Lasts::Ticker => return,
            Lasts::For(millis) => self.now.millis_since(*at) < millis,
        };
        if matters {
            self.alive = self.alive.min(*at);
        } else {
            self.past.push(*at);
        }
    }

    fn count(&mut self, counter: Counter, value: &mut u32) {
        if let Err(place) = self.counts.binary_search(&(counter, *value)) {
            self.counts.insert(place, (counter, *value));
        }
    }
}

/// Gives moments and numbers their new names.
struct Rename {
    shift: u64,
    long_past: SmallVec<[(Time, Time); 16]>,
    counts: Counts,
    memory: Memory,
}

impl Visitor for Rename {
    fn time(&mut self, at: &mut Time, lasts: Lasts) {
        let known = match lasts {
            Lasts::For(_) => self.long_past.binary_search_by_key(at, |&(at, _)| at).ok(),
            Lasts::Always | Lasts::Ticker => None,
        };
        *at = match known {
            Some(index) => self.long_past[index].1,
            None => Time::from_millis(at.as_millis().wrapping_add(self.shift)),
        };
    }

    fn count(&mut self, counter: Counter, value: &mut u32) {
        let first = self.counts.partition_point(|&(known, _)| known < counter);
        let least = self.counts.get(first).map_or(0, |&(_, least)| least);
        *value = match counter {
            // How many there were counts, up to as many as the runtime looks back; and from then on
            // how many more there are.
            Counter::Attempts(_) | Counter::SandboxCalls => match self.memory.attempts {
                Some(attempts) => *value - least + least.min(attempts),
                None => *value,
            },
            // A count may go on from the API's own, which lags behind: how many it lags counts.
            Counter::Restarts(_) => *value - least + u32::from(least > 0),
            // Which comes first counts, and which is the very first.
            Counter::Runs(_) | Counter::Sandboxes => {
                let known = &self.counts[first..];
                let rank = known.iter().take_while(|(_, known)| known < value).count();
                rank as u32 + u32::from(least > 0)
            }
        };
    }
}
