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

    /// This moment less `millis` milliseconds; not before [`Time::START`].
    #[must_use]
    pub const fn minus_millis(self, millis: u64) -> Self {
        Self::from_millis(self.as_millis().saturating_sub(millis))
    }

    /// This moment where `from` is called `to`; not before [`Time::START`].
    #[must_use]
    pub const fn moved(self, from: Self, to: Self) -> Self {
        let ahead = self.as_millis() + to.as_millis();
        Self::from_millis(ahead.saturating_sub(from.as_millis()))
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

/// A length of time as people write it: seconds as a number (`14.3`), or with units (`1m30s`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// That many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// In milliseconds.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// As the standard library has it.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Span {
    /// With units, as it can be read again: `1m30s`, `4.5s`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes) = (self.0 / 3_600_000, self.0 / 60_000 % 60);
        let (seconds, millis) = (self.0 / 1000 % 60, self.0 % 1000);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        match (seconds, millis) {
            (0, 0) if self.0 > 0 => Ok(()),
            (_, 0) => write!(f, "{seconds}s"),
            _ => {
                let millis = format!("{millis:03}");
                write!(f, "{seconds}.{}s", millis.trim_end_matches('0'))
            }
        }
    }
}

/// A text that is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time: write seconds (14.3) or units from h, m, s, ms (1m30s)")]
pub struct ParseSpanError;

impl std::str::FromStr for Span {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(ParseSpanError);
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| c.is_ascii_alphabetic());
            let (number, tail) = rest.split_at(digits.unwrap_or(rest.len()));
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic());
            let (unit, tail) = tail.split_at(letters.unwrap_or(tail.len()));
            let scale = match unit {
                "h" => 3_600_000,
                "m" => 60_000,
                "s" => 1000,
                "ms" => 1,
                "" if total == 0 => 1000,
                _ => return Err(ParseSpanError),
            };
            let part = scaled(number, scale).ok_or(ParseSpanError)?;
            total = total.checked_add(part).ok_or(ParseSpanError)?;
            rest = tail;
        }
        Ok(Self(total))
    }
}

/// A decimal number times `scale`, cut to a whole one; exact, without floating point.
fn scaled(number: &str, scale: u64) -> Option<u64> {
    let (whole, broken) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(broken) || number.trim_matches('.').is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let broken = &broken[..broken.len().min(9)];
    let places = 10_u64.pow(u32::try_from(broken.len()).ok()?);
    let broken: u64 = if broken.is_empty() {
        0
    } else {
        broken.parse().ok()?
    };
    let part = u128::from(broken) * u128::from(scale) / u128::from(places);
    whole
        .checked_mul(scale)?
        .checked_add(u64::try_from(part).ok()?)
}

impl serde::Serialize for Span {
    /// With units, which can be read again exactly.
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds as a number, or a length of time such as 1m30s")
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Span, E> {
                let millis = seconds.checked_mul(1000);
                millis.map(Span).ok_or_else(|| E::custom("too long"))
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Span, E> {
                let seconds = u64::try_from(seconds)
                    .map_err(|_| E::custom("a length of time is not negative"))?;
                self.visit_u64(seconds)
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<Span, E> {
                // The shortest decimal that reads back as this number is what was written.
                self.visit_str(&seconds.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Span, E> {
                text.parse().map_err(E::custom)
            }
        }

        from.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: seconds as a number, or with units from h, m, s, ms, such as 1m30s.",
            "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": r"^[0-9.]+((h|m|s|ms)([0-9.]+(h|m|s|ms))*)?$" }
            ]
        })
    }
}
