//! The life of a Kubernetes pod on a virtual clock.

pub mod kubelet;
pub mod manifest;
pub mod profile;
pub mod runtime;
pub mod spec;
mod time;

pub use profile::{Feature, Profile, Rules, Version};
pub use time::{ParseSpanError, Span, Time};
