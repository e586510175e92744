//! A pod's spec.

use super::container::{HostPorts, common, given, lively};
use super::name;
use crate::manifest::path::Path;
use crate::manifest::raw::{Container, Spec};
use crate::manifest::report::Report;
use crate::profile::{Feature, Profile};
use crate::spec::{ContainerId, Kind};
use std::collections::BTreeSet;

/// What checks deep in a container need to know of the pod and the version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// The pod's grace period.
    pub(super) grace: i64,
    /// `spec.os.name`
    pub(super) os: Option<&'a str>,
    /// Whether this is a pod and no template.
    pub(super) is_pod: bool,
    /// Gate `PodLifecycleSleepActionAllowZero`.
    pub(super) zero_sleep: bool,
    /// Gate `ContainerRestartRules`.
    pub(super) restart_rules: bool,
    /// Gate `RestartAllContainersOnContainerExits`.
    pub(super) restart_all: bool,
}

/// Which list a container stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Regular,
    Init,
}

/// Where a pod spec stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::manifest) struct Home<'a> {
    /// The path of the spec.
    pub(in crate::manifest) spec: &'a Path<'a>,
    /// The path of the init containers, which may be an annotation (OLD-1).
    pub(in crate::manifest) init: &'a Path<'a>,
    /// The kind of object that the pod or template belongs to.
    pub(in crate::manifest) kind: Kind,
}

/// Reports what the API server would refuse in a pod's spec.
pub(in crate::manifest) fn spec(
    spec: &Spec,
    home: Home<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) {
    let scope = Scope {
        grace: spec.termination_grace.unwrap_or_default(),
        os: spec.os.as_deref(),
        is_pod: home.kind == Kind::Pod,
        zero_sleep: profile.enabled(Feature::PodLifecycleSleepActionAllowZero),
        restart_rules: profile.enabled(Feature::ContainerRestartRules),
        restart_all: profile.enabled(Feature::RestartAllContainersOnContainerExits),
    };
    regular_containers(spec, home.spec, &scope, report);
    init_containers(spec, home.init, &scope, report);
    ephemeral_containers(spec, home.spec, &scope, report);
    let count = spec.init_containers.len() + spec.containers.len();
    if count > ContainerId::LIMIT {
        let path = home.spec.field("containers");
        let limit = ContainerId::LIMIT;
        let message = format!("{count} containers: podclock simulates at most {limit} in one pod");
        report.add(super::super::Severity::Error, &path, message);
    }
    let policies = ["Always", "OnFailure", "Never"];
    let policy = spec.restart_policy.as_deref().unwrap_or_default();
    let policy_path = home.spec.field("restartPolicy");
    //= VAL-50
    if !policies.contains(&policy) {
        report.unsupported(&policy_path, policy, &policies);
    }
    template_policy(policy, &policy_path, home.kind, report);
    deadline(spec, home, report);
    let gates = home.spec.field("readinessGates");
    for (index, gate) in spec.readiness_gates.iter().enumerate() {
        let path = gates.index(index);
        name::qualified(gate, &path.field("conditionType"), report);
    }
    operating_system(spec, home.spec, report);
}

fn operating_system(spec: &Spec, path: &Path<'_>, report: &mut Report<'_>) {
    let path = path.field("os");
    match spec.os.as_deref() {
        Some("") => {
            report.required(&path.field("name"), "");
        }
        Some("linux" | "windows") | None => {}
        Some(os) => {
            report.unsupported(&path, os, &["linux", "windows"]);
        }
    }
}

fn regular_containers(spec: &Spec, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    let path = path.field("containers");
    //= VAL-30
    if spec.containers.is_empty() {
        report.required(&path, "");
    }
    let mut names = BTreeSet::new();
    let mut host_ports = HostPorts::default();
    for (index, container) in spec.containers.iter().enumerate() {
        let path = path.index(index);
        common(container, &path, scope, report);
        unique(&container.name, &mut names, &path, report);
        lively(container, Group::Regular, &path, scope, report);
        host_ports.add(container, &path, report);
    }
}

fn init_containers(spec: &Spec, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    let mut names = names_of(&spec.containers);
    for (index, container) in spec.init_containers.iter().enumerate() {
        let path = path.index(index);
        common(container, &path, scope, report);
        unique(&container.name, &mut names, &path, report);
        lively(container, Group::Init, &path, scope, report);
        // They run one by one, so host ports may repeat from one to the next.
        HostPorts::default().add(container, &path, report);
    }
}

/// Ephemeral containers may hardly have anything (VAL-39), and only a running pod may have them.
fn ephemeral_containers(spec: &Spec, path: &Path<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    let path = path.field("ephemeralContainers");
    if spec.ephemeral_containers.is_empty() {
        return;
    }
    let mut targets = names_of(&spec.containers);
    targets.extend(names_of(&spec.init_containers));
    let mut names = targets.clone();
    for (index, container) in spec.ephemeral_containers.iter().enumerate() {
        let path = path.index(index);
        common(container, &path, scope, report);
        unique(&container.name, &mut names, &path, report);
        let target = container.target.as_deref().unwrap_or_default();
        if !target.is_empty() && !targets.contains(target) {
            report.not_found(&path.field("targetContainerName"), target);
        }
        let more = [
            ("ports", !container.ports.is_empty()),
            ("resources", container.has_resources),
            ("resizePolicy", container.has_resize_policy),
            ("restartPolicy", container.restart_policy.is_some()),
            ("restartPolicyRules", !container.restart_rules.is_empty()),
        ];
        for (field, given) in given(container).into_iter().chain(more) {
            if given {
                let detail = "cannot be set for an Ephemeral Container";
                report.forbidden(&path.field(field), detail);
            }
        }
    }
    let detail = if scope.is_pod {
        "cannot be set on create"
    } else {
        "ephemeral containers not allowed in pod template"
    };
    report.forbidden(&path, detail);
}

fn names_of(containers: &[Container]) -> BTreeSet<&str> {
    let names = containers.iter().map(|container| container.name.as_str());
    names.filter(|name| !name.is_empty()).collect()
}

fn unique<'a>(
    name: &'a str,
    names: &mut BTreeSet<&'a str>,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    if !name.is_empty() && !names.insert(name) {
        report.duplicate(&path.field("name"), name);
    }
}

/// Templates restrict the restart policy: a Job's pods must end, all others must not (DEP-9).
fn template_policy(policy: &str, path: &Path<'_>, kind: Kind, report: &mut Report<'_>) {
    match kind {
        Kind::Pod => {}
        Kind::Job | Kind::CronJob => match policy {
            "Always" => {
                let made = report.required(path, "valid values: \"OnFailure\", \"Never\"");
                made.help("without restartPolicy a pod has Always, and a job's pods must end");
            }
            "OnFailure" | "Never" => {}
            _ => {
                report.unsupported(path, policy, &["OnFailure", "Never"]);
            }
        },
        _ if policy != "Always" => {
            report.unsupported(path, policy, &["Always"]);
        }
        _ => {}
    }
}

/// `activeDeadlineSeconds` (VAL-53), which templates of what runs for ever may not have (DEP-9).
fn deadline(spec: &Spec, home: Home<'_>, report: &mut Report<'_>) {
    let path = home.spec.field("activeDeadlineSeconds");
    let Some(seconds) = spec.active_deadline else {
        return;
    };
    if !(1..=i64::from(i32::MAX)).contains(&seconds) {
        report.invalid(
            &path,
            seconds,
            "must be between 1 and 2147483647, inclusive",
        );
    }
    let kind = match home.kind {
        Kind::Pod | Kind::Job | Kind::CronJob => return,
        // A Deployment's template is checked as a ReplicaSet's.
        Kind::Deployment | Kind::ReplicaSet => "ReplicaSet",
        other => other.name(),
    };
    let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
    report.forbidden(&path, &detail);
}
