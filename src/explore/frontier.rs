//! The worlds that a search goes on from.

use super::links::{Chain, Link};
use super::names::Names;
use std::collections::{BTreeMap, VecDeque};

/// A world as it waits to be gone on from.
pub(super) trait Waits: Send + Sync {
    /// What tells it from all others.
    type Names: Names;

    fn name(&self) -> <Self::Names as Names>::Name;
}

/// So many worlds of a level are gone on from, and forgotten, at a time.
const SEGMENT: usize = 1 << 14;

/// So many worlds wait in one list.
const LIST: usize = 1 << 12;

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

    /// Adds the worlds with the numbers from `first` on.
    pub(super) fn extend(&mut self, first: u64, mut worlds: Vec<W>) {
        self.len += worlds.len();
        match self.segments.back_mut() {
            Some(segment) if segment.worlds.len() < SEGMENT => segment.worlds.append(&mut worlds),
            _ if worlds.is_empty() => {}
            _ => self.segments.push_back(Segment { first, worlds }),
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

/// What has become of children, in order.
#[derive(Debug)]
pub(super) struct Settled<W> {
    /// Those that are visited.
    worlds: Vec<W>,
    links: Chain,
    /// Those that wait, by the faults of their steps.
    later: BTreeMap<u32, Vec<Child<W>>>,
    /// Whether some have too many faults.
    cut: bool,
}

impl<W> Settled<W> {
    pub(super) const fn new() -> Self {
        Self {
            worlds: Vec::new(),
            links: Chain::new(),
            later: BTreeMap::new(),
            cut: false,
        }
    }

    pub(super) fn admit(&mut self, child: Child<W>) {
        self.links.push(Link {
            parent: child.parent,
            branch: child.branch,
        });
        self.worlds.push(child.world);
    }

    pub(super) fn queue(&mut self, child: Child<W>) {
        self.later.entry(child.faults).or_default().push(child);
    }

    pub(super) const fn cut(&mut self) {
        self.cut = true;
    }
}

/// Worlds with more faults than those whose turn it is. They are admitted only when theirs comes: who
/// knows whether they are reached with fewer.
#[derive(Debug)]
pub(super) struct Later<W> {
    /// By faults and depth.
    places: BTreeMap<(u32, u32), Vec<Vec<Child<W>>>>,
}

impl<W> Later<W> {
    pub(super) const fn new() -> Self {
        Self {
            places: BTreeMap::new(),
        }
    }

    /// Takes in what has become of children of worlds with so many faults, so deep: those without a
    /// further fault go to the next level, the others wait. Returns whether some have too many.
    pub(super) fn take_in(
        &mut self,
        settled: Settled<W>,
        (faults, depth): (u32, u32),
        links: &mut super::links::Links,
        next: &mut Level<W>,
    ) -> bool {
        let Settled {
            worlds,
            links: chain,
            later,
            cut,
        } = settled;
        next.extend(links.many(), worlds);
        links.extend(&chain);
        for (more, mut children) in later {
            let lists = self.places.entry((faults + more, depth)).or_default();
            match lists.last_mut() {
                Some(list) if list.len() < LIST => list.append(&mut children),
                _ => lists.push(children),
            }
        }
        cut
    }

    /// Those with so many faults, so deep.
    pub(super) fn take(&mut self, place: (u32, u32)) -> Vec<Vec<Child<W>>> {
        self.places.remove(&place).unwrap_or_default()
    }

    /// The place whose turn it is next.
    pub(super) fn next(&self) -> Option<(u32, u32)> {
        let (&place, _) = self.places.first_key_value()?;
        Some(place)
    }
}
