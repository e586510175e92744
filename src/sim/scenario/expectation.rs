//! Statements of `expect:` held against a timeline.

use super::Scenario;
use super::statement::{Between, Bounds, PhaseName, Statement};
use crate::kubelet::{HookKind, PodPhase};
use crate::manifest::{Diagnostic, Path, Position, Severity, Spots};
use crate::time::{Span, Time};
use crate::timeline::{Condition, Entry, Timeline, When, when};
use std::fmt::Write;

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
            Self::PostStart(_) => "post_start",
            Self::Event(_) => "event",
            Self::Phase(_) => "phase",
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
            | Self::PostStart(of) => of.container.as_deref(),
            Self::Terminated(ended) => ended.container.as_deref(),
            Self::Waiting(waits) => waits.container.as_deref(),
            Self::Event(sent) => sent.container.as_deref(),
            Self::Unready(_)
            | Self::Phase(_)
            | Self::Deleted(_)
            | Self::Gone(_)
            | Self::Between(_) => None,
        }
    }

    const fn bounds(&self) -> Bounds {
        match self {
            Self::Ready(of)
            | Self::Started(of)
            | Self::Restarted(of)
            | Self::Term(of)
            | Self::Killed(of)
            | Self::PreStop(of)
            | Self::PostStart(of) => of.bounds(),
            Self::Unready(of) | Self::Deleted(of) | Self::Gone(of) => of.bounds(),
            Self::Terminated(ended) => ended.bounds(),
            Self::Waiting(waits) => waits.bounds(),
            Self::Event(sent) => sent.bounds(),
            Self::Phase(phase) => phase.bounds(),
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
            || matches!(self, Self::Phase(phase) if phase.at.is_some())
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
            .zip(by.or(before))
            .is_some_and(|(after, until)| after > until)
        {
            return Some("it ends before it begins");
        }
        match self {
            Self::Phase(phase) if phase.is.is_none() => Some("`is` is missing: which phase?"),
            Self::Phase(phase) if phase.at.is_some() && phase.bounds() != Bounds::default() => {
                Some("`at` asks for one moment: leave out the rest")
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
            Self::PostStart(_) => when::hook_began(container, HookKind::PostStart),
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

    /// What happens, in words.
    fn subject(&self) -> String {
        let of = self.container().map_or_else(
            || "a container".to_owned(),
            |name| format!("container {name}"),
        );
        match self {
            Self::Ready(_) if self.container().is_none() => "the pod turns ready".to_owned(),
            Self::Ready(_) => format!("{of} turns ready"),
            Self::Unready(_) => "the pod stops being ready".to_owned(),
            Self::Started(_) => format!("{of} starts"),
            Self::Restarted(_) => format!("{of} starts again"),
            Self::Terminated(ended) => {
                let mut told = format!("{of} ends");
                if let Some(code) = ended.code {
                    let _ = write!(told, " with exit code {code}");
                }
                match ended.oom {
                    Some(true) => told += ", killed for its memory",
                    Some(false) => told += ", not for its memory",
                    None => {}
                }
                told
            }
            Self::Term(_) => format!("{of} is sent TERM"),
            Self::Killed(_) => format!("{of} is killed"),
            Self::Waiting(waits) => {
                format!(
                    "{of} waits: {}",
                    waits.reason.as_deref().unwrap_or_default()
                )
            }
            Self::PreStop(_) => format!("preStop of {of} begins"),
            Self::PostStart(_) => format!("postStart of {of} begins"),
            Self::Event(sent) => {
                let mut told = "an Event".to_owned();
                if let Some(reason) = &sent.reason {
                    let _ = write!(told, " {reason}");
                }
                if let Some(message) = &sent.message {
                    let _ = write!(told, " with {message:?}");
                }
                if let Some(container) = &sent.container {
                    let _ = write!(told, " about {container}");
                }
                told
            }
            Self::Phase(phase) => {
                let phase = PodPhase::from(phase.is.unwrap_or(PhaseName::Pending));
                format!("the phase turns {}", phase.name())
            }
            Self::Deleted(_) => "the pod is asked to be deleted".to_owned(),
            Self::Gone(_) => "the pod is gone from the API".to_owned(),
            Self::Between(between) => format!(
                "from \"{}\" to \"{}\"",
                between.from.subject(),
                between.to.subject()
            ),
        }
    }

    fn told(&self) -> String {
        let mut told = self.subject();
        match self {
            Self::Phase(phase) if phase.at.is_some() => {
                let is = PodPhase::from(phase.is.unwrap_or(PhaseName::Pending)).name();
                return format!(
                    "the phase is {is} at {}",
                    moment(phase.at.unwrap_or_default())
                );
            }
            Self::Between(between) => {
                let parts = [
                    ("exactly", between.exactly),
                    ("at most", between.at_most),
                    ("at least", between.at_least),
                ];
                let given = parts
                    .into_iter()
                    .filter_map(|(word, span)| Some((word, span?)));
                let given: Vec<String> =
                    given.map(|(word, span)| format!("{word} {span}")).collect();
                return format!("{told}: {}", given.join(", "));
            }
            _ => {}
        }
        let bounds = self.bounds();
        if bounds.never {
            told = format!("it never comes that {told}");
        }
        let counts = [
            ("exactly", bounds.times),
            ("at least", bounds.at_least),
            ("at most", bounds.at_most),
        ];
        for (word, count) in counts {
            match count {
                Some(1) => told += &format!(" {word} once"),
                Some(count) => told += &format!(" {word} {count} times"),
                None => {}
            }
        }
        let ends = [
            ("from", bounds.after),
            ("by", bounds.by),
            ("before", bounds.before),
        ];
        for (word, span) in ends {
            if let Some(span) = span {
                told += &format!(" {word} {}", moment(span));
            }
        }
        told
    }

    /// What was seen instead; `None` if the statement is true.
    fn failure(&self, timeline: &Timeline, end: Time) -> Option<String> {
        match self {
            Self::Between(between) => return between.failure(timeline, end),
            Self::Phase(phase) if phase.at.is_some() => {
                let at = Time::START + phase.at.unwrap_or_default().duration();
                let wanted = PodPhase::from(phase.is.unwrap_or(PhaseName::Pending));
                let gone = timeline
                    .first(when::removed())
                    .filter(|entry| entry.at <= at);
                if let Some(gone) = gone {
                    return Some(format!("the pod was gone since {}", gone.at));
                }
                let seen = timeline
                    .status_at(at)
                    .map_or(PodPhase::Pending, |status| status.phase);
                return (seen != wanted).then(|| format!("it was {}", seen.name()));
            }
            _ => {}
        }
        let bounds = self.bounds();
        let all: Vec<&Entry> = timeline.all(&self.condition()).collect();
        let inside = |entry: &&&Entry| bounds.covers(entry.at);
        let counted = all.iter().filter(inside).count();
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
        Some(match count {
            1 => format!("it came once: at {times}"),
            _ => format!("it came {count} times: at {times}{more}"),
        })
    }
}

impl Between {
    fn failure(&self, timeline: &Timeline, end: Time) -> Option<String> {
        let missing = |statement: &Statement| {
            Some(format!(
                "\"{}\" never came, until the end at {end}",
                statement.subject()
            ))
        };
        let first = |statement: &Statement, from: u32| {
            let bounds = statement.bounds();
            let condition = statement.condition();
            let mut all = timeline.all(&condition);
            all.find(|entry| entry.seq >= from && bounds.covers(entry.at))
        };
        let Some(from) = first(&self.from, 0) else {
            return missing(&self.from);
        };
        let Some(to) = first(&self.to, from.seq) else {
            return missing(&self.to);
        };
        let took = Span::from(to.at.since(from.at));
        let fits = self.exactly.is_none_or(|exactly| took == exactly)
            && self.at_most.is_none_or(|most| took <= most)
            && self.at_least.is_none_or(|least| took >= least);
        (!fits).then(|| format!("it took {took}: from {} to {}", from.at, to.at))
    }
}

impl Bounds {
    fn covers(&self, at: Time) -> bool {
        let since = at.as_millis();
        self.after.is_none_or(|after| since >= after.millis())
            && self.by.is_none_or(|by| since <= by.millis())
            && self.before.is_none_or(|before| since < before.millis())
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

fn moment(span: Span) -> Time {
    Time::START + span.duration()
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
