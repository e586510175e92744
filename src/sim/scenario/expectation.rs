//! Statements of `expect:` held against a timeline.

use super::Scenario;
use super::edge::Edge;
use super::statement::{
    Between, Bounds, ConditionStatusName, HasCondition, HasState, PhaseName, ProbeResultName,
    Probes, Statement,
};
use super::told::moment;
use crate::kubelet::{ConditionStatus, Event, HookKind, PodPhase};
use crate::manifest::{Diagnostic, Path, Position, Severity, Spots};
use crate::runtime::Probed;
use crate::spec::ProbeKind;
use crate::time::{Span, Time};
use crate::timeline::{Condition, Entry, Moment, ShownCondition, ShownState, Timeline, When, when};

/// One statement of `expect:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Its field path, such as `expect[0].ready`.
    pub path: String,
    /// Where it stands in the file.
    pub position: Option<Position>,
    statement: Statement,
}

/// The statements of a file with their places.
pub(super) fn of(statements: &[Statement], spots: &Spots) -> Vec<Expectation> {
    let list = Path::ROOT.field("expect");
    let with_place = |(index, statement): (usize, &Statement)| {
        let item = list.index(index);
        let path = item.field(statement.word());
        Expectation {
            path: path.to_string(),
            position: spots.value(&path),
            statement: statement.clone(),
        }
    };
    statements.iter().enumerate().map(with_place).collect()
}

impl Scenario {
    /// The expectations that a timeline does not meet: what was expected as the message, what was
    /// seen instead and when as the help.
    #[must_use]
    pub fn failures(&self, timeline: &Timeline) -> Vec<Diagnostic> {
        let end = Time::START + self.until;
        let failing = self.expectations.iter().filter_map(|expectation| {
            let seen = expectation.statement.failure(timeline, end)?;
            Some(Diagnostic {
                severity: Severity::Error,
                path: expectation.path.clone(),
                message: format!("expected: {}", expectation.statement.told()),
                position: expectation.position,
                help: Some(seen),
                document: 0,
            })
        });
        failing.collect()
    }
}

impl Statement {
    /// The word that it begins with.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ready",
            Self::Unready(_) => "unready",
            Self::Started(_) => "started",
            Self::Restarted(_) => "restarted",
            Self::Terminated(_) => "terminated",
            Self::Term(_) => "term",
            Self::Killed(_) => "killed",
            Self::Waiting(_) => "waiting",
            Self::PreStop(_) => "pre_stop",
            Self::PreStopEnded(_) => "pre_stop_ended",
            Self::PostStart(_) => "post_start",
            Self::PostStartEnded(_) => "post_start_ended",
            Self::Probe(_) => "probe",
            Self::Event(_) => "event",
            Self::Phase(_) => "phase",
            Self::State(_) => "state",
            Self::Condition(_) => "condition",
            Self::Deleted(_) => "deleted",
            Self::Gone(_) => "gone",
            Self::Between(_) => "between",
        }
    }

    /// The container that it names.
    pub(super) fn container(&self) -> Option<&str> {
        match self {
            Self::Ready(of)
            | Self::Started(of)
            | Self::Restarted(of)
            | Self::Term(of)
            | Self::Killed(of)
            | Self::PreStop(of)
            | Self::PreStopEnded(of)
            | Self::PostStart(of)
            | Self::PostStartEnded(of) => of.container.as_deref(),
            Self::Terminated(ended) => ended.container.as_deref(),
            Self::Waiting(waits) => waits.container.as_deref(),
            Self::Event(sent) => sent.container.as_deref(),
            Self::Probe(probe) => probe.container.as_deref(),
            Self::State(state) => state.container.as_deref(),
            Self::Unready(_)
            | Self::Phase(_)
            | Self::Condition(_)
            | Self::Deleted(_)
            | Self::Gone(_)
            | Self::Between(_) => None,
        }
    }

    pub(super) const fn bounds(&self) -> Bounds<'_> {
        match self {
            Self::Ready(of)
            | Self::Started(of)
            | Self::Restarted(of)
            | Self::Term(of)
            | Self::Killed(of)
            | Self::PreStop(of)
            | Self::PreStopEnded(of)
            | Self::PostStart(of)
            | Self::PostStartEnded(of) => of.bounds(),
            Self::Unready(of) | Self::Deleted(of) | Self::Gone(of) => of.bounds(),
            Self::Terminated(ended) => ended.bounds(),
            Self::Waiting(waits) => waits.bounds(),
            Self::Event(sent) => sent.bounds(),
            Self::Phase(phase) => phase.bounds(),
            Self::Probe(probe) => probe.bounds(),
            Self::State(state) => state.bounds(),
            Self::Condition(condition) => condition.bounds(),
            Self::Between(_) => Bounds {
                by: None,
                before: None,
                after: None,
                times: None,
                at_least: None,
                at_most: None,
                never: false,
            },
        }
    }

    /// Whether it says how often.
    pub(super) const fn counts(&self) -> bool {
        let bounds = self.bounds();
        bounds.never
            || bounds.times.is_some()
            || bounds.at_least.is_some()
            || bounds.at_most.is_some()
            || self.at().is_some()
    }

    /// The moment that it asks for, if it does not ask for what happens.
    pub(super) const fn at(&self) -> Option<Span> {
        match self {
            Self::Phase(phase) => phase.at,
            Self::State(state) => state.at,
            Self::Condition(condition) => condition.at,
            _ => None,
        }
    }

    /// The statements that its bounds name, with the word before each.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&'static str, &Self)> {
        let bounds = self.bounds();
        let before = bounds.before.and_then(Edge::statement);
        let after = bounds.after.and_then(Edge::statement);
        let edges = [
            before.map(|edge| ("before", edge)),
            after.map(|edge| ("after", edge)),
        ];
        edges.into_iter().flatten()
    }

    /// What makes it senseless, whatever the timeline.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let Bounds {
            by,
            before,
            after,
            times,
            at_least,
            at_most,
            never,
        } = self.bounds();
        let counts = times.is_some() || at_least.is_some() || at_most.is_some();
        if never && counts {
            return Some("`never` and a number of times contradict each other");
        }
        if times.is_some() && (at_least.is_some() || at_most.is_some()) {
            return Some("`times` says exactly how often: leave out `at_least` and `at_most`");
        }
        if by.is_some() && before.is_some() {
            return Some("`by` and `before` are two ends: write one of them");
        }
        if after
            .and_then(Edge::time)
            .zip(by.or(before.and_then(Edge::time)))
            .is_some_and(|(after, until)| after > until)
        {
            return Some("it ends before it begins");
        }
        if self.at().is_some() && self.bounds() != Bounds::default() {
            return Some("`at` asks for one moment: leave out the rest");
        }
        match self {
            Self::Phase(phase) if phase.is.is_none() => Some("`is` is missing: which phase?"),
            Self::Probe(probe) if probe.kind.is_none() => Some("`kind` is missing: which probe?"),
            Self::State(state) if state.says_nothing() => {
                Some("what of its status? `is` or another field is needed")
            }
            Self::Condition(condition) if condition.r#type.is_none() => {
                Some("`type` is missing: which condition?")
            }
            Self::Waiting(waits) if waits.reason.is_none() => Some("`reason` is missing"),
            Self::Event(sent) if sent.reason.is_none() && sent.message.is_none() => {
                Some("`reason` or `message` is needed")
            }
            Self::Between(between) => {
                let Between {
                    at_most,
                    at_least,
                    exactly,
                    ..
                } = **between;
                let none = at_most.is_none() && at_least.is_none() && exactly.is_none();
                none.then_some("`at_most`, `at_least` or `exactly` is needed")
            }
            _ => None,
        }
    }

    /// What it is about, as a condition over entries.
    fn condition(&self) -> When {
        let container = self.container();
        match self {
            Self::Ready(_) if container.is_some() => when::container_ready(container),
            Self::Ready(_) => when::ready(),
            Self::Unready(_) => when::unready(),
            Self::Started(_) => when::started(container),
            Self::Restarted(_) => when::restarted(container),
            Self::Terminated(ended) => {
                let mut all = match ended.code {
                    Some(code) => when::exited(container, code),
                    None => when::terminated(container),
                };
                if let Some(oom) = ended.oom {
                    let is_oom = when::oom_killed(container);
                    all = When::new(move |moment| all.holds(moment) && is_oom.holds(moment) == oom);
                }
                all
            }
            Self::Term(_) => when::term_sent(container),
            Self::Killed(_) => when::kill_sent(container),
            Self::Waiting(waits) => {
                when::waiting(container, waits.reason.as_deref().unwrap_or_default())
            }
            Self::PreStop(_) => when::hook_began(container, HookKind::PreStop),
            Self::PreStopEnded(_) => when::hook_ended(container, HookKind::PreStop),
            Self::PostStart(_) => when::hook_began(container, HookKind::PostStart),
            Self::PostStartEnded(_) => when::hook_ended(container, HookKind::PostStart),
            Self::Probe(probe) => probe.condition(),
            Self::State(state) => state.condition(),
            Self::Condition(condition) => condition.condition(),
            Self::Event(sent) => {
                let reason = sent.reason.as_deref().map(when::event);
                let message = when::event_message(sent.message.as_deref().unwrap_or_default());
                let about = container.map(when::event_about);
                When::new(move |moment| {
                    message.holds(moment)
                        && reason.as_ref().is_none_or(|reason| reason.holds(moment))
                        && about.as_ref().is_none_or(|about| about.holds(moment))
                })
            }
            Self::Phase(phase) => when::phase(phase.is.unwrap_or(PhaseName::Pending).into()),
            Self::Deleted(_) => when::delete_requested(),
            Self::Gone(_) => when::removed(),
            Self::Between(_) => When::new(|_| false),
        }
    }

    /// What was seen instead; `None` if the statement is true.
    fn failure(&self, timeline: &Timeline, end: Time) -> Option<String> {
        if let Self::Between(between) = self {
            return between.failure(timeline, end);
        }
        if let Some(at) = self.at() {
            return self.failure_at(timeline, moment(at));
        }
        let bounds = self.bounds();
        let window = match bounds.window(timeline) {
            Ok(window) => window,
            Err(missing) => return Some(missing.missing(end)),
        };
        let all: Vec<&Entry> = timeline.all(&self.condition()).collect();
        let counted = all.iter().filter(|entry| window.covers(entry)).count();
        let (least, most) = bounds.range();
        if (least..=most).contains(&counted) {
            return None;
        }
        if all.is_empty() {
            return Some(format!("it never came, until the end at {end}"));
        }
        let times: Vec<String> = all
            .iter()
            .take(6)
            .map(|entry| entry.at.to_string())
            .collect();
        let more = if all.len() > times.len() { ", …" } else { "" };
        let (times, count) = (times.join(", "), all.len());
        let mut seen = match count {
            1 => format!("it came once: at {times}"),
            _ => format!("it came {count} times: at {times}{more}"),
        };
        for (_, statement) in self.edges() {
            if let Ok(Some(first)) = statement.first(timeline) {
                seen += &format!("; \"{}\" was at {}", statement.subject(), first.at);
            }
        }
        Some(seen)
    }

    /// What the API held at a moment instead; `None` if it was that.
    fn failure_at(&self, timeline: &Timeline, at: Time) -> Option<String> {
        let gone = timeline.first(when::removed());
        if let Some(gone) = gone.filter(|entry| entry.at <= at) {
            return Some(format!("the pod was gone since {}", gone.at));
        }
        let until = timeline.entries().partition_point(|entry| entry.at <= at);
        let mut entries = timeline.entries()[..until].iter().rev();
        let newest = entries.find(|entry| matches!(entry.event, Event::Status(_)));
        let (Some(entry), Some(names)) = (newest, timeline.names()) else {
            let pending =
                matches!(self, Self::Phase(phase) if phase.is == Some(PhaseName::Pending));
            return (!pending).then(|| "no kubelet had written a status yet".to_owned());
        };
        let moment = Moment {
            entry,
            before: None,
            names,
        };
        if self.condition().holds(&moment) {
            return None;
        }
        let Event::Status(status) = &entry.event else {
            return None;
        };
        Some(match self {
            Self::State(_) => {
                let of = self.container();
                let ids = names.pod.ids().take(status.containers.len());
                let asked = ids.filter(|&id| of.is_none_or(|of| of == names.container(id)));
                let told: Vec<String> = asked
                    .map(|id| {
                        let seen = &status.containers[id.index()];
                        let shown = ShownState::of(seen, id, &names);
                        let not = |is: bool| if is { "" } else { "not " };
                        let (ready, started) = (not(seen.ready), not(seen.started));
                        let (name, count) = (names.container(id), seen.restart_count);
                        format!(
                            "{name} was {shown}, {ready}ready, {started}started, restartCount \
                             {count}"
                        )
                    })
                    .collect();
                told.join("; ")
            }
            Self::Condition(condition) => {
                let kind = condition.r#type.as_deref().unwrap_or_default();
                match ShownCondition::of(status, kind, &names) {
                    Some(shown) => format!("it was {shown}"),
                    None => "there was no such condition".to_owned(),
                }
            }
            _ => format!("it was {}", status.phase.name()),
        })
    }

    /// The first time that it comes within its bounds; `Err` is the statement among the bounds that
    /// never comes.
    fn first<'t>(&self, timeline: &'t Timeline) -> Result<Option<&'t Entry>, &Self> {
        self.first_from(timeline, 0)
    }

    fn first_from<'t>(&self, timeline: &'t Timeline, seq: u32) -> Result<Option<&'t Entry>, &Self> {
        let window = self.bounds().window(timeline)?;
        let condition = self.condition();
        let mut all = timeline.all(&condition);
        Ok(all.find(|entry| entry.seq >= seq && window.covers(entry)))
    }

    fn missing(&self, end: Time) -> String {
        format!("\"{}\" never came, until the end at {end}", self.subject())
    }
}

impl Probes {
    fn condition(&self) -> When {
        let container = self.container.as_deref();
        let kind = match self.kind {
            Some(Probed::Startup) => ProbeKind::Startup,
            Some(Probed::Readiness) => ProbeKind::Readiness,
            _ => ProbeKind::Liveness,
        };
        match self.result {
            None => when::probe_began(container, kind),
            Some(ProbeResultName::Success) => when::probe_succeeded(container, kind),
            Some(ProbeResultName::Failure) => {
                let (failed, late) = (
                    when::probe_failed(container, kind),
                    when::probe_timed_out(container, kind),
                );
                When::new(move |moment| failed.holds(moment) && !late.holds(moment))
            }
            Some(ProbeResultName::Timeout) => when::probe_timed_out(container, kind),
            Some(ProbeResultName::Error) => when::probe_errored(container, kind),
        }
    }
}

impl HasState {
    const fn says_nothing(&self) -> bool {
        self.is.is_none()
            && self.reason.is_none()
            && self.message.is_none()
            && self.code.is_none()
            && self.last_code.is_none()
            && self.ready.is_none()
            && self.started.is_none()
            && self.restart_count.is_none()
    }

    fn condition(&self) -> When {
        let wanted = self.clone();
        when::container_shows(self.container.as_deref(), move |status, shown| {
            let last_code = status.last.map(|last| last.code);
            wanted.is.is_none_or(|is| is.name() == shown.state)
                && wanted
                    .reason
                    .as_ref()
                    .is_none_or(|reason| reason == shown.reason)
                && wanted
                    .message
                    .as_ref()
                    .is_none_or(|part| shown.message.contains(part))
                && wanted.code.is_none_or(|code| shown.code == Some(code))
                && wanted.last_code.is_none_or(|code| last_code == Some(code))
                && wanted.ready.is_none_or(|ready| status.ready == ready)
                && wanted
                    .started
                    .is_none_or(|started| status.started == started)
                && wanted
                    .restart_count
                    .is_none_or(|count| status.restart_count == count)
        })
    }
}

impl HasCondition {
    fn condition(&self) -> When {
        let wanted = self.clone();
        let status = match self.wanted() {
            ConditionStatusName::True => ConditionStatus::True,
            ConditionStatusName::False => ConditionStatus::False,
            ConditionStatusName::Unknown => ConditionStatus::Unknown,
        };
        when::condition_shows(self.r#type.as_deref().unwrap_or_default(), move |shown| {
            let (reason, message) = (&wanted.reason, &wanted.message);
            shown.status == status
                && reason.as_ref().is_none_or(|reason| reason == shown.reason)
                && message
                    .as_ref()
                    .is_none_or(|part| shown.message.contains(part))
        })
    }
}

impl Between {
    fn failure(&self, timeline: &Timeline, end: Time) -> Option<String> {
        let from = match self.from.first(timeline) {
            Ok(Some(from)) => from,
            Ok(None) => return Some(self.from.missing(end)),
            Err(missing) => return Some(missing.missing(end)),
        };
        let to = match self.to.first_from(timeline, from.seq) {
            Ok(Some(to)) => to,
            Ok(None) => return Some(self.to.missing(end)),
            Err(missing) => return Some(missing.missing(end)),
        };
        let took = Span::from(to.at.since(from.at));
        let fits = self.exactly.is_none_or(|exactly| took == exactly)
            && self.at_most.is_none_or(|most| took <= most)
            && self.at_least.is_none_or(|least| took >= least);
        (!fits).then(|| format!("it took {took}: from {} to {}", from.at, to.at))
    }
}

/// Which entries count: by time, and by place for those of one instant.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: Time,
    by: Option<Time>,
    before: Option<Time>,
    behind: Option<u32>,
    ahead_of: Option<u32>,
}

impl Window {
    fn covers(&self, entry: &Entry) -> bool {
        entry.at >= self.from
            && self.by.is_none_or(|by| entry.at <= by)
            && self.before.is_none_or(|before| entry.at < before)
            && self.behind.is_none_or(|seq| entry.seq > seq)
            && self.ahead_of.is_none_or(|seq| entry.seq < seq)
    }
}

impl<'s> Bounds<'s> {
    /// The entries that count. `Err` is the statement that it names and that never comes: then
    /// there is no such stretch of time, and nothing can be said about it.
    fn window(&self, timeline: &Timeline) -> Result<Window, &'s Statement> {
        let seq = |edge: Option<&'s Edge>| match edge.and_then(Edge::statement) {
            None => Ok(None),
            Some(statement) => match statement.first(timeline)? {
                Some(entry) => Ok(Some(entry.seq)),
                None => Err(statement),
            },
        };
        Ok(Window {
            from: self.after.and_then(Edge::time).map_or(Time::START, moment),
            by: self.by.map(moment),
            before: self.before.and_then(Edge::time).map(moment),
            behind: seq(self.after)?,
            ahead_of: seq(self.before)?,
        })
    }

    /// How often at least and at most.
    fn range(&self) -> (usize, usize) {
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        if self.never {
            return (0, 0);
        }
        if let Some(times) = self.times {
            return (count(times), count(times));
        }
        let least = match (self.at_least, self.at_most) {
            (Some(least), _) => count(least),
            (None, Some(_)) => 0,
            (None, None) => 1,
        };
        (least, self.at_most.map_or(usize::MAX, count))
    }
}

impl From<PhaseName> for PodPhase {
    fn from(name: PhaseName) -> Self {
        match name {
            PhaseName::Pending => Self::Pending,
            PhaseName::Running => Self::Running,
            PhaseName::Succeeded => Self::Succeeded,
            PhaseName::Failed => Self::Failed,
        }
    }
}
