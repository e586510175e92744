//! The conditions that the kubelet owns.

use crate::state::{State, entries, list, only, same, text};
use crate::words::{phase, statuses};
use podclock::kubelet::{Condition, ConditionReason, ConditionStatus};
use serde_yaml::Value;
use std::collections::BTreeSet;

/// `condition` is the condition's type, `status` and `reason` what it must say, `containers` or
/// `gates` what its message must speak of.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod sandbox object statuses phase condition status reason \
                  containers gates";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let state = State::of(case)?;
    let mut status = state.facts().status(false, false);
    status.phase = phase(text(&case["phase"])?)?;
    status.containers = statuses(&state.spec, &case["statuses"])?
        .into_iter()
        .collect();
    let conditions = state.facts().conditions(&status);
    let condition = match text(&case["condition"])? {
        "Initialized" => conditions.initialized,
        "Ready" => conditions.ready,
        "ContainersReady" => conditions.containers_ready,
        "PodReadyToStartContainers" => match conditions.sandbox {
            Some(true) => Condition::TRUE,
            Some(false) => Condition::FALSE,
            None => return Err("there is no such condition".to_owned()),
        },
        other => return Err(format!("no condition: {other}")),
    };
    let wanted = text(&case["status"])? == "True";
    same("status", &condition.status, &wanted)?;
    let (reason, subjects) = told(&state, condition.reason);
    same("reason", &reason, &case["reason"].as_str().unwrap_or(""))?;
    let mut wanted = BTreeSet::new();
    for name in list(&case["containers"]) {
        wanted.insert(text(name)?.to_owned());
    }
    for (gate, status) in entries(&case["gates"]) {
        wanted.insert(format!("{} {}", text(gate)?, text(status)?));
    }
    same("what the message speaks of", &subjects, &wanted)
}

/// The reason of a condition, and of what its message speaks.
pub(crate) fn told(state: &State, reason: ConditionReason) -> (&'static str, BTreeSet<String>) {
    let none = BTreeSet::new();
    match reason {
        ConditionReason::None => ("", none),
        ConditionReason::PodCompleted => ("PodCompleted", none),
        ConditionReason::PodFailed => ("PodFailed", none),
        ConditionReason::RestartAllContainersStarted => ("RestartAllContainersStarted", none),
        ConditionReason::ContainersNotInitialized(set) => {
            let names = set.iter().map(|id| state.name(id).to_owned());
            ("ContainersNotInitialized", names.collect())
        }
        ConditionReason::ContainersNotReady(set) => {
            let names = set.iter().map(|id| state.name(id).to_owned());
            ("ContainersNotReady", names.collect())
        }
        ConditionReason::ReadinessGatesNotReady(view) => {
            let gates = state.spec.readiness_gates.iter().enumerate();
            let gates = gates.filter_map(|(index, gate)| {
                let status = match view.get(index) {
                    Some(ConditionStatus::True) => return None,
                    Some(ConditionStatus::False) => "False",
                    Some(ConditionStatus::Unknown) => "Unknown",
                    None => "missing",
                };
                Some(format!("{gate} {status}"))
            });
            ("ReadinessGatesNotReady", gates.collect())
        }
    }
}
