//! What somebody other than the kubelet does to the pod.

use crate::kubelet::{ConditionStatus, Input, Text};

/// Something that a user, a controller or an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Deletes the pod.
    Delete {
        /// `gracePeriodSeconds`, if given.
        grace: Option<i64>,
    },
    /// Replaces the specification by the revision with that index.
    Update {
        /// Index into the model's revisions.
        revision: u8,
    },
    /// Tries an update that the API server refuses.
    RefusedUpdate {
        /// The server's words.
        error: Text,
    },
    /// Sets a condition that the kubelet does not own.
    SetCondition {
        /// Index into the model's condition types.
        condition: u8,
        /// Its new status.
        status: ConditionStatus,
    },
    /// Ends the kubelet's process.
    StopKubelet,
    /// Starts it again.
    StartKubelet,
}

impl Action {
    /// Deletes the pod with the grace period of its specification.
    pub const DELETE: Self = Self::Delete { grace: None };

    pub(super) const fn input(self) -> Input {
        match self {
            Self::Delete { grace } => Input::DeletionRequested { grace },
            Self::Update { revision } => Input::Updated { revision },
            Self::RefusedUpdate { error } => Input::UpdateRefused { error },
            Self::SetCondition { condition, status } => Input::ConditionSet { condition, status },
            Self::StopKubelet => Input::KubeletStopped,
            Self::StartKubelet => Input::KubeletStarted,
        }
    }
}
