//! What worlds are but for their crashes, each kept once.

use super::observer::Observer;
use super::shelves::Shelves;
use super::turns::Turns;
use crate::kubelet::{Frame, Passage};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A world but for its crashes, with what its observer remembers.
pub(super) struct Core<O: Observer> {
    /// Its canonical form.
    pub(super) bytes: Box<[u8]>,
    pub(super) frame: Frame,
    /// Who watches it, with moments of the canonical form.
    pub(super) observer: O,
    /// What happens next, once somebody has gone on from it.
    pub(super) turns: OnceLock<Turns<O::Finding>>,
}

/// Tables of numbers by fingerprint.
const SHARDS: usize = 16;

type Numbers = HashMap<u128, u32, BuildHasherDefault<Upper>>;

/// Every core that a search has come to, and every passage between two, by number. Which one has
/// which number depends on the threads; nobody sees the numbers.
pub(super) struct Cores<O: Observer> {
    numbers: [Mutex<Numbers>; SHARDS],
    cores: Shelves<Core<O>>,
    /// There are few of them.
    known: Mutex<HashMap<Passage, u32>>,
    passages: Shelves<Passage>,
}

/// A fingerprint needs no further hash.
#[derive(Debug, Default)]
struct Upper(u64);

impl Hasher for Upper {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = (value >> 64) as u64;
    }
}

impl<O: Observer> Cores<O> {
    pub(super) fn new() -> Self {
        Self {
            numbers: Default::default(),
            cores: Shelves::new(),
            known: Mutex::default(),
            passages: Shelves::new(),
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
        *numbers.entry(fingerprint).or_insert_with(|| self.cores.add(make()))
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
}
