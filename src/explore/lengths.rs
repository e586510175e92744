//! The shortest and the longest that something takes in any run.

use super::fingerprint::Fingerprint;
use super::observer::{Observer, Step};
use crate::measure::{Measure, Sample, Subject, Watch};
use crate::time::Time;
use std::hash::Hash;

/// Watches how long things take.
#[derive(Clone, Debug)]
pub struct Lengths {
    watch: Watch,
    subjects: Vec<Subject>,
    /// A run is of no interest once this has been measured.
    last: Option<(Measure, u8)>,
    done: bool,
}

/// Which end of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extreme {
    /// Nothing is shorter.
    Least,
    /// Nothing is longer.
    Greatest,
}

/// A length that no other run goes below, or above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Its place among the subjects.
    pub subject: usize,
    /// Which end of the range it is.
    pub extreme: Extreme,
    /// From when to when.
    pub sample: Sample,
}

impl Lengths {
    /// A watch over these; of what has restarts, those up to the one in the subject are told apart.
    #[must_use]
    pub fn of(subjects: Vec<Subject>) -> Self {
        let mut measures: Vec<Measure> = subjects.iter().map(|subject| subject.measure).collect();
        measures.dedup();
        Self {
            watch: Watch::of(&measures),
            subjects,
            last: None,
            done: false,
        }
    }

    /// The same where a run ends once that has been measured, for the given restart or a later one
    /// where there are restarts.
    #[must_use]
    pub const fn until(mut self, measure: Measure, restart: u8) -> Self {
        self.last = Some((measure, restart));
        self
    }

    /// What is watched.
    #[must_use]
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }
}

impl Observer for Lengths {
    type Finding = Length;

    fn see(&mut self, step: &Step<'_>, found: &mut Vec<Self::Finding>) {
        let names = step.names();
        for entry in step.entries {
            for sample in self.watch.see(entry, &names) {
                let is_last = |(measure, restart)| {
                    sample.measure == measure && sample.restart.is_none_or(|it| it >= restart)
                };
                self.done |= self.last.is_some_and(is_last);
                let known = sample.subject();
                let Some(subject) = self.subjects.iter().position(|it| *it == known) else {
                    continue;
                };
                for extreme in [Extreme::Least, Extreme::Greatest] {
                    found.push(Length {
                        subject,
                        extreme,
                        sample,
                    });
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn recalls(&self) -> bool {
        true
    }

    fn rebase(&mut self, from: Time, to: Time) {
        for at in self.watch.moments() {
            *at = at.moved(from, to);
        }
    }

    fn rebase_finding(finding: &mut Self::Finding, from: Time, to: Time) {
        for at in [&mut finding.sample.from, &mut finding.sample.to] {
            *at = at.moved(from, to);
        }
    }

    fn fingerprint(&self, now: Time, into: &mut Fingerprint) {
        let mut watch = self.watch.clone();
        for at in watch.moments() {
            *at = Time::from_millis(now.millis_since(*at));
        }
        watch.hash(into);
    }

    fn number(finding: &Self::Finding) -> usize {
        finding.subject * 2 + finding.extreme as usize
    }

    fn replaces(new: &Self::Finding, old: &Self::Finding) -> bool {
        let (new, old, extreme) = (new.sample.millis(), old.sample.millis(), old.extreme);
        match extreme {
            Extreme::Least => new < old,
            Extreme::Greatest => new > old,
        }
    }
}
