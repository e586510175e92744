//! One pod under many seeds, on many threads.

use super::args::Dealt;
use crate::cli::input::Job;
use crate::cli::progress::Progress;
use crate::measure::{Sample, Tally, Watch};
use crate::runtime::Seeded;
use crate::timeline::invariant;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

/// How many seeds a thread takes at once.
const CHUNK: u64 = 64;

/// How many seeds are named.
const NAMED: usize = 3;

/// What came of many runs. There are only counts in it, and sets of the least seeds: parts come to
/// the same whole in any order.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) tally: Tally,
    pub(super) broken: BTreeMap<&'static str, Seen>,
    pub(super) livelocks: Seen,
}

/// In how many runs something was seen, and in which first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) runs: u64,
    pub(super) first: BTreeSet<u64>,
}

impl Seen {
    fn add(&mut self, seed: u64) {
        self.merge(&Self {
            runs: 1,
            first: [seed].into(),
        });
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.first.extend(&other.first);
        while self.first.len() > NAMED {
            self.first.pop_last();
        }
    }
}

impl Found {
    fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        for (name, seen) in &other.broken {
            self.broken.entry(name).or_default().merge(seen);
        }
        self.livelocks.merge(&other.livelocks);
    }
}

/// Runs a pod under each of these seeds.
pub(super) fn all(
    job: &Job,
    seeds: &Dealt,
    threads: usize,
    progress: &mut Progress<'_>,
) -> io::Result<Found> {
    let next = AtomicU64::new(0);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (tell, next) = (tell.clone(), &next);
                scope.spawn(move || some(job, seeds, next, &tell))
            })
            .collect();
        drop(tell);
        let mut watched = Ok(());
        for done in told {
            // Nobody to tell is no reason to stop.
            if watched.is_ok() {
                watched = progress.add(done);
            }
        }
        let mut found = Found::default();
        for worker in workers {
            match worker.join() {
                Ok(more) => found.merge(&more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        watched.map(|()| found)
    })
}

/// Takes chunks of seeds until there are none left.
fn some(job: &Job, seeds: &Dealt, next: &AtomicU64, tell: &mpsc::Sender<u64>) -> Found {
    let mut found = Found::default();
    let mut model = job.scenario.model.clone();
    let mut samples: Vec<Sample> = Vec::new();
    loop {
        let from = next.fetch_add(CHUNK, Ordering::Relaxed);
        let to = seeds.len().min(from.saturating_add(CHUNK));
        if from >= to {
            return found;
        }
        for seed in (from..to).map(|index| seeds.get(index)) {
            model = job.drawn(model, seed);
            samples.clear();
            let mut measures = Watch::new();
            let mut invariants = invariant::Watch::new();
            let mut broken: BTreeSet<&'static str> = BTreeSet::new();
            let run = model.run_seeing(
                &mut Seeded(seed),
                job.scenario.until,
                &mut |entry, names| {
                    samples.extend(measures.see(entry, names));
                    let violations = invariants.see(entry, names);
                    broken.extend(violations.iter().map(|one| one.invariant.name));
                },
            );
            found.tally.add(&samples);
            for name in broken {
                found.broken.entry(name).or_default().add(seed);
            }
            if run.livelock {
                found.livelocks.add(seed);
            }
        }
        // Who has gone away needs not be told.
        let _ = tell.send(to - from);
    }
}
