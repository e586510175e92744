//! What comes next of the worlds of a search.

use super::frontier::{Child, Segment, Waits};
use super::links::Link;
use super::visited::Visited;
use crate::sim::World;
use crate::time::Time;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Nodes that one thread takes at a time.
const CHUNK: usize = 64;

/// Of so many nodes what is known is looked at one after the other, before anything is done with it:
/// none waits for the memory of the one before it.
const TOUCHED: usize = 16;

/// From so many steps at one instant on they count as progress, so that a cycle without delay is
/// followed …
pub(super) const SPINNING: u16 = 500;

/// … until it has had so many, and is a livelock.
pub(super) const LIVELOCK: u16 = 2000;

/// So many empty lists are kept.
const SPARE: usize = 256;

/// How the steps of a search come about.
pub(super) trait Stepping: Sync {
    /// A world as it waits.
    type World: Waits;
    /// What is found in steps.
    type Finding: Send;
    /// What one thread makes steps with.
    type Tools;

    fn tools(&self) -> Self::Tools;

    /// A world that the search begins with.
    fn root(&self, world: &World) -> Self::World;

    /// Has what is known of a world read, so far as it says something of memory.
    fn touch(&self, world: &Self::World) -> usize;

    /// Goes every step from a world of that number; in the first the pod is created.
    fn expand(
        &self,
        from: (&Self::World, u64),
        first: bool,
        seen: &Seen<Self>,
        tools: &mut Self::Tools,
        harvest: &mut Harvest<Self::World, Self::Finding>,
    );
}

/// The worlds that have been visited.
pub(super) type Seen<S> = Visited<<<S as Stepping>::World as Waits>::Names>;

/// What one thread made of some nodes.
#[derive(Debug)]
pub(super) struct Harvest<W, F> {
    pub(super) steps: u64,
    /// Whether there is more after the last moment that counts.
    pub(super) until: bool,
    pub(super) children: Vec<Child<W>>,
    /// Each with where it was made, the faults of that step, and when.
    pub(super) found: Vec<(F, Link, u32, Time)>,
    /// Steps that too many at the same instant came before, if nothing has been found in them yet.
    pub(super) livelocks: Vec<(Link, u32)>,
}

impl<W, F> Harvest<W, F> {
    const fn new(children: Vec<Child<W>>) -> Self {
        Self {
            steps: 0,
            until: false,
            children,
            found: Vec::new(),
            livelocks: Vec::new(),
        }
    }
}

/// Empty lists: what one thread has asked memory for another had better not give back.
pub(super) struct Spare<W>(Mutex<Vec<Vec<Child<W>>>>);

impl<W> Spare<W> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn take(&self) -> Vec<Child<W>> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        list.unwrap_or_else(|| Vec::with_capacity(2 * CHUNK))
    }

    pub(super) fn give_back(&self, list: Vec<Child<W>>) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() < SPARE {
            lists.push(list);
        }
    }
}

/// Worlds to go on from, some of which each thread takes at a time.
pub(super) struct Expansion<W, F> {
    segment: Segment<W>,
    first: bool,
    next: AtomicUsize,
    done: Mutex<Vec<(usize, Harvest<W, F>)>>,
}

impl<W, F> Expansion<W, F> {
    /// Of these worlds; whether the pod is yet to be created.
    pub(super) const fn new(segment: Segment<W>, first: bool) -> Self {
        Self {
            segment,
            first,
            next: AtomicUsize::new(0),
            done: Mutex::new(Vec::new()),
        }
    }

    /// Whether it is work for several threads.
    pub(super) const fn is_long(&self) -> bool {
        self.segment.worlds.len() > 8 * CHUNK
    }

    /// Goes on from worlds that nobody else goes on from.
    pub(super) fn expand<S: Stepping<World = W, Finding = F>>(
        &self,
        stepping: &S,
        (seen, spare): (&Seen<S>, &Spare<W>),
        tools: &mut S::Tools,
        stopped: impl Fn() -> bool,
    ) where
        W: Waits,
    {
        let worlds = &self.segment.worlds;
        while !stopped() {
            let from = self.next.fetch_add(CHUNK, Ordering::Relaxed);
            if from >= worlds.len() {
                break;
            }
            let mut harvest = Harvest::new(spare.take());
            for (place, world) in worlds.iter().enumerate().skip(from).take(CHUNK) {
                if place % TOUCHED == 0 {
                    let next = worlds[place..].iter().take(TOUCHED);
                    let touched = next.map(|world| stepping.touch(world));
                    black_box(touched.fold(0, usize::wrapping_add));
                }
                let number = self.segment.first + place as u64;
                stepping.expand((world, number), self.first, seen, tools, &mut harvest);
            }
            let done = self.done.lock();
            done.unwrap_or_else(PoisonError::into_inner)
                .push((from, harvest));
        }
    }

    /// What has come of it, in the order of the worlds.
    pub(super) fn done(self) -> Vec<Harvest<W, F>> {
        let done = self.done.into_inner();
        let mut done = done.unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|&(place, _)| place);
        done.into_iter().map(|(_, harvest)| harvest).collect()
    }
}
