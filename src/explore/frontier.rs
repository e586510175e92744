//! The worlds that a search goes on from. They wait as bytes: whole worlds are twenty times as large.

use super::visited::{Admission, Fate, Link, Turn};
use std::collections::{BTreeMap, VecDeque};

/// A world to go on from.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it begins among the bytes of its segment.
    at: u32,
    pub(super) id: u32,
    /// Steps at its instant.
    pub(super) spin: u32,
}

/// So many worlds of a level are gone on from, and forgotten, at a time.
const SEGMENT: usize = 1 << 14;

/// So many worlds wait in one list.
const LIST: usize = 1 << 12;

/// Some of the worlds of a level, in order.
#[derive(Debug)]
pub(super) struct Segment<O> {
    bytes: Vec<u8>,
    pub(super) nodes: Vec<Node>,
    /// Of each node, unless the worlds themselves say it.
    pub(super) observers: Vec<O>,
}

impl<O> Segment<O> {
    const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            nodes: Vec::new(),
            observers: Vec::new(),
        }
    }

    /// A world of it, and what comes behind it.
    pub(super) fn bytes_of(&self, node: &Node) -> &[u8] {
        &self.bytes[node.at as usize..]
    }

    fn is_full(&self) -> bool {
        self.nodes.len() >= SEGMENT || self.bytes.len() >= 1 << 30
    }
}

/// Worlds to go on from, all with the same number of faults and steps, in order.
#[derive(Debug)]
pub(super) struct Level<O> {
    segments: VecDeque<Segment<O>>,
    len: usize,
}

impl<O> Default for Level<O> {
    fn default() -> Self {
        Self {
            segments: VecDeque::new(),
            len: 0,
        }
    }
}

impl<O> Level<O> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds one, whose bytes are written by that.
    pub(super) fn push(
        &mut self,
        id: u32,
        spin: u32,
        observer: Option<O>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        if self.segments.back().is_none_or(Segment::is_full) {
            if let Some(full) = self.segments.back_mut() {
                full.bytes.shrink_to_fit();
            }
            self.segments.push_back(Segment::new());
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.nodes.push(Node {
                at: segment.bytes.len() as u32,
                id,
                spin,
            });
            segment.observers.extend(observer);
            write(&mut segment.bytes);
            self.len += 1;
        }
    }

    pub(super) fn pop(&mut self) -> Option<Segment<O>> {
        self.segments.pop_front()
    }
}

/// A world that was reached and may be new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child {
    /// In two halves: as one it would want more room.
    pub(super) fingerprint: [u64; 2],
    pub(super) link: Link,
    /// Faults of the step that led to it.
    pub(super) faults: u32,
    pub(super) spin: u32,
}

/// Worlds that were reached and may be new, in order, each with where it begins among the bytes.
#[derive(Debug)]
pub(super) struct Children<O> {
    bytes: Vec<u8>,
    list: Vec<(u32, Child)>,
    /// Of each of them, unless the worlds themselves say it.
    observers: Vec<O>,
}

impl<O> Default for Children<O> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            list: Vec::new(),
            observers: Vec::new(),
        }
    }
}

impl<O> Children<O> {
    /// Adds one, whose bytes are written by that.
    pub(super) fn add(
        &mut self,
        child: Child,
        observer: Option<O>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        self.list.push((self.bytes.len() as u32, child));
        self.observers.extend(observer);
        write(&mut self.bytes);
    }

    /// Whether the next ones had better go to another list: one that grows is copied, and has room for
    /// many more.
    const fn is_full(&self) -> bool {
        self.list.len() >= LIST
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Child> {
        self.list.iter().map(|(_, child)| child)
    }

    /// Hands each over with its observer and its bytes.
    fn each(self, mut take: impl FnMut(Child, Option<O>, &[u8])) {
        let Self {
            bytes,
            list,
            observers,
        } = self;
        let (mut list, mut observers) = (list.into_iter().peekable(), observers.into_iter());
        while let Some((at, child)) = list.next() {
            let end = list.peek().map_or(bytes.len(), |&(next, _)| next as usize);
            take(child, observers.next(), &bytes[at as usize..end]);
        }
    }
}

/// Worlds with more faults than those whose turn it is. They are admitted only when theirs comes: who
/// knows whether they are reached with fewer.
#[derive(Debug)]
pub(super) struct Later<O> {
    /// By faults and depth.
    places: BTreeMap<(u32, u32), Vec<Children<O>>>,
}

impl<O> Later<O> {
    pub(super) const fn new() -> Self {
        Self {
            places: BTreeMap::new(),
        }
    }

    /// Takes in what has become of children of worlds with so many faults, so deep: those without a
    /// further fault go to the next level, the others wait. Returns whether some have too many.
    pub(super) fn take_in(
        &mut self,
        admission: Admission<O>,
        (turn, depth): (Turn, u32),
        links: &mut Vec<Link>,
        next: &mut Level<O>,
    ) -> bool {
        let (children, mut fates) = admission.decided();
        let mut cut = false;
        for children in children {
            children.each(|child, observer, bytes| match fates.next() {
                Some(Fate::Admitted) => {
                    let id = links.len() as u32;
                    links.push(child.link);
                    next.push(id, child.spin, observer, |into| {
                        into.extend_from_slice(bytes);
                    });
                }
                Some(Fate::Queued) => {
                    let place = (turn.faults + child.faults, depth);
                    let lists = self.places.entry(place).or_default();
                    if lists.last().is_none_or(Children::is_full) {
                        lists.push(Children::default());
                    }
                    if let Some(list) = lists.last_mut() {
                        list.add(child, observer, |into| into.extend_from_slice(bytes));
                    }
                }
                Some(Fate::Cut) => cut = true,
                Some(Fate::Known) | None => {}
            });
        }
        cut
    }

    /// Those with so many faults, so deep.
    pub(super) fn take(&mut self, place: (u32, u32)) -> Vec<Children<O>> {
        self.places.remove(&place).unwrap_or_default()
    }

    /// The place whose turn it is next.
    pub(super) fn next(&self) -> Option<(u32, u32)> {
        let (&place, _) = self.places.first_key_value()?;
        Some(place)
    }
}
