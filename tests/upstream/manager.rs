//! What the status manager makes of a status: at the pod's end, and when it writes.

use crate::state::{State, entries, only, same, text};
use crate::words::{phase, statuses, words};
use podclock::kubelet::{
    Condition, ConditionReason, ConditionStatus, Conditions, Event, PodReason, PodStatus, PodView,
};
use podclock::runtime::{Nominal, Script};
use podclock::sim::{Action, Model};
use serde_yaml::Value;
use std::sync::Arc;
use std::time::Duration;

/// Either `start_time` is that of every status that the pod has in `run_for` seconds, with a restart
/// of the kubelet after `restart_at`; or `before` is a status of a pod that is gone for good, and
/// `status` what must become of it; or `new` is written over `old`, while containers may still run or not (`may_run`), and
/// `merged` must be there. The latter three have a phase, whether there is a `reason`, the
/// conditions `Ready` and `ContainersReady`, and one that is not the kubelet's (`foreign`).
pub(crate) fn check(case: &Value) -> Result<(), String> {
    if !case["start_time"].is_null() {
        start_time(case)
    } else if case["old"].is_null() {
        at_the_end(case)
    } else {
        merged(case)
    }
}

/// The pod's containers end after ten seconds each time, so that the status changes.
fn start_time(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod run_for restart_at start_time";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let State { spec, rules, .. } = State::of(case)?;
    let mut script = Script::new();
    for container in &spec.containers {
        let ten = Duration::from_secs(10);
        script = script.container(&container.name, |run| run.exits(ten, 1));
    }
    let mut model = Model::new(Arc::new(spec), rules, script);
    if let Some(at) = case["restart_at"].as_u64() {
        let at = Duration::from_secs(at);
        model = model.at(at, Action::StopKubelet);
        model = model.at(at + Duration::from_secs(5), Action::StartKubelet);
    }
    let until = Duration::from_secs(case["run_for"].as_u64().ok_or("run_for")?);
    let run = model.run(&mut Nominal, until);
    let mut found = Vec::new();
    for entry in run.timeline.entries() {
        if let Event::Status(status) = &entry.event {
            found.push(status.start_time.map(|at| at.as_millis() / 1000));
        }
    }
    found.dedup();
    same("start times", &found, &vec![case["start_time"].as_u64()])
}

fn at_the_end(case: &Value) -> Result<(), String> {
    only(case, &["id", "kubernetes", "pod", "before", "status"])?;
    only(&case["status"], &["phase", "containers"])?;
    let mut state = State::of(case)?;
    state.known.pod = PodView::of(&state.spec, &state.known.before);
    let status = state.facts().final_status();
    if let Some(name) = case["status"]["phase"].as_str() {
        same("phase", &status.phase, &phase(name)?)?;
    }
    let wanted = &case["status"]["containers"];
    for (name, wanted) in entries(wanted) {
        let id = state.find(name)?;
        let found = words(&status.containers[id.index()]);
        same(text(name)?, &found.as_str(), &text(wanted)?)?;
    }
    // What is named is all that there is.
    let given = entries(&case["before"]["containers"]).count();
    same("statuses", &entries(wanted).count(), &given)?;
    statuses(&state.spec, &case["before"]["containers"]).map(|_| ())
}

fn merged(case: &Value) -> Result<(), String> {
    only(
        case,
        &["id", "kubernetes", "old", "new", "may_run", "merged"],
    )?;
    let may_run = case["may_run"].as_bool().ok_or("may_run")?;
    let found = status(&case["new"])?.merged_over(&status(&case["old"])?, may_run);
    same("merged", &found, &status(&case["merged"])?)
}

fn status(given: &Value) -> Result<PodStatus, String> {
    let fields = ["phase", "reason", "Ready", "ContainersReady", "foreign"];
    only(given, &fields)?;
    let mut status = PodStatus::initial();
    status.phase = phase(text(&given["phase"])?)?;
    let reason = given["reason"].as_bool() == Some(true);
    status.reason = reason.then_some(PodReason::DeadlineExceeded);
    let condition = |kind: &str| match given[kind].as_str() {
        None | Some("True") => Ok(Condition::TRUE),
        Some("False") => Ok(Condition::FALSE),
        Some("False PodFailed") => Ok(Condition::not(ConditionReason::PodFailed)),
        Some(other) => Err(format!("no condition: {other}")),
    };
    status.conditions = Some(Conditions {
        sandbox: None,
        initialized: Condition::TRUE,
        ready: condition("Ready")?,
        containers_ready: condition("ContainersReady")?,
        restarting: None,
    });
    status.foreign.push(match given["foreign"].as_bool() {
        None => None,
        Some(true) => Some(ConditionStatus::True),
        Some(false) => Some(ConditionStatus::False),
    });
    Ok(status)
}
