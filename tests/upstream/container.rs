//! How one container is killed, and its hooks.

use crate::state::{State, only, same, text};
use podclock::kubelet::{HookKind, KillMessage};
use podclock::runtime::{Nominal, Script};
use podclock::sim::{Action, Model};
use podclock::spec::ProbeKind;
use podclock::when;
use serde_yaml::Value;
use std::sync::Arc;
use std::time::Duration;

/// The pod has one container of interest, its first. Either `killed_for` says why it is killed and
/// `grace` how many seconds it has, or `hook` names a hook of it, `kill_grace` the grace period of
/// a kill, and `runs` whether the hook does.
pub(crate) fn check(case: &Value) -> Result<(), String> {
    let fields = "id kubernetes pod killed_for grace hook kill_grace runs";
    only(case, &fields.split(' ').collect::<Vec<_>>())?;
    let state = State::of(case)?;
    let container = state.spec.ids().next().ok_or("a container")?;
    if case["hook"].is_null() {
        let failed = |kind| KillMessage::FailedProbe {
            kind,
            init: false,
            restart: true,
        };
        let message = match text(&case["killed_for"])? {
            "startup" => failed(ProbeKind::Startup),
            "liveness" => failed(ProbeKind::Liveness),
            _ => KillMessage::Stopping,
        };
        let wanted = case["grace"].as_i64().ok_or("grace")?;
        let grace = state.facts().kill_grace(container, message);
        return same("grace", &grace, &wanted);
    }
    let hook = match text(&case["hook"])? {
        "preStop" => HookKind::PreStop,
        "postStart" => HookKind::PostStart,
        other => return Err(format!("no hook: {other}")),
    };
    let wanted = case["runs"].as_bool().ok_or("runs")?;
    if hook == HookKind::PreStop {
        let grace = case["kill_grace"].as_i64().ok_or("kill_grace")?;
        let runs = state.facts().runs_pre_stop(container, grace);
        same("the hook runs", &runs, &wanted)?;
    }
    // A whole run has no kill without a grace period.
    if hook == HookKind::PostStart || wanted {
        let name = state.name(container).to_owned();
        let model = Model::new(Arc::new(state.spec), state.rules, Script::new());
        let model = model.at(Duration::from_secs(20), Action::DELETE);
        let run = model.run(&mut Nominal, Duration::from_secs(60));
        let began = run.timeline.count(when::hook_began(name.as_str(), hook));
        same("how often the hook runs", &began, &usize::from(wanted))?;
    }
    Ok(())
}
