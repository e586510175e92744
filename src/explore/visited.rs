//! Which worlds have been seen, and how each was reached first.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Fingerprints are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}

/// The fingerprints of all that has been visited. Nobody goes through them, so their order, which
/// differs from run to run, decides nothing.
#[derive(Debug, Default)]
pub(super) struct Visited(HashSet<u128, BuildHasherDefault<AsIs>>);

impl Visited {
    /// Whether it is there.
    pub(super) fn contains(&self, fingerprint: u128) -> bool {
        self.0.contains(&fingerprint)
    }

    /// Adds one. Returns whether it is new.
    pub(super) fn insert(&mut self, fingerprint: u128) -> bool {
        self.0.insert(fingerprint)
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
