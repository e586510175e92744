//! A distribution in few bins.

use super::Distribution;

/// A distribution in bins of equal width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// The width of a bin in milliseconds.
    pub width: u64,
    /// The bins in order, from the first to the last that is not empty.
    pub bins: Vec<Bin>,
}

/// One bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Where it begins, in milliseconds. It ends before the next one.
    pub from: u64,
    /// How many samples fall into it.
    pub count: u64,
}

impl Histogram {
    /// A distribution in at most `most` bins, and two or more. Their width is 1, 2 or 5 times a
    /// power of ten, and each begins at a multiple of it.
    #[must_use]
    pub fn of(distribution: &Distribution, most: u64) -> Self {
        let (Some(min), Some(max)) = (distribution.min(), distribution.max()) else {
            return Self {
                width: 1,
                bins: Vec::new(),
            };
        };
        let fits = |width: &u64| max / width - min / width < most.max(2);
        let width = widths().find(fits).unwrap_or(u64::MAX);
        let mut bins: Vec<Bin> = (min / width..=max / width)
            .map(|index| Bin {
                from: index * width,
                count: 0,
            })
            .collect();
        for (millis, count) in distribution.iter() {
            let index = (millis / width - min / width) as usize;
            bins[index].count += count;
        }
        Self { width, bins }
    }

    /// The greatest count.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.bins.iter().map(|bin| bin.count).max().unwrap_or(0)
    }
}

/// 1, 2, 5, 10, 20, 50 …
fn widths() -> impl Iterator<Item = u64> {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    powers.flat_map(|power| [1, 2, 5].map(|times| power.saturating_mul(times)))
}
