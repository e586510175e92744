//! Whole runs: a case is a scenario, and what must come of it is its `expect:`; or it is an
//! invariant, and several scenarios of which every status must keep it.

use crate::invariant;
use podclock::runtime::Nominal;
use podclock::sim::{Run, Scenario};
use serde_yaml::Value;

/// Runs the case's scenarios with the kubelet of the case's version.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let version = &case["kubernetes"];
    match case["invariant"].as_str() {
        None => expected(&case["scenario"], version),
        Some(name) => {
            let holds = invariant::named(name).ok_or("no such invariant")?;
            let scenarios = case["scenarios"].as_sequence().ok_or("no scenarios")?;
            for file in scenarios {
                for file in deletions(file, &case["deletions"]) {
                    let (_, run) = run(&file, version)?;
                    holds(&run.timeline).map_err(|fault| {
                        let actions = serde_yaml::to_string(&file["actions"]).unwrap_or_default();
                        format!("{fault} (actions: {})", actions.trim())
                    })?;
                }
            }
            Ok(())
        }
    }
}

fn expected(file: &Value, version: &Value) -> Result<(), String> {
    let (scenario, run) = run(file, version)?;
    if scenario.expectations.is_empty() {
        return Err("it expects nothing".to_owned());
    }
    let failures = scenario.failures(&run.timeline);
    if failures.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = failures
        .into_iter()
        .map(|failure| {
            let seen = failure.help.unwrap_or_default();
            format!("{}: {}, but {seen}", failure.path, failure.message)
        })
        .collect();
    Err(told.join("; "))
}

fn run(file: &Value, version: &Value) -> Result<(Scenario, Run), String> {
    let mut file = file.clone();
    file["kubelet"] = version.clone();
    let text = serde_yaml::to_string(&file).map_err(|error| error.to_string())?;
    let scenario = Scenario::parse(&text).map_err(|error| error.to_string())?;
    let run = scenario.run(&mut Nominal);
    Ok((scenario, run))
}

/// The scenario with a deletion at each of many moments; as it is, if none are asked for.
fn deletions(file: &Value, moments: &Value) -> Vec<Value> {
    let millis = |field: &str| moments[field].as_u64();
    let (Some(from), Some(to), Some(every)) = (millis("from"), millis("to"), millis("every"))
    else {
        return vec![file.clone()];
    };
    let step = usize::try_from(every).unwrap_or(usize::MAX);
    let with = |at: u64| {
        let mut file = file.clone();
        let action = format!("[{{at: {at}ms, delete: {{}}}}]");
        file["actions"] = serde_yaml::from_str(&action).expect("an action");
        file
    };
    (from..=to).step_by(step).map(with).collect()
}
