//! Statements of `expect:` in words.

use super::edge::Edge;
use super::statement::{ConditionStatusName, HasCondition, PhaseName, ProbeResultName};
use super::statement::{StateName, Statement};
use crate::kubelet::PodPhase;
use crate::runtime::Probed;
use crate::time::{Span, Time};
use std::fmt::Write;

impl Statement {
    /// What happens, in words.
    pub(super) fn subject(&self) -> String {
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
            Self::PreStopEnded(_) => format!("preStop of {of} ends"),
            Self::PostStart(_) => format!("postStart of {of} begins"),
            Self::PostStartEnded(_) => format!("postStart of {of} ends"),
            Self::Probe(probe) => {
                let kind = probe.kind.map_or("a", Probed::name);
                let does = match probe.result {
                    None => "begins",
                    Some(ProbeResultName::Success) => "succeeds",
                    Some(ProbeResultName::Failure) => "fails",
                    Some(ProbeResultName::Timeout) => "times out",
                    Some(ProbeResultName::Error) => "cannot be run",
                };
                format!("{kind} probe of {of} {does}")
            }
            Self::State(_) | Self::Condition(_) => {
                let verb = if self.at().is_some() { "is" } else { "turns" };
                self.shown(verb)
            }
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

    /// What a status shows of a container or a condition, in words.
    pub(super) fn shown(&self, verb: &str) -> String {
        match self {
            Self::State(state) => {
                let mut parts = Vec::new();
                if let Some(is) = state.is {
                    parts.push(is.name().to_owned());
                }
                if let Some(reason) = &state.reason {
                    parts.push(reason.clone());
                }
                if let Some(code) = state.code {
                    parts.push(format!("exit code {code}"));
                }
                if let Some(code) = state.last_code {
                    parts.push(format!("last exit code {code}"));
                }
                for (word, wanted) in [("ready", state.ready), ("started", state.started)] {
                    match wanted {
                        Some(true) => parts.push(word.to_owned()),
                        Some(false) => parts.push(format!("not {word}")),
                        None => {}
                    }
                }
                if let Some(count) = state.restart_count {
                    parts.push(format!("restartCount {count}"));
                }
                if let Some(message) = &state.message {
                    parts.push(format!("with {message:?}"));
                }
                let of = state.container.as_deref();
                let of =
                    of.map_or_else(|| "a container".to_owned(), |of| format!("container {of}"));
                format!("{of} {verb} {}", parts.join(", "))
            }
            Self::Condition(condition) => {
                let kind = condition.r#type.as_deref().unwrap_or_default();
                let mut told = format!("condition {kind} {verb} {}", condition.wanted().name());
                if let Some(reason) = &condition.reason {
                    let _ = write!(told, " ({reason})");
                }
                if let Some(message) = &condition.message {
                    let _ = write!(told, " with {message:?}");
                }
                told
            }
            _ => String::new(),
        }
    }

    /// The whole of it, in words.
    pub(super) fn told(&self) -> String {
        let mut told = self.subject();
        match self {
            Self::Phase(phase) if phase.at.is_some() => {
                let is = PodPhase::from(phase.is.unwrap_or(PhaseName::Pending)).name();
                return format!(
                    "the phase is {is} at {}",
                    moment(phase.at.unwrap_or_default())
                );
            }
            Self::State(_) | Self::Condition(_) if self.at().is_some() => {
                let at = moment(self.at().unwrap_or_default());
                return format!("{told} at {at}");
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
        let edge = |edge: &Edge, at: &str, first: &str| match edge {
            Edge::At(span) => format!(" {at} {}", moment(*span)),
            Edge::First(statement) => format!(" {first} \"{}\"", statement.subject()),
        };
        if let Some(after) = bounds.after {
            told += &edge(after, "from", "after");
        }
        if let Some(by) = bounds.by {
            told += &format!(" by {}", moment(by));
        }
        if let Some(before) = bounds.before {
            told += &edge(before, "before", "before");
        }
        told
    }
}

impl StateName {
    /// As the API writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Terminated => "terminated",
        }
    }
}

impl ConditionStatusName {
    const fn name(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl HasCondition {
    /// The status that it asks for.
    pub(super) fn wanted(&self) -> ConditionStatusName {
        self.status.unwrap_or(ConditionStatusName::True)
    }
}

pub(super) fn moment(span: Span) -> Time {
    Time::START + span.duration()
}
