//! The report for programs.

use super::super::args::{ExploreArgs, When};
use super::Searched;
use crate::explore::{Kind, Outcome, Reach};
use crate::time::Time;
use serde_json::{Value, json};
use std::io::{self, Write};

/// One line for each pod.
pub(super) fn report(
    args: &ExploreArgs,
    searched: &Searched,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (job, explored) = (&searched.job, &searched.explored);
    let outcomes = searched.outcomes().into_iter().enumerate();
    let properties = outcomes.map(|(number, outcome)| {
        let mut told = json!({
            "name": searched.properties.name(number),
            "kind": match searched.properties.kind(number) {
                None => "own",
                Some(Kind::Invariant) => "invariant",
                Some(Kind::Wish) => "wish",
                Some(Kind::Oddity) => "oddity",
            },
            "outcome": match outcome {
                Outcome::Violated(_) => "violated",
                Outcome::Shown(_) => "shown",
                Outcome::Impossible => "impossible",
                Outcome::Kept => "kept",
                Outcome::Open => "open",
            },
        });
        if let Some(Some((run, file))) = searched.runs.get(number) {
            told["at"] = json!(run.breach.at.millis_since(Time::START));
            told["detail"] = json!(run.breach.detail);
            told["faults"] = json!(run.faults);
            told["steps"] = json!(run.depth);
            told["choices"] = json!(run.trace.to_string());
            told["file"] = file.as_ref().map_or(Value::Null, |file| {
                Value::String(file.display().to_string())
            });
        }
        told
    });
    let properties: Vec<Value> = properties.collect();
    let cut = explored.cut;
    let line = json!({
        "kind": "explored",
        "schema": 1,
        "file": job.file,
        "pod": &*job.scenario.model.names().pod.name,
        "kubelet": job.scenario.profile.version().to_string(),
        "states": explored.states,
        "steps": explored.steps,
        "depth": explored.depth,
        "faults": args.faults,
        "instants": match args.instants {
            When::Corners => "corners",
            When::Seconds => "seconds",
        },
        "reach": match cut.reach() {
            Reach::Complete => "complete",
            Reach::CompleteUpToFaults => "complete-up-to-faults",
            Reach::Bounded => "bounded",
        },
        "cut": {
            "faults": cut.faults,
            "depth": cut.depth,
            "states": cut.states,
            "until": cut.until,
            "stopped": cut.stopped,
        },
        "properties": properties,
    });
    writeln!(out, "{line}")
}
