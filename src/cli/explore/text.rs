//! The report for people.

use super::super::args::{ExploreArgs, When};
use super::super::paint::HEADING;
use super::Searched;
use crate::explore::{Counterexample, Cut, Explored, Kind, Outcome, Reach};
use std::io::{self, Write};
use std::path::Path;

pub(super) fn report(
    args: &ExploreArgs,
    searched: &Searched,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (job, explored) = (&searched.job, &searched.explored);
    let title = &job.title;
    let version = job.scenario.profile.version();
    writeln!(out, "{HEADING}{title}, Kubernetes {version}{HEADING:#}")?;
    writeln!(out)?;
    let Explored {
        states,
        steps,
        depth,
        cut,
        ..
    } = explored;
    writeln!(
        out,
        "searched  {states} worlds, {steps} steps, the longest run has {depth}"
    )?;
    writeln!(out, "          {}", reach(args, *cut))?;
    writeln!(out, "          {}", moments(args.instants))?;
    writeln!(out)?;
    let mut quiet = Vec::new();
    let mut invariants = 0;
    for (number, outcome) in searched.outcomes().into_iter().enumerate() {
        let name = searched.properties.name(number);
        let kind = searched.properties.kind(number);
        match outcome {
            Outcome::Kept if kind == Some(Kind::Invariant) => invariants += 1,
            Outcome::Kept => quiet.push(("holds", name)),
            Outcome::Open => quiet.push(("unseen", name)),
            Outcome::Impossible => quiet.push(("NEVER", name)),
            Outcome::Violated(_) | Outcome::Shown(_) => {
                if let Some(Some((run, file))) = searched.runs.get(number) {
                    let word = match outcome {
                        Outcome::Shown(_) => "seen",
                        _ => "BROKEN",
                    };
                    found(word, name, kind, run, file.as_deref(), out)?;
                }
            }
        }
    }
    let holds = match cut.reach() {
        Reach::Complete => "holds",
        Reach::CompleteUpToFaults => "holds",
        Reach::Bounded => "so far",
    };
    for (word, name) in quiet {
        let word = if word == "holds" { holds } else { word };
        writeln!(out, "{word:<9} {name}")?;
    }
    if invariants > 0 {
        writeln!(
            out,
            "{holds:<9} {invariants} invariants, along the first run to each world alone"
        )?;
    }
    commands(args, searched, out)
}

/// What the search can say.
fn reach(args: &ExploreArgs, cut: Cut) -> String {
    let faults = match args.faults {
        0 => "no faults".to_owned(),
        1 => "at most one fault".to_owned(),
        many => format!("at most {many} faults"),
    };
    match cut.reach() {
        Reach::Complete => "complete: there is no other world".to_owned(),
        Reach::CompleteUpToFaults => format!("complete for runs with {faults}"),
        Reach::Bounded if cut.stopped => {
            format!("PARTIAL: interrupted while it looked at runs with {faults}")
        }
        Reach::Bounded => format!("not complete, cut off by: {cut}"),
    }
}

const fn moments(when: When) -> &'static str {
    match when {
        When::Corners => {
            "open moments at corners: at once, just before what comes next, and with it"
        }
        When::Seconds => "open moments at every whole second",
    }
}

fn found(
    word: &str,
    name: &str,
    kind: Option<Kind>,
    run: &Counterexample,
    file: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let kind = match kind {
        Some(Kind::Oddity) => " (an oddity of the kubelet)",
        Some(Kind::Invariant) => " (an invariant: podclock is wrong)",
        Some(Kind::Wish) | None => "",
    };
    writeln!(out, "{word:<9} {name}{kind}")?;
    let Counterexample {
        breach,
        faults,
        depth,
        ..
    } = run;
    let faults = match faults {
        0 => "without a fault".to_owned(),
        1 => "with 1 fault".to_owned(),
        many => format!("with {many} faults"),
    };
    let detail = match breach.detail.as_str() {
        "" => String::new(),
        detail => format!(": {detail}"),
    };
    let at = breach.at;
    writeln!(out, "          at {at}{detail}; {faults}, {depth} steps")?;
    if let Some(file) = file {
        writeln!(out, "          in {}", file.display())?;
    }
    Ok(())
}

/// How to see it again.
fn commands(args: &ExploreArgs, searched: &Searched, out: &mut dyn Write) -> io::Result<()> {
    let files = searched.runs.iter().flatten();
    let files: Vec<_> = files.filter_map(|(_, file)| file.as_deref()).collect();
    if searched.runs.iter().flatten().next().is_none() {
        return Ok(());
    }
    writeln!(out)?;
    if files.is_empty() {
        let file = &searched.job.file;
        if args.save.is_none() {
            writeln!(out, "to see these runs: podclock explore {file} --save DIR")?;
        }
        return Ok(());
    }
    writeln!(out, "to see them again:")?;
    for file in files {
        writeln!(out, "  podclock run {}", file.display())?;
    }
    Ok(())
}
