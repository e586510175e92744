//! `podclock replay`: recorded scenarios against their recordings.

use super::Exit;
use crate::replay::{Difference, Entry, Mark, Moment, Replayed, Verdict, find, replay_all};
use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// How wide lists of names may get.
const WIDTH: usize = 100;

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// Folders of recorded scenarios; those in folders below them count too
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,

    /// Replays only scenarios of this name or group; may be given again
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// How many differences are shown; the others are only named
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Text for people
    Text,
    /// JSON Lines: one object per scenario, then one for all
    Json,
}

/// Replays and prints. The exit code is 0 if all scenarios are the same as a recording, 1 if any
/// differs or needs another order, and 2 if there is none or one cannot be read.
pub(super) fn replay(
    args: &ReplayArgs,
    mut out: &mut dyn Write,
    talk: &mut dyn Write,
) -> io::Result<Exit> {
    let mut folders = Vec::new();
    for folder in &args.folders {
        match find(folder) {
            Ok(found) => folders.extend(found),
            Err(error) => {
                writeln!(talk, "error: {error}")?;
                return Ok(Exit::Usage);
            }
        }
    }
    if folders.is_empty() {
        writeln!(
            talk,
            "error: no recorded scenario there: a folder with a scenario.yaml and a trace.json is one"
        )?;
        return Ok(Exit::Usage);
    }
    if !args.only.is_empty() {
        folders.retain(|folder| {
            let wanted = |only: &String| {
                *only == crate::replay::name(folder) || *only == crate::replay::group(folder)
            };
            args.only.iter().any(wanted)
        });
        if folders.is_empty() {
            writeln!(talk, "error: no scenario has that name or group")?;
            return Ok(Exit::Usage);
        }
    }
    let all = replay_all(&folders);
    for replayed in &all {
        if let Err(error) = &replayed.verdict {
            writeln!(talk, "error: {error}")?;
        }
    }
    let tally = Tally::of(&all);
    match args.format {
        Format::Text => text(&all, &tally, args.limit, &mut out)?,
        Format::Json => lines(&all, &tally, &mut out)?,
    }
    Ok(tally.exit())
}

/// How many scenarios came out how.
#[derive(Clone, Copy, Default)]
struct Tally {
    same: usize,
    /// Like a recording only in another order of one instant than podclock's own.
    reordered: usize,
    different: usize,
    unreadable: usize,
}

impl Tally {
    fn of(all: &[Replayed]) -> Self {
        let mut tally = Self::default();
        for replayed in all {
            tally.count(replayed);
        }
        tally
    }

    const fn count(&mut self, replayed: &Replayed) {
        match &replayed.verdict {
            Ok(Verdict::Same { .. }) => self.same += 1,
            Ok(Verdict::Reordered { .. }) => self.reordered += 1,
            Ok(Verdict::Differs(_)) => self.different += 1,
            Err(_) => self.unreadable += 1,
        }
    }

    const fn all(self) -> usize {
        self.same + self.reordered + self.different + self.unreadable
    }

    const fn exit(self) -> Exit {
        match (self.unreadable, self.reordered + self.different) {
            (0, 0) => Exit::Fine,
            (0, _) => Exit::Failed,
            _ => Exit::Usage,
        }
    }
}

fn text(all: &[Replayed], tally: &Tally, limit: usize, out: &mut impl Write) -> io::Result<()> {
    let mut left = limit;
    for replayed in all {
        if let Ok(Verdict::Differs(difference)) = &replayed.verdict {
            if left == 0 {
                break;
            }
            left -= 1;
            show(replayed, difference, out)?;
        }
    }
    let hidden = tally.different.saturating_sub(limit);
    if hidden > 0 {
        writeln!(out, "{hidden} more differ (see --limit and --only)\n")?;
    }
    groups(all, out)?;
    let Tally {
        same,
        reordered,
        different,
        unreadable,
    } = tally;
    let plural = if tally.all() == 1 { "" } else { "s" };
    write!(out, "{} scenario{plural}: {same} the same", tally.all())?;
    if *reordered > 0 {
        write!(
            out,
            ", {reordered} (~) only in another order of one instant"
        )?;
    }
    write!(out, ", {different} different")?;
    if *unreadable > 0 {
        write!(out, ", {unreadable} unreadable")?;
    }
    writeln!(out)
}

/// One difference: a heading, then `-` recorded and `+` podclock.
fn show(replayed: &Replayed, difference: &Difference, out: &mut impl Write) -> io::Result<()> {
    let bold = Style::new().bold();
    let at = difference.first.at;
    writeln!(
        out,
        "{bold}{}{bold:#} differs at {}.{:03} s (- {}, + podclock)",
        replayed.folder.display(),
        at / 1000,
        at % 1000,
        difference.recording
    )?;
    for line in difference.lines() {
        let style = match line.mark {
            Mark::Both | Mark::Note => Style::new(),
            Mark::Recorded => AnsiColor::Red.on_default(),
            Mark::Own => AnsiColor::Green.on_default(),
        };
        writeln!(out, "  {style}{line}{style:#}")?;
    }
    writeln!(out)
}

/// How each group of each folder came out, with the names of those that differ, and of those that
/// only another order makes the same.
fn groups(all: &[Replayed], out: &mut impl Write) -> io::Result<()> {
    let mut folders: BTreeMap<String, BTreeMap<String, (Tally, Vec<String>)>> = BTreeMap::new();
    for replayed in all {
        let parent = replayed.folder.parent().map(|path| path.display());
        let parent = parent.map(|path| path.to_string()).unwrap_or_default();
        let groups = folders.entry(parent).or_default();
        let (tally, different) = groups.entry(replayed.group()).or_default();
        tally.count(replayed);
        match &replayed.verdict {
            Ok(Verdict::Same { .. }) => {}
            Ok(Verdict::Reordered { .. }) => different.push(format!("~{}", replayed.name())),
            Ok(Verdict::Differs(_)) | Err(_) => different.push(replayed.name()),
        }
    }
    for (folder, groups) in folders {
        writeln!(out, "{folder}")?;
        for (group, (tally, different)) in groups {
            let share = format!("{}/{}", tally.same, tally.all());
            let mut line = format!("  {group:<10} {share:>9}");
            let indent = line.len() + 2;
            let mut width = indent;
            for name in different {
                if width > indent && width + name.len() + 1 > WIDTH {
                    line.push('\n');
                    line.push_str(&" ".repeat(indent - 2));
                    width = indent;
                }
                line.push_str(if width == indent { "  " } else { " " });
                width += name.len() + 1;
                line.push_str(&name);
            }
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn lines(all: &[Replayed], tally: &Tally, out: &mut impl Write) -> io::Result<()> {
    for replayed in all {
        let mut object = json!({
            "schema": 1,
            "kind": "scenario",
            "folder": replayed.folder.to_string_lossy(),
            "name": replayed.name(),
            "group": replayed.group(),
        });
        match &replayed.verdict {
            Ok(Verdict::Same { alternative }) => {
                object["verdict"] = json!("same");
                object["alternative"] = json!(alternative);
            }
            Ok(Verdict::Reordered { alternative }) => {
                object["verdict"] = json!("reordered");
                object["alternative"] = json!(alternative);
            }
            Ok(Verdict::Differs(difference)) => {
                object["verdict"] = json!("differs");
                object["recording"] = json!(difference.recording);
                object["livelock"] = json!(difference.livelock);
                object["before"] = instants(&difference.before);
                object["first"] = instant(&difference.first);
                object["after"] = instants(&difference.after);
            }
            Err(error) => {
                object["verdict"] = json!("unreadable");
                object["error"] = json!(error.to_string());
            }
        }
        writeln!(out, "{object}")?;
    }
    let summary = json!({
        "schema": 1,
        "kind": "summary",
        "scenarios": tally.all(),
        "same": tally.same,
        "reordered": tally.reordered,
        "different": tally.different,
        "unreadable": tally.unreadable,
    });
    writeln!(out, "{summary}")
}

fn instants(instants: &[Moment]) -> Value {
    instants.iter().map(instant).collect()
}

fn instant(instant: &Moment) -> Value {
    let values = |entries: &[Entry]| entries.iter().map(Entry::value).cloned().collect::<Value>();
    json!({
        "t": instant.at,
        "both": values(&instant.both),
        "recorded": values(&instant.recorded),
        "podclock": values(&instant.own),
    })
}
