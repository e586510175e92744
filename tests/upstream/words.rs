//! The words of the cases for statuses, phases and runs.

use crate::state::entries;
use podclock::Time;
use podclock::kubelet::{
    ContainerState, ContainerStatus, Exit, ExitReason, PodPhase, RunState, StartError, Terminated,
    TerminatedReason, Text, Times, Waiting,
};
use podclock::spec::PodSpec;
use serde_yaml::Value;

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

pub(crate) fn start_error(reason: &str) -> Result<StartError, String> {
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
                ended: Time::START,
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
