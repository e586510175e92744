//! Which worlds have been seen, and how each was reached first.

/// Tables that grow one at a time, so that hardly any memory is needed twice.
const SHARDS: usize = 64;

/// A set of fingerprints. Nobody goes through them, so their order decides nothing.
#[derive(Debug)]
pub(super) struct Visited(Vec<Shard>);

impl Default for Visited {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Shard::default()).collect())
    }
}

impl Visited {
    /// Whether it is there.
    pub(super) fn contains(&self, fingerprint: u128) -> bool {
        self.0[shard(fingerprint)].find(fingerprint).is_ok()
    }

    /// Adds one. Returns whether it is new.
    pub(super) fn insert(&mut self, fingerprint: u128) -> bool {
        self.0[shard(fingerprint)].insert(fingerprint)
    }
}

const fn shard(fingerprint: u128) -> usize {
    fingerprint as usize % SHARDS
}

/// An open table: what does not find its place free takes the next one.
#[derive(Debug, Default)]
struct Shard {
    /// 0 is nobody.
    slots: Vec<u128>,
    len: usize,
}

impl Shard {
    /// Where it is; or else the free place for it. There is always a free place, but in a table
    /// without any.
    #[inline]
    fn find(&self, fingerprint: u128) -> Result<usize, usize> {
        let many = self.slots.len();
        // The upper half, scaled to the table.
        let first = ((fingerprint >> 64) * many as u128) >> 64;
        let mut place = first as usize;
        let wanted = fingerprint.max(1);
        for _ in 0..many {
            match self.slots[place] {
                0 => return Err(place),
                found if found == wanted => return Ok(place),
                _ => place += 1,
            }
            if place == many {
                place = 0;
            }
        }
        Err(many)
    }

    fn insert(&mut self, fingerprint: u128) -> bool {
        if self.len * 5 >= self.slots.len() * 4 {
            self.grow();
        }
        let Err(place) = self.find(fingerprint) else {
            return false;
        };
        self.slots[place] = fingerprint.max(1);
        self.len += 1;
        true
    }

    /// By half: a table is never less than half full.
    fn grow(&mut self) {
        let many = (self.slots.len() * 3 / 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![0; many]);
        for fingerprint in old.into_iter().filter(|&known| known != 0) {
            if let Err(place) = self.find(fingerprint) {
                self.slots[place] = fingerprint;
            }
        }
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

#[cfg(test)]
mod tests {
    use super::Visited;

    /// Nothing is lost when tables grow or are full of others, 0 among them.
    #[test]
    fn each_is_new_once() {
        let mut visited = Visited::default();
        let some = |nth: u128| nth.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        for nth in 0..10_000 {
            assert!(!visited.contains(some(nth)));
            assert!(visited.insert(some(nth)));
            assert!(!visited.insert(some(nth)));
        }
        assert!((0..10_000).all(|nth| visited.contains(some(nth))));
        assert!(!visited.contains(some(10_000)));
    }
}
