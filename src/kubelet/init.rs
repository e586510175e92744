//! Which init container runs next.
//!
//! Before 1.34 pods without sidecars went another way (INIT-1 … INIT-7), which comes to the same as long as
//! the runtime forgets no init container (VER-2); and it forgets none here.
//!
//! Source: `kuberuntime/kuberuntime_container.go: computeInitContainerActions`.

use super::actions::{Actions, KillOrder, fails_for_good, kill_unknown};
use super::event::KillMessage;
use super::facts::Facts;
use super::restart;
use super::runtime_status::{Run, RunState};
use super::state::ProbeResult;
use crate::spec::{ContainerId, ProbeKind};

/// INIT-20 … INIT-30. Returns whether initialization is done.
pub(super) fn by_actions(facts: &Facts<'_>, actions: &mut Actions) -> bool {
    let (spec, view) = (facts.spec, facts.runtime);
    if spec.init_count == 0 {
        return true;
    }
    let mut initialized = spec.regular_ids().any(|id| {
        let state = view.newest(id).map(|run| &run.state);
        matches!(state, Some(RunState::Created | RunState::Running { .. }))
    });
    let mut before = initialized;
    for id in spec.init_ids().rev() {
        let sidecar = spec.is_sidecar(id);
        let Some(run) = view.newest(id) else {
            if before && sidecar {
                actions.start_init.insert(id);
            }
            continue;
        };
        if before && !sidecar {
            continue;
        }
        match &run.state {
            RunState::Created => actions.start_init.insert(id),
            RunState::Running { .. } => {
                if sidecar {
                    running_sidecar(facts, run, before, &mut initialized, actions);
                }
            }
            RunState::Exited(_) if sidecar => actions.start_init.insert(id),
            RunState::Exited(_) if run.state.is_failed_init() => {
                if fails_for_good(facts, id) {
                    actions.kill_pod = true;
                    actions.start_init = Default::default();
                    return false;
                }
                actions.start_init.insert(id);
            }
            RunState::Unknown => {
                // It has no exit code that a rule could be asked about.
                if !sidecar && !restart::after_probe(spec, facts.rules, id) {
                    actions.kill_pod = true;
                    actions.start_init = Default::default();
                    return false;
                }
                actions.start_init.insert(id);
                actions.kill.extend(kill_unknown(facts, id, true));
            }
            RunState::Exited(_) if is_last(facts, id) => initialized = true,
            RunState::Exited(_) => actions.start_init.insert(following(id)),
        }
        before = true;
    }
    if !before {
        actions.start_init.insert(ContainerId(0));
    }
    initialized
}

/// INIT-24, INIT-25
fn running_sidecar(
    facts: &Facts<'_>,
    run: &Run,
    before: bool,
    initialized: &mut bool,
    actions: &mut Actions,
) {
    let id = run.id.container;
    let container = facts.spec.container(id);
    let mut restart = |message| {
        actions.kill.push(KillOrder {
            run: run.id,
            message,
        });
        actions.start_init.insert(id);
    };
    let failed = |kind| KillMessage::FailedProbe {
        kind,
        init: true,
        restart: false,
    };
    if container.startup.is_some() {
        match facts.result(run.id, ProbeKind::Startup) {
            Some(ProbeResult::Success) => {}
            Some(ProbeResult::Failure) => return restart(failed(ProbeKind::Startup)),
            None | Some(ProbeResult::Unknown) => return,
        }
    }
    if run.image != container.image {
        restart(KillMessage::DefinitionChanged { init: true });
    } else if container.liveness.is_some()
        && facts.result(run.id, ProbeKind::Liveness) == Some(ProbeResult::Failure)
    {
        restart(failed(ProbeKind::Liveness));
    }
    if is_last(facts, id) {
        *initialized = true;
    } else if !before {
        actions.start_init.insert(following(id));
    }
}

const fn is_last(facts: &Facts<'_>, id: ContainerId) -> bool {
    id.index() + 1 == facts.spec.init_count
}

const fn following(id: ContainerId) -> ContainerId {
    ContainerId(id.0 + 1)
}
