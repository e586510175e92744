//! Which of several threads does which piece of work.

use std::sync::atomic::{AtomicU64, Ordering};

/// Pieces of work, each done by one thread: by the one that it is meant for, which has most of what it
/// needs at hand, or by another that has nothing left to do.
#[derive(Debug)]
pub(super) struct Shares {
    /// The pieces, those that are meant for the same thread one behind the other.
    pieces: Vec<u32>,
    /// By thread.
    shares: Vec<Share>,
}

/// From which to which of the pieces nobody has begun with, in the lower and the upper half. It is alone in
/// its cache line: whoever takes from one does not wait for those who take from another.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Share(AtomicU64);

const fn share(from: u64, to: u64) -> u64 {
    from | to << u32::BITS
}

const fn range(share: u64) -> (u64, u64) {
    (share & u32::MAX as u64, share >> u32::BITS)
}

impl Share {
    /// Leaves less, if there is anything. Returns what was there.
    fn take(&self, less: impl Fn(u64, u64) -> u64) -> Option<(u64, u64)> {
        let less = |share| {
            let (from, to) = range(share);
            (from < to).then(|| less(from, to))
        };
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.ok().map(range)
    }
}

impl Shares {
    /// Of so many threads, the pieces in order, each meant for one of them.
    pub(super) fn new(threads: usize, meant: &[usize]) -> Self {
        let place_of = |&piece: &u32| meant[piece as usize] % threads;
        let mut pieces: Vec<_> = (0..meant.len() as u32).collect();
        pieces.sort_by_key(place_of);
        let end = |place| pieces.partition_point(|piece| place_of(piece) < place) as u64;
        let shares = (0..threads).map(|place| share(end(place), end(place + 1)));
        let shares = shares.map(|share| Share(AtomicU64::new(share))).collect();
        Self { pieces, shares }
    }

    /// The next piece that is meant for a thread, in order.
    pub(super) fn own(&self, place: usize) -> Option<usize> {
        let (from, _) = self
            .shares
            .get(place)?
            .take(|from, to| share(from + 1, to))?;
        Some(self.pieces[from as usize] as usize)
    }

    /// The next piece for a thread. If none is meant for it, half of those are, from now on, that are left of
    /// another's: the last ones, so that each keeps pieces which lie side by side.
    pub(super) fn next(&self, place: usize) -> Option<usize> {
        let (many, own) = (self.shares.len(), self.shares.get(place));
        let half = |from: u64, to: u64| match own {
            Some(_) => from + (to - from) / 2,
            // It has nowhere to keep what it does not do at once.
            None => to - 1,
        };
        let others = || {
            (1..=many).find_map(|next| {
                let other = &self.shares[(place + next) % many];
                let (from, to) = other.take(|from, to| share(from, half(from, to)))?;
                let first = half(from, to);
                if let Some(Share(own)) = own {
                    own.store(share(first + 1, to), Ordering::Relaxed);
                }
                Some(self.pieces[first as usize] as usize)
            })
        };
        self.own(place).or_else(others)
    }
}

#[cfg(test)]
mod tests {
    use super::Shares;
    use std::iter::from_fn;

    /// Each piece is taken once, whoever asks; one's own from the first on, then half of what others have
    /// left.
    #[test]
    fn pieces_are_taken_once() {
        let shares = || Shares::new(3, &[0, 0, 1, 1, 0, 1, 4, 1]);
        let all = |place| {
            let shares = shares();
            from_fn(|| shares.next(place)).collect::<Vec<_>>()
        };
        assert_eq!(all(0), [0, 1, 4, 5, 6, 7, 3, 2]);
        assert_eq!(all(2), [1, 4, 0, 5, 6, 7, 3, 2]);
        // A thread that nothing can be meant for.
        assert_eq!(all(3), [7, 6, 5, 3, 2, 4, 1, 0]);
        let shares = shares();
        assert_eq!(
            [shares.own(1), shares.next(2), shares.own(2)],
            [Some(2), Some(1), Some(4)]
        );
        assert_eq!(shares.own(2), None);
        let left: Vec<_> = from_fn(|| shares.next(1)).collect();
        assert_eq!(left, [3, 5, 6, 7, 0]);
    }
}
