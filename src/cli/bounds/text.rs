//! The table for people.

use super::asked::Asked;
use super::{Answered, Range};
use crate::cli::paint::HEADING;
use crate::explore::Reach;
use crate::measure::Watch;
use crate::sim::Question;
use crate::time::Span;
use std::io::{self, Write};

pub(super) fn print(answered: &Answered, out: &mut dyn Write) -> io::Result<()> {
    let Answered { title, version, .. } = answered;
    writeln!(out, "{HEADING}{title}, Kubernetes {version}{HEADING:#}")?;
    writeln!(out)?;
    let head = ["from → to", "of", "least", "greatest"];
    let mut lines = vec![head.map(ToOwned::to_owned)];
    for range in &answered.ranges {
        let ends = range.ends.each_ref();
        let [least, greatest] = ends.map(|end| Span::from_millis(end.sample.millis()).to_string());
        let short = range.subject.measure.short().to_owned();
        lines.push([short, of(answered, range), least, greatest]);
    }
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    for [short, of, least, greatest] in &lines {
        writeln!(
            out,
            "{short:<0$}  {of:<1$}  {least:>2$}  {greatest:>3$}",
            widths[0], widths[1], widths[2], widths[3]
        )?;
    }
    if answered.ranges.is_empty() {
        writeln!(out, "nothing that could be measured")?;
    }
    writeln!(out)?;
    for asked in &answered.asked {
        assumed(asked, out)?;
    }
    let files = answered.ranges.iter().flat_map(|range| &range.ends);
    let mut files = files.filter_map(|end| end.file.as_ref()).peekable();
    if files.peek().is_some() {
        writeln!(out)?;
    }
    for file in files {
        writeln!(out, "podclock run {}", file.display())?;
    }
    Ok(())
}

fn of(answered: &Answered, range: &Range) -> String {
    let asked = &answered.asked[range.asked];
    let container = range.subject.container;
    let name = container.map_or("pod", |id| asked.container(id));
    match range.subject.restart {
        None => name.to_owned(),
        Some(Watch::RESTARTS) => format!("{name}, restart {} on", Watch::RESTARTS),
        Some(restart) => format!("{name}, restart {restart}"),
    }
}

/// What was looked at, and whether that is all.
fn assumed(asked: &Asked, out: &mut dyn Write) -> io::Result<()> {
    let (name, may) = match asked.question {
        None => ("scenario", "what the scenario says may go wrong"),
        Some(Question::Start) => ("start", "nothing goes wrong"),
        Some(Question::Hang) => ("hang", "liveness probes time out, at any moment"),
        Some(Question::Readiness) => ("readiness", "readiness probes fail, at any moment"),
        Some(Question::Delete) => (
            "delete",
            "deleted at any moment; TERM may be ignored, preStop hooks may hang",
        ),
        Some(Question::Crash) => ("crash", "exits with 1, at any moment"),
        Some(Question::Startup) => ("startup", "startup probes fail"),
    };
    let explored = asked.explored.as_ref();
    let states = explored.map_or(0, |explored| explored.states);
    let cut = asked.cut();
    let all = match cut.reach() {
        Reach::Complete | Reach::CompleteUpToFaults => "complete".to_owned(),
        Reach::Bounded => format!("NOT complete: {cut}"),
    };
    let phases = match &asked.phases {
        None => String::new(),
        Some(phases) => {
            let count = phases.loops.len();
            let cut = if phases.cut {
                ", NOT all that matter"
            } else {
                ""
            };
            format!(", {count} phases of relist and sync loop{cut}")
        }
    };
    writeln!(out, "{name:<9}  {may}; {states} worlds, {all}{phases}")
}
