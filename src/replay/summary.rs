//! Entries in short form: one line each, for people.

use super::entry::Entry;
use serde_json::Value;
use std::fmt::{Formatter, Result};

/// One entry without its time.
pub(super) fn entry(entry: &Entry, f: &mut Formatter<'_>) -> Result {
    match entry.text("kind") {
        "status" => status(entry.value().get("status").unwrap_or(&Value::Null), f),
        "event" => event(entry, f),
        kind => fact(kind, entry, f),
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// `runtime stop a#0 timeout=30`
fn fact(kind: &str, entry: &Entry, f: &mut Formatter<'_>) -> Result {
    let value = entry.value();
    write!(f, "{kind:<7} {}", entry.text("op"))?;
    match (text(value, "container"), value.get("attempt")) {
        (Some(name), Some(attempt)) => write!(f, " {name}#{attempt}")?,
        (Some(name), None) => write!(f, " {name}")?,
        (None, Some(attempt)) if attempt.as_u64() != Some(0) => write!(f, " #{attempt}")?,
        _ => {}
    }
    for field in ["image", "what", "result"] {
        if let Some(text) = text(value, field) {
            write!(f, " {text}")?;
        }
    }
    for field in ["grace", "deletionTimestamp", "timeout", "code"] {
        if let Some(number) = value.get(field) {
            write!(f, " {field}={number}")?;
        }
    }
    for field in ["signal", "reason"] {
        if let Some(text) = text(value, field) {
            write!(f, " {field}={text}")?;
        }
    }
    if let Some(note) = text(value, "note") {
        write!(f, " ({note})")?;
    }
    if let Some(error) = text(value, "error") {
        write!(f, " error: {error}")?;
    }
    Ok(())
}

/// `EVENT   Warning Unhealthy {a}: Liveness probe failed: …`
fn event(entry: &Entry, f: &mut Formatter<'_>) -> Result {
    let (kind, reason) = (entry.text("type"), entry.text("reason"));
    write!(f, "EVENT   {kind} {reason}")?;
    if let Some(container) = text(entry.value(), "container") {
        write!(f, " {{{container}}}")?;
    }
    write!(f, ": {}", entry.text("message"))
}

/// Conditions that are written with one letter.
const LETTERS: [(&str, &str); 5] = [
    ("ContainersReady", "C"),
    ("Initialized", "I"),
    ("PodReadyToStartContainers", "N"),
    ("Ready", "R"),
    ("PodScheduled", "S"),
];

/// `STATUS  Running [C+ I+ N+ R+ S+] | app a running ready=true started=true restarts=0`
fn status(status: &Value, f: &mut Formatter<'_>) -> Result {
    write!(f, "STATUS  {}", text(status, "phase").unwrap_or_default())?;
    if let Some(reason) = text(status, "reason") {
        write!(f, "({reason})")?;
    }
    write!(f, " [")?;
    let conditions = status.get("conditions").and_then(Value::as_object);
    let mut blank = "";
    for (kind, letter) in LETTERS {
        if let Some(condition) = conditions.and_then(|all| all.get(kind)) {
            write!(f, "{blank}{letter}")?;
            self::condition(condition, f)?;
            blank = " ";
        }
    }
    for (kind, condition) in conditions.into_iter().flatten() {
        if LETTERS.iter().all(|(known, _)| known != kind) {
            write!(f, "{blank}{kind}")?;
            self::condition(condition, f)?;
            blank = " ";
        }
    }
    write!(f, "]")?;
    for (list, label) in [("init", "init"), ("containers", "app")] {
        let list = status.get(list).and_then(Value::as_array);
        for container in list.into_iter().flatten() {
            write!(f, " | {label} ")?;
            self::container(container, f)?;
        }
    }
    Ok(())
}

fn condition(condition: &Value, f: &mut Formatter<'_>) -> Result {
    let sign = match text(condition, "status") {
        Some("True") => "+",
        Some("False") => "-",
        _ => "?",
    };
    write!(f, "{sign}")?;
    match text(condition, "reason") {
        Some(reason) => write!(f, "({reason})"),
        None => Ok(()),
    }
}

fn container(container: &Value, f: &mut Formatter<'_>) -> Result {
    write!(f, "{} ", text(container, "name").unwrap_or_default())?;
    state(container.get("state").unwrap_or(&Value::Null), f)?;
    for (field, label) in [
        ("ready", "ready"),
        ("started", "started"),
        ("restartCount", "restarts"),
    ] {
        if let Some(value) = container.get(field) {
            write!(f, " {label}={value}")?;
        }
    }
    if let Some(last) = container.get("lastState") {
        write!(f, " last=")?;
        state(last, f)?;
    }
    Ok(())
}

/// `waiting:CrashLoopBackOff`, `running`, `terminated:Error(1)`
fn state(state: &Value, f: &mut Formatter<'_>) -> Result {
    write!(f, "{}", text(state, "state").unwrap_or("none"))?;
    if let Some(reason) = text(state, "reason") {
        write!(f, ":{reason}")?;
    }
    match state.get("exitCode") {
        Some(code) => write!(f, "({code})"),
        None => Ok(()),
    }
}
