//! Kubernetes versions.

use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes, 1.5 to 1.36.
///
/// ```
/// use podclock::Version;
///
/// let version: Version = "v1.32.10".parse().unwrap();
/// assert_eq!(version, Version::V1_32);
/// assert!("1.99".parse::<Version>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

impl Version {
    /// The oldest one: of the article that podclock grew from.
    pub const V1_5: Self = Self(5);
    /// Recorded: every rule is held against traces of kubelet v1.32.10.
    pub const V1_32: Self = Self(32);
    /// Recorded: every rule is held against traces of kubelet v1.36.2. The default.
    pub const V1_36: Self = Self(36);

    /// 1.`minor`, brought into the range that is known.
    #[must_use]
    pub const fn minor(minor: u8) -> Self {
        if minor < Self::V1_5.0 {
            Self::V1_5
        } else if minor > Self::V1_36.0 {
            Self::V1_36
        } else {
            Self(minor)
        }
    }

    /// The version before this one.
    #[must_use]
    pub const fn before(self) -> Self {
        Self::minor(self.0 - 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// A text that is not a Kubernetes version between 1.5 and 1.36.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Kubernetes version between 1.5 and 1.36 (write it as 1.32)")]
pub struct ParseVersionError;

impl FromStr for Version {
    type Err = ParseVersionError;

    /// Reads `1.32`, `v1.32` or `v1.32.10`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let (Some("1"), Some(minor)) = (parts.next(), parts.next()) else {
            return Err(ParseVersionError);
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(minor) || parts.next().is_some_and(|patch| !digits(patch)) {
            return Err(ParseVersionError);
        }
        let minor = minor.parse::<u8>().map_err(|_| ParseVersionError)?;
        let version = Self::minor(minor);
        if version.0 == minor {
            Ok(version)
        } else {
            Err(ParseVersionError)
        }
    }
}
