//! The worlds that a search goes on from.

use super::links::{Chain, Link};
use super::names::Names;
use std::collections::{BTreeMap, VecDeque};

/// A world as it waits to be gone on from.
pub(super) trait Waits: Send + Sync {
    /// What tells it from all others.
    type Names: Names;
    /// What of it cannot be written as bytes.
    type Rest: Send;

    fn name(&self) -> <Self::Names as Names>::Name;

    /// Writes it.
    fn write(self, into: &mut Vec<u8>) -> Self::Rest;

    /// Reads what has been written, and leaves what follows.
    fn read(bytes: &mut &[u8], rest: Self::Rest) -> Self;
}

/// So many worlds of a level are gone on from, and forgotten, at a time.
const SEGMENT: usize = 1 << 12;

/// So many worlds wait in one queue.
const QUEUE: usize = 1 << 12;

/// Some of the worlds of a level, in order.
#[derive(Debug)]
pub(super) struct Segment<W> {
    /// The number of the first one.
    pub(super) first: u64,
    pub(super) worlds: Vec<W>,
}

/// Worlds to go on from, all with the same number of faults and steps, in order.
#[derive(Debug)]
pub(super) struct Level<W> {
    segments: VecDeque<Segment<W>>,
    len: usize,
}

impl<W> Default for Level<W> {
    fn default() -> Self {
        Self {
            segments: VecDeque::new(),
            len: 0,
        }
    }
}

impl<W> Level<W> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds the world with that number, the next one.
    #[inline]
    pub(super) fn push(&mut self, number: u64, world: W) {
        self.len += 1;
        match self.segments.back_mut() {
            Some(segment) if segment.worlds.len() < SEGMENT => segment.worlds.push(world),
            _ => self.segments.push_back(Segment {
                first: number,
                worlds: vec![world],
            }),
        }
    }

    pub(super) fn pop(&mut self) -> Option<Segment<W>> {
        self.segments.pop_front()
    }
}

/// A world that was reached and may be new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child<W> {
    pub(super) world: W,
    /// From which one, by which of its branches.
    pub(super) parent: u64,
    pub(super) branch: u32,
    /// Faults of the step that led to it.
    pub(super) faults: u32,
}

/// Worlds that wait for the turn of those with so many faults, in little room.
struct Queue<W: Waits> {
    bytes: Vec<u8>,
    links: Chain,
    rests: Vec<W::Rest>,
}

impl<W: Waits> Default for Queue<W> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            links: Chain::default(),
            rests: Vec::new(),
        }
    }
}

impl<W: Waits> Queue<W> {
    fn push(&mut self, child: Child<W>) {
        self.links.push(Link {
            parent: child.parent,
            branch: child.branch,
        });
        self.rests.push(child.world.write(&mut self.bytes));
    }

    /// Whether the next ones had better go to another: one that grows is copied, and has room for many
    /// more.
    const fn is_full(&self) -> bool {
        self.rests.len() >= QUEUE
    }

    /// All of them, in order. The faults of the steps that led to them count no more.
    fn into_children(self) -> Vec<Child<W>> {
        let Self {
            bytes,
            links,
            rests,
        } = self;
        let mut bytes = &*bytes;
        let child = |(Link { parent, branch }, rest)| Child {
            world: W::read(&mut bytes, rest),
            parent,
            branch,
            faults: 0,
        };
        links.iter().zip(rests).map(child).collect()
    }
}

/// Worlds with more faults than those whose turn it is. They are admitted only when theirs comes: who
/// knows whether they are reached with fewer.
pub(super) struct Later<W: Waits> {
    /// By faults and depth.
    places: BTreeMap<(u32, u32), Vec<Queue<W>>>,
}

impl<W: Waits> Later<W> {
    pub(super) const fn new() -> Self {
        Self {
            places: BTreeMap::new(),
        }
    }

    /// Has a child of a world with so many faults wait, so deep.
    pub(super) fn push(&mut self, child: Child<W>, (faults, depth): (u32, u32)) {
        let place = (faults + child.faults, depth);
        let queues = self.places.entry(place).or_default();
        if queues.last().is_none_or(Queue::is_full) {
            queues.push(Queue::default());
        }
        if let Some(queue) = queues.last_mut() {
            queue.push(child);
        }
    }

    /// Those with so many faults, so deep.
    pub(super) fn take(&mut self, place: (u32, u32)) -> Vec<Vec<Child<W>>> {
        let queues = self.places.remove(&place).unwrap_or_default();
        queues.into_iter().map(Queue::into_children).collect()
    }

    /// The place whose turn it is next.
    pub(super) fn next(&self) -> Option<(u32, u32)> {
        let (&place, _) = self.places.first_key_value()?;
        Some(place)
    }
}
