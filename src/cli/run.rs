//! `podclock run`

use super::Exit;
use super::args::{Format, RunArgs};
use super::input::{self, Job};
use super::paint::{self, HEADING};
use crate::manifest::Diagnostic;
use crate::profile::Profile;
use crate::runtime::{Choices, Nominal, Seeded};
use crate::sim::Run;
use crate::time::Span;
use crate::timeline::wire::{Head, Line, SCHEMA, Tail};
use std::io::{self, Read, Write};

/// Runs every pod of every file. Wrong files do not keep the others from running.
pub(super) fn run(
    args: &RunArgs,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let mut profile = Profile::of(args.kubelet.unwrap_or(Profile::default().version()));
    for &(feature, enabled) in &args.feature_gate {
        profile = match profile.with(feature, enabled) {
            Ok(profile) => profile,
            Err(error) => {
                writeln!(err, "error: {error}")?;
                return Ok(Exit::Usage);
            }
        };
    }
    let mut jobs = Vec::new();
    let mut exit = Exit::Fine;
    for file in &args.files {
        match input::jobs(file, args, &profile, stdin) {
            Ok(found) => jobs.extend(found),
            Err(error) => {
                for file in &error.files {
                    write!(err, "{file}")?;
                }
                exit = Exit::Usage;
            }
        }
    }
    for (index, job) in jobs.iter().enumerate() {
        warnings(&job.scenario.warnings, job, err)?;
        let mut nominal = Nominal;
        let mut seeded = Seeded(args.seed.unwrap_or(0));
        let choices: &mut dyn Choices = match args.seed {
            Some(_) => &mut seeded,
            None => &mut nominal,
        };
        let run = job.scenario.run(choices);
        let failures = job.scenario.failures(&run.timeline);
        match args.format {
            Format::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                text(job, &run, &failures, out)?;
            }
            Format::Json => json(job, args.seed, &run, &failures, out)?,
        }
        warnings(&failures, job, err)?;
        if run.livelock {
            writeln!(
                err,
                "error: one moment of this run does not end; the timeline is cut off there"
            )?;
            exit = exit.max(Exit::Internal);
        }
        if !failures.is_empty() {
            exit = exit.max(Exit::Failed);
        }
    }
    Ok(exit)
}

fn warnings(diagnostics: &[Diagnostic], job: &Job, err: &mut dyn Write) -> io::Result<()> {
    for diagnostic in diagnostics {
        write!(err, "{}", diagnostic.snippet(&job.file, &job.text))?;
    }
    Ok(())
}

fn text(job: &Job, run: &Run, failures: &[Diagnostic], out: &mut dyn Write) -> io::Result<()> {
    let scenario = &job.scenario;
    let until = Span::from(scenario.until);
    let version = scenario.profile.version();
    let title = &job.title;
    writeln!(
        out,
        "{HEADING}{title}, Kubernetes {version}, {until}{HEADING:#}"
    )?;
    writeln!(out)?;
    paint::rows(&run.timeline.rows(), out)?;
    writeln!(out)?;
    write!(out, "{}", run.timeline.summary())?;
    let expected = scenario.expectations.len();
    if expected > 0 {
        let met = expected - failures.len();
        writeln!(out, "expected  {met} of {expected} as expected")?;
    }
    Ok(())
}

fn json(
    job: &Job,
    seed: Option<u64>,
    run: &Run,
    failures: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    let scenario = &job.scenario;
    let names = scenario.model.names();
    let mut line = |line: &Line| -> io::Result<()> {
        serde_json::to_writer(&mut *out, line)?;
        writeln!(out)
    };
    line(&Line::Run(Head {
        schema: SCHEMA,
        file: job.file.clone(),
        pod: names.pod.name.to_string(),
        namespace: names.pod.namespace.to_string(),
        kubelet: scenario.profile.version().to_string(),
        seed,
        until: Span::from(scenario.until).millis(),
    }))?;
    for entry in run.timeline.lines() {
        line(&entry)?;
    }
    let told = |failure: &Diagnostic| failure.to_string();
    line(&Line::Summary(Tail {
        failures: failures.iter().map(told).collect(),
        ..Tail::from(&run.timeline.summary())
    }))
}
