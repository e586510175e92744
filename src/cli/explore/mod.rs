//! `podclock explore`

pub(super) mod job;
mod json;
pub(super) mod save;
mod text;

use super::Exit;
use super::args::{ExploreArgs, Format, When};
use super::around::Around;
use super::file;
use super::run::problems;
use crate::explore::{
    Bounds, Breach, Builtin, Counterexample, Explored, Instants, Kind, Outcome, Progress,
    Properties, Reach, Search,
};
use crate::manifest::nearest;
use job::{Given, Job};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

/// How often it is told how the search goes.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// A run that was found, with its file where it was saved.
type Run = (Counterexample, Option<PathBuf>);

/// What a search has come to.
struct Searched {
    job: Job,
    properties: Properties,
    explored: Explored<Breach>,
    /// The run behind each outcome that has one.
    runs: Vec<Option<Run>>,
}

impl Searched {
    fn outcomes(&self) -> Vec<Outcome<'_>> {
        self.properties.outcomes(&self.explored)
    }
}

/// Searches every pod of every file. Wrong files do not keep the others from being searched.
pub(super) fn explore(
    args: &ExploreArgs,
    around: Around,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let builtins = match builtins(&args.without) {
        Ok(builtins) => builtins,
        Err(problem) => {
            writeln!(err, "error: {problem}")?;
            return Ok(Exit::Usage);
        }
    };
    let given = Given {
        kubelet: args.kubelet,
        feature_gate: &args.feature_gate,
        ideal: args.ideal,
    };
    let mut jobs = Vec::new();
    let mut exit = Exit::Fine;
    for file in &args.files {
        match file::read(file, stdin).and_then(|text| job::jobs(given, &text)) {
            Ok(found) => jobs.extend(found),
            Err(error) => {
                problems(&error, err)?;
                exit = Exit::Usage;
            }
        }
    }
    let interrupted = around.interrupted();
    let mut saved = BTreeSet::new();
    for (index, job) in jobs.into_iter().enumerate() {
        for diagnostic in &job.warnings {
            write!(err, "{}", diagnostic.snippet(&job.file, &job.from))?;
        }
        let mut properties = Properties::new();
        for property in &job.scenario.properties {
            properties = properties.with(property.clone());
        }
        properties = properties.with_builtins(builtins.iter().copied());
        if let Some(until) = args.until {
            properties = properties.until(until.duration());
        }
        let mut search = Search::new(&job.scenario.model, properties.clone())
            .bounds(Bounds {
                faults: Some(args.faults),
                depth: args.depth,
                states: Some(args.states),
                until: args.until.map(crate::Span::duration),
            })
            .instants(match args.instants {
                When::Corners => Instants::Corners,
                When::Seconds => Instants::EverySecond,
            })
            .stop(&interrupted);
        if let Some(threads) = args.threads {
            search = search.threads(threads);
        }
        let began = around.elapsed();
        let mut told = began;
        let explored = search.run_with(|progress| {
            // Nobody reads it who has closed the stream.
            if let (Some(began), Some(now)) = (began, around.elapsed())
                && told.is_some_and(|last| now >= last + TELL_EVERY)
            {
                told = Some(now);
                let _ = tell(progress, now.saturating_sub(began), err);
            }
        });
        let mut searched = Searched {
            properties,
            explored,
            runs: Vec::new(),
            job,
        };
        searched.runs = save::runs(&searched, args.save.as_deref(), &mut saved, err)?;
        match args.format {
            Format::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                text::report(args, &searched, out)?;
            }
            Format::Json => json::report(args, &searched, out)?,
        }
        exit = exit.max(verdict(&searched));
        if searched.explored.cut.stopped {
            break;
        }
    }
    Ok(exit)
}

fn verdict(searched: &Searched) -> Exit {
    if searched.outcomes().iter().any(Outcome::is_violated) {
        return Exit::Failed;
    }
    match searched.explored.cut.reach() {
        Reach::Complete | Reach::CompleteUpToFaults => Exit::Fine,
        Reach::Bounded => Exit::Bounded,
    }
}

/// The built-in properties but for those that are not wanted.
fn builtins(without: &[String]) -> Result<Vec<Builtin>, String> {
    let mut wanted: Vec<Builtin> = Builtin::all().collect();
    for name in without {
        let groups = ["all", "invariants", "oddities"];
        let known: Vec<_> = Builtin::all().map(Builtin::name).chain(groups).collect();
        if !known.contains(&name.as_str()) {
            let meant = nearest(name, known).map(crate::manifest::did_you_mean);
            let help = meant.map_or_else(String::new, |meant| format!(": {meant}"));
            return Err(format!("no built-in property {name:?}{help}"));
        }
        wanted.retain(|builtin| match name.as_str() {
            "all" => false,
            "invariants" => builtin.kind() != Kind::Invariant,
            "oddities" => builtin.kind() != Kind::Oddity,
            name => builtin.name() != name,
        });
    }
    Ok(wanted)
}

/// How the search goes, after so long.
fn tell(progress: Progress, taken: Duration, err: &mut dyn Write) -> io::Result<()> {
    let Progress {
        states,
        depth,
        faults,
        frontier,
        ..
    } = progress;
    let rate = states as u128 * 1000 / taken.as_millis().max(1);
    writeln!(
        err,
        "{states} worlds, {rate}/s, up to {depth} steps, now with {faults} faults, {frontier} to go \
         on from"
    )
}
