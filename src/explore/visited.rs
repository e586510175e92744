//! Which worlds have been seen.

use super::frontier::Waits;
use super::names::Names;
use super::reached::{Asked, Reached};
use super::settle::Settlement;
use super::shares::Shares;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tables that grow one at a time, so that hardly any memory is needed twice.
const PARTS: usize = 64;

/// So many places of a table are looked at one after the other, before anything is done there: none
/// waits for the memory of the one before it.
const TOUCHED: usize = 32;

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

    /// With how many faults a world comes that so many more lead to, and whether those are more than now;
    /// `None`: too many.
    fn with(self, more: u32) -> Option<(u32, bool)> {
        match self.limit {
            None => Some((self.faults, false)),
            Some(limit) => {
                let faults = self.faults + more;
                (faults <= limit).then_some((faults, more > 0))
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

/// Who decides about a world, of so many.
pub(super) fn group_of<N: Names>(name: N::Name, groups: usize) -> usize {
    part_of::<N>(name) * groups / PARTS
}

/// Of so many threads, how many groups of parts they can have.
pub(super) const fn groups(threads: usize) -> usize {
    if threads < PARTS { threads } else { PARTS }
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

/// Worlds that were reached. In this order they ask for admission: of equal ones the first counts.
#[derive(Debug)]
pub(super) struct Admission<W: Waits> {
    turn: Turn,
    reached: Vec<Reached<W>>,
    /// What becomes of those in a group, in order. Each has a list of its own: threads that write close to
    /// one another wait for one another.
    fates: Vec<Mutex<Vec<Fate>>>,
    shares: Shares,
}

impl<W: Waits> Admission<W> {
    /// Of those worlds, all of which ask so many groups.
    pub(super) fn new(turn: Turn, reached: Vec<Reached<W>>, groups: usize) -> Self {
        Self {
            turn,
            reached,
            fates: (0..groups).map(|_| Mutex::default()).collect(),
            shares: Shares::new(groups, &Vec::from_iter(0..groups)),
        }
    }

    /// Decides for those whom nobody else has decided for: first for the group at its place, whose parts a
    /// thread has had before.
    pub(super) fn decide(&self, visited: &Visited<W::Names>, place: usize) {
        while let Some(group) = self.shares.next(place) {
            let mut fates = self.fates[group]
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let first = (group * PARTS).div_ceil(self.fates.len());
            let next = ((group + 1) * PARTS).div_ceil(self.fates.len());
            let mut parts: Vec<_> = (first..next).map(|place| visited.part(place)).collect();
            fates.reserve_exact(self.reached.iter().map(|some| some.many(group)).sum());
            let asked = self.reached.iter().flat_map(|some| some.asked(group));
            let mut asked = asked.map(|Asked { name, faults }| {
                let place = part_of::<W::Names>(name) - first;
                (place, name, self.turn.with(faults))
            });
            let mut some = Vec::with_capacity(TOUCHED);
            loop {
                some.clear();
                some.extend(asked.by_ref().take(TOUCHED));
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

    /// What is to be settled then, by so many threads.
    pub(super) fn decided(self, threads: usize) -> Settlement<W> {
        let fates = self.fates.into_iter().map(Mutex::into_inner);
        let fates = fates.map(|fates| fates.unwrap_or_else(PoisonError::into_inner));
        Settlement::new(self.reached, fates.collect(), threads)
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
