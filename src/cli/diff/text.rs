//! A difference for people.

use super::findings::Findings;
use super::{Pair, Side, summary};
use crate::cli::paint::HEADING;
use crate::time::{Span, Time};
use crate::timeline::{Change, Diff, Row, Tone};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use std::time::Duration;

/// How many lines alike in a row are told one by one.
const ALIKE: usize = 1;
/// How many lines in a row that moved together are told one by one.
const TOGETHER: usize = 2;

/// An empty line before all files but the first.
pub(super) fn separate(first: &mut bool, out: &mut dyn Write) -> io::Result<()> {
    if std::mem::take(first) {
        Ok(())
    } else {
        writeln!(out)
    }
}

/// A file that one of the versions refuses.
pub(super) fn refused(
    file: &str,
    from: &Side,
    to: &Side,
    found: &Findings,
    out: &mut dyn Write,
) -> io::Result<()> {
    let heading = format!("{file}, {}", Side::both(from, to));
    writeln!(out, "{HEADING}{heading}{HEADING:#}\n")?;
    findings(file, from, to, found, out)?;
    let refuses =
        |found: &[crate::manifest::Diagnostic]| found.iter().any(|found| found.is_error());
    let who = if refuses(&found.to) { to } else { from };
    writeln!(out, "\nRefused by {}: there is nothing to run.", who.name)
}

/// One pod.
pub(super) fn pair(
    pair: &Pair,
    from: &Side,
    to: &Side,
    details: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (job, run) = &pair.to;
    let until = Span::from(job.scenario.until);
    let heading = format!("{}, {}, {until}", job.title, Side::both(from, to));
    writeln!(out, "{HEADING}{heading}{HEADING:#}\n")?;
    if pair.is_same() {
        return writeln!(out, "Nothing differs.");
    }
    if !pair.findings.is_same() {
        findings(&job.file, from, to, &pair.findings, out)?;
        writeln!(out)?;
    }
    words(&pair.diff, out)?;
    timeline(&pair.diff, from, to, details, out)?;
    let lines = summary::lines(&pair.from.1.timeline.summary(), &run.timeline.summary());
    summaries(&lines, from, to, out)
}

fn findings(
    file: &str,
    from: &Side,
    to: &Side,
    findings: &Findings,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "At reading (- {}, + {})", from.name, to.name)?;
    for (mark, found) in [(Mark::From, &findings.from), (Mark::To, &findings.to)] {
        for diagnostic in found {
            mark.line(&diagnostic.display(file).to_string(), out)?;
        }
    }
    Ok(())
}

/// Events that say the same in other words, each once.
fn words(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let mut known: Vec<(&str, &str, usize)> = Vec::new();
    for change in diff.changes.iter().filter(|change| change.reworded) {
        let (Some(from), Some(to)) = (&change.from, &change.to) else {
            continue;
        };
        // Where durations differ as well, the first one stands for all.
        match known
            .iter_mut()
            .find(|(one, two, _)| *one == from.text || *two == to.text)
        {
            Some((.., count)) => *count += 1,
            None => known.push((&from.text, &to.text, 1)),
        }
    }
    if known.is_empty() {
        return Ok(());
    }
    writeln!(out, "The same in other words")?;
    for (from, to, count) in known {
        let times = if count == 1 {
            ""
        } else {
            &format!("  ({count} times)")
        };
        Mark::From.line(from, out)?;
        Mark::To.line(&format!("{to}{times}"), out)?;
    }
    writeln!(out)
}

/// Who has a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    From,
    To,
    Moved,
}

impl Mark {
    fn line(self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let (mark, style) = match self {
            Self::From => ('-', AnsiColor::Red.on_default()),
            Self::To => ('+', AnsiColor::Green.on_default()),
            Self::Moved => ('~', Style::new()),
        };
        writeln!(out, "{style}{mark} {text}{style:#}")
    }
}

/// A line to be told.
struct Told<'a> {
    mark: Mark,
    row: &'a Row,
    shift: Option<i64>,
    /// How many more of them there are, and when the last comes.
    more: Option<(usize, Time)>,
}

/// Probes and warnings that one side has again and again, among other things: the first stands for
/// all.
fn folded(lines: Vec<Told<'_>>) -> Vec<Told<'_>> {
    let mut folded: Vec<Told<'_>> = Vec::new();
    for line in lines {
        let repeats = line.shift.is_none() && matches!(line.row.tone, Tone::Call | Tone::Warning);
        let same = |known: &&mut Told<'_>| {
            known.shift.is_none()
                && known.mark == line.mark
                && known.row.subject == line.row.subject
                && known.row.text == line.row.text
        };
        match folded.iter_mut().find(same).filter(|_| repeats) {
            Some(known) => {
                let count = known.more.map_or(0, |(count, _)| count);
                known.more = Some((count + 1, line.row.at));
            }
            None => folded.push(line),
        }
    }
    folded
}

fn told(change: &Change) -> Vec<Told<'_>> {
    let one = |mark, row| Told {
        mark,
        row,
        shift: None,
        more: None,
    };
    match (&change.from, &change.to, change.shift()) {
        (Some(_), Some(row), Some(shift)) => vec![Told {
            mark: Mark::Moved,
            row,
            shift: Some(shift),
            more: None,
        }],
        (Some(from), Some(to), None) if change.altered => {
            vec![one(Mark::From, from), one(Mark::To, to)]
        }
        // Only in other words, which are told already.
        (Some(_), Some(_), None) | (None, None, _) => Vec::new(),
        (Some(row), None, _) => vec![one(Mark::From, row)],
        (None, Some(row), _) => vec![one(Mark::To, row)],
    }
}

fn timeline(
    diff: &Diff,
    from: &Side,
    to: &Side,
    details: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = diff
        .changes
        .iter()
        .filter(|change| details || !change.detail);
    let lines = folded(shown.flat_map(told).collect());
    let hidden = diff.changes.len() - diff.changes.iter().filter(|c| !c.detail).count();
    let same = match diff.same {
        1 => "1 line is the same".to_owned(),
        same => format!("{same} lines are the same"),
    };
    if lines.is_empty() {
        writeln!(out, "Of the timeline, {same}.")?;
    } else {
        let (from, to) = (&from.name, &to.name);
        writeln!(
            out,
            "What happens (- {from}, + {to}, ~ both, at another time); {same}"
        )?;
        rows(&lines, out)?;
    }
    if hidden > 0 && !details {
        let s = if hidden == 1 { "" } else { "s" };
        writeln!(
            out,
            "  {hidden} difference{s} in what `run` leaves out: see --details"
        )?;
    }
    writeln!(out)
}

fn rows(lines: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    let at = |told: &Told<'_>| told.row.at.to_string();
    let time = lines.iter().map(|told| at(told).len()).max().unwrap_or(0);
    let subject = lines.iter().map(|told| told.row.subject.chars().count());
    let subject = subject.max().unwrap_or(0);
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let (alike, many) = match first.shift {
            Some(_) => (count(rest, |told| told.shift == first.shift), TOGETHER),
            None => {
                let same = |told: &Told<'_>| {
                    told.mark == first.mark
                        && told.row.subject == first.row.subject
                        && told.row.text == first.row.text
                };
                (count(rest, same), ALIKE)
            }
        };
        let (run, others) = rest.split_at(alike);
        rest = others;
        // One line more is no longer than the line that would stand for it.
        let whole = if alike <= many + 1 { alike } else { many };
        for told in &run[..whole] {
            let moved = told
                .shift
                .map_or_else(String::new, |shift| format!("  ({})", later(shift)));
            let more = told.more.map_or_else(String::new, |(count, last)| {
                format!("  ({count} more, the last at {last})")
            });
            let text = format!(
                "{:>time$}  {:subject$}  {}{moved}{more}",
                at(told),
                told.row.subject,
                told.row.text
            );
            told.mark.line(&text, out)?;
        }
        if let (true, Some(last)) = (whole < alike, run.last()) {
            let more = alike - whole;
            let what = first.shift.map_or_else(
                || "like it".to_owned(),
                |shift| format!("{} as well", later(shift)),
            );
            let text = format!(
                "{:>time$}  … {more} more {what}, the last at {}",
                "",
                at(last)
            );
            first.mark.line(&text, out)?;
        }
    }
    Ok(())
}

fn count(lines: &[Told<'_>], alike: impl Fn(&Told<'_>) -> bool) -> usize {
    lines.iter().take_while(|told| alike(told)).count()
}

fn later(shift: i64) -> String {
    let span = Span::from(Duration::from_millis(shift.unsigned_abs()));
    let word = if shift < 0 { "earlier" } else { "later" };
    format!("{span} {word}")
}

/// How far one moment is from another, in words.
pub(super) fn distance(from: Time, to: Time) -> String {
    let (early, late) = (from.millis_since(to), to.millis_since(from));
    let (span, word) = if early > 0 {
        (early, "earlier")
    } else {
        (late, "later")
    };
    format!("{} {word}", Span::from(Duration::from_millis(span)))
}

fn summaries(
    lines: &[summary::Line],
    from: &Side,
    to: &Side,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = |name: &str, cell: fn(&summary::Line) -> &str| {
        let cells = lines.iter().map(|line| cell(line).chars().count());
        cells.max().unwrap_or(0).max(name.chars().count())
    };
    let one = width(&from.name, |line| &line.from);
    let two = width(&to.name, |line| &line.to);
    let mut row = |what: &str, cells: [&str; 3]| {
        let [from, to, difference] = cells;
        let line = format!("{what:8}  {from:one$}  {to:two$}  {difference}");
        writeln!(out, "{}", line.trim_end())
    };
    row("", [&from.name, &to.name, ""])?;
    for line in lines {
        row(&line.what, [&line.from, &line.to, &line.difference])?;
    }
    Ok(())
}
