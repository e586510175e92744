//! The one transition relation over worlds: running, replaying and exploring are callers of
//! [`Model::advance`].

mod action;
mod canonical;
mod event_list;
pub mod holds;
mod model;
mod open;
mod orders;
mod property;
mod scenario;
mod world;

pub use action::Action;
pub use canonical::Press;
pub use holds::{Holds, View};
pub use model::{Advance, Model, Run};
pub use open::{Die, OpenAction, Pending};
pub use orders::Move;
pub use property::{Claim, Property};
#[cfg(feature = "cli")]
pub(crate) use scenario::Placed;
#[cfg(feature = "proptest")]
pub(crate) use scenario::pod_object;
pub use scenario::{Expectation, FileErrors, Question, Saved, Scenario, ScenarioError};
pub use world::World;
