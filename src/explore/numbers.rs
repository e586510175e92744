//! Numbers for values that are each kept once.

use super::table::{Table, spread};
use std::sync::{Mutex, PoisonError};

/// Tables of numbers.
const SHARDS: usize = 16;

/// Which values have numbers, by keys of 96 bits, the upper 64 of which are as good as drawn. Which
/// value has which number depends on the threads; nobody sees the numbers.
#[derive(Debug, Default)]
pub(super) struct Numbers([Mutex<Table>; SHARDS]);

/// A slot has the key and, in the lower bits, the number.
const fn key_of(slot: u128) -> u128 {
    slot >> u32::BITS
}

const fn hash_of(key: u128) -> u64 {
    (key >> u32::BITS) as u64
}

impl Numbers {
    /// The number of the value with that key; if there is none, the one that `add` gives to it.
    pub(super) fn of(&self, key: u128, add: impl FnOnce() -> u32) -> u32 {
        let hash = hash_of(key);
        let table = &self.0[hash as usize % SHARDS];
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        table.make_room(|slot| hash_of(key_of(slot)));
        match table.find(hash, |slot| key_of(slot) == key) {
            Ok(place) => table.get(place) as u32,
            Err(place) => {
                let number = add();
                table.put(place, key << u32::BITS | u128::from(number));
                number
            }
        }
    }
}

/// The key of two numbers.
pub(super) const fn pair(one: u32, other: u32) -> u128 {
    let both = (one as u64) << 32 | other as u64;
    (spread(both) as u128) << 32
}
