//! A search that makes each of its steps.
//!
//! What its observer remembers of a run is more than what can be recalled ([`Recall`]).
//!
//! [`Recall`]: super::recall::Recall

use super::branching::Branching;
use super::expand::{Harvest, LIVELOCK, SPINNING, Seen, Stepping};
use super::fingerprint::{Fingerprint, halves, whole};
use super::frontier::Waits;
use super::links::Link;
use super::names::Fingerprints;
use super::observer::{End, Observer, Step};
use super::reached::Child;
use super::search::Search;
use crate::sim::{Advance, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;
use std::hash::{Hash, Hasher};

/// Makes steps.
pub(super) struct Making<'a, 'm, O>(pub(super) &'a Search<'m, O>);

/// A world as bytes: as itself it is twenty times as large.
#[derive(Debug)]
pub(super) struct Pressed<O> {
    bytes: Box<[u8]>,
    observer: O,
    fingerprint: [u64; 2],
    spin: u16,
}

impl<O: Send + Sync> Waits for Pressed<O> {
    type Names = Fingerprints;
    type Rest = Self;

    fn name(&self) -> u128 {
        whole(self.fingerprint)
    }

    fn write(self, _: &mut Vec<u8>) -> Self {
        self
    }

    fn read(_: &mut &[u8], rest: Self) -> Self {
        rest
    }
}

impl<O: Observer> Pressed<O> {
    /// The world that a press has taken apart, after so many steps at its instant.
    fn new(press: &Press<'_>, observer: O, now: Time, spin: u16) -> Self {
        let mut fingerprint = Fingerprint::new();
        let [low, high] = halves(of_core(press, &observer, now));
        fingerprint.write_u64(low);
        fingerprint.write_u64(high);
        press.crashes().hash(&mut fingerprint);
        if spin >= SPINNING {
            spin.hash(&mut fingerprint);
        }
        let mut bytes = Vec::new();
        press.write(&mut bytes);
        Self {
            bytes: bytes.into(),
            observer,
            fingerprint: halves(fingerprint.value()),
            spin,
        }
    }
}

/// The fingerprint of what a world is but for its crashes, and of what its observer remembers.
pub(super) fn of_core(press: &Press<'_>, observer: &impl Observer, now: Time) -> u128 {
    let mut fingerprint = Fingerprint::new();
    press.fingerprint_core(&mut fingerprint);
    observer.fingerprint(now, &mut fingerprint);
    fingerprint.value()
}

/// What one thread makes steps with.
pub(super) struct Scratch<'m, F> {
    before: World,
    world: World,
    press: Press<'m>,
    log: Timeline,
    branching: Branching,
    found: Vec<F>,
}

impl<'m, O: Observer> Stepping for Making<'_, 'm, O> {
    type World = Pressed<O>;
    type Finding = O::Finding;
    type Tools = Scratch<'m, O::Finding>;

    fn tools(&self) -> Self::Tools {
        let Self(search) = self;
        Scratch {
            before: search.model.world(),
            world: search.model.world(),
            press: Press::new(search.model),
            log: Timeline::new(),
            branching: search.branching(),
            found: Vec::new(),
        }
    }

    fn root(&self, world: &World) -> Pressed<O> {
        let Self(search) = self;
        let mut press = Press::new(search.model);
        press.take(world);
        Pressed::new(&press, search.observer.clone(), world.now, 0)
    }

    fn touch(&self, world: &Pressed<O>) -> usize {
        world.bytes.first().map_or(0, |&byte| byte.into())
    }

    fn expand(
        &self,
        (from, number): (&Pressed<O>, u64),
        first: bool,
        seen: &Seen<Self>,
        scratch: &mut Self::Tools,
        harvest: &mut Harvest<Pressed<O>, O::Finding>,
    ) {
        let Self(search) = self;
        scratch.press.restore(&mut scratch.before, &from.bytes);
        scratch.branching.reset();
        let mut branch = 0;
        while scratch.branching.next() {
            let link = Link {
                parent: number,
                branch,
            };
            branch += 1;
            let (end, lasting) = self.step(&from.bytes, first, scratch);
            harvest.steps += 1;
            let world = &scratch.world;
            let spin = if lasting { from.spin + 1 } else { 0 };
            let end = end.or_else(|| (spin >= LIVELOCK).then_some(End::Livelock));
            let mut observer = from.observer.clone();
            let step = Step {
                model: search.model,
                before: &scratch.before,
                world,
                entries: scratch.log.entries(),
                end,
            };
            observer.see(&step, &mut scratch.found);
            let faults = scratch.branching.faults();
            let found = scratch.found.drain(..);
            let found = found.map(|finding| (finding, link, faults, world.now));
            harvest.found.extend(found);
            if end.is_some() || observer.is_done() {
                continue;
            }
            if search.is_late(world.now) {
                harvest.until = true;
                continue;
            }
            scratch.press.take(world);
            let world = Pressed::new(&scratch.press, observer, world.now, spin);
            if !seen.contains(world.name()) {
                harvest.reached.add(Child {
                    world,
                    parent: number,
                    branch: link.branch,
                    faults,
                });
            }
        }
    }
}

impl<O: Observer> Making<'_, '_, O> {
    /// Makes one step from a world into the scratch world. Returns how the run ends, if it does, and
    /// whether it is still the same instant.
    fn step(
        &self,
        bytes: &[u8],
        first: bool,
        scratch: &mut Scratch<'_, O::Finding>,
    ) -> (Option<End>, bool) {
        let Scratch {
            world,
            press,
            log,
            branching,
            ..
        } = scratch;
        press.restore(world, bytes);
        log.clear();
        if first {
            self.0.model.create(world, branching, log);
            return (None, false);
        }
        let before = world.now;
        let advance = self.0.model.advance(world, branching, log);
        let end = (advance == Advance::Quiescent).then_some(End::Quiescent);
        (end, world.now == before)
    }
}
