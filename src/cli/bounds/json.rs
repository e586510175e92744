//! The table for programs: JSON Lines.

use super::{Answered, End};
use crate::explore::{Extreme, Reach};
use serde_json::json;
use std::io::{self, Write};

/// The version of this format.
const SCHEMA: u32 = 1;

pub(super) fn print(answered: &Answered, out: &mut dyn Write) -> io::Result<()> {
    for range in &answered.ranges {
        let asked = &answered.asked[range.asked];
        let end = |extreme: Extreme| {
            let End { sample, file } = &range.ends[extreme as usize];
            json!({
                "millis": sample.millis(),
                "from": sample.from.as_millis(),
                "to": sample.to.as_millis(),
                "file": file.as_ref().map(|file| file.display().to_string()),
            })
        };
        let container = range.subject.container;
        let whole = asked.phases.as_ref().is_none_or(|phases| !phases.cut);
        let line = json!({
            "schema": SCHEMA,
            "pod": answered.title,
            "kubelet": answered.version,
            "measure": range.subject.measure.name(),
            "container": container.map(|id| asked.container(id)),
            "restart": range.subject.restart,
            "least": end(Extreme::Least),
            "greatest": end(Extreme::Greatest),
            "complete": asked.cut().reach() != Reach::Bounded && whole,
            "worlds": asked.explored.as_ref().map(|explored| explored.states),
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
