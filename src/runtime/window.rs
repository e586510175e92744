//! Windows of time.

use std::time::Duration;

/// From when to when something may happen, in milliseconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// At the earliest.
    pub earliest: u64,
    /// At the latest; [`u64::MAX`]: perhaps never.
    pub latest: u64,
}

impl Window {
    /// At once.
    pub const NOW: Self = Self {
        earliest: 0,
        latest: 0,
    };

    /// From now on, or never.
    pub const ANY: Self = Self {
        earliest: 0,
        latest: u64::MAX,
    };

    /// Its earliest moment.
    #[must_use]
    pub const fn at_earliest(self) -> Self {
        Self {
            earliest: self.earliest,
            latest: self.earliest,
        }
    }

    /// Exactly then.
    #[must_use]
    pub fn exactly(delay: Duration) -> Self {
        Self::between(delay, delay)
    }

    /// From the first to the second; the other way round if that is earlier.
    #[must_use]
    pub fn between(earliest: Duration, latest: Duration) -> Self {
        let millis = |delay: Duration| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let (a, b) = (millis(earliest), millis(latest));
        Self {
            earliest: a.min(b),
            latest: a.max(b),
        }
    }
}
