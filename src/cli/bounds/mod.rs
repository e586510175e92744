//! `podclock bounds`

mod asked;
mod json;
mod text;

use super::Exit;
use super::args::{BoundsArgs, Format};
use super::around::Around;
use super::explore::job::{self, Given};
use super::explore::save::slug;
use super::file;
use super::run::problems;
use crate::explore::{Cut, Extreme, Found, Length, Reach};
use crate::measure::{Sample, Subject};
use crate::sim::Saved;
use crate::time::Time;
use asked::Asked;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a saved run goes on after what it shows.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// The range of one length of time.
struct Range {
    subject: Subject,
    /// What it was found in, by its place.
    asked: usize,
    /// The least and the greatest.
    ends: [End; 2],
}

/// One end of a range.
struct End {
    sample: Sample,
    file: Option<PathBuf>,
}

/// What was found about one pod.
struct Answered {
    title: String,
    version: String,
    asked: Vec<Asked>,
    ranges: Vec<Range>,
}

pub(super) fn bounds(
    args: &BoundsArgs,
    around: Around,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let given = Given {
        kubelet: args.kubelet,
        feature_gate: &args.feature_gate,
        ideal: args.ideal,
    };
    let interrupted = around.interrupted();
    let mut exit = Exit::Fine;
    let mut first = true;
    for file in &args.files {
        let jobs = match file::read(file, stdin).and_then(|text| job::jobs(given, &text)) {
            Ok(jobs) => jobs,
            Err(error) => {
                problems(&error, err)?;
                exit = Exit::Usage;
                continue;
            }
        };
        for job in jobs {
            for diagnostic in &job.warnings {
                write!(err, "{}", diagnostic.snippet(&job.file, &job.from))?;
            }
            let asked = match asked::ask(args, &job) {
                Ok(asked) => asked,
                Err(error) => {
                    problems(&error, err)?;
                    exit = Exit::Usage;
                    continue;
                }
            };
            let mut answered = Answered {
                title: job.title.clone(),
                version: job.scenario.profile.version().to_string(),
                asked: Vec::new(),
                ranges: Vec::new(),
            };
            for mut asked in asked {
                asked.search(args, &interrupted, |told| {
                    if around.watched() {
                        // Nobody reads it who has closed the stream.
                        let _ = write!(err, "\r{told} ");
                    }
                });
                answered.asked.push(asked);
            }
            if around.watched() {
                writeln!(err)?;
            }
            answered.ranges = ranges(args.save.as_deref(), &answered.asked)?;
            if !std::mem::take(&mut first) && args.format == Format::Text {
                writeln!(out)?;
            }
            match args.format {
                Format::Text => text::print(&answered, out)?,
                Format::Json => json::print(&answered, out)?,
            }
            let reach = answered.asked.iter().map(|asked| asked.cut().reach());
            if reach.into_iter().any(|reach| reach == Reach::Bounded) {
                exit = exit.max(Exit::Bounded);
            }
        }
    }
    Ok(exit)
}

/// What the searches have found, each with its file if one is wanted.
fn ranges(folder: Option<&Path>, all: &[Asked]) -> io::Result<Vec<Range>> {
    let mut ranges = Vec::new();
    for (index, asked) in all.iter().enumerate() {
        for (place, &subject) in asked.subjects().iter().enumerate() {
            let end = |extreme: Extreme| {
                let Some(found) = asked.found(place, extreme) else {
                    return Ok(None);
                };
                let file = folder.map(|folder| save(asked, subject, found, folder));
                io::Result::Ok(Some(End {
                    sample: found.finding.sample,
                    file: file.transpose()?,
                }))
            };
            if let (Some(least), Some(greatest)) = (end(Extreme::Least)?, end(Extreme::Greatest)?) {
                ranges.push(Range {
                    subject,
                    asked: index,
                    ends: [least, greatest],
                });
            }
        }
    }
    ranges.sort_by_key(|range| range.subject);
    Ok(ranges)
}

fn save(
    asked: &Asked,
    subject: Subject,
    found: &Found<Length>,
    folder: &Path,
) -> io::Result<PathBuf> {
    let extreme = match found.finding.extreme {
        Extreme::Least => "least",
        Extreme::Greatest => "greatest",
    };
    let mut words = vec![
        asked.scenario.name.clone(),
        subject.measure.name().to_owned(),
    ];
    words.extend(subject.container.map(|id| asked.container(id).to_owned()));
    words.extend(subject.restart.map(|restart| restart.to_string()));
    words.push(extreme.to_owned());
    let words = words.join(" ");
    let name = slug(&words);
    let sample = found.finding.sample;
    let note = format!("{words}: from {} to {}", sample.from, sample.to);
    let until = sample.to.since(Time::START) + AFTERWARDS;
    let saved = Saved {
        name: &name,
        note: &note,
        until: Duration::from_secs(until.as_secs() + 1),
        loops: found.loops,
        choices: &found.trace,
    };
    let text = asked.scenario.saved(&asked.text, &saved);
    let text = text.ok_or_else(|| io::Error::other("the scenario cannot be written"))?;
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{name}.yaml"));
    fs::write(&file, text)?;
    Ok(file)
}

impl Asked {
    /// What the search did not look at.
    fn cut(&self) -> Cut {
        let explored = self.explored.as_ref();
        explored.map_or_else(Cut::default, |explored| explored.cut)
    }
}
