//! Reasons and messages in the kubelet's own words.

use super::Names;
use crate::kubelet::{
    ConditionReason, ConditionStatus, ContainerSet, ExitReason, GateView, HookError, ImageError,
    KillMessage, KubeEvent, KubeReason, PodReason, StartError, TerminatedReason, Unhealthy,
    Waiting,
};
use crate::profile::{ImagePresent, ProbeError, StartText};
use crate::spec::{ContainerId, Handler, ProbeKind};

/// A Kubernetes Event as `kubectl get events` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// `Normal` or `Warning`
    pub(super) kind: &'static str,
    /// The reason.
    pub(super) reason: &'static str,
    /// The message.
    pub(super) message: String,
}

fn normal(reason: &'static str, message: String) -> Told {
    Told {
        kind: "Normal",
        reason,
        message,
    }
}

fn warning(reason: &'static str, message: String) -> Told {
    Told {
        kind: "Warning",
        reason,
        message,
    }
}

/// Errors of the runtime reach most messages through gRPC, which puts this before them.
const RPC: &str = "rpc error: code = Unknown desc = ";

/// A Kubernetes Event's type, reason and message (section 8 of the rules).
#[must_use]
pub(super) fn event(event: &KubeEvent, names: &Names<'_>) -> Told {
    let container = event.container.map_or("", |id| names.container(id));
    match event.what {
        KubeReason::Pulling { image } => normal(
            "Pulling",
            format!("Pulling image \"{}\"", names.image(image)),
        ),
        KubeReason::Pulled { image, took } => {
            let (image, took) = (names.image(image), go_duration(took));
            normal(
                "Pulled",
                format!(
                    "Successfully pulled image \"{image}\" in {took} ({took} including waiting). \
                     Image size: 1000000 bytes."
                ),
            )
        }
        KubeReason::AlreadyPresent { image } => {
            let access = match names.rules.image_present {
                ImagePresent::Plain => "",
                ImagePresent::Accessible => " and can be accessed by the pod",
            };
            let image = names.image(image);
            normal(
                "Pulled",
                format!("Container image \"{image}\" already present on machine{access}"),
            )
        }
        KubeReason::PullFailed { image, error } => {
            let (image, error) = (names.image(image), names.text(error));
            warning(
                "Failed",
                format!("Failed to pull image \"{image}\": {RPC}{error}"),
            )
        }
        KubeReason::PullBackOff { image } => normal(
            "BackOff",
            format!("Back-off pulling image \"{}\"", names.image(image)),
        ),
        KubeReason::NeverPull { image } => {
            warning("ErrImageNeverPull", never_pull(names.image(image)))
        }
        KubeReason::FailedImage(error) => {
            let error = match error {
                ImageError::ErrImagePull => "ErrImagePull",
                ImageError::ImagePullBackOff => "ImagePullBackOff",
                ImageError::ErrImageNeverPull => "ErrImageNeverPull",
            };
            warning("Failed", format!("Error: {error}"))
        }
        KubeReason::Failed { error } => warning("Failed", format!("Error: {}", names.text(error))),
        KubeReason::Created => normal(
            "Created",
            match names.rules.start_text {
                StartText::Named => format!("Created container: {container}"),
                StartText::Plain => "Container created".to_owned(),
            },
        ),
        KubeReason::Started => normal(
            "Started",
            match names.rules.start_text {
                StartText::Named => format!("Started container {container}"),
                StartText::Plain => "Container started".to_owned(),
            },
        ),
        KubeReason::BackOff => {
            let pod = names.full_pod();
            let message = format!("Back-off restarting failed container {container} in pod {pod}");
            warning("BackOff", message)
        }
        KubeReason::Killing(message) => normal("Killing", killing(message, container)),
        KubeReason::FailedPostStartHook => {
            warning("FailedPostStartHook", "PostStartHook failed".to_owned())
        }
        KubeReason::FailedPreStopHook => {
            warning("FailedPreStopHook", "PreStopHook failed".to_owned())
        }
        KubeReason::Unhealthy { kind, verdict } => {
            warning("Unhealthy", unhealthy(kind, verdict, names))
        }
        KubeReason::SandboxChanged => normal(
            "SandboxChanged",
            "Pod sandbox changed, it will be killed and re-created.".to_owned(),
        ),
        KubeReason::FailedCreatePodSandBox { error } => warning(
            "FailedCreatePodSandBox",
            format!("Failed to create pod sandbox: {RPC}{}", names.text(error)),
        ),
        KubeReason::DeadlineExceeded => {
            let (reason, message) = pod_reason(PodReason::DeadlineExceeded);
            normal(reason, message.to_owned())
        }
    }
}

fn never_pull(image: &str) -> String {
    format!("Container image \"{image}\" is not present with pull policy of Never")
}

fn killing(message: KillMessage, container: &str) -> String {
    let who = |init: bool| if init { "Init container" } else { "Container" };
    match message {
        KillMessage::Stopping => format!("Stopping container {container}"),
        KillMessage::DefinitionChanged { init } => {
            let restart = if init { "" } else { ", will be restarted" };
            format!("{} {container} definition changed{restart}", who(init))
        }
        KillMessage::FailedProbe {
            kind,
            init,
            restart,
        } => {
            let probe = match kind {
                ProbeKind::Startup => "startup",
                ProbeKind::Readiness => "readiness",
                ProbeKind::Liveness => "liveness",
            };
            let restart = if restart { ", will be restarted" } else { "" };
            format!("{} {container} failed {probe} probe{restart}", who(init))
        }
        KillMessage::FailedPostStartHook => "FailedPostStartHook".to_owned(),
        KillMessage::RestartingAll => "killing".to_owned(),
        KillMessage::UnknownState { init } => {
            let who = who(init);
            format!("{who} is in \"unknown\" state, try killing it before restart")
        }
    }
}

fn unhealthy(kind: ProbeKind, verdict: Unhealthy, names: &Names<'_>) -> String {
    let (kind, command) = match kind {
        ProbeKind::Startup => ("Startup", "startup"),
        ProbeKind::Readiness => ("Readiness", "readiness"),
        ProbeKind::Liveness => ("Liveness", "liveness"),
    };
    let errored = match names.rules.probe_error {
        ProbeError::Plain => "errored",
        ProbeError::WithState => "errored and resulted in unknown state",
    };
    match verdict {
        Unhealthy::Failed { output } => format!("{kind} probe failed: {}", names.text(output)),
        Unhealthy::TimedOut { timeout } => format!(
            "{kind} probe failed: command timed out: \"probe {command}\" timed out after {timeout}s"
        ),
        Unhealthy::Errored { error } => {
            format!("{kind} probe {errored}: {RPC}{}", names.text(error))
        }
        Unhealthy::NotRunning => {
            format!("{kind} probe {errored}: {RPC}container is in CONTAINER_EXITED state")
        }
    }
}

/// Reason and message of a pod.
#[must_use]
pub(super) const fn pod_reason(reason: PodReason) -> (&'static str, &'static str) {
    match reason {
        PodReason::DeadlineExceeded => (
            "DeadlineExceeded",
            "Pod was active on the node longer than the specified deadline",
        ),
    }
}

/// Reason and message of a condition; empty where it has none.
#[must_use]
pub(super) fn condition(reason: ConditionReason, names: &Names<'_>) -> (&'static str, String) {
    let none = String::new();
    match reason {
        ConditionReason::None => ("", none),
        ConditionReason::PodCompleted => ("PodCompleted", none),
        ConditionReason::PodFailed => ("PodFailed", none),
        ConditionReason::ContainersNotInitialized(set) => {
            let list = list(set, names);
            let message = format!("containers with incomplete status: [{list}]");
            ("ContainersNotInitialized", message)
        }
        ConditionReason::ContainersNotReady(set) => {
            let list = list(set, names);
            let message = format!("containers with unready status: [{list}]");
            ("ContainersNotReady", message)
        }
        ConditionReason::ReadinessGatesNotReady(gates) => {
            ("ReadinessGatesNotReady", gates_not_ready(gates, names))
        }
        ConditionReason::RestartAllContainersStarted => (
            "RestartAllContainersStarted",
            "container exited with restart policy rule".to_owned(),
        ),
    }
}

fn list(set: ContainerSet, names: &Names<'_>) -> String {
    let names: Vec<&str> = set.iter().map(|id| names.container(id)).collect();
    names.join(" ")
}

fn gates_not_ready(gates: GateView, names: &Names<'_>) -> String {
    let mut messages = Vec::new();
    for (index, gate) in names.pod.readiness_gates.iter().enumerate() {
        match gates.get(index) {
            Some(ConditionStatus::True) => {}
            None => messages.push(format!(
                "corresponding condition of pod readiness gate \"{gate}\" does not exist."
            )),
            Some(status) => {
                let status = match status {
                    ConditionStatus::Unknown => "Unknown",
                    _ => "False",
                };
                messages.push(format!(
                    "the status of pod readiness gate \"{gate}\" is not \"True\", but {status}"
                ));
            }
        }
    }
    messages.join(", ")
}

/// Reason and message of a waiting container; empty where it has none.
#[must_use]
pub(super) fn waiting(
    waiting: Waiting,
    id: ContainerId,
    names: &Names<'_>,
) -> (&'static str, String) {
    let none = String::new();
    match waiting {
        Waiting::Created => ("", none),
        Waiting::ContainerCreating => ("ContainerCreating", none),
        Waiting::PodInitializing => ("PodInitializing", none),
        Waiting::RestartingAllContainers => ("RestartingAllContainers", REMOVED.to_owned()),
        Waiting::StartError(error) => start_error(error, id, names),
    }
}

const REMOVED: &str = "The container is removed because RestartAllContainers in place";

fn start_error(error: StartError, id: ContainerId, names: &Names<'_>) -> (&'static str, String) {
    let container = names.pod.container(id);
    match error {
        StartError::CrashLoopBackOff { delay } => {
            let (delay, pod) = (go_duration(u64::from(delay)), names.full_pod());
            let name = &container.name;
            let message = format!("back-off {delay} restarting failed container={name} pod={pod}");
            ("CrashLoopBackOff", message)
        }
        StartError::ErrImagePull(error) => ("ErrImagePull", format!("{RPC}{}", names.text(error))),
        StartError::ImagePullBackOff(error) => {
            let (image, error) = (names.image(container.image), names.text(error));
            let message = format!("Back-off pulling image \"{image}\": ErrImagePull: {RPC}{error}");
            ("ImagePullBackOff", message)
        }
        StartError::ErrImageNeverPull => {
            let message = never_pull(names.image(container.image));
            ("ErrImageNeverPull", message)
        }
        StartError::CreateContainerError(error) => {
            ("CreateContainerError", names.text(error).to_owned())
        }
        StartError::RunContainerError(error) => ("RunContainerError", names.text(error).to_owned()),
        StartError::PostStartHookError(error) => {
            ("PostStartHookError", hook_error(error, id, names))
        }
    }
}

/// HOOK-13
fn hook_error(error: HookError, id: ContainerId, names: &Names<'_>) -> String {
    let container = names.pod.container(id);
    let (name, pod) = (&container.name, names.full_pod());
    let what = match &container.post_start {
        Some(Handler::HttpGet { path, .. }) => format!("HTTP lifecycle hook ({path})"),
        _ => "Exec lifecycle hook ([hook post_start])".to_owned(),
    };
    let (error, output) = match error {
        HookError::Exit { code, output } => (
            format!("command 'hook post_start' exited with {code}: "),
            names.text(output),
        ),
        HookError::CannotRun(error) => (format!("{RPC}{}", names.text(error)), ""),
        HookError::NotRunning => (format!("{RPC}container is in CONTAINER_EXITED state"), ""),
        HookError::InvalidHandler => {
            return "Cannot run handler: invalid handler".to_owned();
        }
    };
    format!(
        "{what} for Container \"{name}\" in Pod \"{pod}\" failed - error: {error}, message: \
         \"{output}\""
    )
}

/// Reason and message of a container that ended; the message is empty where it has none.
#[must_use]
pub(super) fn terminated<'a>(
    reason: TerminatedReason,
    names: &Names<'a>,
) -> (&'static str, &'a str) {
    match reason {
        TerminatedReason::Runtime(ExitReason::Completed) => ("Completed", ""),
        TerminatedReason::Runtime(ExitReason::Error) => ("Error", ""),
        TerminatedReason::Runtime(ExitReason::OomKilled) => ("OOMKilled", ""),
        TerminatedReason::Runtime(ExitReason::StartError(error)) => {
            ("StartError", names.text(error))
        }
        TerminatedReason::UnknownAtTermination => (
            "ContainerStatusUnknown",
            "The container could not be located when the pod was terminated",
        ),
        TerminatedReason::UnknownWasRunning => (
            "ContainerStatusUnknown",
            "The container could not be located when the pod was deleted.  The container used to \
             be Running",
        ),
        TerminatedReason::RestartingAllContainers => ("RestartingAllContainers", REMOVED),
        TerminatedReason::CompletedUnseen => (
            "Completed",
            "Unable to get init container status from container runtime and pod has been \
             initialized, treat it as exited normally",
        ),
    }
}

/// Milliseconds as Go prints a duration: `0s`, `300ms`, `4.5s`, `1m20s`.
#[must_use]
pub(super) fn go_duration(millis: u64) -> String {
    if millis == 0 {
        return "0s".to_owned();
    }
    if millis < 1000 {
        return format!("{millis}ms");
    }
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, broken) = (millis / 1000 % 60, millis % 1000);
    let mut text = String::new();
    if hours > 0 {
        text += &format!("{hours}h");
    }
    if hours > 0 || minutes > 0 {
        text += &format!("{minutes}m");
    }
    text += &seconds.to_string();
    if broken > 0 {
        let broken = format!("{broken:03}");
        text += ".";
        text += broken.trim_end_matches('0');
    }
    text + "s"
}

/// As the recordings and the API write it.
pub(super) const fn probe_name(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Startup => "startup",
        ProbeKind::Readiness => "readiness",
        ProbeKind::Liveness => "liveness",
    }
}

/// As the recordings and the API write it.
pub(super) const fn condition_status(status: ConditionStatus) -> &'static str {
    match status {
        ConditionStatus::True => "True",
        ConditionStatus::False => "False",
        ConditionStatus::Unknown => "Unknown",
    }
}
