//! Which worlds have been seen.

use super::frontier::{Child, Waits};
use super::names::Names;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tables that grow one at a time, so that hardly any memory is needed twice.
const PARTS: usize = 64;

/// So many places of a table are looked at one after the other, before anything is done there: none
/// waits for the memory of the one before it.
const TOUCHED: usize = 32;

/// Shorter lists are no work for several threads.
const FEW: usize = 2000;

/// Which worlds have been visited, and which wait with more faults than those whose turn it is.
/// Nobody goes through them, so their order decides nothing.
#[derive(Debug)]
pub(super) struct Visited<N>(Vec<Mutex<Part<N>>>);

#[derive(Debug)]
struct Part<N> {
    visited: N,
    /// By faults.
    queued: BTreeMap<u32, N>,
}

/// Of how many faults runs are under way, and how many there may be: without a limit none counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) faults: u32,
    pub(super) limit: Option<u32>,
}

impl Turn {
    /// Whether a run with so many more has too many.
    pub(super) fn is_over(self, more: u32) -> bool {
        self.limit.is_some_and(|limit| self.faults + more > limit)
    }

    /// With how many faults a world comes, and whether those are more than now; `None`: too many.
    fn of<W>(self, child: &Child<W>) -> Option<(u32, bool)> {
        match self.limit {
            None => Some((self.faults, false)),
            Some(limit) => {
                let faults = self.faults + child.faults;
                (faults <= limit).then_some((faults, child.faults > 0))
            }
        }
    }
}

impl<N: Names> Default for Visited<N> {
    fn default() -> Self {
        let part = || {
            Mutex::new(Part {
                visited: N::default(),
                queued: BTreeMap::new(),
            })
        };
        Self((0..PARTS).map(|_| part()).collect())
    }
}

fn part_of<N: Names>(name: N::Name) -> usize {
    N::spread(name) as usize % PARTS
}

impl<N: Names> Visited<N> {
    fn part(&self, place: usize) -> MutexGuard<'_, Part<N>> {
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has been.
    pub(super) fn contains(&self, name: N::Name) -> bool {
        self.part(part_of::<N>(name)).visited.contains(name)
    }

    /// Forgets which worlds wait with so many faults.
    pub(super) fn forget_queued(&self, faults: u32) {
        for place in 0..PARTS {
            self.part(place).queued.remove(&faults);
        }
    }
}

/// Worlds that were reached, in lists. In this order they ask for admission: of equal ones the first
/// counts.
#[derive(Debug)]
pub(super) struct Admission<W> {
    turn: Turn,
    lists: Vec<Vec<Child<W>>>,
    groups: Vec<Group>,
}

/// Some parts of [`Visited`], for one thread at a time. What becomes of its worlds has a list of its own,
/// in order: threads that write close to one another wait for one another.
#[derive(Debug, Default)]
struct Group {
    taken: AtomicBool,
    fates: Mutex<Vec<Fate>>,
}

/// The group of a part.
const fn group_of(place: usize, groups: usize) -> usize {
    place * groups / PARTS
}

impl<W: Waits> Admission<W> {
    /// Several threads have something to do only where there are many.
    pub(super) fn new(turn: Turn, lists: Vec<Vec<Child<W>>>, threads: usize) -> Self {
        let many: usize = lists.iter().map(Vec::len).sum();
        let groups = if many < FEW { 1 } else { threads.min(PARTS) };
        Self {
            turn,
            lists,
            groups: (0..groups).map(|_| Group::default()).collect(),
        }
    }

    /// Whether it is work for several threads.
    pub(super) const fn is_long(&self) -> bool {
        self.groups.len() > 1
    }

    /// Decides for those whom nobody else has decided for: first for the group at its place, whose parts a
    /// thread has had before.
    pub(super) fn decide(&self, visited: &Visited<W::Names>, place: usize) {
        let groups = self.groups.len();
        for group in (0..groups).map(|nth| (place + nth) % groups) {
            let Group { taken, fates } = &self.groups[group];
            if taken.swap(true, Ordering::Relaxed) {
                continue;
            }
            let mut fates = fates.lock().unwrap_or_else(PoisonError::into_inner);
            let places = (0..PARTS).filter(|&place| group_of(place, groups) == group);
            let mut parts: Vec<_> = places.map(|place| visited.part(place)).collect();
            let (first, many) = ((group * PARTS).div_ceil(groups), parts.len());
            let children = self.lists.iter().flatten();
            let mut own = children
                .map(|child| {
                    let name = child.world.name();
                    let place = part_of::<W::Names>(name).wrapping_sub(first);
                    (place, name, self.turn.of(child))
                })
                .filter(|&(place, ..)| place < many);
            let mut some = Vec::with_capacity(TOUCHED);
            loop {
                some.clear();
                some.extend(own.by_ref().take(TOUCHED));
                if some.is_empty() {
                    break;
                }
                let touch = |&(place, name, turn): &(usize, _, _)| {
                    let part: &Part<_> = &parts[place];
                    part.touch(name, turn)
                };
                black_box(some.iter().map(touch).fold(0, |all, one| all ^ one));
                let decided = some
                    .iter()
                    .map(|&(place, name, turn)| parts[place].admit(name, turn));
                fates.extend(decided);
            }
        }
    }

    /// The lists, and what becomes of each world in them.
    pub(super) fn decided(self) -> (Vec<Vec<Child<W>>>, Fates) {
        let groups = self.groups.into_iter().map(|group| {
            let fates = group.fates.into_inner();
            fates.unwrap_or_else(PoisonError::into_inner).into_iter()
        });
        (self.lists, Fates(groups.collect()))
    }
}

/// What becomes of worlds, by group.
pub(super) struct Fates(Vec<std::vec::IntoIter<Fate>>);

impl Fates {
    /// What becomes of the next world, by its name.
    pub(super) fn next<N: Names>(&mut self, name: N::Name) -> Option<Fate> {
        let group = group_of(part_of::<N>(name), self.0.len());
        self.0[group].next()
    }
}

/// What becomes of a world that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing: somebody has visited it, or it waits.
    Known,
    /// It is visited.
    Admitted,
    /// It waits until the runs with so many faults have their turn.
    Queued,
    /// It has too many faults.
    Cut,
}

impl<N: Names> Part<N> {
    #[inline]
    fn touch(&self, name: N::Name, turn: Option<(u32, bool)>) -> u64 {
        let queued = match turn {
            Some((faults, true)) => self.queued.get(&faults),
            _ => None,
        };
        self.visited.touch(name) ^ queued.map_or(0, |queued| queued.touch(name))
    }

    fn admit(&mut self, name: N::Name, turn: Option<(u32, bool)>) -> Fate {
        match turn {
            None if self.visited.contains(name) => Fate::Known,
            None => Fate::Cut,
            Some((_, false)) if self.visited.insert(name) => Fate::Admitted,
            Some((_, false)) => Fate::Known,
            Some((faults, true)) => {
                let new = !self.visited.contains(name)
                    && self.queued.entry(faults).or_default().insert(name);
                if new { Fate::Queued } else { Fate::Known }
            }
        }
    }
}
