//! What worlds are but for their crashes, each kept once.

use super::turns::Turns;
use crate::kubelet::Frame;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// A world but for its crashes.
#[derive(Debug)]
pub(super) struct Core {
    /// Its canonical form.
    pub(super) bytes: Box<[u8]>,
    pub(super) frame: Frame,
    /// What happens next, once somebody has gone on from it.
    pub(super) turns: OnceLock<Turns>,
}

impl Core {
    pub(super) const fn new(bytes: Box<[u8]>, frame: Frame) -> Self {
        Self {
            bytes,
            frame,
            turns: OnceLock::new(),
        }
    }
}

/// Tables of numbers by fingerprint.
const SHARDS: usize = 16;

/// The first shelf has so many places, and each next one twice as many.
const FIRST_SHELF: usize = 1 << 10;

/// Shelves that are enough for all that a number can name.
const SHELVES: usize = 23;

type Numbers = HashMap<u128, u32, BuildHasherDefault<Upper>>;

/// Every core that a search has come to, by number. Which one has which number depends on the
/// threads; nobody sees the numbers.
#[derive(Debug)]
pub(super) struct Cores {
    numbers: [Mutex<Numbers>; SHARDS],
    many: AtomicU32,
    shelves: [OnceLock<Box<[OnceLock<Core>]>>; SHELVES],
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

impl Cores {
    pub(super) fn new() -> Self {
        Self {
            numbers: Default::default(),
            many: AtomicU32::new(0),
            shelves: [const { OnceLock::new() }; SHELVES],
        }
    }

    /// The one with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Core> {
        let (shelf, place) = place_of(number);
        self.shelves.get(shelf)?.get()?.get(place)?.get()
    }

    /// The number of a core, which is made if there is none with that fingerprint.
    pub(super) fn number(&self, fingerprint: u128, make: impl FnOnce() -> Core) -> u32 {
        let Ok(mut numbers) = self.numbers[fingerprint as usize % SHARDS].lock() else {
            return u32::MAX;
        };
        *numbers.entry(fingerprint).or_insert_with(|| {
            let number = self.many.fetch_add(1, Ordering::Relaxed);
            let (shelf, place) = place_of(number);
            if let Some(shelf_of) = self.shelves.get(shelf) {
                let shelf = shelf_of.get_or_init(|| empty(FIRST_SHELF << shelf));
                if let Some(place) = shelf.get(place) {
                    let _ = place.set(make());
                }
            }
            number
        })
    }
}

fn empty(places: usize) -> Box<[OnceLock<Core>]> {
    (0..places).map(|_| OnceLock::new()).collect()
}

/// Its shelf, and its place there.
#[inline]
const fn place_of(number: u32) -> (usize, usize) {
    let from_first = number as usize + FIRST_SHELF;
    let shelf = from_first.ilog2() - FIRST_SHELF.ilog2();
    (shelf as usize, from_first - (FIRST_SHELF << shelf))
}
