//! What a status shows of one container or one condition, in the API's words.

use super::Names;
use super::messages;
use crate::kubelet::{
    Condition, ConditionStatus, ContainerState, ContainerStatus, PodStatus, Waiting,
};
use crate::spec::ContainerId;
use std::fmt;

/// A container's `state` in the API's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownState {
    /// `waiting`, `running` or `terminated`.
    pub state: &'static str,
    /// Its reason; empty where it has none.
    pub reason: &'static str,
    /// Its message; empty where it has none.
    pub message: String,
    /// The exit code, if it is terminated.
    pub code: Option<i32>,
}

impl ShownState {
    /// The state that a status has.
    #[must_use]
    pub fn of(status: &ContainerStatus, id: ContainerId, names: &Names<'_>) -> Self {
        let none = || ("", String::new());
        let (state, (reason, message), code) = match status.state {
            ContainerState::Waiting(Waiting::Created) => ("waiting", none(), None),
            ContainerState::Waiting(waiting) => {
                ("waiting", messages::waiting(waiting, id, names), None)
            }
            ContainerState::Running { .. } => ("running", none(), None),
            ContainerState::Terminated(ended) => {
                let (reason, message) = messages::terminated(ended.reason, names);
                ("terminated", (reason, message.to_owned()), Some(ended.code))
            }
        };
        Self {
            state,
            reason,
            message,
            code,
        }
    }
}

impl fmt::Display for ShownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.state)?;
        if !self.reason.is_empty() {
            write!(f, ": {}", self.reason)?;
        }
        match self.code {
            Some(code) => write!(f, " (exit code {code})"),
            None => Ok(()),
        }
    }
}

/// A condition in the API's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCondition {
    /// `True`, `False` or `Unknown`.
    pub status: ConditionStatus,
    /// Its reason; empty where it has none.
    pub reason: &'static str,
    /// Its message; empty where it has none.
    pub message: String,
}

impl ShownCondition {
    /// The condition of that type; `None` where the status does not have it.
    #[must_use]
    pub fn of(status: &PodStatus, kind: &str, names: &Names<'_>) -> Option<Self> {
        let mut foreign = names.conditions.iter();
        if let Some(index) = foreign.position(|foreign| foreign == kind) {
            let status = (*status.foreign.get(index)?)?;
            return Some(Self {
                status,
                reason: "",
                message: String::new(),
            });
        }
        let own = status.conditions.as_ref()?;
        let condition = match kind {
            "PodScheduled" => Condition::TRUE,
            "Initialized" => own.initialized,
            "Ready" => own.ready,
            "ContainersReady" => own.containers_ready,
            "AllContainersRestarting" => own.restarting?,
            "PodReadyToStartContainers" => Condition {
                status: own.sandbox?,
                ..Condition::TRUE
            },
            _ => return None,
        };
        let (reason, message) = messages::condition(condition.reason, names);
        let status = if condition.status {
            ConditionStatus::True
        } else {
            ConditionStatus::False
        };
        Some(Self {
            status,
            reason,
            message,
        })
    }
}

impl fmt::Display for ShownCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(messages::condition_status(self.status))?;
        match (self.reason, self.message.as_str()) {
            ("", _) => Ok(()),
            (reason, "") => write!(f, " ({reason})"),
            (reason, message) => write!(f, " ({reason}: {message})"),
        }
    }
}
