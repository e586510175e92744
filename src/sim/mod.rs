//! The one transition relation over worlds: running, replaying and exploring are callers of
//! [`Model::advance`].

mod action;
mod canonical;
mod event_list;
mod model;
mod open;
mod orders;
mod scenario;
mod world;

pub use action::Action;
pub use model::{Advance, Model, Run};
pub use open::{OpenAction, Pending};
pub use orders::Move;
#[cfg(feature = "cli")]
pub(crate) use scenario::Placed;
#[cfg(feature = "proptest")]
pub(crate) use scenario::pod_object;
pub use scenario::{Expectation, FileErrors, Scenario, ScenarioError};
pub use world::World;
