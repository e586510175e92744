//! A timeline in the shape of the recordings of the real kubelet: a list of JSON objects.
//!
//! The shape is defined in `fixtures/recorded/README.md`.

use super::messages::{condition_status, probe_name};
use super::{Entry, Names, Timeline, messages};
use crate::kubelet::{
    ApiEvent, CallEnd, Condition, Conditions, ContainerEvent, ContainerFact, ContainerState,
    ContainerStatus, Event, ExitCause, HookKind, ImageEvent, PodStatus, SandboxEvent, Terminated,
};
use crate::time::Time;
use serde_json::{Map, Value, json};

/// The timeline as a recording would have it, entry by entry.
#[must_use]
pub fn recorded(timeline: &Timeline, names: &Names<'_>) -> Vec<Value> {
    let mut entries = Vec::with_capacity(timeline.entries().len());
    let mut last_status = None;
    for entry in timeline.entries() {
        let value = one(entry, names);
        if matches!(entry.event, Event::Status(_)) {
            // The API's status is written down only where it differs from the last one.
            let status = value.get("status").cloned();
            if status == last_status {
                continue;
            }
            last_status = status;
        }
        entries.push(value);
    }
    entries
}

pub(super) fn one(entry: &Entry, names: &Names<'_>) -> Value {
    let mut fields = Map::new();
    fields.insert("t".to_owned(), json!(entry.at.as_millis()));
    match &entry.event {
        Event::Api(event) => api(&mut fields, event, names),
        Event::Sandbox(event) => sandbox(&mut fields, event, names),
        Event::Image(event) => image(&mut fields, event, names),
        Event::Container(event) => container(&mut fields, event, names),
        Event::Probe(event) => {
            head(&mut fields, "probe", begin_or_end(event.end));
            of_run(&mut fields, names, event.run.container, event.attempt);
            fields.insert("what".to_owned(), json!(probe_name(event.kind)));
            if let Some(end) = event.end {
                fields.insert("result".to_owned(), json!(probe_result(end)));
            }
        }
        Event::Hook(event) => {
            head(&mut fields, "hook", begin_or_end(event.end));
            of_run(&mut fields, names, event.run.container, event.attempt);
            let what = match event.hook {
                HookKind::PostStart => "post_start",
                HookKind::PreStop => "pre_stop",
            };
            fields.insert("what".to_owned(), json!(what));
            if let Some(end) = event.end {
                fields.insert("result".to_owned(), json!(hook_result(end)));
            }
        }
        Event::Status(status) => {
            fields.insert("kind".to_owned(), json!("status"));
            fields.insert("status".to_owned(), pod_status(status, names));
        }
        Event::Kube(event) => {
            let told = messages::event(event, names);
            fields.insert("kind".to_owned(), json!("event"));
            if let Some(id) = event.container {
                fields.insert("container".to_owned(), json!(names.container(id)));
            }
            fields.insert("type".to_owned(), json!(told.kind));
            fields.insert("reason".to_owned(), json!(told.reason));
            fields.insert("message".to_owned(), json!(told.message));
        }
    }
    Value::Object(fields)
}

fn head(fields: &mut Map<String, Value>, kind: &str, op: &str) {
    fields.insert("kind".to_owned(), json!(kind));
    fields.insert("op".to_owned(), json!(op));
}

fn of_run(
    fields: &mut Map<String, Value>,
    names: &Names<'_>,
    container: crate::spec::ContainerId,
    attempt: u32,
) {
    fields.insert("container".to_owned(), json!(names.container(container)));
    fields.insert("attempt".to_owned(), json!(attempt));
}

const fn begin_or_end(end: Option<CallEnd>) -> &'static str {
    if end.is_some() { "end" } else { "begin" }
}

fn probe_result(end: CallEnd) -> String {
    match end {
        CallEnd::Exit(0) => "success".to_owned(),
        CallEnd::Exit(_) => "failure".to_owned(),
        other => call_result(other),
    }
}

fn hook_result(end: CallEnd) -> String {
    match end {
        CallEnd::Exit(code) => format!("exit {code}"),
        other => call_result(other),
    }
}

fn call_result(end: CallEnd) -> String {
    match end {
        CallEnd::Exit(code) => return format!("exit {code}"),
        CallEnd::CannotRun => "error",
        CallEnd::Timeout => "timeout",
        CallEnd::Killed => "killed",
        CallEnd::NotRunning => "not running",
        CallEnd::GivenUp => "given up",
    }
    .to_owned()
}

fn api(fields: &mut Map<String, Value>, event: &ApiEvent, names: &Names<'_>) {
    let op = match event {
        ApiEvent::Created => "created",
        ApiEvent::DeleteRequested { .. } => "delete",
        ApiEvent::DeletionTimestamp { .. } => "deletionTimestamp",
        ApiEvent::Removed => "removed",
        ApiEvent::ConditionSet { .. } => "condition",
        ApiEvent::Updated { .. } | ApiEvent::UpdateRefused { .. } => "update",
        ApiEvent::KubeletStopped => "kubelet_stop",
        ApiEvent::KubeletStarted => "kubelet_start",
    };
    head(fields, "api", op);
    match *event {
        ApiEvent::DeleteRequested {
            grace,
            by_kubelet,
            found,
        } => {
            if let Some(grace) = grace {
                fields.insert("grace".to_owned(), json!(grace));
            }
            let who = if by_kubelet { "kubelet" } else { "user" };
            fields.insert("note".to_owned(), json!(who));
            if !found {
                fields.insert("error".to_owned(), json!("not found"));
            }
        }
        ApiEvent::DeletionTimestamp { at, grace } => {
            fields.insert("grace".to_owned(), json!(grace));
            fields.insert("deletionTimestamp".to_owned(), json!(at.as_millis()));
        }
        ApiEvent::ConditionSet { condition, status } => {
            let kind = &names.conditions[usize::from(condition)];
            fields.insert("what".to_owned(), json!(kind));
            fields.insert("result".to_owned(), json!(condition_status(status)));
        }
        ApiEvent::Updated { found: false } => {
            let error = format!("pods \"{}\" not found", names.pod.name);
            fields.insert("error".to_owned(), json!(error));
        }
        ApiEvent::UpdateRefused { error } => {
            fields.insert("error".to_owned(), json!(names.text(error)));
        }
        _ => {}
    }
}

fn sandbox(fields: &mut Map<String, Value>, event: &SandboxEvent, names: &Names<'_>) {
    let (op, attempt) = match *event {
        SandboxEvent::Run { attempt } => ("run_sandbox", attempt),
        SandboxEvent::Ready { attempt } => ("sandbox_ready", attempt),
        SandboxEvent::Failed { attempt, .. } => ("sandbox_failed", attempt),
        SandboxEvent::Stopped { attempt } => ("stop_sandbox", attempt),
        SandboxEvent::Removed { attempt } => ("remove_sandbox", attempt),
    };
    head(fields, "runtime", op);
    fields.insert("attempt".to_owned(), json!(attempt));
    if let SandboxEvent::Failed { error, .. } = *event {
        fields.insert("error".to_owned(), json!(names.text(error)));
    }
}

fn image(fields: &mut Map<String, Value>, event: &ImageEvent, names: &Names<'_>) {
    match *event {
        ImageEvent::Pull { image } => {
            head(fields, "runtime", "pull");
            fields.insert("image".to_owned(), json!(names.image(image)));
        }
        ImageEvent::GivenUp { image } => {
            head(fields, "runtime", "pulled");
            fields.insert("image".to_owned(), json!(names.image(image)));
            fields.insert("error".to_owned(), json!("given up"));
        }
        ImageEvent::Pulled { image, error } => {
            head(fields, "runtime", "pulled");
            fields.insert("image".to_owned(), json!(names.image(image)));
            if let Some(error) = error {
                fields.insert("error".to_owned(), json!(names.text(error)));
            }
        }
    }
}

fn container(fields: &mut Map<String, Value>, event: &ContainerEvent, names: &Names<'_>) {
    let (kind, op) = match event.fact {
        ContainerFact::Create { .. } => ("runtime", "create"),
        ContainerFact::Start => ("runtime", "start"),
        ContainerFact::Started { .. } => ("runtime", "started"),
        ContainerFact::Stop { .. } => ("runtime", "stop"),
        ContainerFact::Exited { .. } => ("exit", "exit"),
        ContainerFact::Removed => ("runtime", "remove"),
    };
    head(fields, kind, op);
    of_run(fields, names, event.run.container, event.attempt);
    match event.fact {
        ContainerFact::Create { error: Some(error) }
        | ContainerFact::Started { error: Some(error) } => {
            fields.insert("error".to_owned(), json!(names.text(error)));
        }
        ContainerFact::Stop { timeout, running } => {
            fields.insert("timeout".to_owned(), json!(timeout));
            if !running {
                fields.insert("note".to_owned(), json!("not running"));
            }
        }
        ContainerFact::Exited { code, by } => {
            fields.insert("code".to_owned(), json!(code));
            match by {
                ExitCause::Itself => {}
                ExitCause::OutOfMemory => {
                    fields.insert("reason".to_owned(), json!("OOMKilled"));
                }
                ExitCause::Term => {
                    fields.insert("signal".to_owned(), json!("TERM"));
                }
                ExitCause::Kill => {
                    fields.insert("signal".to_owned(), json!("KILL"));
                }
            }
        }
        _ => {}
    }
}

fn pod_status(status: &PodStatus, names: &Names<'_>) -> Value {
    let mut fields = Map::new();
    fields.insert("phase".to_owned(), json!(status.phase.name()));
    if let Some(reason) = status.reason {
        let (reason, message) = messages::pod_reason(reason);
        fields.insert("reason".to_owned(), json!(reason));
        fields.insert("message".to_owned(), json!(message));
    }
    fields.insert("conditions".to_owned(), conditions(status, names));
    let ids: Vec<_> = names.pod.ids().collect();
    let (inits, regular) = ids.split_at(names.pod.init_count);
    let list = |ids: &[crate::spec::ContainerId]| -> Vec<Value> {
        let known = ids.iter().filter(|id| id.index() < status.containers.len());
        known
            .map(|&id| container_status(&status.containers[id.index()], id, names))
            .collect()
    };
    if !inits.is_empty() {
        fields.insert("init".to_owned(), json!(list(inits)));
    }
    // The API sorts regular containers by name (CSTAT-10).
    let mut regular = regular.to_vec();
    regular.sort_by_key(|&id| names.container(id));
    fields.insert("containers".to_owned(), json!(list(&regular)));
    Value::Object(fields)
}

fn conditions(status: &PodStatus, names: &Names<'_>) -> Value {
    let mut fields = Map::new();
    for (index, foreign) in status.foreign.iter().enumerate() {
        if let Some(foreign) = foreign {
            let kind = names.conditions[index].clone();
            fields.insert(kind, json!({"status": condition_status(*foreign)}));
        }
    }
    let Some(Conditions {
        sandbox,
        initialized,
        ready,
        containers_ready,
        restarting,
    }) = &status.conditions
    else {
        return Value::Object(fields);
    };
    let plain = |status: bool| Condition {
        status,
        ..Condition::TRUE
    };
    let mut add = |kind: &str, condition: &Condition| {
        fields.insert(kind.to_owned(), self::condition(condition, names));
    };
    if let Some(ready) = sandbox {
        add("PodReadyToStartContainers", &plain(*ready));
    }
    add("Initialized", initialized);
    add("Ready", ready);
    add("ContainersReady", containers_ready);
    add("PodScheduled", &Condition::TRUE);
    if let Some(restarting) = restarting {
        add("AllContainersRestarting", restarting);
    }
    Value::Object(fields)
}

fn condition(condition: &Condition, names: &Names<'_>) -> Value {
    let mut fields = Map::new();
    let status = if condition.status { "True" } else { "False" };
    fields.insert("status".to_owned(), json!(status));
    let (reason, message) = messages::condition(condition.reason, names);
    if !reason.is_empty() {
        fields.insert("reason".to_owned(), json!(reason));
    }
    if !message.is_empty() {
        fields.insert("message".to_owned(), json!(message));
    }
    Value::Object(fields)
}

fn container_status(
    status: &ContainerStatus,
    id: crate::spec::ContainerId,
    names: &Names<'_>,
) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(names.container(id)));
    fields.insert("ready".to_owned(), json!(status.ready));
    fields.insert("started".to_owned(), json!(status.started));
    fields.insert("restartCount".to_owned(), json!(status.restart_count));
    let state = match &status.state {
        ContainerState::Waiting(waiting) => {
            let mut fields = Map::new();
            fields.insert("state".to_owned(), json!("waiting"));
            let (reason, message) = messages::waiting(*waiting, id, names);
            if !reason.is_empty() {
                fields.insert("reason".to_owned(), json!(reason));
            }
            if !message.is_empty() {
                fields.insert("message".to_owned(), json!(message));
            }
            Value::Object(fields)
        }
        ContainerState::Running { started } => {
            json!({"state": "running", "startedAt": started.as_millis()})
        }
        ContainerState::Terminated(ended) => terminated(ended, names),
    };
    fields.insert("state".to_owned(), state);
    if let Some(last) = &status.last {
        fields.insert("lastState".to_owned(), terminated(last, names));
    }
    Value::Object(fields)
}

fn terminated(ended: &Terminated, names: &Names<'_>) -> Value {
    let mut fields = Map::new();
    fields.insert("state".to_owned(), json!("terminated"));
    let (reason, message) = messages::terminated(ended.reason, names);
    fields.insert("reason".to_owned(), json!(reason));
    if !message.is_empty() {
        fields.insert("message".to_owned(), json!(message));
    }
    fields.insert("exitCode".to_owned(), json!(ended.code));
    if let Some(times) = &ended.times {
        let started = times.started.map(Time::as_millis);
        let started = started.map_or(json!(-1), |millis| json!(millis));
        fields.insert("startedAt".to_owned(), started);
        fields.insert("finishedAt".to_owned(), json!(times.finished.as_millis()));
    }
    Value::Object(fields)
}
