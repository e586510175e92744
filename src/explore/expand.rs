//! What comes next of the worlds of a search.

use super::branching::Branching;
use super::fingerprint::{Fingerprint, halves};
use super::frontier::{Child, Children, Node, Segment};
use super::observer::{End, Observer, Step};
use super::recall::{Hand, Recall, Waiting};
use super::search::Search;
use super::threads::in_order;
use super::visited::{Link, Visited};
use crate::kubelet::Crashes;
use crate::sim::{Advance, Model, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;
use std::hash::{Hash, Hasher};

/// Nodes that one thread takes at a time.
const CHUNK: usize = 128;

/// From so many steps at one instant on they count as progress, so that a cycle without delay is
/// followed …
const SPINNING: u32 = 500;

/// … until it has had so many, and is a livelock.
pub(super) const LIVELOCK: u32 = 2000;

/// What one thread made of some nodes.
pub(super) struct Harvest<O: Observer> {
    pub(super) steps: u64,
    /// Whether there is more after the last moment that counts.
    pub(super) until: bool,
    pub(super) children: Children<O>,
    /// Each with where it was made, the faults of that step, and when.
    pub(super) found: Vec<(O::Finding, Link, u32, Time)>,
}

impl<O: Observer> Harvest<O> {
    fn new() -> Self {
        Self {
            steps: 0,
            until: false,
            children: Children::default(),
            found: Vec::new(),
        }
    }
}

/// What one thread makes steps with that are not recalled.
struct Scratch<'m, F> {
    before: World,
    world: World,
    press: Press<'m>,
    log: Timeline,
    branching: Branching,
    found: Vec<F>,
}

impl<'m, F> Scratch<'m, F> {
    fn new(model: &'m Model, branching: Branching) -> Self {
        Self {
            before: model.world(),
            world: model.world(),
            press: Press::new(model),
            log: Timeline::new(),
            branching,
            found: Vec::new(),
        }
    }
}

/// Some nodes of a segment, from that place on.
type Chunk<'a> = (usize, &'a [Node]);

impl<'m, O: Observer> Search<'m, O> {
    /// Every step from these worlds.
    pub(super) fn expand(
        &self,
        segment: &Segment<O>,
        first: bool,
        seen: &Visited,
        recall: Option<&Recall<'m, O>>,
    ) -> Vec<Harvest<O>> {
        let chunks = segment.nodes.chunks(CHUNK);
        let chunks: Vec<Chunk<'_>> = (0..).step_by(CHUNK).zip(chunks).collect();
        match recall {
            Some(recall) => {
                let hand = || {
                    let worlds = (Waiting::new(), Waiting::new());
                    (worlds, Hand::new(self.model, self.branching()))
                };
                let work = |(worlds, hand): &mut (_, _), &(_, nodes): &Chunk<'_>| {
                    let wanted = !self.stopped();
                    wanted.then(|| self.recall((segment, nodes), first, recall, worlds, hand))
                };
                in_order(self.threads, &chunks, hand, work)
            }
            None => {
                let hand = || Scratch::new(self.model, self.branching());
                let work = |scratch: &mut _, chunk: &Chunk<'_>| {
                    let wanted = !self.stopped();
                    wanted.then(|| self.make((segment, chunk), first, seen, scratch))
                };
                in_order(self.threads, &chunks, hand, work)
            }
        }
    }

    /// Recalls every step that can be.
    fn recall(
        &self,
        (segment, nodes): (&Segment<O>, &[Node]),
        first: bool,
        recall: &Recall<'m, O>,
        (from, to): &mut (Waiting, Waiting),
        hand: &mut Hand<'m, O>,
    ) -> Harvest<O> {
        let mut harvest = Harvest::new();
        for node in nodes {
            from.read(segment.bytes_of(node));
            let (mut branch, mut livelocks) = (0, Vec::new());
            recall.each(from, first, hand, |core, made| {
                let link = Link {
                    parent: node.id,
                    branch,
                };
                branch += 1;
                harvest.steps += 1;
                let spin = if made.lasting { node.spin + 1 } else { 0 };
                if spin >= LIVELOCK && !made.ends {
                    livelocks.push((link, made.faults));
                    return;
                }
                recall.go_on(from, core, made, to);
                for finding in made.found.iter().flatten() {
                    let finding = recall.found(core, made, finding, to.now);
                    self.keep(&mut harvest, finding, link, made.faults, to.now);
                }
                if made.ends {
                    return;
                }
                if self.is_late(to.now) {
                    harvest.until = true;
                    return;
                }
                let child = Child {
                    fingerprint: of_world(made.fingerprint, &to.crashes, spin).value(),
                    link,
                    faults: made.faults,
                    spin,
                };
                harvest.children.add(child, None, |into| to.write(into));
            });
            for (link, faults) in livelocks {
                for finding in recall.livelock(from, link.branch, hand) {
                    self.keep(&mut harvest, finding, link, faults, from.now);
                }
            }
        }
        harvest
    }

    /// Keeps a finding, if it counts.
    fn keep(
        &self,
        harvest: &mut Harvest<O>,
        finding: O::Finding,
        link: Link,
        faults: u32,
        at: Time,
    ) {
        if self.observer.counts(&finding) {
            harvest.found.push((finding, link, faults, at));
        }
    }

    /// Makes every step.
    fn make(
        &self,
        (segment, &(place, nodes)): (&Segment<O>, &Chunk<'_>),
        first: bool,
        seen: &Visited,
        scratch: &mut Scratch<'m, O::Finding>,
    ) -> Harvest<O> {
        let mut harvest = Harvest::new();
        for (node, observer) in nodes.iter().zip(&segment.observers[place..]) {
            let bytes = segment.bytes_of(node);
            scratch.press.restore(&mut scratch.before, bytes);
            scratch.branching.reset();
            let mut branch = 0;
            while scratch.branching.next() {
                let link = Link {
                    parent: node.id,
                    branch,
                };
                branch += 1;
                let (end, lasting) = self.step(bytes, first, scratch);
                harvest.steps += 1;
                let world = &scratch.world;
                let spin = if lasting { node.spin + 1 } else { 0 };
                let end = end.or_else(|| (spin >= LIVELOCK).then_some(End::Livelock));
                let mut observer = observer.clone();
                let step = Step {
                    model: self.model,
                    before: &scratch.before,
                    world,
                    entries: scratch.log.entries(),
                    end,
                };
                observer.see(&step, &mut scratch.found);
                let faults = scratch.branching.faults();
                for finding in scratch.found.drain(..) {
                    self.keep(&mut harvest, finding, link, faults, world.now);
                }
                if end.is_some() || observer.is_done() {
                    continue;
                }
                if self.is_late(world.now) {
                    harvest.until = true;
                    continue;
                }
                scratch.press.take(world);
                let core = of_core(&scratch.press, &observer, world.now);
                let fingerprint = of_world(halves(core), scratch.press.crashes(), spin).value();
                if seen.contains(fingerprint) {
                    continue;
                }
                let child = Child {
                    fingerprint,
                    link,
                    faults,
                    spin,
                };
                let write = |into: &mut Vec<u8>| scratch.press.write(into);
                harvest.children.add(child, Some(observer), write);
            }
        }
        harvest
    }

    /// Makes one step from a world into the scratch world. Returns how the run ends, if it does, and
    /// whether it is still the same instant.
    fn step(
        &self,
        bytes: &[u8],
        first: bool,
        scratch: &mut Scratch<'m, O::Finding>,
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
            self.model.create(world, branching, log);
            return (None, false);
        }
        let before = world.now;
        let advance = self.model.advance(world, branching, log);
        let end = (advance == Advance::Quiescent).then_some(End::Quiescent);
        (end, world.now == before)
    }
}

/// The fingerprint of what a world is but for its crashes, and of what its observer remembers.
pub(super) fn of_core(press: &Press<'_>, observer: &impl Observer, now: Time) -> u128 {
    let mut fingerprint = Fingerprint::new();
    press.fingerprint(&mut fingerprint);
    observer.fingerprint(now, &mut fingerprint);
    fingerprint.value()
}

/// The fingerprint of a world from that of its core, after so many steps at its instant.
fn of_world([low, high]: [u64; 2], crashes: &Crashes, spin: u32) -> Fingerprint {
    let mut fingerprint = Fingerprint::new();
    fingerprint.write_u64(low);
    fingerprint.write_u64(high);
    crashes.hash(&mut fingerprint);
    if spin >= SPINNING {
        spin.hash(&mut fingerprint);
    }
    fingerprint
}
