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
    type Rest: Send + Sync;

    fn name(&self) -> <Self::Names as Names>::Name;

    /// Writes it.
    fn write(self, into: &mut Vec<u8>) -> Self::Rest;

    /// Reads what has been written, and leaves what follows.
    fn read(bytes: &mut &[u8], rest: Self::Rest) -> Self;
}

/// So many worlds are gone on from, and forgotten, at a time, or a few more.
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
        first(&mut self.pieces, |piece| piece.worlds.len())
    }
}

/// Takes so many of them from the front that there is work for a while.
fn first<T>(all: &mut VecDeque<T>, many: impl Fn(&T) -> usize) -> Vec<T> {
    let (mut first, mut worlds) = (Vec::new(), 0);
    while worlds < SEGMENT {
        let Some(next) = all.pop_front() else {
            break;
        };
        worlds += many(&next);
        first.push(next);
    }
    first
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

    /// Gives all of them away, in no more room than they need, and keeps its own.
    pub(super) fn pack(&mut self) -> Self {
        let packed = Self {
            bytes: self.bytes.as_slice().into(),
            links: self.links.pack(),
            rests: self.rests.drain(..).collect(),
            by: self.by,
        };
        self.bytes.clear();
        packed
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
    places: BTreeMap<(u32, u32), VecDeque<Queue<W>>>,
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
        match queues.back_mut() {
            Some(last) if last.len() + queue.len() <= SHORT => last.append(queue),
            _ => queues.push_back(queue),
        }
    }

    /// The first queues of those that are left with so many faults, so deep; none: nothing is left.
    pub(super) fn pop(&mut self, place: (u32, u32)) -> Vec<Queue<W>> {
        let Some(queues) = self.places.get_mut(&place) else {
            return Vec::new();
        };
        let first = first(queues, Queue::len);
        if queues.is_empty() {
            self.places.remove(&place);
        }
        first
    }

    /// The place whose turn it is next.
    pub(super) fn next(&self) -> Option<(u32, u32)> {
        let (&place, _) = self.places.first_key_value()?;
        Some(place)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::links::Link;
    use super::super::names::{Aged, Ages};
    use super::super::reached::{Child, Spare};
    use super::{Later, Queue, SEGMENT, SHORT, Waits};

    /// A world that is nothing but its name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in super::super) struct Named(pub(in super::super) u32);

    impl Waits for Named {
        type Names = Ages;
        type Rest = ();

        fn name(&self) -> Aged {
            Aged {
                line: self.0,
                age: 0,
                spin: 0,
            }
        }

        fn write(self, into: &mut Vec<u8>) {
            into.extend(self.0.to_le_bytes());
        }

        fn read(bytes: &mut &[u8], (): ()) -> Self {
            let (number, rest) = bytes.split_first_chunk().unwrap_or((&[0; 4], &[]));
            *bytes = rest;
            Self(u32::from_le_bytes(*number))
        }
    }

    /// One that so many faults led to.
    pub(in super::super) fn child(world: u32, faults: u32) -> Child<Named> {
        Child {
            world: Named(world),
            parent: u64::from(world) * 3,
            branch: world % 10,
            faults,
        }
    }

    /// In the order in which they came, in queues long and short, of which some are put together.
    #[test]
    fn worlds_wait_in_order() {
        let (mut later, mut spare) = (Later::new(), Spare::new(0));
        let lengths = [1, SHORT, 3, 2 * SHORT, 1, 2, SHORT - 3, SEGMENT, 5];
        let mut worlds = 0..lengths.iter().sum::<usize>() as u32;
        for length in lengths {
            worlds
                .by_ref()
                .take(length)
                .for_each(|world| spare.queue(child(world, 1)));
            for queue in spare.queued().into_values() {
                assert_eq!(queue.len(), length);
                later.push(queue, (1, 7));
            }
        }
        assert_eq!(later.next(), Some((1, 7)));
        assert!(later.pop((1, 6)).is_empty());
        let (mut reached, mut pops) = (spare.take(1), 0);
        loop {
            let queues = later.pop((1, 7));
            if queues.is_empty() {
                break;
            }
            pops += 1;
            let many: usize = queues.iter().map(Queue::len).sum();
            assert!(many < 2 * SEGMENT);
            queues
                .into_iter()
                .for_each(|queue| queue.reach(&mut reached));
        }
        assert_eq!((pops, later.next()), (3, None));
        let all = (0..worlds.start).map(|world| child(world, 0));
        assert!(
            reached
                .children
                .iter()
                .map(told)
                .eq(all.map(|child| told(&child)))
        );
    }

    fn told(child: &Child<Named>) -> (Named, Link, u32) {
        let &Child {
            world,
            parent,
            branch,
            faults,
        } = child;
        (world, Link { parent, branch }, faults)
    }
}
