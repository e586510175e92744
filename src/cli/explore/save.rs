//! The runs that a search has found, each in its smallest form, and as a file.

use super::{Run, Searched};
use crate::explore::{Breach, Counterexample, Found, Outcome};
use crate::sim::Saved;
use crate::time::Time;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a saved run goes on after what it shows.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// The run behind each outcome that has one. What cannot be written is told, and left out.
pub(super) fn runs(
    searched: &Searched,
    folder: Option<&Path>,
    saved: &mut BTreeSet<PathBuf>,
    err: &mut dyn Write,
) -> io::Result<Vec<Option<Run>>> {
    let mut runs = Vec::new();
    for outcome in searched.outcomes() {
        let (Outcome::Violated(found) | Outcome::Shown(found)) = outcome else {
            runs.push(None);
            continue;
        };
        let model = &searched.job.scenario.model;
        let run = searched.properties.shrink(model, found);
        let run = run.unwrap_or_else(|| as_found(found));
        let file = folder.map(|folder| save(searched, &run, folder, saved));
        match file.transpose() {
            Ok(file) => runs.push(Some((run, file))),
            Err(problem) => {
                writeln!(err, "error: {problem}")?;
                runs.push(Some((run, None)));
            }
        }
    }
    Ok(runs)
}

fn as_found(found: &Found<Breach>) -> Counterexample {
    Counterexample {
        breach: found.finding.clone(),
        loops: found.loops,
        trace: found.trace.clone(),
        faults: found.faults,
        depth: found.depth,
    }
}

fn save(
    searched: &Searched,
    run: &Counterexample,
    folder: &Path,
    known: &mut BTreeSet<PathBuf>,
) -> io::Result<PathBuf> {
    let job = &searched.job;
    let property = searched.properties.name(run.breach.number);
    // Pods of several files may have one name.
    let name = format!("{}-{}", slug(&job.scenario.name), slug(property));
    let numbers = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbers);
    let free = |name: &String| !known.contains(&folder.join(format!("{name}.yaml")));
    let name = names.find(free).unwrap_or(name);
    let detail = match run.breach.detail.as_str() {
        "" => String::new(),
        detail => format!(": {detail}"),
    };
    let at = run.breach.at;
    let note = format!("{property}{detail}, at {at}");
    let until = at.since(Time::START) + AFTERWARDS;
    let saved = Saved {
        name: &name,
        note: &note,
        until: Duration::from_secs(until.as_secs() + 1),
        loops: run.loops,
        choices: &run.trace,
    };
    let text = job.scenario.saved(&job.text, &saved);
    let text = text.ok_or_else(|| io::Error::other("the scenario cannot be written"))?;
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{name}.yaml"));
    fs::write(&file, text)?;
    known.insert(file.clone());
    Ok(file)
}

/// A name as part of a file's.
pub(in crate::cli) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    slug.chars().take(60).collect()
}
