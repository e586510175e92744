//! The worlds that a search goes on from.

use super::links::{Chain, Link};
use super::names::Names;
use super::reached::{Child, Reached};
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

/// So many worlds of a level are gone on from, and forgotten, at a time, or a few more.
const SEGMENT: usize = 1 << 12;

/// Shorter queues are put together.
const SHORT: usize = 1 << 10;

/// Some of the worlds of a level, in order.
#[derive(Debug)]
pub(super) struct Piece<W> {
    /// The number of the first one.
    pub(super) first: u64,
    pub(super) worlds: Vec<W>,
    /// The place of the thread that has them at hand.
    pub(super) by: usize,
}

/// Worlds to go on from, all with the same number of faults and steps, in order.
#[derive(Debug)]
pub(super) struct Level<W> {
    pieces: VecDeque<Piece<W>>,
    len: usize,
}

impl<W> Default for Level<W> {
    fn default() -> Self {
        Self {
            pieces: VecDeque::new(),
            len: 0,
        }
    }
}

impl<W> Level<W> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds the worlds that come next.
    pub(super) fn push(&mut self, piece: Piece<W>) {
        if !piece.worlds.is_empty() {
            self.len += piece.worlds.len();
            self.pieces.push_back(piece);
        }
    }

    /// The first pieces of those that are left; none: nothing is left.
    pub(super) fn pop(&mut self) -> Vec<Piece<W>> {
        let (mut segment, mut many) = (Vec::new(), 0);
        while many < SEGMENT {
            let Some(piece) = self.pieces.pop_front() else {
                break;
            };
            many += piece.worlds.len();
            segment.push(piece);
        }
        segment
    }
}

/// Worlds that wait for the turn of those with so many faults, in little room.
#[derive(Debug)]
pub(super) struct Queue<W: Waits> {
    bytes: Vec<u8>,
    links: Chain,
    rests: Vec<W::Rest>,
    /// The place of the thread that has them at hand.
    pub(super) by: usize,
}

impl<W: Waits> Queue<W> {
    /// Of a thread.
    pub(super) fn new(by: usize) -> Self {
        Self {
            bytes: Vec::new(),
            links: Chain::default(),
            rests: Vec::new(),
            by,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.rests.len()
    }

    pub(super) fn push(&mut self, child: Child<W>) {
        self.links.push(Link {
            parent: child.parent,
            branch: child.branch,
        });
        self.rests.push(child.world.write(&mut self.bytes));
    }

    /// Takes those in that wait behind its own.
    fn append(&mut self, mut next: Self) {
        self.bytes.append(&mut next.bytes);
        self.links.append(&next.links);
        self.rests.append(&mut next.rests);
    }

    /// Has all of them asked for, in order. The faults of the steps that led to them count no more.
    pub(super) fn reach(self, reached: &mut Reached<W>) {
        let mut bytes = &*self.bytes;
        for (Link { parent, branch }, rest) in self.links.iter().zip(self.rests) {
            reached.push(Child {
                world: W::read(&mut bytes, rest),
                parent,
                branch,
                faults: 0,
            });
        }
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

    /// Has some wait with so many faults, so deep, behind those who do.
    pub(super) fn push(&mut self, queue: Queue<W>, place: (u32, u32)) {
        let queues = self.places.entry(place).or_default();
        match queues.last_mut() {
            Some(last) if last.len() + queue.len() <= SHORT => last.append(queue),
            _ => queues.push(queue),
        }
    }

    /// Those with so many faults, so deep.
    pub(super) fn take(&mut self, place: (u32, u32)) -> Vec<Queue<W>> {
        self.places.remove(&place).unwrap_or_default()
    }

    /// The place whose turn it is next.
    pub(super) fn next(&self) -> Option<(u32, u32)> {
        let (&place, _) = self.places.first_key_value()?;
        Some(place)
    }
}
