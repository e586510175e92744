//! Every run of a model, up to a stated bound.
//!
//! A [`Search`] goes from world to world by every alternative that the model's runtime offers, and
//! lets open actions and answers happen at every moment that [`Instants`] names. Worlds with the
//! same future are visited once (see [`Model::canonical`](crate::sim::Model::canonical)). Runs with
//! fewer faults come first, and among them shorter ones, so what is found is found in its simplest
//! form.

mod bounds;
mod branching;
mod builtin;
mod catalogue;
mod cores;
mod counterexample;
mod crew;
mod expand;
mod fingerprint;
mod frontier;
mod instants;
mod lengths;
mod lines;
mod links;
mod making;
mod names;
mod numbers;
mod observer;
mod phases;
mod properties;
mod reached;
mod recall;
mod report;
mod search;
mod settle;
mod shares;
mod shelves;
mod table;
mod turns;
mod visited;

pub use bounds::{Bounds, Cut};
pub use branching::Branching;
pub use builtin::{Builtin, Kind};
pub use counterexample::Counterexample;
pub use fingerprint::Fingerprint;
pub use instants::Instants;
pub use lengths::{Extreme, Length, Lengths};
pub use observer::{Blind, End, Observer, Step};
pub use phases::{CriticalPhases, critical_phases};
pub use properties::{Breach, Properties};
pub use report::{Outcome, Reach};
pub use search::{Explored, Found, Progress, Search};
