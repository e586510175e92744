//! What a case says of a pod, as podclock's facts. The words of the cases:
//!
//! - `pod`: a pod's spec; a container may be a name alone, and its image is its name.
//! - `sandbox`: `ready`, `down` (attempt 0), or `{attempt, ready}`; absent: there is none.
//! - `runs`: by container `created`, `running`, `exited CODE [OOMKilled]` or `unknown`, or a list of
//!   these, oldest first; `changed`: whose runs were made from another image.
//! - `probes`: by container and kind `success`, `failure` or `unknown`.
//! - `before`: the status before: `phase`, `reason`, `restarting`, and `containers` as
//!   [`status`](crate::words::status) reads them.
//! - `object`: the object: its `phase`, whether it is `deleted`, its `conditions` that the kubelet
//!   does not own.

use crate::words::{phase, run_state, start_error, statuses};
use podclock::kubelet::{
    Condition, ConditionStatus, Conditions, Facts, Known, PodReason, ProbeResult, Sandbox,
};
use podclock::spec::{ContainerId, ImageId, PodSpec, ProbeKind};
use podclock::{Profile, Rules, Time, manifest};
use serde_yaml::{Mapping, Value};

/// A pod and what is known of it.
pub(crate) struct State {
    pub(crate) spec: PodSpec,
    pub(crate) rules: Rules,
    pub(crate) known: Known,
}

impl State {
    pub(crate) fn of(case: &Value) -> Result<Self, String> {
        let profile = profile(case)?;
        let spec = pod(&case["pod"], &profile)?;
        let known = Known::nothing(&spec);
        let mut state = Self {
            rules: profile.rules(),
            spec,
            known,
        };
        state.runtime(case)?;
        state.probes(&case["probes"])?;
        state.before(&case["before"])?;
        state.object(&case["object"])?;
        for (name, reason) in entries(&case["start_errors"]) {
            let id = state.find(name)?;
            state.known.containers[id.index()].reason = Some(start_error(text(reason)?)?);
        }
        Ok(state)
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        self.known.facts(&self.spec, &self.rules)
    }

    pub(crate) fn find(&self, name: &Value) -> Result<ContainerId, String> {
        let name = text(name)?;
        self.spec
            .find(name)
            .ok_or_else(|| format!("no container {name}"))
    }

    pub(crate) fn name(&self, id: ContainerId) -> &str {
        &self.spec.container(id).name
    }

    fn runtime(&mut self, case: &Value) -> Result<(), String> {
        let sandbox = &case["sandbox"];
        let (attempt, ready) = match sandbox.as_str() {
            Some(word) => (0, word == "ready"),
            None => (
                sandbox["attempt"].as_u64().unwrap_or(0),
                sandbox["ready"].as_bool().unwrap_or(false),
            ),
        };
        if !sandbox.is_null() {
            let attempt = u32::try_from(attempt).map_err(|_| "attempt")?;
            self.known
                .runtime
                .sandboxes
                .push(Sandbox { attempt, ready });
        }
        for (name, runs) in entries(&case["runs"]) {
            let id = self.find(name)?;
            for run in list(runs) {
                self.known.run(&self.spec, id, run_state(text(run)?)?);
            }
        }
        for name in list(&case["changed"]) {
            let id = self.find(name)?;
            let runs = self.known.runtime.runs.iter_mut();
            for run in runs.filter(|run| run.id.container == id) {
                run.image = ImageId(u8::MAX);
            }
        }
        Ok(())
    }

    fn probes(&mut self, probes: &Value) -> Result<(), String> {
        for (name, results) in entries(probes) {
            let id = self.find(name)?;
            let newest = self.known.runtime.newest(id);
            let run = newest.ok_or("a probe of a container that does not run")?.id;
            for (kind, result) in entries(results) {
                let kind = match text(kind)? {
                    "startup" => ProbeKind::Startup,
                    "readiness" => ProbeKind::Readiness,
                    "liveness" => ProbeKind::Liveness,
                    other => return Err(format!("no kind of probe: {other}")),
                };
                let result = match text(result)? {
                    "success" => ProbeResult::Success,
                    "failure" => ProbeResult::Failure,
                    "unknown" => ProbeResult::Unknown,
                    other => return Err(format!("no result: {other}")),
                };
                self.known.probed(run, kind, result);
            }
        }
        Ok(())
    }

    fn before(&mut self, before: &Value) -> Result<(), String> {
        only(
            before,
            &["phase", "reason", "restarting", "containers", "start_time"],
        )?;
        let status = &mut self.known.before;
        if let Some(name) = before["phase"].as_str() {
            status.phase = phase(name)?;
        }
        if let Some(name) = before["reason"].as_str() {
            status.reason = match name {
                "DeadlineExceeded" => Some(PodReason::DeadlineExceeded),
                other => return Err(format!("no reason that podclock has: {other}")),
            };
        }
        if before["restarting"].as_bool() == Some(true) {
            status.conditions = Some(Conditions {
                sandbox: None,
                initialized: Condition::FALSE,
                ready: Condition::FALSE,
                containers_ready: Condition::FALSE,
                restarting: Some(Condition::TRUE),
            });
        }
        if let Some(seconds) = before["start_time"].as_u64() {
            status.start_time = Some(Time::from_millis(seconds * 1000));
        }
        let containers = statuses(&self.spec, &before["containers"])?;
        self.known.before.containers = containers.into_iter().collect();
        Ok(())
    }

    fn object(&mut self, object: &Value) -> Result<(), String> {
        only(object, &["phase", "deleted", "conditions"])?;
        if let Some(name) = object["phase"].as_str() {
            self.known.pod.phase = phase(name)?;
        }
        if object["deleted"].as_bool() == Some(true) {
            self.known.pod.deletion_grace = Some(self.spec.termination_grace);
        }
        let gates = self.spec.readiness_gates.iter();
        let conditions = &object["conditions"];
        let kinds: Vec<&str> = gates.map(|gate| &**gate).collect();
        let others = entries(conditions).filter_map(|(kind, _)| kind.as_str());
        let others = others.filter(|kind| !kinds.contains(kind));
        self.known.pod.foreign = kinds
            .iter()
            .copied()
            .chain(others)
            .map(|kind| conditions[kind].as_str())
            .map(|status| match status {
                None => Ok(None),
                Some("True") => Ok(Some(ConditionStatus::True)),
                Some("False") => Ok(Some(ConditionStatus::False)),
                Some("Unknown") => Ok(Some(ConditionStatus::Unknown)),
                Some(other) => Err(format!("no status of a condition: {other}")),
            })
            .collect::<Result<_, String>>()?;
        Ok(())
    }
}

/// The case's version.
pub(crate) fn profile(case: &Value) -> Result<Profile, String> {
    let version = text(&case["kubernetes"])?.parse();
    Ok(Profile::of(version.map_err(|_| "no version")?))
}

/// A spec as the API server would take it. Without containers, which it would not, it is one that
/// upstream's tables know.
pub(crate) fn pod(spec: &Value, profile: &Profile) -> Result<PodSpec, String> {
    let mut spec = spec.as_mapping().cloned().ok_or("no pod")?;
    let empty = spec["containers"].as_sequence().is_some_and(Vec::is_empty);
    if empty {
        spec.insert("containers".into(), vec![Value::from("none")].into());
    }
    for group in ["initContainers", "containers"] {
        let Some(containers) = spec.get_mut(group).and_then(Value::as_sequence_mut) else {
            continue;
        };
        for container in containers {
            if let Some(name) = container.as_str() {
                let mut mapping = Mapping::new();
                mapping.insert("name".into(), name.into());
                *container = mapping.into();
            }
            if container["image"].is_null() {
                container["image"] = container["name"].clone();
            }
        }
    }
    let mut pod: Value = serde_yaml::from_str("{apiVersion: v1, kind: Pod, metadata: {name: p}}")
        .map_err(|error| error.to_string())?;
    pod["spec"] = spec.into();
    // JSON, in which `y` is no boolean.
    let text = serde_json::to_string(&pod).map_err(|error| error.to_string())?;
    let checked = manifest::parse(&text, profile).into_result();
    let workload = checked.map_err(|error| error.to_string())?;
    let mut spec = (*workload.pods[0].spec).clone();
    if empty {
        spec.containers.truncate(spec.init_count);
    }
    Ok(spec)
}

pub(crate) fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("no text: {value:?}"))
}

/// The entries of a mapping; none where there is no mapping.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    value.as_mapping().into_iter().flatten()
}

/// The values of a list; a value that is none is a list of one.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Sequence(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// Says whether a mapping has a field that nothing reads.
pub(crate) fn only(value: &Value, fields: &[&str]) -> Result<(), String> {
    for (field, _) in entries(value) {
        let field = text(field)?;
        if !fields.contains(&field) {
            return Err(format!("nothing reads `{field}`"));
        }
    }
    Ok(())
}

/// `Err` where they differ.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &T,
    wanted: &T,
) -> Result<(), String> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}: wanted {wanted:?}, found {found:?}"))
    }
}
