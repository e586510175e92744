//! Fields that a version lacks, or that a gate switches off.
//!
//! An API server drops both without a word; podclock drops them with a warning.

use super::path::Path;
use super::raw;
use super::report::Report;
use crate::profile::{Feature, Profile};

/// Drops what the profile does not have from every container of a pod.
pub(super) fn spec(
    spec: &mut raw::Spec,
    spec_path: &Path<'_>,
    init_path: &Path<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) {
    let mut gate = Gate { profile, report };
    let gates = spec_path.field("readinessGates");
    if !spec.readiness_gates.is_empty() && !gate.passes(Feature::PodReadinessGates, &gates) {
        spec.readiness_gates.clear();
    }
    for (index, container) in spec.init_containers.iter_mut().enumerate() {
        let path = init_path.index(index);
        let policy = path.field("restartPolicy");
        // Before the field existed nobody validated it, so it is dropped whatever it says.
        if container.restart_policy.is_some() && !gate.passes(Feature::SidecarContainers, &policy) {
            container.restart_policy = None;
        }
        gate.container(container, &path);
    }
    let regular = spec_path.field("containers");
    for (index, container) in spec.containers.iter_mut().enumerate() {
        let path = regular.index(index);
        gate.regular_restart_policy(container, &path);
        gate.container(container, &path);
    }
}

struct Gate<'a, 'b> {
    profile: &'a Profile,
    report: &'a mut Report<'b>,
}

impl Gate<'_, '_> {
    /// Whether a field stays; if not, says why.
    fn passes(&mut self, feature: Feature, path: &Path<'_>) -> bool {
        if self.profile.enabled(feature) {
            return true;
        }
        if self.profile.knows(feature) {
            let version = self.profile.version();
            let message = format!("dropped: feature gate {feature} is off");
            let made = self.report.warning(path, message);
            made.help(format!("it can be switched on in Kubernetes {version}"));
        } else {
            let since = feature.since().to_string();
            self.report.warning(path, ignored(self.profile, &since));
        }
        false
    }

    fn keep<T>(&mut self, field: &mut Option<T>, feature: Feature, path: &Path<'_>) {
        if field.is_some() && !self.passes(feature, path) {
            *field = None;
        }
    }

    fn container(&mut self, container: &mut raw::Container, path: &Path<'_>) {
        let startup = path.field("startupProbe");
        self.keep(&mut container.startup, Feature::StartupProbe, &startup);
        let probes = [
            (&mut container.startup, startup),
            (&mut container.readiness, path.field("readinessProbe")),
            (&mut container.liveness, path.field("livenessProbe")),
        ];
        for (probe, path) in probes {
            if let Some(probe) = probe {
                self.probe(probe, &path);
            }
        }
        if let Some(lifecycle) = &mut container.lifecycle {
            self.lifecycle(lifecycle, &path.field("lifecycle"));
        }
        self.restart_rules(container, path);
    }

    fn probe(&mut self, probe: &mut raw::Probe, path: &Path<'_>) {
        let grace = path.field("terminationGracePeriodSeconds");
        let feature = Feature::ProbeTerminationGracePeriod;
        self.keep(&mut probe.termination_grace, feature, &grace);
        let grpc = path.field("grpc");
        self.keep(&mut probe.handler.grpc, Feature::GrpcContainerProbe, &grpc);
    }

    fn lifecycle(&mut self, lifecycle: &mut raw::Lifecycle, path: &Path<'_>) {
        let hooks = [
            (&mut lifecycle.post_start, path.field("postStart")),
            (&mut lifecycle.pre_stop, path.field("preStop")),
        ];
        for (hook, path) in hooks {
            if let Some(hook) = hook {
                let sleep = path.field("sleep");
                self.keep(&mut hook.sleep, Feature::PodLifecycleSleepAction, &sleep);
            }
        }
        //= VAL-23
        let signal = path.field("stopSignal");
        let feature = Feature::ContainerStopSignals;
        self.keep(&mut lifecycle.stop_signal, feature, &signal);
    }

    /// The field came with sidecars, for init containers alone; until rules came it was refused
    /// elsewhere (VAL-37), and with the gate for rules off it is dropped.
    fn regular_restart_policy(&mut self, container: &mut raw::Container, path: &Path<'_>) {
        let policy = path.field("restartPolicy");
        if container.restart_policy.is_none() {
            return;
        }
        let feature = if self.profile.knows(Feature::ContainerRestartRules) {
            Feature::ContainerRestartRules
        } else if self.profile.knows(Feature::SidecarContainers) {
            return;
        } else {
            Feature::SidecarContainers
        };
        self.keep(&mut container.restart_policy, feature, &policy);
    }

    /// Rules decide what a container's end means, so a version without them refuses the pod.
    fn restart_rules(&mut self, container: &mut raw::Container, path: &Path<'_>) {
        let rules = path.field("restartPolicyRules");
        if container.restart_rules.is_empty() {
            return;
        }
        let feature = Feature::ContainerRestartRules;
        if !self.profile.knows(feature) {
            let version = self.profile.version();
            let made = self.report.at_key(&rules, "unknown field");
            let since = feature.since();
            made.help(format!(
                "Kubernetes {version} does not have it, it came with {since}"
            ));
        } else if self.passes(feature, &rules) {
            return;
        }
        container.restart_rules.clear();
    }
}

fn ignored(profile: &Profile, since: &str) -> String {
    let version = profile.version();
    format!("ignored by Kubernetes {version}: the field came with {since}")
}
