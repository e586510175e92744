//! Samples of many runs, counted.

use super::{Measure, Sample};
use crate::spec::ContainerId;
use std::collections::BTreeMap;

/// What a distribution is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The measure.
    pub measure: Measure,
    /// The container; `None`: the pod.
    pub container: Option<ContainerId>,
    /// Which restart, for [`Measure::CrashToStart`].
    pub restart: Option<u8>,
}

/// Samples of many runs, by what was measured.
///
/// Tallies of parts come to the tally of the whole, in whatever order they are put together: there
/// are only counts in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    subjects: BTreeMap<Subject, Distribution>,
    runs: u64,
}

/// How often what length occurred: exact, however many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// By milliseconds.
    pub(super) counts: BTreeMap<u64, u64>,
    samples: u64,
    runs: u64,
}

impl Tally {
    /// Counts nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more run with all of its samples.
    pub fn add(&mut self, samples: &[Sample]) {
        self.runs += 1;
        for (index, sample) in samples.iter().enumerate() {
            let subject = sample.subject();
            let distribution = self.subjects.entry(subject).or_default();
            distribution.count(sample.millis(), 1);
            let first = samples[..index].iter().all(|one| one.subject() != subject);
            distribution.runs += u64::from(first);
        }
    }

    /// Counts what another tally has counted.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        for (&subject, distribution) in &other.subjects {
            self.subjects
                .entry(subject)
                .or_default()
                .merge(distribution);
        }
    }

    /// How many runs it counts.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// What occurred, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Subject, &Distribution)> {
        self.subjects.iter().map(|(&subject, all)| (subject, all))
    }

    /// How long something took; `None`: it never occurred.
    #[must_use]
    pub fn get(&self, subject: Subject) -> Option<&Distribution> {
        self.subjects.get(&subject)
    }

    /// The tally of so many runs with these distributions.
    #[must_use]
    pub fn from_parts(
        runs: u64,
        subjects: impl IntoIterator<Item = (Subject, Distribution)>,
    ) -> Self {
        Self {
            subjects: subjects.into_iter().collect(),
            runs,
        }
    }
}

impl Distribution {
    /// The distribution of lengths in milliseconds with their counts, from so many runs.
    #[must_use]
    pub fn from_parts(runs: u64, counts: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut all = Self {
            runs,
            ..Self::default()
        };
        for (millis, count) in counts {
            all.count(millis, count);
        }
        all
    }

    fn count(&mut self, millis: u64, count: u64) {
        if count > 0 {
            *self.counts.entry(millis).or_default() += count;
            self.samples += count;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        for (millis, count) in other.iter() {
            self.count(millis, count);
        }
    }

    /// How many samples there are.
    #[must_use]
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// In how many runs it occurred.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// The lengths in milliseconds that occurred, with their counts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.counts.iter().map(|(&millis, &count)| (millis, count))
    }

    /// The shortest.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        self.counts.first_key_value().map(|(&millis, _)| millis)
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        self.counts.last_key_value().map(|(&millis, _)| millis)
    }

    /// The least length that at least so many thousandths of the samples do not exceed: the nearest
    /// rank, so always one that occurred.
    #[must_use]
    pub fn permille(&self, part: u64) -> Option<u64> {
        let rank = (u128::from(self.samples) * u128::from(part)).div_ceil(1000);
        let mut below = 0;
        let mut counts = self.counts.iter();
        let found = counts.find(|&(_, &count)| {
            below += u128::from(count);
            below >= rank.max(1)
        });
        found.map(|(&millis, _)| millis)
    }
}
