//! What one sync does.

use crate::state::{State, entries, list, only, same, text};
use podclock::kubelet::{Actions, ContainerSet};
use serde_yaml::Value;
use std::collections::BTreeMap;

/// The fields of `actions`; what is not there is not done. `kill` is a set, `reset` a list of
/// containers with the number of the run, `restarting_all` says that every container is to restart.
const FIELDS: [&str; 6] = [
    "kill_pod",
    "sandbox",
    "reset",
    "kill",
    "start_init",
    "start",
];

pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod sandbox runs changed probes restarting_all actions";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    only(&case["actions"], &FIELDS)?;
    let state = State::of(case)?;
    let restarting_all = case["restarting_all"].as_bool().unwrap_or(false);
    let actions = state.facts().actions(restarting_all);
    let mut wanted = BTreeMap::new();
    for (field, value) in entries(&case["actions"]) {
        let mut words = Vec::new();
        for value in list(value) {
            words.push(match value {
                Value::String(name) => name.clone(),
                Value::Bool(value) => value.to_string(),
                Value::Number(value) => value.to_string(),
                other => return Err(format!("no action: {other:?}")),
            });
        }
        if text(field)? == "kill" {
            words.sort();
        }
        wanted.insert(text(field)?.to_owned(), words);
    }
    same("actions", &told(&state, &actions), &wanted)
}

fn told(state: &State, actions: &Actions) -> BTreeMap<String, Vec<String>> {
    let set = |set: ContainerSet| set.iter().map(|id| state.name(id).to_owned()).collect();
    let runs = actions.reset.iter();
    let kills = actions.kill.iter();
    let mut kills: Vec<String> = kills
        .map(|order| state.name(order.run.container).to_owned())
        .collect();
    kills.sort();
    let sandbox = actions.sandbox.iter().map(u32::to_string);
    let told = [
        ("kill_pod", vec![actions.kill_pod.to_string()]),
        ("sandbox", sandbox.collect()),
        (
            "reset",
            runs.map(|run| format!("{} {}", state.name(run.container), run.ordinal))
                .collect(),
        ),
        ("kill", kills),
        ("start_init", set(actions.start_init)),
        ("start", set(actions.start)),
    ];
    let told = told.into_iter().filter(|(_, words)| {
        let none = words.first().is_none_or(|word| word == "false");
        !none
    });
    told.map(|(field, words)| (field.to_owned(), words))
        .collect()
}
