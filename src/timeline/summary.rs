//! What a run came to, in a few lines.

use super::messages::go_duration;
use super::{Entry, Timeline, when};
use crate::kubelet::{ContainerFact, Event, ExitCause, PodPhase, PodStatus};
use crate::time::Time;
use std::fmt;

/// What a run came to: the answers to the first questions that people have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// When the API first showed the pod as Ready.
    pub ready: Option<Time>,
    /// When it first stopped being Ready.
    pub unready: Option<Time>,
    /// Restarts by container, of those that restarted.
    pub restarts: Vec<(String, usize)>,
    /// Who was sent TERM, and when.
    pub term: Vec<(String, Time)>,
    /// Who was ended by KILL, and when.
    pub kill: Vec<(String, Time)>,
    /// When somebody first asked for the pod's deletion.
    pub deleted: Option<Time>,
    /// When it was gone from the API.
    pub gone: Option<Time>,
    /// The phase at the end.
    pub phase: PodPhase,
}

impl Timeline {
    /// What the run came to.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let at = |entry: Option<&Entry>| entry.map(|entry| entry.at);
        let mut restarts: Vec<(String, usize)> = Vec::new();
        let mut term = Vec::new();
        let mut kill = Vec::new();
        let Some(names) = self.names() else {
            return Summary::EMPTY;
        };
        for entry in self.entries() {
            let Event::Container(event) = &entry.event else {
                continue;
            };
            let name = names.container(event.run.container);
            match event.fact {
                ContainerFact::Started { error: None } if event.run.ordinal > 0 => {
                    match restarts.iter_mut().find(|(known, _)| known == name) {
                        Some((_, count)) => *count += 1,
                        None => restarts.push((name.to_owned(), 1)),
                    }
                }
                ContainerFact::Stop {
                    running: true,
                    timeout,
                } if timeout > 0 => {
                    term.push((name.to_owned(), entry.at));
                }
                ContainerFact::Exited {
                    by: ExitCause::Kill,
                    ..
                } => {
                    kill.push((name.to_owned(), entry.at));
                }
                _ => {}
            }
        }
        let last: Option<&PodStatus> =
            self.entries()
                .iter()
                .rev()
                .find_map(|entry| match &entry.event {
                    Event::Status(status) => Some(&**status),
                    _ => None,
                });
        Summary {
            ready: at(self.first(when::ready())),
            unready: at(self.first(when::unready())),
            restarts,
            term,
            kill,
            deleted: at(self.first(when::delete_requested())),
            gone: at(self.first(when::removed())),
            phase: last.map_or(PodPhase::Pending, |status| status.phase),
        }
    }
}

impl Summary {
    const EMPTY: Self = Self {
        ready: None,
        unready: None,
        restarts: Vec::new(),
        term: Vec::new(),
        kill: Vec::new(),
        deleted: None,
        gone: None,
        phase: PodPhase::Pending,
    };
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = |at: Time| go_duration(at.as_millis());
        match (self.ready, self.unready) {
            (None, _) => writeln!(f, "ready     never")?,
            (Some(ready), None) => writeln!(f, "ready     after {}", since(ready))?,
            (Some(ready), Some(unready)) => {
                writeln!(f, "ready     after {}, until {unready}", since(ready))?;
            }
        }
        if self.restarts.is_empty() {
            writeln!(f, "restarts  none")?;
        } else {
            let restarts: Vec<String> = self
                .restarts
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            writeln!(f, "restarts  {}", restarts.join(", "))?;
        }
        writeln!(f, "TERM      {}", list(&self.term))?;
        writeln!(f, "KILL      {}", list(&self.kill))?;
        match (self.gone, self.deleted) {
            (Some(gone), Some(deleted)) => {
                let took = go_duration(gone.millis_since(deleted));
                writeln!(f, "gone      at {gone}, {took} after the delete")
            }
            (Some(gone), None) => writeln!(f, "gone      at {gone}"),
            (None, _) => writeln!(f, "phase     {} at the end", self.phase.name()),
        }
    }
}

/// The first few, and how many more.
fn list(signals: &[(String, Time)]) -> String {
    const SHOWN: usize = 4;
    if signals.is_empty() {
        return "none".to_owned();
    }
    let shown = signals
        .iter()
        .take(SHOWN)
        .map(|(name, at)| format!("{name} at {at}"));
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if signals.len() > SHOWN {
        text += &format!(", and {} more", signals.len() - SHOWN);
    }
    text
}
