//! The pod's phase by its containers' statuses.

use crate::state::{State, only, same, text};
use crate::words::{phase, statuses};
use podclock::Time;
use podclock::kubelet::{RunState, Sandbox};
use serde_yaml::Value;

/// `initialized`: a regular container was made in the current sandbox. `stopped`: the pod has been
/// stopped for good.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod statuses initialized stopped phase";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let mut state = State::of(case)?;
    if case["initialized"].as_bool() == Some(true) {
        let sandbox = Sandbox {
            attempt: 0,
            ready: true,
        };
        state.known.runtime.sandboxes.push(sandbox);
        let first = state.spec.regular_ids().next().ok_or("a container")?;
        let started = Time::START;
        let State { known, spec, .. } = &mut state;
        known.run(spec, first, RunState::Running { started });
    }
    let statuses = statuses(&state.spec, &case["statuses"])?;
    let stopped = case["stopped"].as_bool().unwrap_or(false);
    let found = state.facts().phase(&statuses, stopped);
    same("phase", &found, &phase(text(&case["phase"])?)?)
}
