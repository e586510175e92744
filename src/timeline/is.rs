//! What single events are: the ground of [`when`](super::when), and of the measures over a run.

use crate::kubelet::{
    ApiEvent, CallEnd, ContainerFact, ExitCause, KillMessage, KubeEvent, KubeReason,
};
use crate::spec::ProbeKind;

/// Somebody other than the kubelet asks for the pod's deletion.
pub(crate) const fn delete(event: &ApiEvent) -> bool {
    matches!(
        event,
        ApiEvent::DeleteRequested {
            by_kubelet: false,
            ..
        }
    )
}

/// The process has started.
pub(crate) const fn start(fact: &ContainerFact) -> bool {
    matches!(fact, ContainerFact::Started { error: None })
}

/// A running container is sent its stop signal.
pub(crate) const fn term(fact: &ContainerFact) -> bool {
    matches!(fact, ContainerFact::Stop { running: true, timeout } if *timeout > 0)
}

/// The process is ended by SIGKILL.
pub(crate) const fn kill(fact: &ContainerFact) -> bool {
    matches!(
        fact,
        ContainerFact::Exited {
            by: ExitCause::Kill,
            ..
        }
    )
}

/// The process ends without the kubelet's doing; the code that it ends with.
pub(crate) const fn own_exit(fact: &ContainerFact) -> Option<i32> {
    match fact {
        ContainerFact::Exited {
            code,
            by: ExitCause::Itself | ExitCause::OutOfMemory,
        } => Some(*code),
        _ => None,
    }
}

/// Whether a probe's end is a good answer or a bad one; an error is neither (PROBE-31).
pub(crate) const fn answer(end: CallEnd) -> Option<bool> {
    match end {
        CallEnd::Exit(code) => Some(code == 0),
        CallEnd::Timeout => Some(false),
        _ => None,
    }
}

/// The probe that a container is about to be killed for.
pub(crate) const fn killed_for(event: &KubeEvent) -> Option<ProbeKind> {
    match event.what {
        KubeReason::Killing(KillMessage::FailedProbe { kind, .. }) => Some(kind),
        _ => None,
    }
}
