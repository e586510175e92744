//! A table that is only added to.

/// What stands in a place.
pub(super) trait Slot: Copy + PartialEq {
    /// Nothing. It is not 0, for memory that is to be 0 is only asked for, and mapped once when it is
    /// read and once more when it is written.
    const NOBODY: Self;
}

impl Slot for u128 {
    const NOBODY: Self = Self::MAX;
}

impl Slot for u64 {
    const NOBODY: Self = Self::MAX;
}

/// A value whose bits all depend on all those of another; no two have the same.
#[inline]
pub(super) const fn spread(value: u64) -> u64 {
    // The first digits of the fractional part of the golden ratio.
    let once = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (once ^ once >> 32).wrapping_mul(0xd1b5_4a32_d192_ed03)
}

/// An open table: what does not find its place free takes the next one.
#[derive(Debug)]
pub(super) struct Table<S = u128> {
    slots: Vec<S>,
    len: usize,
}

impl<S> Default for Table<S> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
        }
    }
}

impl<S: Slot> Table<S> {
    /// The first place for a hash, which is scaled to the table.
    #[inline]
    const fn first(&self, hash: u64) -> usize {
        ((hash as u128 * self.slots.len() as u128) >> 64) as usize
    }

    /// Has what stands in its first place read.
    #[inline]
    pub(super) fn touch(&self, hash: u64) -> u64 {
        let place = self.slots.get(self.first(hash));
        place.map_or(0, |slot| u64::from(*slot == S::NOBODY))
    }

    /// Where that is which is looked for; or else the free place for it. There is always a free place,
    /// but in a table without any.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(S) -> bool) -> Result<usize, usize> {
        let many = self.slots.len();
        let mut place = self.first(hash);
        for _ in 0..many {
            let slot = self.slots[place];
            if slot == S::NOBODY {
                return Err(place);
            }
            if is_it(slot) {
                return Ok(place);
            }
            place += 1;
            if place == many {
                place = 0;
            }
        }
        Err(many)
    }

    /// Makes sure that there is a place for one more, by half of those that there are: a table is
    /// never less than half full.
    pub(super) fn make_room(&mut self, hash_of: impl Fn(S) -> u64) {
        if self.len * 5 < self.slots.len() * 4 {
            return;
        }
        let many = (self.slots.len() * 3 / 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![S::NOBODY; many]);
        for slot in old.into_iter().filter(|&slot| slot != S::NOBODY) {
            if let Err(place) = self.find(hash_of(slot), |_| false) {
                self.slots[place] = slot;
            }
        }
    }

    /// What stands in a place.
    #[inline]
    pub(super) fn get(&self, place: usize) -> S {
        self.slots[place]
    }

    /// The same, to be changed.
    #[inline]
    pub(super) fn slot(&mut self, place: usize) -> &mut S {
        &mut self.slots[place]
    }

    /// Puts something into a free place that was found for it.
    #[inline]
    pub(super) fn put(&mut self, place: usize, slot: S) {
        self.slots[place] = slot;
        self.len += 1;
    }
}
