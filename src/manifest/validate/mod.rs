//! What the API server refuses, in its own words.
//!
//! Everything that a timeline could go wrong by is checked; what podclock does not look at (volumes,
//! affinity, security contexts, resources) is not. Runs on defaulted specs (SIM-8).

mod container;
mod handler;
pub(super) mod name;
mod pod;
mod probe;
mod restart;

pub(super) use container::image_comma;
pub(super) use pod::{Home, spec};
