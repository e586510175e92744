//! What every status of a run must keep, as upstream's tests watch it.

use podclock::kubelet::{ContainerState, ContainerStatus, Event, PodPhase, PodStatus, Terminated};
use podclock::spec::ContainerId;
use podclock::timeline::{Names, ShownCondition, ShownState, Timeline, when};
use podclock::{Time, kubelet::ConditionStatus};

/// Whether a run keeps it; `Err` says what does not.
pub(crate) type Invariant = fn(&Timeline) -> Result<(), String>;

/// The invariant that a case asks for.
pub(crate) fn named(name: &str) -> Option<Invariant> {
    Some(match name {
        "later-init-waits" => later_init_waits,
        "completed-init-is-ready" => completed_init_is_ready,
        "main-waits-for-init" => main_waits_for_init,
        "initialized-tells" => initialized_tells,
        "statuses-never-vanish" => statuses_never_vanish,
        "blocked-never-starts" => blocked_never_starts,
        "terminated-is-final" => terminated_is_final,
        "exit-codes" => exit_codes,
        "times-in-pairs" => times_in_pairs,
        "terminal-phase-is-final" => terminal_phase_is_final,
        "nothing-runs-unless-over" => nothing_runs_unless_over,
        "nothing-runs-at-the-end" => nothing_runs_at_the_end,
        "over-or-pending-at-the-end" => over_or_pending_at_the_end,
        "terminated-only-when-failed" => terminated_only_when_failed,
        "killed-by-the-deletion" => killed_by_the_deletion,
        _ => return None,
    })
}

fn statuses(timeline: &Timeline) -> impl Iterator<Item = (Time, &PodStatus)> {
    let entries = timeline.entries().iter();
    entries.filter_map(|entry| match &entry.event {
        Event::Status(status) => Some((entry.at, &**status)),
        _ => None,
    })
}

fn names(timeline: &Timeline) -> Result<Names<'_>, String> {
    timeline.names().ok_or_else(|| "no names".to_owned())
}

/// Every status of every container, with when it was.
fn containers(timeline: &Timeline) -> impl Iterator<Item = (Time, usize, &ContainerStatus)> {
    statuses(timeline).flat_map(|(at, status)| {
        let all = status.containers.iter().enumerate();
        all.map(move |(index, container)| (at, index, container))
    })
}

fn completed(container: &ContainerStatus) -> bool {
    container
        .state
        .terminated()
        .is_some_and(|ended| ended.code == 0)
}

const fn waits(container: &ContainerStatus) -> bool {
    matches!(container.state, ContainerState::Waiting(_))
}

/// The terminated states that a status shows, the last one's included.
fn ends(container: &ContainerStatus) -> impl Iterator<Item = &Terminated> {
    container
        .state
        .terminated()
        .into_iter()
        .chain(&container.last)
}

fn each(
    timeline: &Timeline,
    keeps: impl Fn(&PodStatus, &Names<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let names = names(timeline)?;
    let mut seen = false;
    for (at, status) in statuses(timeline) {
        seen |= !status.containers.is_empty();
        keeps(status, &names).map_err(|fault| format!("at {at} {fault}"))?;
    }
    if seen {
        Ok(())
    } else {
        Err("no status at all".to_owned())
    }
}

fn later_init_waits(timeline: &Timeline) -> Result<(), String> {
    each(timeline, |status, names| {
        let inits = status.containers.iter().take(names.pod.init_count);
        let mut behind = inits.skip_while(|init| completed(init)).skip(1);
        match behind.find(|init| !waits(init)) {
            Some(_) => Err("a later init container does not wait".to_owned()),
            None => Ok(()),
        }
    })
}

fn completed_init_is_ready(timeline: &Timeline) -> Result<(), String> {
    each(timeline, |status, names| {
        let mut inits = status.containers.iter().take(names.pod.init_count);
        match inits.find(|init| completed(init) && !init.ready) {
            Some(_) => Err("a completed init container is not ready".to_owned()),
            None => Ok(()),
        }
    })
}

fn initialized(status: &PodStatus, names: &Names<'_>) -> bool {
    let mut inits = status.containers.iter().take(names.pod.init_count);
    !status.containers.is_empty() && inits.all(completed)
}

fn main_waits_for_init(timeline: &Timeline) -> Result<(), String> {
    each(timeline, |status, names| {
        if initialized(status, names) {
            return Ok(());
        }
        for id in names.pod.ids().skip(names.pod.init_count) {
            let Some(main) = status.containers.get(id.index()) else {
                continue;
            };
            let shown = ShownState::of(main, id, names);
            let waits = shown.state == "waiting" && shown.reason == "PodInitializing";
            if !waits || main.restart_count > 0 {
                let name = names.container(id);
                return Err(format!(
                    "{name} is {shown}, restartCount {}",
                    main.restart_count
                ));
            }
        }
        Ok(())
    })
}

fn initialized_tells(timeline: &Timeline) -> Result<(), String> {
    each(timeline, |status, names| {
        let shown = ShownCondition::of(status, "Initialized", names);
        let wanted = if initialized(status, names) {
            ConditionStatus::True
        } else {
            ConditionStatus::False
        };
        match shown {
            Some(shown) if shown.status == wanted => Ok(()),
            Some(shown) => Err(format!("Initialized is {shown}")),
            None => Err("there is no Initialized".to_owned()),
        }
    })
}

fn statuses_never_vanish(timeline: &Timeline) -> Result<(), String> {
    let mut seen = 0;
    each(timeline, |_, _| Ok(()))?;
    let all = names(timeline)?.pod.containers.len();
    for (at, status) in statuses(timeline) {
        let count = status.containers.len();
        if count < seen || (count > 0 && count != all) {
            return Err(format!("at {at} there are {count} container statuses"));
        }
        seen = count;
    }
    Ok(())
}

fn container(timeline: &Timeline, name: &str) -> Result<ContainerId, String> {
    let found = names(timeline)?.pod.find(name);
    found.ok_or_else(|| format!("no container {name}"))
}

fn blocked_never_starts(timeline: &Timeline) -> Result<(), String> {
    let blocked = container(timeline, "blocked")?.index();
    each(timeline, |status, _| match status.containers.get(blocked) {
        Some(status) if !waits(status) || status.started || status.last.is_some() => {
            Err(format!("blocked is {:?}", status.state))
        }
        _ => Ok(()),
    })
}

/// Of the container that upstream's pods end with.
fn terminated_is_final(timeline: &Timeline) -> Result<(), String> {
    let id = container(timeline, "fail").or_else(|_| container(timeline, "normal"))?;
    let mut over = false;
    for (at, index, status) in containers(timeline) {
        if index == id.index() {
            let ended = status.state.terminated().is_some();
            if over && !ended {
                return Err(format!("at {at} it is {:?} after its end", status.state));
            }
            over |= ended;
        }
    }
    Ok(())
}

fn exit_codes(timeline: &Timeline) -> Result<(), String> {
    let names = names(timeline)?;
    for (at, index, status) in containers(timeline) {
        let id = ContainerId(u8::try_from(index).map_err(|_| "too many")?);
        let shown = ShownState::of(status, id, &names);
        let killed = ["Error", "ContainerStatusUnknown"].contains(&shown.reason);
        match shown.code {
            None | Some(1) => {}
            Some(137) if killed => {}
            Some(_) => return Err(format!("at {at} {} is {shown}", names.container(id))),
        }
    }
    Ok(())
}

fn times_in_pairs(timeline: &Timeline) -> Result<(), String> {
    for (at, _, status) in containers(timeline) {
        for times in ends(status).filter_map(|ended| ended.times) {
            let Some(started) = times.started else {
                return Err(format!("at {at} an end has no start"));
            };
            if times.finished.millis_since(started) > 3_600_000 {
                return Err(format!("at {at} it ran for more than an hour"));
            }
        }
    }
    Ok(())
}

fn terminal_phase_is_final(timeline: &Timeline) -> Result<(), String> {
    let mut over: Option<PodPhase> = None;
    for (at, status) in statuses(timeline) {
        if let Some(over) = over.filter(|over| *over != status.phase) {
            return Err(format!("at {at} {over:?} turns {:?}", status.phase));
        }
        over = Some(status.phase).filter(|phase| phase.is_terminal());
    }
    Ok(())
}

/// The last status before the pod is gone, if it is one that the kubelet has written.
fn last(timeline: &Timeline) -> Result<Option<&PodStatus>, String> {
    let gone = timeline
        .first(when::removed())
        .ok_or("the pod is not gone")?;
    let before = statuses(timeline).take_while(|(at, _)| *at <= gone.at);
    Ok(before.last().map(|(_, status)| status))
}

fn nothing_runs_unless_over(timeline: &Timeline) -> Result<(), String> {
    match last(timeline)? {
        Some(last) if !last.phase.is_terminal() => nothing_runs_at_the_end(timeline),
        _ => Ok(()),
    }
}

fn nothing_runs_at_the_end(timeline: &Timeline) -> Result<(), String> {
    let Some(last) = last(timeline)? else {
        return Ok(());
    };
    match last
        .containers
        .iter()
        .find(|container| container.state.is_running())
    {
        Some(_) => Err("a container runs in the last status".to_owned()),
        None => Ok(()),
    }
}

fn over_or_pending_at_the_end(timeline: &Timeline) -> Result<(), String> {
    let phase = last(timeline)?.map_or(PodPhase::Pending, |status| status.phase);
    if phase.is_terminal() || phase == PodPhase::Pending {
        Ok(())
    } else {
        Err(format!("the last phase is {phase:?}"))
    }
}

fn terminated_only_when_failed(timeline: &Timeline) -> Result<(), String> {
    for (at, status) in statuses(timeline) {
        let mut all = status.containers.iter();
        if all.any(|container| container.state.terminated().is_some()) {
            return match status.phase {
                PodPhase::Failed => Ok(()),
                phase => Err(format!("at {at} terminated, but {phase:?}")),
            };
        }
    }
    Err("it never ends".to_owned())
}

fn killed_by_the_deletion(timeline: &Timeline) -> Result<(), String> {
    let names = names(timeline)?;
    let deleted = timeline
        .first(when::delete_requested())
        .ok_or("not deleted")?;
    let mut seen = false;
    for (at, index, status) in containers(timeline) {
        if status.state.terminated().is_some() {
            seen = true;
            let id = ContainerId(u8::try_from(index).map_err(|_| "too many")?);
            let shown = ShownState::of(status, id, &names);
            if at < deleted.at || shown.code != Some(137) || shown.reason != "Error" {
                return Err(format!("at {at} it is {shown}"));
            }
        }
    }
    if seen {
        Ok(())
    } else {
        Err("it never ends".to_owned())
    }
}
