//! Invariants of what the runtime does.

use super::facts::{Facts, is_kill};
use crate::kubelet::{ContainerEvent, ContainerFact, Event, KubeEvent};
use crate::spec::ContainerId;
use crate::timeline::{Entry, Names};

/// The entry as something that happens to a run.
pub(super) const fn fact(entry: &Entry) -> Option<ContainerEvent> {
    match &entry.event {
        Event::Container(event) => Some(*event),
        _ => None,
    }
}

fn name(id: ContainerId, names: &Names<'_>) -> String {
    names.container(id).to_owned()
}

pub(super) fn one_at_a_time(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    if event.fact != (ContainerFact::Started { error: None }) {
        return None;
    }
    let id = event.run.container;
    let runs = &facts.container(id).runs;
    if facts.run(event.run).is_some_and(|run| run.abandoned) {
        return None;
    }
    let other = runs.iter().find(|run| run.is_running() && !run.abandoned)?;
    let (run, other) = (event.run.ordinal, other.ordinal);
    Some(format!(
        "{}: run {run} starts while run {other} runs",
        name(id, names)
    ))
}

pub(super) fn life(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    let run = facts.run(event.run);
    let good = match (event.fact, run) {
        // Only what is created gets to be a run.
        (ContainerFact::Create { .. }, run) => run.is_none(),
        (_, None) => false,
        (ContainerFact::Start, Some(run)) => !run.starting && !run.removed,
        (ContainerFact::Started { .. }, Some(run)) => {
            run.starting && run.started.is_none() && run.ended.is_none()
        }
        (ContainerFact::Stop { running, .. }, Some(run)) => running == run.is_running(),
        (ContainerFact::Exited { .. }, Some(run)) => run.is_running(),
        (ContainerFact::Removed, Some(run)) => !run.is_running() && !run.removed,
    };
    let id = event.run.container;
    (!good).then(|| {
        let (run, fact) = (event.run.ordinal, event.fact);
        format!("{}: run {run}: {fact:?} does not follow", name(id, names))
    })
}

pub(super) fn sandbox_first(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    let starts = event.fact == (ContainerFact::Started { error: None });
    let abandoned = facts.run(event.run).is_some_and(|run| run.abandoned);
    (starts && !abandoned && facts.sandboxes.is_empty()).then(|| {
        let name = name(event.run.container, names);
        format!("{name} starts without a sandbox")
    })
}

/// Whether the sandbox is being stopped at this very instant, which kills what runs in it.
fn sandbox_ends(facts: &Facts, entry: &Entry) -> bool {
    facts.sandbox_stopped == Some(entry.at)
}

pub(super) fn kill_keeps_timeout(
    facts: &Facts,
    entry: &Entry,
    names: &Names<'_>,
) -> Option<String> {
    let event = fact(entry)?;
    if !is_kill(event.fact) || sandbox_ends(facts, entry) {
        return None;
    }
    let name = name(event.run.container, names);
    match facts.run(event.run).and_then(|run| run.kill_at) {
        None => Some(format!("{name} is killed, and the runtime was not told to")),
        Some(at) if entry.at < at => Some(format!("{name} is killed before {at}")),
        Some(_) => None,
    }
}

pub(super) fn kill_keeps_grace(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    if !is_kill(event.fact) || sandbox_ends(facts, entry) {
        return None;
    }
    let until = facts.run(event.run)?.grace_until?;
    (entry.at < until).then(|| {
        let name = name(event.run.container, names);
        format!("{name} is killed, and had until {until}")
    })
}

pub(super) fn stop_timeout(_: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    match event.fact {
        ContainerFact::Stop { timeout, .. } if timeout < 2 => {
            let name = name(event.run.container, names);
            Some(format!("{name} is to be killed in {timeout} s"))
        }
        _ => None,
    }
}

pub(super) fn stop_is_told(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    let ContainerFact::Stop { .. } = event.fact else {
        return None;
    };
    let told = facts.run(event.run).is_some_and(|run| run.kill_told);
    (!told).then(|| {
        let name = name(event.run.container, names);
        format!("{name} is stopped without a Killing event")
    })
}

pub(super) fn init_first(facts: &Facts, entry: &Entry, names: &Names<'_>) -> Option<String> {
    let event = fact(entry)?;
    let starts = event.fact == (ContainerFact::Started { error: None });
    let id = event.run.container;
    (starts && !facts.initialized(names.pod, id.index())).then(|| {
        let name = name(id, names);
        format!("{name} starts before an init container has done its work")
    })
}

pub(super) fn nothing_after_the_end(
    facts: &Facts,
    entry: &Entry,
    names: &Names<'_>,
) -> Option<String> {
    let before = facts.status.as_ref();
    let over = before.is_some_and(|status| status.phase.is_terminal());
    match &entry.event {
        Event::Container(event) => {
            let works = matches!(
                event.fact,
                ContainerFact::Create { .. } | ContainerFact::Start
            );
            (over && works).then(|| {
                let name = name(event.run.container, names);
                format!("{name}: {:?} after the end", event.fact)
            })
        }
        Event::Status(status) if status.phase.is_terminal() && !over => {
            let running = names.pod.ids().find(|&id| {
                let runs = &facts.container(id).runs;
                runs.iter().any(|run| run.is_running() && !run.abandoned)
            })?;
            let phase = status.phase.name();
            Some(format!("{} runs in phase {phase}", name(running, names)))
        }
        _ => None,
    }
}

/// The container that an entry's Kubernetes Event is about.
pub(super) const fn kube(entry: &Entry) -> Option<KubeEvent> {
    match &entry.event {
        Event::Kube(event) => Some(*event),
        _ => None,
    }
}
