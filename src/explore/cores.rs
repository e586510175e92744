//! What worlds are but for their crashes, each kept once.

use super::numbers::Numbers;
use super::observer::Observer;
use super::shelves::Shelves;
use super::turns::Turns;
use crate::kubelet::{Frame, Passage};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A world but for its crashes, with what its observer remembers.
pub(super) struct Core<O: Observer> {
    /// Its canonical form.
    pub(super) bytes: Box<[u8]>,
    pub(super) frame: Frame,
    /// Who watches it, with moments of the canonical form.
    pub(super) observer: O,
    /// What happens next, once somebody has gone on from it.
    pub(super) turns: OnceLock<Turns>,
}

impl<O: Observer> Core<O> {
    pub(super) const fn new(bytes: Box<[u8]>, frame: Frame, observer: O) -> Self {
        Self {
            bytes,
            frame,
            observer,
            turns: OnceLock::new(),
        }
    }
}

/// Every core that a search has come to, and every passage between two, by number.
pub(super) struct Cores<O: Observer> {
    numbers: Numbers,
    cores: Shelves<Core<O>>,
    passages: Catalogue<Passage>,
    /// What observers have found.
    found: Shelves<Box<[O::Finding]>>,
}

impl<O: Observer> Cores<O> {
    pub(super) fn new() -> Self {
        Self {
            numbers: Numbers::default(),
            cores: Shelves::new(),
            passages: Catalogue::new(),
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
        // Of a hundred million cores no two are expected to have the same but with a chance of 10⁻¹³.
        let key = fingerprint >> u32::BITS;
        self.numbers.of(key, || self.cores.add(make()))
    }

    /// The passage with that number.
    #[inline]
    pub(super) fn passage(&self, number: u32) -> Option<&Passage> {
        self.passages.get(number)
    }

    /// The number of a passage.
    pub(super) fn number_passage(&self, passage: Passage) -> u32 {
        self.passages.number(passage)
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

/// Values of which there are few, each kept once.
#[derive(Debug)]
pub(super) struct Catalogue<T> {
    numbers: Mutex<BTreeMap<T, u32>>,
    values: Shelves<T>,
}

impl<T: Ord + Clone> Catalogue<T> {
    pub(super) const fn new() -> Self {
        Self {
            numbers: Mutex::new(BTreeMap::new()),
            values: Shelves::new(),
        }
    }

    /// The value with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number)
    }

    /// The number of a value.
    pub(super) fn number(&self, value: T) -> u32 {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = numbers.get(&value) {
            return number;
        }
        let number = self.values.add(value.clone());
        numbers.insert(value, number);
        number
    }
}
