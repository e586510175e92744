//! What worlds are but for their crashes, each kept once.

use super::fingerprint::whole;
use super::observer::Observer;
use super::shelves::Shelves;
use super::turns::Turns;
use crate::kubelet::{Frame, Passage};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A world but for its crashes, with what its observer remembers.
pub(super) struct Core<O: Observer> {
    fingerprint: [u64; 2],
    /// Its canonical form.
    pub(super) bytes: Box<[u8]>,
    pub(super) frame: Frame,
    /// Who watches it, with moments of the canonical form.
    pub(super) observer: O,
    /// What happens next, once somebody has gone on from it.
    pub(super) turns: OnceLock<Turns>,
}

impl<O: Observer> Core<O> {
    pub(super) const fn new(
        fingerprint: [u64; 2],
        bytes: Box<[u8]>,
        frame: Frame,
        observer: O,
    ) -> Self {
        Self {
            fingerprint,
            bytes,
            frame,
            observer,
            turns: OnceLock::new(),
        }
    }
}

/// Tables of numbers by fingerprint.
const SHARDS: usize = 16;

/// Numbers in an open table, each at the first place from its core's fingerprint on that was free.
#[derive(Debug, Default)]
struct Numbers {
    /// `u32::MAX` is nobody.
    places: Vec<u32>,
    len: usize,
}

impl Numbers {
    /// The number of the core with that fingerprint, or the free place for it.
    fn find(
        &self,
        wanted: u128,
        fingerprint_of: impl Fn(u32) -> Option<u128>,
    ) -> Result<u32, usize> {
        let many = self.places.len();
        let mut place = (((wanted >> 64) * many as u128) >> 64) as usize;
        for _ in 0..many {
            match self.places[place] {
                u32::MAX => return Err(place),
                number if fingerprint_of(number) == Some(wanted) => return Ok(number),
                _ => place = (place + 1) % many,
            }
        }
        Err(many)
    }

    fn grow(&mut self, fingerprint_of: impl Fn(u32) -> Option<u128>) {
        let many = (self.places.len() * 3 / 2).max(16);
        let old = std::mem::replace(&mut self.places, vec![u32::MAX; many]);
        for number in old.into_iter().filter(|&number| number != u32::MAX) {
            if let Some(fingerprint) = fingerprint_of(number)
                && let Err(place) = self.find(fingerprint, |_| None)
            {
                self.places[place] = number;
            }
        }
    }
}

/// Every core that a search has come to, and every passage between two, by number. Which one has
/// which number depends on the threads; nobody sees the numbers.
pub(super) struct Cores<O: Observer> {
    numbers: [Mutex<Numbers>; SHARDS],
    cores: Shelves<Core<O>>,
    /// There are few of them.
    known: Mutex<BTreeMap<Passage, u32>>,
    passages: Shelves<Passage>,
    /// What observers have found.
    found: Shelves<Box<[O::Finding]>>,
}

impl<O: Observer> Cores<O> {
    pub(super) fn new() -> Self {
        Self {
            numbers: Default::default(),
            cores: Shelves::new(),
            known: Mutex::default(),
            passages: Shelves::new(),
            found: Shelves::new(),
        }
    }

    /// The core with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Core<O>> {
        self.cores.get(number)
    }

    /// The number of a core, which is made if there is none with that fingerprint.
    pub(super) fn number(&self, fingerprint: u128, make: impl FnOnce() -> Core<O>) -> u32 {
        let numbers = &self.numbers[fingerprint as usize % SHARDS];
        let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let fingerprint_of = |number| self.cores.get(number).map(|core| whole(core.fingerprint));
        if numbers.len * 5 >= numbers.places.len() * 4 {
            numbers.grow(fingerprint_of);
        }
        match numbers.find(fingerprint, fingerprint_of) {
            Ok(number) => number,
            Err(place) => {
                let number = self.cores.add(make());
                numbers.places[place] = number;
                numbers.len += 1;
                number
            }
        }
    }

    /// The passage with that number.
    #[inline]
    pub(super) fn passage(&self, number: u32) -> Option<&Passage> {
        self.passages.get(number)
    }

    /// The number of a passage.
    pub(super) fn number_passage(&self, passage: Passage) -> u32 {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = known.get(&passage) {
            return number;
        }
        let number = self.passages.add(passage.clone());
        known.insert(passage, number);
        number
    }

    /// The findings with that number.
    pub(super) fn found(&self, number: NonZeroU32) -> Option<&[O::Finding]> {
        self.found.get(number.get() - 1).map(|found| &**found)
    }

    /// The number of some findings, if there are any.
    pub(super) fn number_found(&self, found: &mut Vec<O::Finding>) -> Option<NonZeroU32> {
        let found: Box<[_]> = found.drain(..).collect();
        let number = (!found.is_empty()).then(|| self.found.add(found));
        number.and_then(|number| NonZeroU32::new(number + 1))
    }
}
