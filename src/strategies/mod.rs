//! Random pods, scripts, actions and whole scenarios, as [proptest] strategies.
//!
//! Everything that is drawn is valid: the API server would take the pod, and podclock reads the
//! scenario. Everything shrinks towards the nominal: one container, no probes, no failure, nobody
//! does anything.
//!
//! Where a type of podclock's own holds what is drawn, it is what a strategy gives: [`attempt`],
//! [`script`], [`actions`] and [`phases`] go into a [`Model`](crate::sim::Model). What only a file
//! can hold comes as a [`Fragment`] of one, and [`scenario`] as a [`ScenarioFile`]: both print as
//! YAML, so that a failing case can be saved and run by `podclock run`.
//!
//! ```
//! use podclock::runtime::Nominal;
//! use podclock::strategies;
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(20), |(file in strategies::scenario())| {
//!     let scenario = file.read().expect("it is valid");
//!     let run = scenario.run(&mut Nominal);
//!     prop_assert_eq!(run.violations(), []);
//! });
//! ```

mod action;
mod attempt;
mod container;
mod faults;
mod fragment;
mod pod;
mod probe;
mod profile;
mod scenario;
mod shape;
mod time;

pub use action::actions;
pub use attempt::{attempt, script};
pub use faults::trace;
pub use fragment::{Fragment, ScenarioFile};
pub use pod::pod;
pub use probe::probe;
pub use scenario::{faulty_scenario, scenario, scenario_around};
pub use time::phases;
