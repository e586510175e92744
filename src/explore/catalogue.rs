//! Values of which there are few.

use super::fingerprint::Fingerprint;
use super::numbers::Index;
use super::shelves::Shelves;
use std::hash::Hash;

/// Values, each kept once, and known by a number.
#[derive(Debug)]
pub(super) struct Catalogue<T> {
    index: Index,
    values: Shelves<T>,
}

impl<T: Hash + Eq> Catalogue<T> {
    pub(super) fn new() -> Self {
        Self {
            index: Index::default(),
            values: Shelves::new(),
        }
    }

    /// The value with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number)
    }

    /// The number of a value.
    pub(super) fn number(&self, value: T, recent: &mut Recent) -> u32 {
        let mut fingerprint = Fingerprint::new();
        value.hash(&mut fingerprint);
        let hash = fingerprint.value() as u64;
        let known = &mut recent.0[hash as usize % RECENT];
        if self.values.get(*known) != Some(&value) {
            let is = |value: &T, number| self.values.get(number) == Some(value);
            *known = self
                .index
                .of((hash, value), is, |value| self.values.add(value));
        }
        *known
    }
}

/// So many numbers are at hand.
const RECENT: usize = 1 << 8;

/// Numbers from a [`Catalogue`] that one thread has at hand: whoever asks for one again waits for nobody.
#[derive(Debug)]
pub(super) struct Recent(Box<[u32; RECENT]>);

impl Default for Recent {
    fn default() -> Self {
        Self(Box::new([0; RECENT]))
    }
}
