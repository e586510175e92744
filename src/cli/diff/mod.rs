//! `podclock diff`

mod findings;
mod json;
mod summary;
mod text;

use super::Exit;
use super::args::{DiffArgs, Format};
use super::file::{self, Text};
use super::input::{self, Job};
use super::run::{problems, warnings};
use crate::profile::{Feature, GateError, Profile, Version};
use crate::sim::{Run, ScenarioError};
use crate::timeline::Diff;
use findings::Findings;
use std::fmt;
use std::io::{self, Read, Write};

/// A profile to compare with another.
#[derive(Debug)]
struct Side {
    version: Version,
    gates: Vec<(Feature, bool)>,
    /// What it is called.
    name: String,
}

/// One pod under both profiles.
struct Pair {
    from: (Job, Run),
    to: (Job, Run),
    findings: Findings,
    diff: Diff,
}

/// What became of one file.
enum Compared {
    Pairs(Vec<Pair>),
    /// One of the two versions refuses it: the finding is the difference.
    Refused(Findings),
    /// Both do.
    Wrong(ScenarioError),
}

/// Compares every pod of every file. Wrong files do not keep the others from being compared.
pub(super) fn diff(
    args: &DiffArgs,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let mut exit = Exit::Fine;
    let mut first = true;
    for file in &args.files {
        let text = match file::read(file, stdin) {
            Ok(text) => text,
            Err(error) => {
                problems(&error, err)?;
                exit = exit.max(Exit::Usage);
                continue;
            }
        };
        let [from, to] = match sides(args, &text) {
            Ok(sides) => sides,
            Err(error) => {
                writeln!(err, "error: {error}")?;
                return Ok(Exit::Usage);
            }
        };
        match compare(args, &text, &from, &to) {
            Compared::Wrong(error) => {
                problems(&error, err)?;
                exit = exit.max(Exit::Usage);
            }
            Compared::Refused(findings) => {
                match args.format {
                    Format::Text => {
                        text::separate(&mut first, out)?;
                        text::refused(&text.name, &from, &to, &findings, out)?;
                    }
                    Format::Json => json::refused(&text.name, &from, &to, &findings, out)?,
                }
                exit = exit.max(Exit::Failed);
            }
            Compared::Pairs(pairs) => {
                for pair in pairs {
                    warnings(&pair.findings.common, &pair.to.0, err)?;
                    match args.format {
                        Format::Text => {
                            text::separate(&mut first, out)?;
                            text::pair(&pair, &from, &to, args.details, out)?;
                        }
                        Format::Json => json::pair(&pair, &from, &to, args.pod.seed, out)?,
                    }
                    exit = exit.max(pair.exit());
                }
            }
        }
    }
    Ok(exit)
}

impl Pair {
    fn is_same(&self) -> bool {
        self.diff.is_same() && self.findings.is_same()
    }

    fn exit(&self) -> Exit {
        match (self.from.1.livelock || self.to.1.livelock, self.is_same()) {
            (true, _) => Exit::Internal,
            (false, true) => Exit::Fine,
            (false, false) => Exit::Failed,
        }
    }
}

/// Runs a text's pods under both profiles.
fn compare(args: &DiffArgs, text: &Text, from: &Side, to: &Side) -> Compared {
    let jobs = |side: &Side| input::jobs(text, &args.pod, Some(side.version), &side.gates);
    match (jobs(from), jobs(to)) {
        (Err(_), Err(error)) => Compared::Wrong(error),
        (Err(refused), Ok(accepted)) => {
            let accepted = accepted.into_iter();
            let warnings = accepted.flat_map(|job| job.scenario.warnings).collect();
            Compared::Refused(Findings::new(from, to, all(refused), warnings))
        }
        (Ok(accepted), Err(refused)) => {
            let accepted = accepted.into_iter();
            let warnings = accepted.flat_map(|job| job.scenario.warnings).collect();
            Compared::Refused(Findings::new(from, to, warnings, all(refused)))
        }
        (Ok(before), Ok(after)) => {
            let pairs = before.into_iter().zip(after);
            let pair = |(before, after)| pair(args, before, after, from, to);
            Compared::Pairs(pairs.map(pair).collect())
        }
    }
}

fn all(error: ScenarioError) -> Vec<crate::manifest::Diagnostic> {
    let files = error.files.into_iter();
    files.flat_map(|file| file.diagnostics).collect()
}

fn pair(args: &DiffArgs, before: Job, after: Job, from: &Side, to: &Side) -> Pair {
    let run = |job: &Job| {
        let mut choices = input::choices(&job.scenario, args.pod.seed);
        job.scenario.run(&mut *choices)
    };
    let (one, two) = (run(&before), run(&after));
    let warnings = |job: &Job| job.scenario.warnings.clone();
    Pair {
        findings: Findings::new(from, to, warnings(&before), warnings(&after)),
        diff: one.timeline.diff(&two.timeline),
        from: (before, one),
        to: (after, two),
    }
}

/// Arguments that leave nothing to compare.
#[derive(Debug)]
enum SidesError {
    Same,
    Gate(GateError),
}

impl fmt::Display for SidesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str(
                "before and after are the same; give two versions, --from 1.32 --to 1.36, or a \
                 gate, --to-gate NAME=true",
            ),
            Self::Gate(error) => error.fmt(f),
        }
    }
}

/// The two profiles that the arguments ask for.
fn sides(args: &DiffArgs, text: &Text) -> Result<[Side; 2], SidesError> {
    let own = || input::own_version(text).unwrap_or_else(|| Profile::default().version());
    let to = args.to.unwrap_or_else(own);
    let from = args.from.unwrap_or(to);
    let profile = |version, gates: &[(Feature, bool)]| {
        let mut gates = gates.iter();
        gates
            .try_fold(Profile::of(version), |profile, &(feature, enabled)| {
                profile.with(feature, enabled)
            })
            .map_err(SidesError::Gate)
    };
    let [before, after] = [profile(from, &args.from_gate)?, profile(to, &args.to_gate)?];
    if before.version() == after.version()
        && Feature::ALL
            .iter()
            .all(|&feature| before.enabled(feature) == after.enabled(feature))
    {
        return Err(SidesError::Same);
    }
    let side = |version: Version, gates: &[(Feature, bool)]| Side {
        version,
        gates: gates.to_vec(),
        name: name(version, gates, from == to),
    };
    Ok([side(from, &args.from_gate), side(to, &args.to_gate)])
}

/// `1.36`, `1.36 NAME=true`; of one version the gates are enough.
fn name(version: Version, gates: &[(Feature, bool)], alike: bool) -> String {
    let gates: Vec<String> = gates
        .iter()
        .map(|(feature, enabled)| format!("{feature}={enabled}"))
        .collect();
    match (gates.join(" "), alike) {
        (gates, true) if gates.is_empty() => "default".to_owned(),
        (gates, true) => gates,
        (gates, false) if gates.is_empty() => version.to_string(),
        (gates, false) => format!("{version} {gates}"),
    }
}

impl Side {
    /// What is compared, for a heading.
    fn both(from: &Self, to: &Self) -> String {
        let versions = if from.version == to.version {
            format!("{}, ", to.version)
        } else {
            String::new()
        };
        format!("Kubernetes {versions}{} → {}", from.name, to.name)
    }
}
