//! One container of a pod.

use super::handler::handler;
use super::pod::{Group, Scope};
use super::probe::probe;
use super::{name, restart};
use crate::manifest::path::Path;
use crate::manifest::raw::{Container, ContainerPort, Handler, Lifecycle, Port};
use crate::manifest::report::Report;
use crate::manifest::suggest::{did_you_mean, nearest};
use crate::spec::ProbeKind;
use std::collections::BTreeSet;

/// What every container must have (VAL-31 … VAL-33), and its ports.
pub(super) fn common(
    container: &Container,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    let name_path = path.field("name");
    if container.name.is_empty() {
        report.required(&name_path, "");
    } else {
        name::label(&container.name, &name_path, report);
    }
    image(&container.image, &path.field("image"), scope, report);
    let policies = ["Always", "IfNotPresent", "Never"];
    let pull = container.pull_policy.as_deref().unwrap_or_default();
    if !policies.contains(&pull) {
        report.unsupported(&path.field("imagePullPolicy"), pull, &policies);
    }
    let policies = ["File", "FallbackToLogsOnError"];
    let message = container.message_policy.as_deref().unwrap_or_default();
    if !policies.contains(&message) {
        let path = path.field("terminationMessagePolicy");
        report.unsupported(&path, message, &policies);
    }
    ports(&container.ports, &path.field("ports"), report);
}

fn image(image: &str, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    if image.is_empty() {
        report.required(path, "");
        return;
    }
    if scope.is_pod && image.trim() != image {
        report.invalid(path, image, "must not have leading or trailing whitespace");
    }
    image_comma(image, path, report);
}

/// The API server takes any image name; this one cannot be pulled.
pub(in crate::manifest) fn image_comma(image: &str, path: &Path<'_>, report: &mut Report<'_>) {
    if let Some(bare) = image.strip_suffix(',') {
        let made = report.warning(path, "the image's name ends with a comma");
        made.help(format!(
            "the comma is part of the name and the pull fails with InvalidImageName: write {bare}"
        ));
    }
}

fn ports(ports: &[ContainerPort], path: &Path<'_>, report: &mut Report<'_>) {
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let path = path.index(index);
        if let Some(text) = port.name.as_deref().filter(|text| !text.is_empty()) {
            let name_path = path.field("name");
            if name::port(text, &name_path, report, None) && !names.insert(text) {
                report.duplicate(&name_path, text);
            }
        }
        let number = path.field("containerPort");
        if port.number == 0 {
            report.required(&number, "");
        } else {
            name::port_number(port.number, &number, report);
        }
        if port.host_port != 0 {
            name::port_number(port.host_port, &path.field("hostPort"), report);
        }
        let protocol = port.protocol.as_deref().unwrap_or_default();
        let protocols = ["SCTP", "TCP", "UDP"];
        if !protocols.contains(&protocol) {
            report.unsupported(&path.field("protocol"), protocol, &protocols);
        }
    }
}

/// Host ports given before, so that a second one is refused (VAL-38).
#[derive(Debug, Default)]
pub(super) struct HostPorts(BTreeSet<String>);

impl HostPorts {
    /// Adds a container's host ports.
    pub(super) fn add(&mut self, container: &Container, path: &Path<'_>, report: &mut Report<'_>) {
        let path = path.field("ports");
        for (index, port) in container.ports.iter().enumerate() {
            if port.host_port == 0 {
                continue;
            }
            let protocol = port.protocol.as_deref().unwrap_or_default();
            let host = port.host_ip.as_deref().unwrap_or_default();
            let text = format!("{protocol}/{host}/{}", port.host_port);
            let path = path.index(index);
            if self.0.contains(&text) {
                report.duplicate(&path.field("hostPort"), &text);
            }
            self.0.insert(text);
        }
    }
}

/// Probes, hooks and restart policy; plain init containers may have neither probes nor hooks
/// (VAL-34, VAL-35).
pub(super) fn lively(
    container: &Container,
    group: Group,
    path: &Path<'_>,
    scope: &Scope<'_>,
    report: &mut Report<'_>,
) {
    restart::restart(container, group, path, scope, report);
    let sidecar = container.restart_policy.as_deref() == Some("Always");
    if group == Group::Init && !sidecar {
        for (field, given) in given(container) {
            if given {
                let detail = "may not be set for init containers without restartPolicy=Always";
                report.forbidden(&path.field(field), detail);
            }
        }
        return;
    }
    if let Some(lifecycle) = &container.lifecycle {
        hooks(lifecycle, &path.field("lifecycle"), scope, report);
    }
    let probes = [
        (ProbeKind::Liveness, "livenessProbe", &container.liveness),
        (ProbeKind::Readiness, "readinessProbe", &container.readiness),
        (ProbeKind::Startup, "startupProbe", &container.startup),
    ];
    for (kind, field, given) in probes {
        if let Some(given) = given {
            let path = path.field(field);
            probe(given, kind, &path, scope, report);
            named_port(&given.handler, container, &path, report);
        }
    }
}

/// A port name that no port of the container has: nobody refuses it (VAL-13).
fn named_port(handler: &Handler, container: &Container, path: &Path<'_>, report: &mut Report<'_>) {
    let (action, port) = match handler {
        Handler {
            http_get: Some(get),
            ..
        } => ("httpGet", &get.port),
        Handler {
            tcp_socket: Some(tcp),
            ..
        } => ("tcpSocket", &tcp.port),
        _ => return,
    };
    let Port::Name(name) = port else { return };
    let names = container
        .ports
        .iter()
        .filter_map(|port| port.name.as_deref());
    if name.is_empty() || name.parse::<u16>().is_ok() || names.clone().any(|known| known == name) {
        return;
    }
    let path = path.field(action);
    let message = format!("no port of this container is named {name:?}");
    let made = report.warning(&path.field("port"), message);
    let meant = nearest(name, names).map(did_you_mean);
    let fate = "the probe errors at every try, and errors do not count".to_owned();
    made.help(meant.unwrap_or(fate));
}

/// The fields that only containers that keep running may have.
pub(super) const fn given(container: &Container) -> [(&'static str, bool); 4] {
    [
        ("lifecycle", container.lifecycle.is_some()),
        ("livenessProbe", container.liveness.is_some()),
        ("readinessProbe", container.readiness.is_some()),
        ("startupProbe", container.startup.is_some()),
    ]
}

fn hooks(lifecycle: &Lifecycle, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    let hooks = [
        ("postStart", &lifecycle.post_start),
        ("preStop", &lifecycle.pre_stop),
    ];
    for (field, hook) in hooks {
        let Some(hook) = hook else { continue };
        let path = path.field(field);
        handler(hook, &path, scope, report);
        //= VAL-21
        if hook.tcp_socket.is_some() {
            let message = "accepted, but the kubelet cannot run it: the hook always fails";
            report.warning(&path.field("tcpSocket"), message);
        }
    }
    if let Some(signal) = &lifecycle.stop_signal {
        stop_signal(signal, &path.field("stopSignal"), scope, report);
    }
}

/// A stop signal of the pod's operating system, which must be given (VAL-23).
fn stop_signal(signal: &str, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    match scope.os {
        None => {
            let detail = "may not be set for containers with empty `spec.os.name`";
            report.forbidden(path, detail);
        }
        Some("windows") if !matches!(signal, "SIGKILL" | "SIGTERM") => {
            report.unsupported(path, signal, &["SIGKILL", "SIGTERM"]);
        }
        Some("linux") => {
            let signals = linux_signals();
            if !signals.iter().any(|known| known == signal) {
                let signals: Vec<&str> = signals.iter().map(String::as_str).collect();
                report.unsupported(path, signal, &signals);
            }
        }
        Some(_) => {}
    }
}

/// The 65 names of Linux signals, sorted as texts.
fn linux_signals() -> Vec<String> {
    const PLAIN: &str = "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF \
        PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM \
        WINCH XCPU XFSZ";
    let plain = PLAIN.split_whitespace().map(|name| format!("SIG{name}"));
    let min = (1..=15).map(|plus| format!("SIGRTMIN+{plus}"));
    let max = (1..=14).map(|minus| format!("SIGRTMAX-{minus}"));
    let mut signals: Vec<String> = plain.chain(min).chain(max).collect();
    signals.sort();
    signals
}
