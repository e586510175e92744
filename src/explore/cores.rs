//! What worlds are but for their crashes, each kept once.

use super::fingerprint::Fingerprint;
use super::numbers::Numbers;
use super::observer::Observer;
use super::shelves::Shelves;
use super::turns::Turns;
use crate::kubelet::{Frame, Passage};
use crate::sim::{Press, World};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// A world but for its crashes, with what its observer remembers.
pub(super) struct Core<O: Observer> {
    /// Its canonical form, as long as steps are made from it.
    bytes: Mutex<Box<[u8]>>,
    pub(super) frame: Frame,
    /// Who watches it, with moments of the canonical form.
    pub(super) observer: O,
    /// What happens next, once somebody has gone on from it.
    pub(super) turns: OnceLock<Turns>,
}

impl<O: Observer> Core<O> {
    pub(super) fn new(bytes: Vec<u8>, frame: Frame, observer: O) -> Self {
        Self {
            bytes: Mutex::new(bytes.into()),
            frame,
            observer,
            turns: OnceLock::new(),
        }
    }

    fn bytes(&self) -> MutexGuard<'_, Box<[u8]>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts it together, in the place of another.
    pub(super) fn restore(&self, press: &Press<'_>, world: &mut World) {
        press.restore_core(world, &self.bytes());
    }

    /// No step will be made from it any more: what happens next is known, without a question, and takes
    /// time, so that it is no livelock.
    pub(super) fn forget(&self) {
        *self.bytes() = Box::default();
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
    numbers: Numbers,
    values: Shelves<T>,
}

impl<T: Hash> Catalogue<T> {
    pub(super) fn new() -> Self {
        Self {
            numbers: Numbers::default(),
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
        let mut fingerprint = Fingerprint::new();
        value.hash(&mut fingerprint);
        let key = fingerprint.value() >> u32::BITS;
        self.numbers.of(key, || self.values.add(value))
    }
}
