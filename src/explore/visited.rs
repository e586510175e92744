//! Which worlds have been seen, and how each was reached first.

use super::fingerprint::whole;
use super::frontier::{Child, Children};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tables that grow one at a time, so that hardly any memory is needed twice.
const PARTS: usize = 64;

/// So many places of a table are looked at one after the other, before anything is done there: none
/// waits for the memory of the one before it.
const TOUCHED: usize = 32;

/// Shorter lists are no work for several threads.
const FEW: usize = 1000;

/// Which worlds have been visited, and which wait with more faults than those whose turn it is.
/// Nobody goes through them, so their order decides nothing.
#[derive(Debug)]
pub(super) struct Visited(Vec<Mutex<Part>>);

#[derive(Debug, Default)]
struct Part {
    visited: Table,
    /// By faults.
    queued: BTreeMap<u32, Table>,
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

/// Of how many faults runs are under way, and how many there may be: without a limit none counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) faults: u32,
    pub(super) limit: Option<u32>,
}

impl Turn {
    /// With how many faults a world comes, and whether those are more than now; `None`: too many.
    fn of(self, child: &Child) -> Option<(u32, bool)> {
        match self.limit {
            None => Some((self.faults, false)),
            Some(limit) => {
                let faults = self.faults + child.faults;
                (faults <= limit).then_some((faults, child.faults > 0))
            }
        }
    }
}

impl Default for Visited {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }
}

const fn part_of([low, _]: [u64; 2]) -> usize {
    low as usize % PARTS
}

impl Visited {
    fn part(&self, place: usize) -> MutexGuard<'_, Part> {
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has been.
    pub(super) fn contains(&self, fingerprint: [u64; 2]) -> bool {
        let part = self.part(part_of(fingerprint));
        part.visited.find(whole(fingerprint)).is_ok()
    }

    /// Forgets which worlds wait with so many faults.
    pub(super) fn forget_queued(&self, faults: u32) {
        for place in 0..PARTS {
            self.part(place).queued.remove(&faults);
        }
    }
}

/// Worlds that were reached ask for admission, in this order: of equal ones the first counts.
#[derive(Debug)]
pub(super) struct Admission<O> {
    turn: Turn,
    children: Vec<Children<O>>,
    fates: Vec<AtomicU8>,
    /// Into how many groups the parts of [`Visited`] are divided, each for whoever comes next.
    groups: usize,
    next: AtomicUsize,
}

impl<O> Admission<O> {
    /// Several threads have something to do only where the list is long.
    pub(super) fn new(turn: Turn, children: Vec<Children<O>>, threads: usize) -> Self {
        let all = children.iter().flat_map(Children::iter);
        let fates: Vec<AtomicU8> = all.map(|_| AtomicU8::new(KNOWN)).collect();
        Self {
            turn,
            groups: if fates.len() < FEW { 1 } else { threads },
            fates,
            children,
            next: AtomicUsize::new(0),
        }
    }

    /// Whether it is work for several threads.
    pub(super) const fn is_long(&self) -> bool {
        self.groups > 1
    }

    /// Decides for those whom nobody else has decided for.
    pub(super) fn decide(&self, visited: &Visited) {
        loop {
            let group = self.next.fetch_add(1, Ordering::Relaxed);
            if group >= self.groups {
                break;
            }
            let places = PARTS * group / self.groups..PARTS * (group + 1) / self.groups;
            let first = places.start;
            let mut parts: Vec<_> = places.clone().map(|place| visited.part(place)).collect();
            let all = self.children.iter().flat_map(Children::iter);
            let mut own = all
                .zip(&self.fates)
                .map(|(child, fate)| (part_of(child.fingerprint), child, fate))
                .filter(|(place, ..)| places.contains(place));
            let mut some = Vec::with_capacity(TOUCHED);
            loop {
                some.clear();
                some.extend(own.by_ref().take(TOUCHED));
                if some.is_empty() {
                    break;
                }
                let touch = |&(place, child, _): &(usize, &Child, &AtomicU8)| {
                    parts[place - first].touch(self.turn, child)
                };
                black_box(some.iter().map(touch).fold(0, |all, one| all ^ one));
                for &(place, child, fate) in &some {
                    fate.store(
                        parts[place - first].admit(self.turn, child),
                        Ordering::Relaxed,
                    );
                }
            }
        }
    }

    /// The worlds, and what becomes of each.
    pub(super) fn decided(self) -> (Vec<Children<O>>, impl Iterator<Item = Fate>) {
        let fate = |fate: AtomicU8| match fate.into_inner() {
            KNOWN => Fate::Known,
            ADMITTED => Fate::Admitted,
            QUEUED => Fate::Queued,
            _ => Fate::Cut,
        };
        (self.children, self.fates.into_iter().map(fate))
    }
}

const KNOWN: u8 = 0;
const ADMITTED: u8 = 1;
const QUEUED: u8 = 2;
const CUT: u8 = 3;

impl Part {
    /// Has what stands in the first places of a world read.
    #[inline]
    fn touch(&self, turn: Turn, child: &Child) -> u64 {
        let queued = match turn.of(child) {
            Some((faults, true)) => self.queued.get(&faults),
            _ => None,
        };
        let fingerprint = whole(child.fingerprint);
        let queued = queued.map_or(0, |table| table.touch(fingerprint));
        self.visited.touch(fingerprint) ^ queued
    }

    fn admit(&mut self, turn: Turn, child: &Child) -> u8 {
        let fingerprint = whole(child.fingerprint);
        match turn.of(child) {
            None => match self.visited.find(fingerprint) {
                Ok(_) => KNOWN,
                Err(_) => CUT,
            },
            Some((_, false)) => match self.visited.insert(fingerprint) {
                true => ADMITTED,
                false => KNOWN,
            },
            Some((faults, true)) => {
                let new = self.visited.find(fingerprint).is_err()
                    && self.queued.entry(faults).or_default().insert(fingerprint);
                if new { QUEUED } else { KNOWN }
            }
        }
    }
}

/// Nobody's fingerprint. It is not 0, for memory that is to be 0 is only asked for, and mapped once when
/// it is read and once more when it is written.
const NOBODY: u128 = u128::MAX;

/// An open table: what does not find its place free takes the next one.
#[derive(Debug, Default)]
struct Table {
    /// [`NOBODY`] where there is none.
    slots: Vec<u128>,
    len: usize,
}

impl Table {
    /// The first place for it: the upper half, scaled to the table.
    #[inline]
    const fn first(&self, fingerprint: u128) -> usize {
        (((fingerprint >> 64) * self.slots.len() as u128) >> 64) as usize
    }

    /// Has what stands in its first place read.
    #[inline]
    fn touch(&self, fingerprint: u128) -> u64 {
        let place = self.slots.get(self.first(fingerprint));
        place.map_or(0, |&slot| slot as u64)
    }

    /// Where it is; or else the free place for it. There is always a free place, but in a table
    /// without any.
    #[inline]
    fn find(&self, fingerprint: u128) -> Result<usize, usize> {
        let many = self.slots.len();
        let mut place = self.first(fingerprint);
        let wanted = fingerprint.min(NOBODY - 1);
        for _ in 0..many {
            match self.slots[place] {
                NOBODY => return Err(place),
                found if found == wanted => return Ok(place),
                _ => place += 1,
            }
            if place == many {
                place = 0;
            }
        }
        Err(many)
    }

    fn insert(&mut self, fingerprint: u128) -> bool {
        if self.len * 5 >= self.slots.len() * 4 {
            self.grow();
        }
        let Err(place) = self.find(fingerprint) else {
            return false;
        };
        self.slots[place] = fingerprint.min(NOBODY - 1);
        self.len += 1;
        true
    }

    /// By half: a table is never less than half full.
    fn grow(&mut self) {
        let many = (self.slots.len() * 3 / 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![NOBODY; many]);
        for fingerprint in old.into_iter().filter(|&known| known != NOBODY) {
            if let Err(place) = self.find(fingerprint) {
                self.slots[place] = fingerprint;
            }
        }
    }
}

/// How a world was reached first: from which one, by which of its branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) parent: u32,
    pub(super) branch: u32,
}

impl Link {
    /// The parent of those that the search begins with.
    pub(super) const ROOT: u32 = u32::MAX;
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::halves;
    use super::{Admission, Child, Children, Fate, Link, Turn, Visited};

    fn child(nth: u128) -> Child {
        Child {
            fingerprint: halves(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
            link: Link {
                parent: 0,
                branch: 0,
            },
            faults: (nth % 3) as u32,
            spin: 0,
        }
    }

    /// Nothing is lost when tables grow or are full of others, on any
    /// number of threads.
    #[test]
    fn each_is_new_once() {
        let mut children = Children::default();
        for nth in (0..10_000).chain(0..10_000) {
            children.add(child(nth), Some(()), |_| {});
        }
        let turn = Turn {
            faults: 1,
            limit: Some(2),
        };
        let expected = |nth: usize| match (nth % 10_000 % 3, nth < 10_000) {
            (0, true) => Fate::Admitted,
            (1, true) => Fate::Queued,
            (2, _) => Fate::Cut,
            _ => Fate::Known,
        };
        let mut children = vec![children];
        for threads in [1, 3] {
            let visited = Visited::default();
            let admission = Admission::new(turn, children, threads);
            admission.decide(&visited);
            let (again, fates) = admission.decided();
            children = again;
            for (nth, fate) in fates.enumerate() {
                assert_eq!(fate, expected(nth), "{nth} on {threads}");
            }
            for nth in 0..10_000 {
                let admitted = nth % 3 == 0;
                assert_eq!(visited.contains(child(nth).fingerprint), admitted, "{nth}");
            }
        }
    }

    /// Whoever comes again with more faults, or with too many, is known.
    #[test]
    fn those_who_have_been_visited_are_known() {
        let turn = Turn {
            faults: 0,
            limit: Some(1),
        };
        let visited = Visited::default();
        for (faults, fate) in [
            (0, Fate::Admitted),
            (1, Fate::Known),
            (2, Fate::Known),
            (0, Fate::Known),
        ] {
            let mut children = Children::default();
            let child = Child { faults, ..child(0) };
            children.add(child, Some(()), |_| {});
            let admission = Admission::new(turn, vec![children], 1);
            admission.decide(&visited);
            assert_eq!(admission.decided().1.next(), Some(fate), "{faults}");
        }
    }
}
