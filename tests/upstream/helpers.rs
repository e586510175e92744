//! Small questions of the kubelet's runtime manager.

use crate::state::{entries, only, same, text};
use crate::words::run_state;
use podclock::kubelet::{ContainerFact, Event};
use podclock::runtime::Nominal;
use podclock::sim::Scenario;
use serde_yaml::Value;

/// When the specification is edited, in seconds: a container that fails at once is then in a
/// back-off of 40 s, with more than ten of them left.
const EDITED: u64 = 45;

/// Either whether an init container in `state` has `failed`, or whether an `edit` of a pod's
/// specification ends the back-off of its container (`ends_backoff`), which fails at once.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    if case["edit"].is_null() {
        only(case, &["id", "kubernetes", "state", "failed"])?;
        let state = run_state(text(&case["state"])?)?;
        let failed = Value::from(state.is_failed_init());
        return same("failed", &failed, &case["failed"]);
    }
    only(case, &["id", "kubernetes", "edit", "ends_backoff"])?;
    let mut scenario: Value = serde_yaml::from_str(
        "
        until: 55
        pod:
          apiVersion: v1
          kind: Pod
          metadata: {name: p}
          spec: {containers: [{name: c, image: 'image:v1'}]}
        script: {containers: {c: [{exit: {after: 0, code: 1}}]}}
        ",
    )
    .map_err(|error| error.to_string())?;
    scenario["kubelet"] = case["kubernetes"].clone();
    let mut update: Value = serde_yaml::from_str("{update: {spec: {}}}").expect("a mapping");
    update["at"] = EDITED.into();
    for (field, value) in entries(&case["edit"]) {
        update["update"]["spec"][text(field)?] = value.clone();
    }
    scenario["actions"] = vec![update].into();
    let scenario = serde_yaml::to_string(&scenario).map_err(|error| error.to_string())?;
    let scenario = Scenario::parse(&scenario).map_err(|error| error.to_string())?;
    let run = scenario.run(&mut Nominal);
    let starts = run.timeline.entries().iter().filter(|entry| {
        entry.at.as_millis() >= EDITED * 1000
            && matches!(&entry.event, Event::Container(event) if event.fact == ContainerFact::Start)
    });
    let ends = Value::from(starts.count() > 0);
    same("ends the back-off", &ends, &case["ends_backoff"])
}
