//! A sweep's result for people.

use super::part::{Part, PodPart};
use super::runs::Seen;
use crate::cli::paint::HEADING;
use crate::measure::{Distribution, Histogram, Subject, Watch};
use crate::time::Span;
use std::io::{self, Write};

/// What is shown of a distribution between the shortest and the longest.
pub(super) const PARTS: [(&str, u64); 4] =
    [("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999)];

/// How many bins a plot has at most.
const BINS: u64 = 12;

/// How wide its bars are.
const BAR: u64 = 40;

pub(super) fn print(part: &Part, out: &mut dyn Write) -> io::Result<()> {
    for (index, pod) in part.pods.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let until = Span::from_millis(pod.until);
        let (title, kubelet, seeds) = (&pod.title, &pod.kubelet, part.seeds);
        writeln!(
            out,
            "{HEADING}{title}, Kubernetes {kubelet}, {until}, seeds {seeds}{HEADING:#}"
        )?;
        writeln!(out)?;
        let rows: Vec<(Subject, Distribution)> = pod.rows().collect();
        table(pod, &rows, out)?;
        for (subject, all) in &rows {
            if all.min() != all.max() {
                writeln!(out)?;
                plot(pod, *subject, all, out)?;
            }
        }
        writeln!(out)?;
        for (name, seen) in &pod.broken {
            bad(part, &format!("invariant {name} broken"), seen, out)?;
        }
        if pod.livelocks.runs > 0 {
            bad(part, "one moment did not end", &pod.livelocks, out)?;
        }
        if pod.broken.is_empty() && pod.livelocks.runs == 0 {
            writeln!(out, "every invariant holds in all {} runs", pod.runs)?;
        }
    }
    Ok(())
}

/// One line per measure and subject.
fn table(pod: &PodPart, rows: &[(Subject, Distribution)], out: &mut dyn Write) -> io::Result<()> {
    let head = ["measure", "of", "samples", "without", "min"];
    let parts = PARTS.iter().map(|(name, _)| *name);
    let head = head.into_iter().chain(parts).chain(["max"]);
    let mut lines = vec![head.map(ToOwned::to_owned).collect::<Vec<String>>()];
    for (subject, all) in rows {
        let mut line = vec![
            subject.measure.name().to_owned(),
            of(pod, *subject),
            all.samples().to_string(),
            (pod.runs - all.runs()).to_string(),
            time(all.min()),
        ];
        line.extend(PARTS.iter().map(|&(_, part)| time(all.permille(part))));
        line.push(time(all.max()));
        lines.push(line);
    }
    let columns = lines[0].len();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    for line in &lines {
        let mut text = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            text += &match column {
                0 | 1 => format!("{cell:<width$}  "),
                _ => format!("{cell:>width$}  "),
            };
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// A bar for each bin.
fn plot(
    pod: &PodPart,
    subject: Subject,
    all: &Distribution,
    out: &mut dyn Write,
) -> io::Result<()> {
    let measure = subject.measure;
    writeln!(
        out,
        "{HEADING}{}, {}{HEADING:#}",
        measure.short(),
        of(pod, subject)
    )?;
    let histogram = Histogram::of(all, BINS);
    let peak = histogram.peak().max(1);
    let labels: Vec<String> = histogram
        .bins
        .iter()
        .map(|bin| time(Some(bin.from)))
        .collect();
    let width = labels.iter().map(String::len).max().unwrap_or(0);
    for (bin, label) in histogram.bins.iter().zip(&labels) {
        // What occurs at all is seen.
        let long = (u128::from(bin.count) * u128::from(BAR)).div_ceil(u128::from(peak));
        let bar = "█".repeat(usize::try_from(long).unwrap_or(0));
        let line = format!("{label:>width$}  {bar} {}", bin.count);
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn bad(part: &Part, what: &str, seen: &Seen, out: &mut dyn Write) -> io::Result<()> {
    let plural = if seen.runs == 1 { "" } else { "s" };
    writeln!(out, "{what} in {} run{plural}, first shown by", seen.runs)?;
    for &seed in &seen.first {
        writeln!(out, "  {}", part.command(seed))?;
    }
    Ok(())
}

/// What it was measured of.
fn of(pod: &PodPart, subject: Subject) -> String {
    let name = pod.container(subject).unwrap_or("pod");
    match subject.restart {
        None => name.to_owned(),
        Some(Watch::RESTARTS) => format!("{name}, restart {} on", Watch::RESTARTS),
        Some(restart) => format!("{name}, restart {restart}"),
    }
}

fn time(millis: Option<u64>) -> String {
    millis.map_or_else(
        || "-".to_owned(),
        |millis| Span::from_millis(millis).to_string(),
    )
}
