//! `podclock sweep` and `podclock merge`

mod again;
mod args;
mod json;
mod part;
mod runs;
mod text;

pub(super) use args::{MergeArgs, SweepArgs};

use super::Exit;
use super::args::Format;
use super::file;
use super::input;
use super::progress::Progress;
use super::run::{problems, versions_fit, warnings};
use again::Again;
use part::{Part, PodPart};
use std::ffi::OsString;
use std::io::{self, Read, Write};

/// Runs every pod of a file under every seed, and prints or writes what came of it.
pub(super) fn sweep(
    args: &SweepArgs,
    words: &[OsString],
    watched: bool,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    if let Err(problem) = args.check() {
        writeln!(err, "error: {problem}")?;
        return Ok(Exit::Usage);
    }
    let found = file::read(&args.file, stdin).and_then(|text| {
        versions_fit(args.kubelet, &args.feature_gate, &text)?;
        let flags = args.pod_flags(!input::is_scenario(&text.text));
        let jobs = input::jobs(&text, &flags, args.kubelet, &args.feature_gate)?;
        Ok((text, flags, jobs))
    });
    let (text, flags, jobs) = match found {
        Ok(found) => found,
        Err(error) => {
            problems(&error, err)?;
            return Ok(Exit::Usage);
        }
    };
    for job in &jobs {
        warnings(&job.scenario.warnings, job, err)?;
    }
    let shard = args.shard.unwrap_or_default();
    let dealt = args.seeds.dealt(shard);
    let runs = dealt.len().saturating_mul(jobs.len() as u64);
    let mut progress = Progress::new(err, args.progress || watched, "seeds", runs);
    let mut pods = Vec::new();
    for job in &jobs {
        let found = runs::all(job, &dealt, args.threads(), &mut progress)?;
        pods.push(PodPart::new(job, &found));
    }
    progress.end()?;
    let part = Part {
        schema: part::SCHEMA,
        kind: part::KIND.to_owned(),
        podclock: env!("CARGO_PKG_VERSION").to_owned(),
        input: part::fingerprint(&text.text, &jobs),
        file: text.name,
        again: Again::new(words, flags.faults).command(),
        seeds: args.seeds,
        shard,
        pods,
    };
    match &args.out {
        None => print(&part, args.format, out),
        Some(path) => match std::fs::write(path, part.json()?) {
            Ok(()) => Ok(Exit::Fine),
            Err(problem) => {
                writeln!(err, "error: {}: {problem}", path.display())?;
                Ok(Exit::Usage)
            }
        },
    }
}

/// Puts parts together and prints them.
pub(super) fn merge(
    args: &MergeArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    match part::merge(&args.parts) {
        Ok(whole) => print(&whole, args.format, out),
        Err(problem) => {
            writeln!(err, "error: {problem}")?;
            Ok(Exit::Usage)
        }
    }
}

fn print(part: &Part, format: Format, out: &mut dyn Write) -> io::Result<Exit> {
    match format {
        Format::Text => text::print(part, out)?,
        Format::Json => json::print(part, out)?,
    }
    Ok(part.exit())
}
