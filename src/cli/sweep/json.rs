//! A sweep's result as JSON Lines, schema 1.

use super::part::{Part, PodPart, SCHEMA};
use super::runs::Seen;
use super::text::PARTS;
use crate::measure::{Distribution, Histogram, Subject};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// How many bins at most.
const BINS: u64 = 50;

/// One line for what was run, one for each measure, one for what it came to; for each pod.
pub(super) fn print(part: &Part, out: &mut dyn Write) -> io::Result<()> {
    for pod in &part.pods {
        let head = json!({
            "kind": "sweep",
            "schema": SCHEMA,
            "file": part.file,
            "pod": pod.pod,
            "namespace": pod.namespace,
            "kubelet": pod.kubelet,
            "seeds": part.seeds,
            "until": pod.until,
        });
        writeln!(out, "{head}")?;
        for (subject, all) in pod.rows() {
            writeln!(out, "{}", measure(pod, subject, &all))?;
        }
        let broken = pod.broken.iter();
        let broken: Map<String, Value> = broken
            .map(|(name, seen)| (name.clone(), told(part, seen)))
            .collect();
        let summary = json!({
            "kind": "summary",
            "runs": pod.runs,
            "broken": broken,
            "livelocks": told(part, &pod.livelocks),
        });
        writeln!(out, "{summary}")?;
    }
    Ok(())
}

fn measure(pod: &PodPart, subject: Subject, all: &Distribution) -> Value {
    let histogram = Histogram::of(all, BINS);
    let bins = histogram.bins.iter();
    let bins: Vec<(u64, u64)> = bins.map(|bin| (bin.from, bin.count)).collect();
    let mut line = json!({
        "kind": "measure",
        "measure": subject.measure.name(),
        "container": pod.container(subject),
        "restart": subject.restart,
        "samples": all.samples(),
        "runs": all.runs(),
        "without": pod.runs - all.runs(),
        "min": all.min(),
    });
    for (name, part) in PARTS {
        line[name] = json!(all.permille(part));
    }
    line["max"] = json!(all.max());
    line["histogram"] = json!({ "width": histogram.width, "bins": bins });
    line
}

fn told(part: &Part, seen: &Seen) -> Value {
    let again: Vec<String> = seen.first.iter().map(|&seed| part.command(seed)).collect();
    json!({ "runs": seen.runs, "first": seen.first, "again": again })
}
