//! A difference as JSON Lines, schema 1: what was compared, every finding and every change, and both
//! summaries.

use super::findings::Findings;
use super::{Pair, Side};
use crate::manifest::Diagnostic;
use crate::time::Span;
use crate::timeline::wire::{SCHEMA, Tail};
use crate::timeline::{Change, Row};
use serde_json::{Value, json};
use std::io::{self, Write};

fn profile(side: &Side) -> Value {
    let gates = side.gates.iter();
    let gates: serde_json::Map<String, Value> = gates
        .map(|(feature, enabled)| (feature.to_string(), json!(enabled)))
        .collect();
    json!({"kubelet": side.version.to_string(), "gates": gates})
}

/// A file that one of the versions refuses.
pub(super) fn refused(
    file: &str,
    from: &Side,
    to: &Side,
    findings: &Findings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let head = json!({
        "kind": "diff",
        "schema": SCHEMA,
        "file": file,
        "from": profile(from),
        "to": profile(to),
    });
    writeln!(out, "{head}")?;
    self::findings(findings, out)?;
    writeln!(out, "{}", json!({"kind": "summary", "same": false}))
}

/// One pod.
pub(super) fn pair(
    pair: &Pair,
    from: &Side,
    to: &Side,
    seed: Option<u64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let scenario = &pair.to.0.scenario;
    let names = scenario.model.names();
    let mut head = json!({
        "kind": "diff",
        "schema": SCHEMA,
        "file": pair.to.0.file,
        "pod": names.pod.name,
        "namespace": names.pod.namespace,
        "from": profile(from),
        "to": profile(to),
        "until": Span::from(scenario.until).millis(),
    });
    if let Some(seed) = seed {
        head["seed"] = json!(seed);
    }
    writeln!(out, "{head}")?;
    findings(&pair.findings, out)?;
    for change in &pair.diff.changes {
        writeln!(out, "{}", self::change(change))?;
    }
    let tail = |run: &crate::sim::Run| json!(Tail::from(&run.timeline.summary()));
    let summary = json!({
        "kind": "summary",
        "same": pair.is_same(),
        "from": tail(&pair.from.1),
        "to": tail(&pair.to.1),
    });
    writeln!(out, "{summary}")
}

fn findings(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    for (side, found) in [("from", &findings.from), ("to", &findings.to)] {
        for diagnostic in found {
            writeln!(out, "{}", finding(side, diagnostic))?;
        }
    }
    Ok(())
}

fn finding(side: &str, diagnostic: &Diagnostic) -> Value {
    json!({
        "kind": "finding",
        "side": side,
        "severity": diagnostic.severity.to_string(),
        "path": diagnostic.path,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "line": diagnostic.position.map(|position| position.line),
        "column": diagnostic.position.map(|position| position.column),
    })
}

fn change(change: &Change) -> Value {
    let row = |row: &Option<Row>| {
        row.as_ref()
            .map(|row| json!({"t": row.at.as_millis(), "subject": row.subject, "text": row.text}))
    };
    json!({
        "kind": "change",
        "from": row(&change.from),
        "to": row(&change.to),
        "shift": change.shift(),
        "reworded": change.reworded,
        "detail": change.detail,
    })
}
