//! `podclock run`

use super::Exit;
use super::args::{Format, RunArgs};
use super::file::{self, Text};
use super::input::{self, Job};
use super::paint::{self, HEADING};
use crate::manifest::Diagnostic;
use crate::profile::{Feature, Profile, Version};
use crate::sim::{Run, ScenarioError};
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
    let version = args.kubelet;
    let mut profile = version.map_or_else(Profile::default, Profile::of);
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
        let found = file::read(file, stdin).and_then(|text| {
            versions_fit(args.kubelet, &args.feature_gate, &text)?;
            input::jobs(&text, &args.pod, version, &args.feature_gate)
        });
        match found {
            Ok(found) => jobs.extend(found),
            Err(error) => {
                problems(&error, err)?;
                exit = Exit::Usage;
            }
        }
    }
    for (index, job) in jobs.iter().enumerate() {
        warnings(&job.scenario.warnings, job, err)?;
        let mut choices = input::choices(&job.scenario, args.pod.seed);
        let run = job.scenario.run(&mut *choices);
        let failures = job.scenario.failures(&run.timeline);
        match args.format {
            Format::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                text(job, &run, &failures, out)?;
            }
            Format::Json => json(job, args.pod.seed, &run, &failures, out)?,
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

/// A scenario has a version of its own.
pub(super) fn versions_fit(
    version: Option<Version>,
    gates: &[(Feature, bool)],
    text: &Text,
) -> Result<(), ScenarioError> {
    let given = [
        ("--kubelet", version.is_some()),
        ("--feature-gate", !gates.is_empty()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((option, _)) if input::is_scenario(&text.text) => {
            Err(input::for_manifests(&text.name, &text.text, option))
        }
        _ => Ok(()),
    }
}

/// What is wrong with files, each finding with its place.
pub(super) fn problems(error: &ScenarioError, err: &mut dyn Write) -> io::Result<()> {
    for file in &error.files {
        write!(err, "{file}")?;
    }
    Ok(())
}

pub(super) fn warnings(
    diagnostics: &[Diagnostic],
    job: &Job,
    err: &mut dyn Write,
) -> io::Result<()> {
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
