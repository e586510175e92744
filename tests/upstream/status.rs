//! The status that a sync makes.

use crate::conditions::told;
use crate::state::{State, entries, only, same, text};
use crate::words::{phase, words};
use podclock::kubelet::Condition;
use serde_yaml::Value;

/// What must come of it is `status`: `phase`, `reason`, `containers`, `conditions`
/// (`STATUS [REASON]`). The prober calls every regular container ready.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod sandbox runs object before start_errors stopped status";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let wanted = &case["status"];
    only(wanted, &["phase", "reason", "containers", "conditions"])?;
    let state = State::of(case)?;
    let stopped = case["stopped"].as_bool().unwrap_or(false);
    let mut status = state.facts().status(stopped, false);
    for id in state.spec.regular_ids() {
        status.containers[id.index()].ready = true;
    }
    if let Some(name) = wanted["phase"].as_str() {
        same("phase", &status.phase, &phase(name)?)?;
    }
    if let Some(reason) = wanted["reason"].as_str() {
        let found = status.reason.map_or("", |_| "DeadlineExceeded");
        same("reason", &found, &reason)?;
    }
    for (name, wanted) in entries(&wanted["containers"]) {
        let id = state.find(name)?;
        let found = words(&status.containers[id.index()]);
        same(text(name)?, &found.as_str(), &text(wanted)?)?;
    }
    let conditions = state.facts().conditions(&status);
    let plain = |status| Condition {
        status,
        ..Condition::TRUE
    };
    for (kind, wanted) in entries(&wanted["conditions"]) {
        let found = match text(kind)? {
            "Initialized" => conditions.initialized,
            "Ready" => conditions.ready,
            "ContainersReady" => conditions.containers_ready,
            "PodReadyToStartContainers" => plain(conditions.sandbox.ok_or("no such condition")?),
            // The pod's conditions that the kubelet does not own come first in the order of the
            // case.
            foreign => {
                let kinds = entries(&case["object"]["conditions"]);
                let place = kinds.map(|(kind, _)| kind).position(|kind| kind == foreign);
                let place = place.ok_or_else(|| format!("no condition: {foreign}"))?;
                let found = status.foreign.get(place).copied().flatten();
                let found =
                    found.map_or_else(|| "missing".to_owned(), |found| format!("{found:?}"));
                same(foreign, &found.as_str(), &text(wanted)?)?;
                continue;
            }
        };
        let (reason, _) = told(&state, found.reason);
        let status = if found.status { "True" } else { "False" };
        let found = format!("{status} {reason}");
        same(text(kind)?, &found.trim_end(), &text(wanted)?)?;
    }
    Ok(())
}
