//! The worlds that a search goes on from. They wait as bytes: whole worlds are twenty times as large.

use super::visited::{Link, Visited};
use std::collections::BTreeMap;

/// A world to go on from.
#[derive(Debug)]
pub(super) struct Node<O> {
    /// Where it begins among the bytes of its level.
    pub(super) at: usize,
    pub(super) id: u32,
    /// Steps at its instant.
    pub(super) spin: u32,
    pub(super) observer: O,
}

/// Worlds to go on from, in order.
#[derive(Debug)]
pub(super) struct Level<O> {
    pub(super) bytes: Vec<u8>,
    pub(super) nodes: Vec<Node<O>>,
}

/// A world that was reached and may be new.
#[derive(Debug)]
pub(super) struct Child<O> {
    pub(super) fingerprint: u128,
    pub(super) link: Link,
    /// Faults of the step that led to it.
    pub(super) faults: u32,
    pub(super) spin: u32,
    pub(super) observer: O,
}

/// Worlds that were reached and may be new, in order, each with where it begins among the bytes.
#[derive(Debug)]
pub(super) struct Children<O> {
    bytes: Vec<u8>,
    list: Vec<(usize, Child<O>)>,
}

impl<O> Default for Children<O> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            list: Vec::new(),
        }
    }
}

impl<O> Children<O> {
    /// Adds one, whose bytes are written by that.
    pub(super) fn add(&mut self, child: Child<O>, write: impl FnOnce(&mut Vec<u8>)) {
        self.list.push((self.bytes.len(), child));
        write(&mut self.bytes);
    }

    /// Hands each over with its bytes.
    fn each(self, mut take: impl FnMut(Child<O>, &[u8])) {
        let bytes = self.bytes;
        let mut list = self.list.into_iter().peekable();
        while let Some((at, child)) = list.next() {
            let end = list.peek().map_or(bytes.len(), |&(next, _)| next);
            take(child, &bytes[at..end]);
        }
    }

    /// Those that nobody has visited yet, as worlds to go on from.
    pub(super) fn admit(self, visited: &mut Visited, links: &mut Vec<Link>) -> Level<O> {
        let Self { bytes, list } = self;
        let new = list.into_iter().filter_map(|(at, child)| {
            let Child {
                fingerprint,
                link,
                spin,
                observer,
                ..
            } = child;
            visited.insert(fingerprint).then(|| {
                let id = links.len() as u32;
                links.push(link);
                Node {
                    at,
                    id,
                    spin,
                    observer,
                }
            })
        });
        Level {
            nodes: new.collect(),
            bytes,
        }
    }
}

/// Worlds to go on from, each where its turn comes. They are admitted only then: who knows whether
/// they are reached with fewer faults.
#[derive(Debug)]
pub(super) struct Waiting<O> {
    /// By faults and depth.
    places: BTreeMap<(u32, u32), Children<O>>,
    /// Fingerprints of those with more faults than the present ones.
    queued: BTreeMap<u32, Visited>,
}

impl<O> Waiting<O> {
    pub(super) const fn new() -> Self {
        Self {
            places: BTreeMap::new(),
            queued: BTreeMap::new(),
        }
    }

    /// Puts children of worlds with so many faults, so deep, to where their turn comes. Without a
    /// limit on faults all cost the same. Returns whether some have too many.
    pub(super) fn take_in(
        &mut self,
        children: Children<O>,
        (faults, depth): (u32, u32),
        limit: Option<u32>,
    ) -> bool {
        let mut cut = false;
        children.each(|child, bytes| {
            let more = if limit.is_some() { child.faults } else { 0 };
            if limit.is_some_and(|limit| faults + more > limit) {
                cut = true;
                return;
            }
            if more > 0 {
                let queued = self.queued.entry(faults + more).or_default();
                if !queued.insert(child.fingerprint) {
                    return;
                }
            }
            let place = (faults + more, depth + 1);
            let place = self.places.entry(place).or_default();
            place.add(child, |into| into.extend_from_slice(bytes));
        });
        cut
    }

    /// Those whose turn it is, after worlds with so many faults.
    pub(super) fn pop(&mut self, faults: u32) -> Option<((u32, u32), Children<O>)> {
        let (place, children) = self.places.pop_first()?;
        if place.0 > faults {
            self.queued.remove(&place.0);
        }
        Some((place, children))
    }
}
