//! What a manifest file describes.

use super::PodSpec;
use std::sync::Arc;

/// Everything in a manifest file that makes pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// One entry per document that holds a pod or a pod template, in file order.
    pub pods: Vec<PodTemplate>,
}

/// One pod, or one pod template of a controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodTemplate {
    /// What kind of object it stands in.
    pub kind: Kind,
    /// The name of that object.
    pub name: Box<str>,
    /// How many pods the object asks for; 1 for a pod.
    pub replicas: i32,
    /// One such pod. Pods of a controller are named after it.
    pub spec: Arc<PodSpec>,
}

/// Kinds of objects that hold a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1`
    Pod,
    /// `apps/v1`, or `extensions/v1beta1` with its own defaults (OLD-3)
    Deployment,
    /// `apps/v1` or `extensions/v1beta1`
    ReplicaSet,
    /// `v1`
    ReplicationController,
    /// `apps/v1`
    StatefulSet,
    /// `apps/v1` or `extensions/v1beta1`
    DaemonSet,
    /// `batch/v1`
    Job,
    /// `batch/v1`
    CronJob,
}

impl Kind {
    /// The kind as a manifest writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::ReplicationController => "ReplicationController",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
        }
    }
}
