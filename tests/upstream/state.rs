//! What a case says of a pod, as podclock's facts. The words of the cases:
//!
//! - `pod`: a pod's spec; a container may be a name alone, and its image is its name.
//! - `sandbox`: `ready`, `down` (attempt 0), or `{attempt, ready}`; absent: there is none.
//! - `runs`: by container `created`, `running`, `exited CODE [OOMKilled]` or `unknown`, or a list of
//!   these, oldest first; `changed`: whose runs were made from another image.
//! - `probes`: by container and kind `success`, `failure` or `unknown`.
//! - `before`: the status before: `phase`, `reason`, `restarting`, and `containers` as
//!   [`status`] reads them.
//! - `object`: the object: its `phase`, whether it is `deleted`, its `conditions` that the kubelet
//!   does not own.

use podclock::kubelet::{
    Condition, ConditionStatus, Conditions, ContainerState, ContainerStatus, Exit, ExitReason,
    Facts, Known, PodPhase, PodReason, ProbeResult, RunState, Sandbox, StartError, Terminated,
    TerminatedReason, Text, Times, Waiting,
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

/// Statuses by container, in the order of the spec, up to the last that the case has; one before
/// it that the case leaves out is an error, since podclock's lists have no gaps.
pub(crate) fn statuses(spec: &PodSpec, given: &Value) -> Result<Vec<ContainerStatus>, String> {
    let mut statuses = Vec::new();
    for id in spec.ids() {
        let name = &*spec.container(id).name;
        match given[name].as_str() {
            Some(words) if statuses.len() == id.index() => statuses.push(status(words)?),
            Some(_) => return Err(format!("a gap before {name}")),
            None => {}
        }
    }
    if statuses.len() == entries(given).count() {
        Ok(statuses)
    } else {
        Err("a status of no container".to_owned())
    }
}

/// Reads a status: a state and what else there is to say of it, with commas between:
/// `running`, `waiting [REASON]` or `exited CODE [REASON]`; `last CODE [REASON]`, `restarts N`,
/// `started`, `ready`.
pub(crate) fn status(words: &str) -> Result<ContainerStatus, String> {
    let mut status = ContainerStatus {
        run: None,
        state: ContainerState::Waiting(Waiting::ContainerCreating),
        last: None,
        ready: false,
        started: false,
        restart_count: 0,
    };
    for part in words.split(", ") {
        let mut words = part.split(' ');
        let word = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        match word {
            "running" => {
                let started = Time::START;
                status.state = ContainerState::Running { started };
            }
            "waiting" => status.state = ContainerState::Waiting(waiting(&rest)?),
            "exited" => status.state = ContainerState::Terminated(terminated(&rest)?),
            "last" => status.last = Some(terminated(&rest)?),
            "restarts" => status.restart_count = number(&rest)?,
            "started" => status.started = true,
            "ready" => status.ready = true,
            other => return Err(format!("no status: {other}")),
        }
    }
    Ok(status)
}

/// Writes the state, the last state and the restart count as [`status`] reads them.
pub(crate) fn words(status: &ContainerStatus) -> String {
    let end = |ended: &Terminated| {
        let reason = match ended.reason {
            TerminatedReason::Runtime(ExitReason::OomKilled) => " OOMKilled",
            TerminatedReason::Runtime(_) => "",
            TerminatedReason::UnknownAtTermination | TerminatedReason::UnknownWasRunning => {
                " ContainerStatusUnknown"
            }
            TerminatedReason::RestartingAllContainers => " RestartingAllContainers",
            TerminatedReason::CompletedUnseen => " Completed",
        };
        format!("{}{reason}", ended.code)
    };
    let mut words = match &status.state {
        ContainerState::Running { .. } => "running".to_owned(),
        ContainerState::Terminated(ended) => format!("exited {}", end(ended)),
        ContainerState::Waiting(waiting) => match waiting {
            Waiting::Created => "waiting".to_owned(),
            Waiting::ContainerCreating => "waiting ContainerCreating".to_owned(),
            Waiting::PodInitializing => "waiting PodInitializing".to_owned(),
            Waiting::RestartingAllContainers => "waiting RestartingAllContainers".to_owned(),
            Waiting::StartError(StartError::ErrImageNeverPull) => {
                "waiting ErrImageNeverPull".to_owned()
            }
            Waiting::StartError(other) => format!("waiting {other:?}"),
        },
    };
    if let Some(last) = &status.last {
        words += &format!(", last {}", end(last));
    }
    if status.restart_count > 0 {
        words += &format!(", restarts {}", status.restart_count);
    }
    words
}

fn waiting(reason: &[&str]) -> Result<Waiting, String> {
    match reason {
        [] => Ok(Waiting::Created),
        ["ContainerCreating"] => Ok(Waiting::ContainerCreating),
        ["PodInitializing"] => Ok(Waiting::PodInitializing),
        ["RestartingAllContainers"] => Ok(Waiting::RestartingAllContainers),
        [error] => start_error(error).map(Waiting::StartError),
        _ => Err(format!("no reason to wait: {reason:?}")),
    }
}

fn start_error(reason: &str) -> Result<StartError, String> {
    match reason {
        "ErrImageNeverPull" => Ok(StartError::ErrImageNeverPull),
        other => Err(format!("no error of a start that a case may name: {other}")),
    }
}

fn terminated(words: &[&str]) -> Result<Terminated, String> {
    let (code, reason) = words.split_first().ok_or("an exit code")?;
    let code: i32 = code.parse().map_err(|_| format!("no exit code: {code}"))?;
    let reason = match reason {
        [] => TerminatedReason::Runtime(exit_reason(code)),
        ["OOMKilled"] => TerminatedReason::Runtime(ExitReason::OomKilled),
        ["RestartingAllContainers"] => TerminatedReason::RestartingAllContainers,
        other => return Err(format!("no reason of an end: {other:?}")),
    };
    let times = Some(Times {
        started: Some(Time::START),
        finished: Time::START,
    });
    Ok(Terminated {
        reason,
        code,
        times,
    })
}

pub(crate) fn run_state(words: &str) -> Result<RunState, String> {
    let words: Vec<&str> = words.split(' ').collect();
    match words.as_slice() {
        ["created"] => Ok(RunState::Created),
        ["running"] => Ok(RunState::Running {
            started: Time::START,
        }),
        ["unknown"] => Ok(RunState::Unknown),
        ["exited", rest @ ..] => {
            let Terminated { reason, code, .. } = terminated(rest)?;
            let TerminatedReason::Runtime(reason) = reason else {
                return Err(format!("no reason of a runtime's: {rest:?}"));
            };
            Ok(RunState::Exited(Exit {
                started: Some(Time::START),
                finished: Time::START,
                code,
                reason,
            }))
        }
        other => Err(format!("no state of a run: {other:?}")),
    }
}

const fn exit_reason(code: i32) -> ExitReason {
    match code {
        0 => ExitReason::Completed,
        128 => ExitReason::StartError(Text::EMPTY),
        _ => ExitReason::Error,
    }
}

pub(crate) fn phase(name: &str) -> Result<PodPhase, String> {
    let all = [
        PodPhase::Pending,
        PodPhase::Running,
        PodPhase::Succeeded,
        PodPhase::Failed,
    ];
    let found = all.into_iter().find(|phase| phase.name() == name);
    found.ok_or_else(|| format!("no phase: {name}"))
}

fn number(words: &[&str]) -> Result<u32, String> {
    let [word] = words else {
        return Err(format!("one number, not {words:?}"));
    };
    word.parse().map_err(|_| format!("no number: {word}"))
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
