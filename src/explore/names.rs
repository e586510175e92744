//! What tells a world from all others.

use super::table::{Slot, Table, spread};
use std::fmt::Debug;

/// A set of the names of worlds.
pub(super) trait Names: Default + Debug + Send {
    /// What tells a world from all others.
    type Name: Copy + Eq + Debug + Send + Sync;

    /// A value whose low bits are as good as drawn.
    fn spread(name: Self::Name) -> u64;

    /// Has what stands in its first place read.
    fn touch(&self, name: Self::Name) -> u64;

    /// Whether it is in the set.
    fn contains(&self, name: Self::Name) -> bool;

    /// Adds it. Whether it was not in the set.
    fn insert(&mut self, name: Self::Name) -> bool;
}

/// Fingerprints of worlds.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(Table);

const fn upper(fingerprint: u128) -> u64 {
    (fingerprint >> 64) as u64
}

impl Names for Fingerprints {
    type Name = u128;

    fn spread(name: u128) -> u64 {
        name as u64
    }

    fn touch(&self, name: u128) -> u64 {
        self.0.touch(upper(name))
    }

    fn contains(&self, name: u128) -> bool {
        let wanted = name.min(u128::NOBODY - 1);
        self.0.find(upper(name), |slot| slot == wanted).is_ok()
    }

    fn insert(&mut self, name: u128) -> bool {
        self.0.make_room(upper);
        let wanted = name.min(u128::NOBODY - 1);
        let free = self.0.find(upper(name), |slot| slot == wanted).err();
        free.map(|place| self.0.put(place, wanted)).is_some()
    }
}

/// Worlds by their lines: sixty-four neighbours share a slot, with a bit for each.
#[derive(Debug, Default)]
pub(super) struct Ages(Table);

/// A world by its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aged {
    pub(super) line: u32,
    pub(super) age: u16,
    /// Its steps at its instant, where they tell it from others; less than 4096.
    pub(super) spin: u16,
}

impl Aged {
    /// What it has in common with its neighbours.
    #[inline]
    fn page(self) -> u64 {
        u64::from(self.line) << 22 | u64::from(self.age / 64) << 12 | u64::from(self.spin)
    }

    #[inline]
    fn bit(self) -> u128 {
        1 << (self.age % 64)
    }
}

const fn page_of(slot: u128) -> u64 {
    (slot >> 64) as u64
}

impl Names for Ages {
    type Name = Aged;

    #[inline]
    fn spread(name: Aged) -> u64 {
        spread(name.page())
    }

    #[inline]
    fn touch(&self, name: Aged) -> u64 {
        self.0.touch(spread(name.page()))
    }

    #[inline]
    fn contains(&self, name: Aged) -> bool {
        let page = name.page();
        let found = self.0.find(spread(page), |slot| page_of(slot) == page);
        found.is_ok_and(|place| self.0.get(place) & name.bit() != 0)
    }

    #[inline]
    fn insert(&mut self, name: Aged) -> bool {
        self.0.make_room(|slot| spread(page_of(slot)));
        let page = name.page();
        match self.0.find(spread(page), |slot| page_of(slot) == page) {
            Ok(place) => {
                let slot = self.0.slot(place);
                let new = *slot & name.bit() == 0;
                *slot |= name.bit();
                new
            }
            Err(place) => {
                self.0.put(place, u128::from(page) << 64 | name.bit());
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Aged, Ages, Fingerprints, Names};

    fn each_is_new_once<N: Names>(names: impl Fn() -> Vec<N::Name>) {
        let mut set = N::default();
        for name in names() {
            assert!(!set.contains(name));
            assert!(set.insert(name));
            assert!(set.contains(name));
        }
        for name in names() {
            assert!(set.contains(name));
            assert!(!set.insert(name));
        }
    }

    /// Nothing is lost when tables grow or are full of others.
    #[test]
    fn nothing_is_lost() {
        let fingerprint = |nth: u128| nth.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        each_is_new_once::<Fingerprints>(|| {
            let some = (1..5000).map(fingerprint);
            some.chain([0, u128::MAX]).collect()
        });
        each_is_new_once::<Ages>(|| {
            let line = |nth: u32| nth % 50 * 1000;
            let age = |nth: u32| (nth / 50 % 100 * 7) as u16;
            let spin = |nth: u32| {
                if nth < 5000 {
                    0
                } else {
                    499 + (nth / 5000) as u16
                }
            };
            let all = (0..15_000).map(|nth| Aged {
                line: line(nth),
                age: age(nth),
                spin: spin(nth),
            });
            all.collect()
        });
    }
}
