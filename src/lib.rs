//! The life of a Kubernetes pod on a virtual clock.

#[cfg(feature = "cli")]
pub mod cli;
pub mod kubelet;
pub mod manifest;
pub mod profile;
#[cfg(feature = "json")]
pub mod replay;
pub mod runtime;
pub mod sim;
pub mod spec;
mod time;
pub mod timeline;

pub use profile::{Feature, Profile, Rules, Version};
pub use time::{ParseSpanError, Span, Time};
pub use timeline::when;
