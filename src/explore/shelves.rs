//! A list that several threads read and add to.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Places come four shelves at a time, so many on the first four together, and on each next four twice
/// as many: hardly any stay empty.
const FIRST: usize = 1 << 8;

/// Shelves that are enough for all that a number can name.
const SHELVES: usize = 4 * 25;

/// So many numbers one thread takes at a time.
const ROOM: u32 = 1 << 5;

/// Numbers that one thread has for what it adds to one list: threads that write close to one another wait for
/// one another, and what a thread has added it will read.
#[derive(Debug, Default)]
pub(super) struct Room(Range<u32>);

/// Values by number. None moves or goes away, so nobody has to wait for those who add.
#[derive(Debug)]
pub(super) struct Shelves<T> {
    many: AtomicU32,
    shelves: [OnceLock<Box<[OnceLock<T>]>>; SHELVES],
}

impl<T> Shelves<T> {
    pub(super) const fn new() -> Self {
        Self {
            many: AtomicU32::new(0),
            shelves: [const { OnceLock::new() }; SHELVES],
        }
    }

    /// The value with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let (shelf, place) = place_of(number);
        self.shelves.get(shelf)?.get()?.get(place)?.get()
    }

    /// Adds one. Returns its number.
    pub(super) fn add(&self, value: T) -> u32 {
        let number = self.many.fetch_add(1, Ordering::Relaxed);
        self.put(number, value);
        number
    }

    /// Adds one where a thread has room. Returns its number.
    pub(super) fn add_in(&self, Room(room): &mut Room, value: T) -> u32 {
        let number = room.next().unwrap_or_else(|| {
            let first = self.many.fetch_add(ROOM, Ordering::Relaxed);
            *room = first + 1..first.saturating_add(ROOM);
            first
        });
        self.put(number, value);
        number
    }

    fn put(&self, number: u32, value: T) {
        let (shelf, place) = place_of(number);
        let empty = || (0..places(shelf)).map(|_| OnceLock::new()).collect();
        let shelf = self.shelves.get(shelf).map(|it| it.get_or_init(empty));
        if let Some(place) = shelf.and_then(|shelf| shelf.get(place)) {
            // Nobody else has this number.
            let _ = place.set(value);
        }
    }
}

/// Its shelf, and its place there.
#[inline]
const fn place_of(number: u32) -> (usize, usize) {
    // The largest number, too, has a place, where a word has 32 bits as well.
    let number = number as u64 + FIRST as u64;
    let log = number.ilog2();
    let quarter = (number >> (log - 2) & 3) as usize;
    let shelf = 4 * (log - FIRST.ilog2()) as usize + quarter;
    (shelf, (number & ((1 << (log - 2)) - 1)) as usize)
}

const fn places(shelf: usize) -> usize {
    (FIRST / 4) << (shelf / 4)
}

#[cfg(test)]
mod tests {
    use super::{Room, Shelves};
    use std::collections::BTreeMap;

    #[test]
    fn each_has_its_number() {
        let shelves = Shelves::new();
        for number in 0..5000 {
            assert_eq!(shelves.get(number), None);
            assert_eq!(shelves.add(number * 7), number);
        }
        assert!((0..5000).all(|number| shelves.get(number) == Some(&(number * 7))));
        // Two who add in turn.
        let mut rooms = [Room::default(), Room::default()];
        let added =
            (0..200).map(|nth| (shelves.add_in(&mut rooms[nth % 2], nth as u32), nth as u32));
        let added: BTreeMap<_, _> = added.collect();
        assert_eq!(added.len(), 200);
        assert!(
            added
                .iter()
                .all(|(&number, nth)| shelves.get(number) == Some(nth))
        );
        assert_eq!(added[&5000], 0);
        assert_eq!(added[&5001], 2);
        assert_eq!(shelves.get(u32::MAX), None);
    }
}
