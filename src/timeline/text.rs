//! A timeline in words that people can read.

use super::fold::{Fold, Stream};
use super::messages::{self, go_duration};
use super::messages::{condition_status, probe_name};
use super::row::{Row, Rows, Tone};
use super::text_status;
use super::{Names, Timeline};
use crate::kubelet::{
    ApiEvent, CallEnd, ContainerEvent, ContainerFact, Event, ExitCause, HookEvent, HookKind,
    ImageEvent, KubeEvent, KubeReason, PodStatus, ProbeEvent, SandboxEvent,
};
use crate::time::Time;
use std::collections::BTreeMap;
use std::fmt;

impl Timeline {
    /// The timeline in words, one line for each thing that people care about: what the API server,
    /// the runtime and the containers do, how the status in the API changes, and every Kubernetes
    /// Event. Probe results and Events that repeat are told once, with how often they repeat.
    ///
    /// Empty for a timeline that no model has written.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let Some(names) = self.names() else {
            return Rows::default();
        };
        let mut teller = Teller::new(names, true);
        for entry in self.entries() {
            teller.entry(entry.at, &entry.event);
        }
        let Teller { mut rows, fold, .. } = teller;
        rows.extend(fold.unwrap_or_default().into_rows());
        // Stable: what happens at one moment stays in its order.
        rows.sort_by_key(|row| row.at);
        Rows { rows }
    }
}

impl fmt::Display for Timeline {
    /// Its [rows](Self::rows).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows().fmt(f)
    }
}

/// Tells one entry after the other.
pub(super) struct Teller<'t> {
    names: Names<'t>,
    rows: Vec<Row>,
    /// Where what repeats is told once.
    fold: Option<Fold>,
    status: Option<&'t PodStatus>,
    deleted: bool,
    /// When starts, stops and hooks began, to say how long they took, by kind, container and run.
    began: BTreeMap<(u8, u8, u32), Time>,
}

impl<'t> Teller<'t> {
    pub(super) fn new(names: Names<'t>, folds: bool) -> Self {
        Self {
            names,
            rows: Vec::new(),
            fold: folds.then(Fold::default),
            status: None,
            deleted: false,
            began: BTreeMap::new(),
        }
    }

    /// The lines of one entry, by a teller that does not fold.
    #[cfg(feature = "json")]
    pub(super) fn lines(&mut self, entry: &'t super::Entry) -> Vec<Row> {
        self.entry(entry.at, &entry.event);
        std::mem::take(&mut self.rows)
    }

    /// A line of which there may be many alike.
    fn repeat(&mut self, stream: Stream, row: Row, key: String, many: &str) {
        match &mut self.fold {
            Some(fold) => self.rows.extend(fold.add(stream, row, key, many)),
            None => self.rows.push(row),
        }
    }

    fn tell(&mut self, at: Time, subject: &str, tone: Tone, text: impl Into<String>) {
        self.rows.push(Row {
            at,
            subject: subject.to_owned(),
            tone,
            text: text.into(),
        });
    }

    fn entry(&mut self, at: Time, event: &'t Event) {
        match event {
            Event::Api(event) => self.api(at, event),
            Event::Sandbox(event) => self.sandbox(at, event),
            Event::Image(event) => self.image(at, event),
            Event::Container(event) => self.container(at, event),
            Event::Probe(event) => self.probe(at, event),
            Event::Hook(event) => self.hook(at, event),
            Event::Status(status) => {
                let rows = text_status::changes(at, self.status, status, &self.names);
                self.rows.extend(rows);
                self.status = Some(status);
            }
            Event::Kube(event) => self.kube(at, event),
        }
    }

    fn api(&mut self, at: Time, event: &ApiEvent) {
        let text = match *event {
            ApiEvent::Created => "created".to_owned(),
            ApiEvent::DeleteRequested {
                by_kubelet: true,
                found: true,
                ..
            } => "the kubelet is done and deletes the object".to_owned(),
            ApiEvent::DeleteRequested {
                by_kubelet: true, ..
            } => "the kubelet is done; the object is gone already".to_owned(),
            ApiEvent::DeleteRequested { found: false, .. } => {
                "delete: there is no such pod".to_owned()
            }
            ApiEvent::DeleteRequested { grace, .. } => match grace {
                Some(0) => "delete, by force (grace 0)".to_owned(),
                Some(grace) => format!("delete, with grace {grace}s"),
                None => "delete".to_owned(),
            },
            ApiEvent::DeletionTimestamp {
                at: deadline,
                grace,
            } => {
                self.deleted = true;
                format!("Terminating: deletionTimestamp {deadline} (grace {grace}s)")
            }
            ApiEvent::Removed => "gone from the API".to_owned(),
            ApiEvent::ConditionSet { condition, status } => {
                let kind = self.names.conditions.get(usize::from(condition));
                let kind = kind.map_or("", String::as_str);
                format!(
                    "somebody sets condition {kind} to {}",
                    condition_status(status)
                )
            }
            ApiEvent::Updated { found: true } => "updated".to_owned(),
            ApiEvent::Updated { found: false } => "update: there is no such pod".to_owned(),
            ApiEvent::UpdateRefused { error } => {
                let text = format!("update refused: {}", self.names.text(error));
                return self.tell(at, "pod", Tone::Bad, text);
            }
            ApiEvent::KubeletStopped => return self.tell(at, "kubelet", Tone::Bad, "stopped"),
            ApiEvent::KubeletStarted => return self.tell(at, "kubelet", Tone::Fact, "started"),
        };
        self.tell(at, "pod", Tone::Fact, text);
    }

    fn sandbox(&mut self, at: Time, event: &SandboxEvent) {
        match *event {
            SandboxEvent::Ready { .. } => self.tell(at, "pod", Tone::Fact, "sandbox ready"),
            SandboxEvent::Failed { error, .. } => {
                let text = format!("sandbox failed: {}", self.names.text(error));
                self.tell(at, "pod", Tone::Bad, text);
            }
            SandboxEvent::Stopped { attempt } => {
                // Cleaning up stops it once more.
                if self.began.insert((9, 0, attempt), at).is_none() {
                    self.tell(at, "pod", Tone::Fact, "sandbox stopped");
                }
            }
            // The Event or what follows says it.
            SandboxEvent::Run { .. } | SandboxEvent::Removed { .. } => {}
        }
    }

    fn image(&mut self, at: Time, event: &ImageEvent) {
        if let ImageEvent::Pulled {
            image,
            error: Some(error),
        } = *event
        {
            let (image, error) = (self.names.image(image), self.names.text(error));
            let row = row(
                at,
                "pod",
                Tone::Bad,
                format!("pull of {image} failed: {error}"),
            );
            let key = row.text.clone();
            self.repeat(Stream::Pull, row, key, "failed pulls");
        }
    }

    fn container(&mut self, at: Time, event: &ContainerEvent) {
        let id = event.run.container;
        let name = self.names.container(id);
        let key = (0, id.0, event.run.ordinal);
        let (tone, text) = match event.fact {
            ContainerFact::Create { error: Some(error) } => (
                Tone::Bad,
                format!("cannot be created: {}", self.names.text(error)),
            ),
            ContainerFact::Create { error: None } | ContainerFact::Removed => return,
            ContainerFact::Start => {
                self.began.insert(key, at);
                return;
            }
            ContainerFact::Started { error: Some(error) } => (
                Tone::Bad,
                format!("cannot be started: {}", self.names.text(error)),
            ),
            ContainerFact::Started { error: None } => {
                if let Some(fold) = &mut self.fold {
                    fold.forget_run(id);
                }
                let again = match event.attempt {
                    0 => String::new(),
                    1 => " again (restart 1)".to_owned(),
                    count => format!(" again (restart {count})"),
                };
                let began = self.began.insert(key, at).unwrap_or(at);
                let took = took(" after", at.millis_since(began));
                (Tone::Good, format!("process started{again}{took}"))
            }
            ContainerFact::Stop { running: false, .. } => return,
            ContainerFact::Stop { timeout, .. } => {
                self.began.insert((1, id.0, event.run.ordinal), at);
                match timeout {
                    ..=0 => (Tone::Bad, "told to stop: KILL at once".to_owned()),
                    _ => (
                        Tone::Fact,
                        format!("TERM sent, KILL follows after {timeout}s"),
                    ),
                }
            }
            ContainerFact::Exited { code, by } => {
                let since = |kind| self.began.get(&(kind, id.0, event.run.ordinal));
                let ran = since(0).map_or(0, |&began| at.millis_since(began));
                let stopped = since(1).map_or(0, |&began| at.millis_since(began));
                let (tone, why) = match by {
                    ExitCause::Itself if code == 0 => (Tone::Fact, "by itself".to_owned()),
                    ExitCause::Itself => (Tone::Bad, "by itself".to_owned()),
                    ExitCause::OutOfMemory => (Tone::Bad, "OOMKilled".to_owned()),
                    ExitCause::Term => (Tone::Fact, format!("{} after TERM", go_duration(stopped))),
                    ExitCause::Kill => (
                        Tone::Bad,
                        format!("by KILL, {} after TERM", go_duration(stopped)),
                    ),
                };
                (
                    tone,
                    format!(
                        "exited with code {code}, {why}; it ran for {}",
                        go_duration(ran)
                    ),
                )
            }
        };
        self.tell(at, name, tone, text);
    }

    fn probe(&mut self, at: Time, event: &ProbeEvent) {
        let Some(end) = event.end else {
            return;
        };
        let id = event.run.container;
        let kind = probe_name(event.kind);
        let (tone, result, many) = match end {
            CallEnd::Exit(0) => (Tone::Call, "success", "successes"),
            CallEnd::Exit(_) => (Tone::Bad, "failure", "failures"),
            CallEnd::Timeout => (Tone::Bad, "timeout", "timeouts"),
            CallEnd::CannotRun => (Tone::Bad, "error, which does not count", "errors"),
            CallEnd::NotRunning => (
                Tone::Call,
                "error: the container is not running; it does not count",
                "errors",
            ),
            CallEnd::Killed => (Tone::Call, "cut off: the container ended", "cut off"),
            CallEnd::GivenUp => (Tone::Call, "given up: the kubelet ended", "given up"),
        };
        let name = self.names.container(id);
        let row = row(at, name, tone, format!("{kind} probe: {result}"));
        let stream = Stream::Probe(id, event.kind);
        let many = format!("more {kind} probe {many}");
        self.repeat(stream, row, result.to_owned(), &many);
    }

    fn hook(&mut self, at: Time, event: &HookEvent) {
        let id = event.run.container;
        let (hook, number) = match event.hook {
            HookKind::PostStart => ("postStart", 2),
            HookKind::PreStop => ("preStop", 3),
        };
        let key = (number, id.0, event.run.ordinal);
        let name = self.names.container(id);
        let Some(end) = event.end else {
            self.began.insert(key, at);
            return self.tell(at, name, Tone::Call, format!("{hook} hook begins"));
        };
        let began = self.began.get(&key).copied().unwrap_or(at);
        let took = took(", after", at.millis_since(began));
        let (tone, how) = match end {
            CallEnd::Exit(0) => (Tone::Call, "done".to_owned()),
            CallEnd::Exit(code) => (Tone::Bad, format!("failed with exit code {code}")),
            CallEnd::CannotRun => (Tone::Bad, "cannot be run".to_owned()),
            CallEnd::Timeout => (Tone::Bad, "timed out".to_owned()),
            CallEnd::Killed => (Tone::Bad, "cut off: the container ended".to_owned()),
            CallEnd::NotRunning => (Tone::Bad, "failed: the container is not running".to_owned()),
            CallEnd::GivenUp => (Tone::Bad, "given up: the kubelet ended".to_owned()),
        };
        self.tell(at, name, tone, format!("{hook} hook {how}{took}"));
    }

    fn kube(&mut self, at: Time, event: &KubeEvent) {
        let told = messages::event(event, &self.names);
        let name = event.container.map_or("pod", |id| self.names.container(id));
        let tone = if told.kind == "Warning" {
            Tone::Warning
        } else {
            Tone::Event
        };
        let text = format!("Event {} {}: {}", told.kind, told.reason, told.message);
        let probe = match event.what {
            KubeReason::Unhealthy { kind, .. } => Some(kind),
            _ => None,
        };
        let stream = Stream::Event(event.container, told.reason, probe);
        let many = format!("more Events {}", told.reason);
        let row = row(at, name, tone, text.clone());
        self.repeat(stream, row, text, &many);
    }
}

fn row(at: Time, subject: &str, tone: Tone, text: impl Into<String>) -> Row {
    Row {
        at,
        subject: subject.to_owned(),
        tone,
        text: text.into(),
    }
}

/// `WORD 3.2s`, and nothing for what took no time.
fn took(word: &str, millis: u64) -> String {
    match millis {
        0 => String::new(),
        _ => format!("{word} {}", go_duration(millis)),
    }
}
