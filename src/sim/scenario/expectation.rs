//! Statements of `expect:` held against a timeline.

use super::Scenario;
use super::edge::Edge;
use super::statement::{Between, Bounds, PhaseName, Statement};
use super::told::moment;
use crate::kubelet::{Event, PodPhase};
use crate::manifest::{Diagnostic, Path, Position, Severity, Spots};
use crate::time::{Span, Time};
use crate::timeline::{Condition, Entry, Moment, ShownCondition, ShownState, Timeline, when};

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
            .zip(by.or_else(|| before.and_then(Edge::time)))
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
    pub(super) fn first<'t>(&self, timeline: &'t Timeline) -> Result<Option<&'t Entry>, &Self> {
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
