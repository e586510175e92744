//! Readings of the virtual clock.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

/// A reading of the virtual clock: milliseconds since the pod was created.
///
/// `Option<Time>` is as small as `Time`.
///
/// ```
/// use podclock::Time;
/// use std::time::Duration;
///
/// let ready = Time::from_millis(313);
/// assert_eq!(ready.to_string(), "00:00.313");
/// assert_eq!((ready + Duration::from_secs(60)).since(ready), Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(NonZeroU64);

const _: () = assert!(size_of::<Option<Time>>() == 8);

impl Time {
    /// The moment at which the pod is created.
    pub const START: Self = Self(NonZeroU64::MIN);

    /// The moment `millis` milliseconds after the pod's creation.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(millis))
    }

    /// Milliseconds since the pod's creation.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0.get() - 1
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis_since(earlier))
    }

    /// Whole and broken seconds after `earlier` in milliseconds; zero if it is not after it.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.get().saturating_sub(earlier.0.get())
    }

    /// This moment plus `millis` milliseconds.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment plus a number of seconds, as the API counts them; negative ones count as none.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        if seconds <= 0 {
            return self;
        }
        self.plus_millis((seconds as u64).saturating_mul(1000))
    }

    /// Cut to the whole second, as every time in a pod's status is (SM-4).
    #[must_use]
    pub const fn whole_second(self) -> Self {
        let millis = self.as_millis();
        Self::from_millis(millis - millis % 1000)
    }

    /// Rebased so that `now` becomes [`Time::START`]; earlier moments become [`Time::START`] too.
    #[must_use]
    pub const fn rebased(self, now: Self) -> Self {
        Self::from_millis(self.millis_since(now))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        self.plus_millis(u64::try_from(rhs.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Time {
    /// `MM:SS.mmm`, with hours in front once there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.as_millis();
        let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
        let (seconds, millis) = (millis / 1000 % 60, millis % 1000);
        if hours > 0 {
            write!(f, "{hours}:")?;
        }
        write!(f, "{minutes:02}:{seconds:02}.{millis:03}")
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
