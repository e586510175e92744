//! What comes next of the worlds of a search.

use super::branching::Branching;
use super::fingerprint::{Fingerprint, halves};
use super::frontier::{Child, Children, Node, Segment};
use super::observer::{End, Observer, Step};
use super::recall::{Hand, Recall, Waiting};
use super::search::Search;
use super::visited::{Link, Visited};
use crate::kubelet::Crashes;
use crate::sim::{Advance, Model, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Nodes that one thread takes at a time.
const CHUNK: usize = 128;

/// Of so many nodes what is known is looked at one after the other, before anything is done with it:
/// none waits for the memory of the one before it.
const TOUCHED: usize = 16;

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

/// Worlds to go on from, some of which each thread takes at a time.
pub(super) struct Expansion<O: Observer> {
    segment: Segment<O>,
    first: bool,
    next: AtomicUsize,
    done: Mutex<Vec<(usize, Harvest<O>)>>,
}

impl<O: Observer> Expansion<O> {
    /// Of these worlds; whether the pod is yet to be created.
    pub(super) const fn new(segment: Segment<O>, first: bool) -> Self {
        Self {
            segment,
            first,
            next: AtomicUsize::new(0),
            done: Mutex::new(Vec::new()),
        }
    }

    /// Whether it is work for several threads.
    pub(super) const fn is_long(&self) -> bool {
        self.segment.nodes.len() > 2 * CHUNK
    }

    /// What has come of it, in the order of the worlds.
    pub(super) fn done(self) -> Vec<Harvest<O>> {
        let done = self.done.into_inner();
        let mut done = done.unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|&(place, _)| place);
        done.into_iter().map(|(_, harvest)| harvest).collect()
    }
}

/// What one thread makes steps with.
pub(super) enum Tools<'m, O: Observer> {
    /// Where steps are recalled.
    Recalls(Box<Hand<'m, O>>, Waiting, Waiting),
    /// Where each is made.
    Makes(Box<Scratch<'m, O::Finding>>),
}

/// What one thread makes steps with that are not recalled.
pub(super) struct Scratch<'m, F> {
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

impl<'m, O: Observer> Search<'m, O> {
    pub(super) fn tools(&self, recalls: bool) -> Tools<'m, O> {
        match recalls {
            true => {
                let hand = Hand::new(self.model, self.branching());
                Tools::Recalls(Box::new(hand), Waiting::new(), Waiting::new())
            }
            false => Tools::Makes(Box::new(Scratch::new(self.model, self.branching()))),
        }
    }

    /// Goes on from worlds that nobody else goes on from.
    pub(super) fn expand(
        &self,
        expansion: &Expansion<O>,
        seen: &Visited,
        recall: Option<&Recall<'m, O>>,
        tools: &mut Tools<'m, O>,
    ) {
        let segment = &expansion.segment;
        let nodes = &segment.nodes;
        while !self.stopped() {
            let from = expansion.next.fetch_add(CHUNK, Ordering::Relaxed);
            if from >= nodes.len() {
                break;
            }
            let chunk = from..nodes.len().min(from + CHUNK);
            let harvest = match (&mut *tools, recall) {
                (Tools::Recalls(hand, one, two), Some(recall)) => {
                    let nodes = (segment, &nodes[chunk]);
                    self.recall(nodes, expansion.first, recall, (one, two), hand)
                }
                (Tools::Makes(scratch), _) => {
                    self.make(segment, chunk, expansion.first, seen, scratch)
                }
                (Tools::Recalls(..), None) => break,
            };
            let done = expansion.done.lock();
            done.unwrap_or_else(PoisonError::into_inner)
                .push((from, harvest));
        }
    }

    /// Recalls every step that can be.
    fn recall(
        &self,
        (segment, nodes): (&Segment<O>, &[Node]),
        first: bool,
        recall: &Recall<'m, O>,
        (from, to): (&mut Waiting, &mut Waiting),
        hand: &mut Hand<'m, O>,
    ) -> Harvest<O> {
        let mut harvest = Harvest::new();
        for (place, node) in nodes.iter().enumerate() {
            if place % TOUCHED == 0 {
                let next = nodes[place..].iter().take(TOUCHED);
                let touch = |node| recall.touch(segment.bytes_of(node));
                black_box(next.map(touch).fold(0, usize::wrapping_add));
            }
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
                let found = recall.found(core, made, to.now);
                let found = found.map(|finding| (finding, link, made.faults, to.now));
                harvest.found.extend(found);
                if made.ends {
                    return;
                }
                if self.is_late(to.now) {
                    harvest.until = true;
                    return;
                }
                let child = Child {
                    fingerprint: of_world(made.fingerprint, &to.crashes, spin),
                    link,
                    faults: made.faults,
                    spin,
                };
                harvest.children.add(child, None, |into| to.write(into));
            });
            for (link, faults) in livelocks {
                for finding in recall.livelock(from, link.branch, hand) {
                    harvest.found.push((finding, link, faults, from.now));
                }
            }
        }
        harvest
    }

    /// Makes every step.
    fn make(
        &self,
        segment: &Segment<O>,
        chunk: Range<usize>,
        first: bool,
        seen: &Visited,
        scratch: &mut Scratch<'m, O::Finding>,
    ) -> Harvest<O> {
        let mut harvest = Harvest::new();
        let observers = &segment.observers[chunk.clone()];
        for (node, observer) in segment.nodes[chunk].iter().zip(observers) {
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
                let found = scratch.found.drain(..);
                let found = found.map(|finding| (finding, link, faults, world.now));
                harvest.found.extend(found);
                if end.is_some() || observer.is_done() {
                    continue;
                }
                if self.is_late(world.now) {
                    harvest.until = true;
                    continue;
                }
                scratch.press.take(world);
                let core = of_core(&scratch.press, &observer, world.now);
                let fingerprint = of_world(halves(core), scratch.press.crashes(), spin);
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
    press.fingerprint_core(&mut fingerprint);
    observer.fingerprint(now, &mut fingerprint);
    fingerprint.value()
}

/// The fingerprint of a world from that of its core, after so many steps at its instant.
fn of_world([low, high]: [u64; 2], crashes: &Crashes, spin: u32) -> [u64; 2] {
    let mut fingerprint = Fingerprint::new();
    fingerprint.write_u64(low);
    fingerprint.write_u64(high);
    crashes.hash(&mut fingerprint);
    if spin >= SPINNING {
        spin.hash(&mut fingerprint);
    }
    halves(fingerprint.value())
}
