//! Windows of time.

use crate::time::{ParseSpanError, Span};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// From when to when something may happen, in milliseconds from now.
///
/// Written as `5s..20s`, as `5s..` where it may also never happen, and as `5s` for exactly then.
///
/// ```
/// use podclock::runtime::Window;
///
/// let window: Window = "1.5..1m".parse()?;
/// assert_eq!((window.earliest, window.latest), (1_500, 60_000));
/// assert_eq!(window.to_string(), "1.5s..1m");
/// assert_eq!("..".parse(), Ok(Window::ANY));
/// # Ok::<(), podclock::runtime::ParseWindowError>(())
/// ```
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

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { earliest, latest } = *self;
        write!(f, "{}", Span::from_millis(earliest))?;
        match latest {
            u64::MAX => f.write_str(".."),
            _ if latest == earliest => Ok(()),
            _ => write!(f, "..{}", Span::from_millis(latest)),
        }
    }
}

/// A text that is no window of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseWindowError {
    /// An end of it cannot be read.
    #[error(transparent)]
    Span(#[from] ParseSpanError),
    /// It ends before it begins.
    #[error("ends before it begins: write the earlier time first")]
    Backwards,
}

impl FromStr for Window {
    type Err = ParseWindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let millis = |text: &str, absent: u64| match text.trim() {
            "" => Ok(absent),
            text => text.parse().map(Span::millis),
        };
        let (earliest, latest) = match text.split_once("..") {
            Some((from, until)) => (millis(from, 0)?, millis(until, u64::MAX)?),
            None => {
                let moment = text.parse::<Span>()?.millis();
                (moment, moment)
            }
        };
        if latest < earliest {
            return Err(ParseWindowError::Backwards);
        }
        Ok(Self { earliest, latest })
    }
}

impl<'de> serde::Deserialize<'de> for Window {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl serde::de::Visitor<'_> for Visitor {
            type Value = Window;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time such as 5s, or a window such as 5s..20s")
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Window, E> {
                self.visit_str(&seconds.to_string())
            }

            fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Window, E> {
                self.visit_str(&seconds.to_string())
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<Window, E> {
                self.visit_str(&seconds.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Window, E> {
                text.parse().map_err(E::custom)
            }
        }

        from.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Window {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A window of time: 5s..20s; with 5s.. it may also never happen. A length of time is exactly then.",
            "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": r"^([0-9.]+(h|m|s|ms)?)*(\.\.([0-9.]+(h|m|s|ms)?)*)?$" }
            ]
        })
    }
}
