//! Whether a container that ended runs again.
//!
//! Sources: `container/helpers.go: ShouldContainerBeRestarted, ShouldAllContainersRestart`;
//! `pkg/api/v1/pod/util.go: ContainerShouldRestart`.

use super::api_status::{Conditions, PodStatus, Terminated, TerminatedReason};
use super::runtime_status::{Run, RunState, RuntimeStatus};
use crate::profile::{RestartScope, Rules};
use crate::spec::{Container, ContainerId, ExitAction, PodSpec, RestartPolicy};

/// Whether a container that ended like this runs again.
pub(super) fn after(spec: &PodSpec, rules: &Rules, id: ContainerId, ended: &Terminated) -> bool {
    let resetting = rules.restart_all && ended.reason == TerminatedReason::RestartingAllContainers;
    resetting || after_exit(spec, rules, id, ended.code)
}

/// Whether a container that ended with this code runs again.
#[must_use]
pub fn after_exit(spec: &PodSpec, rules: &Rules, id: ContainerId, code: i32) -> bool {
    let container = spec.container(id);
    let own = match rules.restart_scope {
        RestartScope::Pod => None,
        RestartScope::Container => container.restart_policy,
    };
    if own.is_some() {
        match matching_rule(container, code) {
            Some(ExitAction::Restart) => return true,
            Some(ExitAction::RestartAllContainers) if rules.restart_all => return true,
            _ => {}
        }
    }
    match own.unwrap_or(spec.restart_policy) {
        RestartPolicy::Always => true,
        RestartPolicy::OnFailure => code != 0,
        RestartPolicy::Never => false,
    }
}

/// Whether a container whose probe failed is started again: no rule is asked, there is no exit
/// code yet.
pub(super) fn after_probe(spec: &PodSpec, rules: &Rules, id: ContainerId) -> bool {
    own_policy(spec, rules, id) != RestartPolicy::Never
}

/// The container's policy where such count, or the pod's.
pub(super) fn own_policy(spec: &PodSpec, rules: &Rules, id: ContainerId) -> RestartPolicy {
    let own = match rules.restart_scope {
        RestartScope::Pod => None,
        RestartScope::Container => spec.container(id).restart_policy,
    };
    own.unwrap_or(spec.restart_policy)
}

/// Whether a sync would start this container (CPA-9 … CPA-11, CPA-17).
pub(super) fn should_start(
    spec: &PodSpec,
    rules: &Rules,
    id: ContainerId,
    view: &RuntimeStatus,
    deleted: bool,
) -> bool {
    if deleted {
        return false;
    }
    match view.newest(id).map(|run| &run.state) {
        None | Some(RunState::Created | RunState::Unknown) => true,
        Some(RunState::Running { .. }) => false,
        Some(RunState::Exited(exit)) => after_exit(spec, rules, id, exit.code),
    }
}

fn matching_rule(container: &Container, code: i32) -> Option<ExitAction> {
    let mut rules = container.restart_rules.iter();
    rules
        .find(|rule| rule.matches(code))
        .map(|rule| rule.action)
}

/// Whether this run's exit asks for a restart of every container.
pub(super) fn asks_for_all(spec: &PodSpec, run: &Run) -> bool {
    run.exit().is_some_and(|exit| {
        matching_rule(spec.container(run.id.container), exit.code)
            == Some(ExitAction::RestartAllContainers)
    })
}

/// Whether the pod has any rule that restarts every container.
pub(super) fn could_ask_for_all(spec: &PodSpec) -> bool {
    let mut rules = spec.containers.iter().flat_map(|c| &c.restart_rules);
    rules.any(|rule| rule.action == ExitAction::RestartAllContainers)
}

/// Whether every container is to restart, by the runtime or by the status before (VER-1).
pub(super) fn all(spec: &PodSpec, view: Option<&RuntimeStatus>, old: &PodStatus) -> bool {
    let under_way = |conditions: &Conditions| conditions.restarting.is_some_and(|c| c.status);
    if old.conditions.as_ref().is_some_and(under_way) {
        return true;
    }
    spec.ids().any(|id| {
        let by_runtime = view.and_then(|view| view.newest(id));
        let by_status = old.containers.get(id.index());
        by_runtime.is_some_and(|run| asks_for_all(spec, run))
            || by_status
                .and_then(|status| status.state.terminated())
                .is_some_and(|ended| {
                    matching_rule(spec.container(id), ended.code)
                        == Some(ExitAction::RestartAllContainers)
                })
    })
}
