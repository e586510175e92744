//! Where a run leaves its recording.

use super::compare::{self, Pair};
use super::entry::Entry;
use super::line::{self, Line, Mark};
use super::recording::Recording;
use std::fmt;

/// How many instants are kept before and after the first difference.
const SURROUNDINGS: usize = 3;

/// What both sides hold at one instant, sorted by who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the pod was created.
    pub at: u64,
    /// Entries that both have.
    pub both: Vec<Entry>,
    /// Entries that only the recording has.
    pub recorded: Vec<Entry>,
    /// Entries that only podclock has.
    pub own: Vec<Entry>,
}

impl Moment {
    fn of(pair: &Pair<'_>) -> Self {
        let recorded = compare::leftovers(pair.recorded, pair.own);
        let own = compare::leftovers(pair.own, pair.recorded);
        let shared = |entry: &&Entry| !recorded.contains(entry);
        Self {
            at: pair.at,
            both: pair.recorded.iter().filter(shared).cloned().collect(),
            recorded: recorded.into_iter().cloned().collect(),
            own: own.into_iter().cloned().collect(),
        }
    }
}

/// The first instant at which a run differs from its recording, with a few instants around it.
///
/// Displayed as lines that begin with `-` for what only the recording has, `+` for what only
/// podclock has, and a blank for what both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The recording that was met for longest.
    pub recording: String,
    /// The instants just before: the same on both sides.
    pub before: Vec<Moment>,
    /// The first instant that differs.
    pub first: Moment,
    /// The instants just after it, from both sides.
    pub after: Vec<Moment>,
    /// Whether podclock gave up at its last instant, because that would not end.
    pub livelock: bool,
}

impl Difference {
    /// The difference at `at`, which is the first one.
    pub(super) fn at(recording: &Recording, own: &[Entry], at: u64) -> Self {
        let pairs: Vec<Pair<'_>> = compare::pairs(recording.entries(), own).collect();
        let here = pairs.partition_point(|pair| pair.at < at);
        let all = |pairs: &[Pair<'_>]| pairs.iter().map(Moment::of).collect();
        let first = pairs.get(here).map(Moment::of);
        let after = pairs.len().min(here + 1);
        Self {
            recording: recording.file.clone(),
            before: all(&pairs[here.saturating_sub(SURROUNDINGS)..here]),
            first: first.unwrap_or_else(|| Moment::nothing(at)),
            after: all(&pairs[after..pairs.len().min(after + SURROUNDINGS)]),
            livelock: false,
        }
    }

    /// A difference as lines, for whoever wants to colour them.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for instant in &self.before {
            line::instant(instant, &mut lines);
        }
        line::instant(&self.first, &mut lines);
        for instant in &self.after {
            line::instant(instant, &mut lines);
        }
        if self.livelock {
            let text = "podclock gave up here: this instant would not end".to_owned();
            let mark = Mark::Note;
            lines.push(Line { mark, text });
        }
        lines
    }
}

impl Moment {
    const fn nothing(at: u64) -> Self {
        Self {
            at,
            both: Vec::new(),
            recorded: Vec::new(),
            own: Vec::new(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines() {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}
