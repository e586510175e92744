//! Numbers for values that are each kept once.

use super::table::Table;
use std::array::from_fn;
use std::sync::{Mutex, PoisonError};

/// Tables of numbers, so many that two threads seldom want the same.
const SHARDS: usize = 64;

/// Which values have numbers, by keys of 96 bits, the upper 64 of which are as good as drawn. Which
/// value has which number depends on the threads; nobody sees the numbers.
#[derive(Debug)]
pub(super) struct Numbers([Mutex<Table>; SHARDS]);

/// A slot has the key and, in the lower bits, the number.
const fn key_of(slot: u128) -> u128 {
    slot >> u32::BITS
}

const fn hash_of(key: u128) -> u64 {
    (key >> u32::BITS) as u64
}

impl Default for Numbers {
    fn default() -> Self {
        Self(from_fn(|_| Mutex::default()))
    }
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

/// Which values have numbers, where the values themselves can be asked.
#[derive(Debug)]
pub(super) struct Index([Mutex<Table<u64>>; SHARDS]);

/// A slot has the upper half of the hash and, in the lower one, the number.
const fn tag_of(hash: u64) -> u64 {
    hash >> u32::BITS << u32::BITS
}

impl Default for Index {
    fn default() -> Self {
        Self(from_fn(|_| Mutex::default()))
    }
}

impl Index {
    /// The number of a value with that hash, if it `is` the value with that number; if there is none, the
    /// one that `add` gives to it.
    pub(super) fn of<T>(
        &self,
        (hash, value): (u64, T),
        is: impl Fn(&T, u32) -> bool,
        add: impl FnOnce(T) -> u32,
    ) -> u32 {
        let (table, tag) = (&self.0[hash as usize % SHARDS], tag_of(hash));
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        table.make_room(tag_of);
        match table.find(tag, |slot| tag_of(slot) == tag && is(&value, slot as u32)) {
            Ok(place) => table.get(place) as u32,
            Err(place) => {
                let number = add(value);
                table.put(place, tag | u64::from(number));
                number
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Index;

    /// Values with the same hash are told apart.
    #[test]
    fn each_value_has_its_number() {
        let index = Index::default();
        let value = |number: u32| number * 7;
        let number_of = |number: u32| {
            let hash = u64::from(number % 100) << 40;
            let is = |it: &u32, known| *it == value(known);
            index.of((hash, value(number)), is, |it| it / 7)
        };
        for _ in 0..2 {
            assert!((0..1000).all(|number| number_of(number) == number));
        }
    }
}
