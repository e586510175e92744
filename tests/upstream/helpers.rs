//! Small questions of the kubelet's runtime manager.

use crate::state::{only, run_state, same, text};
use serde_yaml::Value;

/// Whether an init container in `state` has `failed`.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    only(case, &["id", "kubernetes", "state", "failed"])?;
    let state = run_state(text(&case["state"])?)?;
    let failed = Value::from(state.is_failed_init());
    same("failed", &failed, &case["failed"])
}
