//! How long ago things were, along a line of worlds.
//!
//! Worlds that differ only in how long a back-off has been kept are a line. What is asked of the ages
//! in one of them has the same answer in a stretch of the line: as far as no age passes what it was
//! compared with.

/// How long ago something was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    /// In milliseconds.
    pub(super) millis: u32,
    /// Whether it is another in each world of the line, as far from the next as the back-off's own.
    pub(super) moves: bool,
}

impl Age {
    /// The same everywhere.
    pub(super) const fn fixed(millis: u32) -> Self {
        Self {
            millis,
            moves: false,
        }
    }

    /// So many milliseconds later.
    pub(super) fn later(self, elapsed: u64) -> Self {
        let elapsed = u32::try_from(elapsed).unwrap_or(u32::MAX);
        Self {
            millis: self.millis.saturating_add(elapsed),
            ..self
        }
    }
}

/// The stretch of a line in which all that has been asked has the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The age of the back-off in the world where it is asked, in milliseconds.
    at: i64,
    from: i64,
    to: i64,
}

impl Default for Extent {
    fn default() -> Self {
        Self::around(0)
    }
}

impl Extent {
    /// The whole line, asked in the world where the back-off has been kept for so long.
    pub(super) fn around(millis: u32) -> Self {
        Self {
            at: millis.into(),
            from: 0,
            to: i64::MAX,
        }
    }

    /// From which whole second on, and to which, where those of the line have so many milliseconds
    /// beyond theirs.
    pub(super) fn seconds(self, beyond: u16) -> (u16, u16) {
        let beyond = i64::from(beyond);
        let second = |millis: i64| millis.div_euclid(1000).clamp(0, u16::MAX.into()) as u16;
        (second(self.from - beyond + 999), second(self.to - beyond))
    }

    /// Nowhere else is it the same.
    pub(super) const fn end_here(&mut self) {
        (self.from, self.to) = (self.at, self.at);
    }

    /// Whether something is longer ago than so many milliseconds.
    pub(super) fn is_over(&mut self, age: Age, limit: u32) -> bool {
        self.differ_by_more(age, Age::fixed(0), limit)
    }

    /// Whether one is longer ago than the other by more than so many milliseconds.
    pub(super) fn differ_by_more(&mut self, older: Age, newer: Age, limit: u32) -> bool {
        let excess = i64::from(older.millis) - i64::from(newer.millis) - i64::from(limit);
        let is_more = excess > 0;
        // So far along the line it stays so.
        match (older.moves, newer.moves, is_more) {
            (true, false, true) => self.from = self.from.max(self.at - excess + 1),
            (true, false, false) => self.to = self.to.min(self.at - excess),
            (false, true, true) => self.to = self.to.min(self.at + excess - 1),
            (false, true, false) => self.from = self.from.max(self.at + excess),
            (true, true, _) | (false, false, _) => {}
        }
        is_more
    }
}

#[cfg(test)]
mod tests {
    use super::{Age, Extent};

    /// Where the answer is said to be the same it is, and one step farther it is not.
    #[test]
    fn an_extent_ends_where_the_answer_changes() {
        let ages = [0, 1, 20, 999, 1000, 1001, 5000];
        for (at, other, limit) in ages
            .iter()
            .flat_map(|at| ages.iter().map(move |other| (at, other)))
            .flat_map(|(&at, &other)| [0, 1, 1000].map(|limit| (at, other, limit)))
        {
            let asked = |millis: u32, turned: bool| {
                let moving = Age {
                    millis,
                    moves: true,
                };
                let mut extent = Extent::around(millis);
                let fixed = Age::fixed(other);
                let (older, newer) = if turned {
                    (fixed, moving)
                } else {
                    (moving, fixed)
                };
                (extent.differ_by_more(older, newer, limit), extent)
            };
            for turned in [false, true] {
                let (answer, extent) = asked(at, turned);
                for millis in 0..12_000 {
                    let inside = (extent.from..=extent.to).contains(&i64::from(millis));
                    let same = asked(millis, turned).0 == answer;
                    assert_eq!(same, inside, "{at} {other} {limit} {turned} at {millis}");
                }
            }
        }
    }

    #[test]
    fn whole_seconds_lie_inside() {
        let extent = Extent {
            at: 0,
            from: 1500,
            to: 3499,
        };
        assert_eq!(extent.seconds(0), (2, 3));
        assert_eq!(extent.seconds(500), (1, 2));
        assert_eq!(extent.seconds(499), (2, 3));
        assert_eq!(Extent::around(0).seconds(0), (0, u16::MAX));
    }
}
