//! Whether a container is to be started.

use crate::state::{State, only, same};
use serde_yaml::Value;

/// The pod has one container; `start` says whether it is to be started.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod runs object start";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let state = State::of(case)?;
    let container = state.spec.regular_ids().next().ok_or("a container")?;
    let wanted = case["start"].as_bool().ok_or("start")?;
    same("start", &state.facts().should_start(container), &wanted)
}
