//! The life of a Kubernetes pod on a virtual clock.

pub mod manifest;
pub mod profile;
pub mod spec;
mod time;

pub use profile::{Feature, Profile, Rules, Version};
pub use time::Time;
