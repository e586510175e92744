//! How two timelines of one pod differ: what only one of them has, and what comes at another time.

mod align;
mod told;

use super::row::Row;
use super::{Names, Timeline};
use crate::time::Time;
use told::Told;

/// How a second timeline differs from a first one.
///
/// ```
/// use podclock::runtime::{Nominal, Script};
/// use podclock::sim::Model;
/// use podclock::{Profile, Version, manifest};
/// use std::time::Duration;
///
/// let text = include_str!("../../../fixtures/manifests/pod-minimal.yaml");
/// let run = |version| {
///     let profile = Profile::of(version);
///     let pod = manifest::parse(text, &profile).workload.expect("a pod").pods[0].spec.clone();
///     let model = Model::new(pod, profile.rules(), Script::new());
///     model.run(&mut Nominal, Duration::from_secs(5)).timeline
/// };
/// let diff = run(Version::V1_32).diff(&run(Version::V1_36));
/// let mut shifted = diff.changes.iter().filter(|change| change.shift().is_some());
/// let first = shifted.next().expect("a shift");
/// assert!(first.shift() < Some(0), "earlier");
/// assert!(run(Version::V1_36).diff(&run(Version::V1_36)).is_same());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Everything that is not the same on both sides, by time.
    pub changes: Vec<Change>,
    /// How many lines of [`Timeline::rows`], before those are folded, are the same at the same time.
    pub same: usize,
}

/// A line that one side lacks, or has at another time or in other words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The line in the first timeline.
    pub from: Option<Row>,
    /// The line in the second.
    pub to: Option<Row>,
    /// Whether it is about something that [`Timeline::rows`] leaves out.
    pub detail: bool,
    /// Whether the kubelet says the same in other words.
    pub reworded: bool,
    /// Whether the two lines tell different things: those of durations, once the words are taken
    /// for the same.
    pub altered: bool,
}

impl Change {
    /// By how many milliseconds the second timeline is later; `None` if it is not later or earlier,
    /// or if one side lacks the line.
    #[must_use]
    pub fn shift(&self) -> Option<i64> {
        let millis = |row: &Row| i64::try_from(row.at.as_millis()).unwrap_or(i64::MAX);
        let shift = millis(self.to.as_ref()?).saturating_sub(millis(self.from.as_ref()?));
        (shift != 0).then_some(shift)
    }

    /// Whether one side lacks the line.
    #[must_use]
    pub const fn is_one_sided(&self) -> bool {
        self.from.is_none() || self.to.is_none()
    }

    /// The line as the second side has it, or else the first.
    fn shown(&self) -> Option<&Row> {
        self.to.as_ref().or(self.from.as_ref())
    }

    fn at(&self) -> Time {
        self.shown().map_or(Time::START, |row| row.at)
    }
}

impl Diff {
    /// Whether the two are the same in everything.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Timeline {
    /// How another timeline of the same pod differs from this one.
    ///
    /// Lines are taken for the same if they say the same of the same run of a container, whatever
    /// their time and whatever durations they mention. Of lines that repeat, those of the same time
    /// are the same first, then those that are closest.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Diff {
        let (Some(names), Some(others)) = (self.names(), other.names()) else {
            return Diff::default();
        };
        let from = told::lines(self, &names, names.rules);
        let to = told::lines(other, &others, names.rules);
        let mut diff = Diff::default();
        for (one, two) in align::pairs(&from, &to) {
            let change = change(one.map(|at| &from[at]), two.map(|at| &to[at]));
            match change {
                Some(change) => diff.changes.push(change),
                None if one.is_some_and(|at| !from[at].detail) => diff.same += 1,
                None => {}
            }
        }
        // Stable: at one moment what the first side has comes first.
        diff.changes.sort_by_key(Change::at);
        diff
    }
}

/// Nothing if both sides are the same.
fn change(from: Option<&Told>, to: Option<&Told>) -> Option<Change> {
    let mut change = Change {
        from: from.map(|told| told.row.clone()),
        to: to.map(|told| told.row.clone()),
        detail: from.or(to).is_some_and(|told| told.detail),
        reworded: false,
        altered: false,
    };
    if let (Some(from), Some(to)) = (from, to) {
        change.reworded = to.row.text != to.plain;
        change.altered = from.plain != to.plain;
        if from.row.at == to.row.at && !change.reworded && !change.altered {
            return None;
        }
    }
    Some(change)
}
