//! What the machines read: a pod as the API server would store it, checked and with every default
//! in place.
//!
//! Containers are addressed by index, init containers first; images by index into the pod's table.
//! Nothing here can be invalid in a way that changes a timeline: [`crate::manifest`] sees to that.

mod container;
mod handler;
mod pod;
mod probe;
mod workload;

pub use container::{Container, ExitAction, ExitRule, PullPolicy, RestartPolicy, StopSignal};
pub use handler::{Handler, Port, Scheme};
pub use pod::{ContainerId, ImageId, PodSpec};
pub use probe::{Probe, ProbeKind};
pub use workload::{Kind, PodTemplate, Workload};
