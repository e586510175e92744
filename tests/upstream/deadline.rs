//! The active deadline, and defaults of probes.

use crate::state::{State, entries, only, same, text};
use podclock::Time;
use podclock::spec::ProbeKind;
use serde_yaml::Value;

/// Either it is second `now`, and `overdue` says whether the pod's deadline has passed, or
/// `livenessProbe` is what the first container's is with its defaults.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    only(
        case,
        &[
            "id",
            "kubernetes",
            "pod",
            "before",
            "now",
            "overdue",
            "livenessProbe",
        ],
    )?;
    let state = State::of(case)?;
    if let Some(now) = case["now"].as_u64() {
        let now = Time::from_millis(now * 1000);
        let deadline = state.facts().active_deadline();
        let overdue = deadline.is_some_and(|deadline| deadline <= now);
        return same("overdue", &Value::from(overdue), &case["overdue"]);
    }
    let probe = state.spec.containers[0].probe(ProbeKind::Liveness);
    let probe = probe.ok_or("a probe")?;
    for (field, wanted) in entries(&case["livenessProbe"]) {
        let found = match text(field)? {
            "initialDelaySeconds" => probe.initial_delay,
            "timeoutSeconds" => probe.timeout,
            "periodSeconds" => probe.period,
            "successThreshold" => probe.success_threshold,
            "failureThreshold" => probe.failure_threshold,
            other => return Err(format!("nothing reads `{other}`")),
        };
        same(text(field)?, &Value::from(found), wanted)?;
    }
    Ok(())
}
