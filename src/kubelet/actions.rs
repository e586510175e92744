//! What a sync decides to do, from the runtime status it was given.
//!
//! Source: `kuberuntime/kuberuntime_manager.go: computePodActions` (CPA-1 … CPA-17).

use super::api_status::ContainerSet;
use super::event::KillMessage;
use super::facts::Facts;
use super::runtime_status::{RunId, RunState};
use super::state::ProbeResult;
use super::{init, restart};
use crate::profile::RestartScope;
use crate::spec::{ContainerId, ProbeKind, RestartPolicy};
use smallvec::SmallVec;

/// What a sync does, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Actions {
    /// Containers to kill or forget, one after the other, because every container restarts.
    pub reset: SmallVec<[RunId; 2]>,
    /// Kill everything and stop the sandboxes.
    pub kill_pod: bool,
    /// Containers to kill one after the other.
    pub kill: SmallVec<[KillOrder; 1]>,
    /// Make a sandbox with that attempt.
    pub sandbox: Option<u32>,
    /// Init containers to start, in order.
    pub start_init: ContainerSet,
    /// Regular containers to start, in order.
    pub start: ContainerSet,
}

impl Actions {
    /// Whether nothing is to be done.
    pub(super) fn is_nothing(&self) -> bool {
        let kills = self.kill_pod || !self.kill.is_empty() || !self.reset.is_empty();
        let starts = !self.start_init.is_empty() || !self.start.is_empty();
        !kills && !starts && self.sandbox.is_none()
    }
}

/// One container to kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KillOrder {
    /// Which run.
    pub run: RunId,
    /// Why, as the Killing event says.
    pub message: KillMessage,
}

/// Decides. `restarting_all`: every container is to restart (VER-1).
pub(super) fn compute(facts: &Facts<'_>, restarting_all: bool) -> Actions {
    if restarting_all {
        return reset_all(facts);
    }
    let sandbox = facts.runtime.sandbox_change();
    if sandbox.needed {
        return with_new_sandbox(facts, sandbox.attempt);
    }
    let mut actions = Actions::default();
    let initialized = init::by_actions(facts, &mut actions);
    if initialized && !actions.kill_pod {
        regular_containers(facts, &mut actions);
    }
    actions
}

/// Every container goes, those whose exit asked for it last (VER-1).
///
/// Source: `kuberuntime_manager.go: getContainersToReset`.
fn reset_all(facts: &Facts<'_>) -> Actions {
    let mut actions = Actions::default();
    let spec = facts.spec;
    for sources in [false, true] {
        for id in spec.regular_ids().chain(spec.init_ids()) {
            for run in facts.runtime.newest_first(id) {
                if restart::asks_for_all(spec, run) == sources {
                    actions.reset.push(run.id);
                }
            }
        }
    }
    actions
}

/// CPA-1 … CPA-6
fn with_new_sandbox(facts: &Facts<'_>, attempt: u32) -> Actions {
    let spec = facts.spec;
    let mut actions = Actions {
        kill_pod: true,
        ..Actions::default()
    };
    let never = spec.restart_policy == RestartPolicy::Never;
    if never && attempt != 0 && !facts.runtime.runs.is_empty() {
        return actions;
    }
    let mut start = ContainerSet::EMPTY;
    for id in spec.regular_ids() {
        let on_failure = restart::own_policy(spec, facts.rules, id) == RestartPolicy::OnFailure;
        let newest = facts.runtime.newest(id);
        let succeeded = newest
            .and_then(|run| run.exit())
            .is_some_and(|exit| exit.code == 0);
        if !(on_failure && succeeded) {
            start.insert(id);
        }
    }
    let mut regular = spec.regular_ids();
    if start.is_empty() && regular.any(|id| facts.runtime.newest(id).is_some()) {
        return actions;
    }
    actions.sandbox = Some(attempt);
    if spec.init_count > 0 {
        actions.start_init.insert(ContainerId(0));
    } else {
        actions.start = start;
    }
    actions
}

/// CPA-9 … CPA-16
fn regular_containers(facts: &Facts<'_>, actions: &mut Actions) {
    let (spec, rules) = (facts.spec, facts.rules);
    let mut kept = 0;
    for id in spec.regular_ids() {
        let running = facts.runtime.newest(id).filter(|run| run.is_running());
        let Some(run) = running else {
            if facts.should_start(id) {
                actions.start.insert(id);
                actions.kill.extend(kill_unknown(facts, id, false));
            }
            continue;
        };
        let failed = |kind| facts.result(run.id, kind) == Some(ProbeResult::Failure);
        let restart = restart::after_probe(spec, rules, id);
        let message = if run.image != spec.container(id).image {
            actions.start.insert(id);
            KillMessage::DefinitionChanged { init: false }
        } else if let Some(kind) = [ProbeKind::Liveness, ProbeKind::Startup]
            .into_iter()
            .find(|&kind| failed(kind))
        {
            if restart {
                actions.start.insert(id);
            }
            KillMessage::FailedProbe {
                kind,
                init: false,
                restart,
            }
        } else {
            kept += 1;
            continue;
        };
        actions.kill.push(KillOrder {
            run: run.id,
            message,
        });
    }
    if kept == 0 && actions.start.is_empty() {
        actions.kill_pod = true;
        actions.start_init = ContainerSet::EMPTY;
    }
}

/// A container of which the runtime does not know whether it runs is killed before it is started,
/// so that it never runs twice (CPA-11, INIT-29).
pub(super) fn kill_unknown(facts: &Facts<'_>, id: ContainerId, init: bool) -> Option<KillOrder> {
    let newest = facts.runtime.newest(id)?;
    (newest.state == RunState::Unknown).then_some(KillOrder {
        run: newest.id,
        message: KillMessage::UnknownState { init },
    })
}

/// Whether an ordinary init container that failed with this run is not run again.
pub(super) fn fails_for_good(facts: &Facts<'_>, id: ContainerId) -> bool {
    let (spec, rules) = (facts.spec, facts.rules);
    match rules.restart_scope {
        RestartScope::Pod => spec.restart_policy == RestartPolicy::Never,
        RestartScope::Container => !facts.should_start(id),
    }
}
