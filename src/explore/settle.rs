//! What becomes of worlds once it is decided which are new.

use super::frontier::{Queue, Waits};
use super::links::{Chain, Link};
use super::reached::{Reached, Spare};
use super::shares::Shares;
use super::visited::{Fate, group_of};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Worlds about which has been decided, in order. Who has reached them settles them.
pub(super) struct Settlement<W: Waits> {
    /// By group, in order.
    fates: Vec<Vec<Fate>>,
    runs: Vec<Run<W>>,
    shares: Shares,
}

/// Those that one thread has reached, one behind the other.
struct Run<W: Waits> {
    /// Where their fates begin, by group.
    fates: Vec<usize>,
    reached: Mutex<Option<Reached<W>>>,
    settled: OnceLock<Settled<W>>,
}

/// What has become of some.
pub(super) struct Settled<W: Waits> {
    /// Who has settled them.
    pub(super) by: usize,
    /// Those that are new, and how each was reached.
    pub(super) worlds: Vec<W>,
    pub(super) links: Chain,
    /// Those that wait, by the faults of the step that led to them.
    pub(super) queues: BTreeMap<u32, Queue<W>>,
    /// Whether any had too many faults.
    pub(super) cut: bool,
}

impl<W: Waits> Settlement<W> {
    /// Of those that were reached, with what becomes of them by group, by so many threads.
    pub(super) fn new(reached: Vec<Reached<W>>, fates: Vec<Vec<Fate>>, threads: usize) -> Self {
        let by: Vec<_> = reached.iter().map(|reached| reached.by).collect();
        let mut from = vec![0; fates.len()];
        let runs = reached.into_iter().map(|reached| {
            let fates = from.clone();
            for (group, from) in from.iter_mut().enumerate() {
                *from += reached.many(group);
            }
            Run {
                fates,
                reached: Mutex::new(Some(reached)),
                settled: OnceLock::new(),
            }
        });
        Self {
            runs: runs.collect(),
            fates,
            shares: Shares::new(threads, &by),
        }
    }

    /// Whether it is work for several threads.
    pub(super) const fn is_long(&self) -> bool {
        self.fates.len() > 1
    }

    /// Settles what a thread has reached.
    pub(super) fn settle_own(&self, spare: &mut Spare<W>) {
        while let Some(run) = self.shares.own(spare.place()) {
            self.settle(&self.runs[run], spare);
        }
    }

    /// Settles what nobody has begun with.
    pub(super) fn settle_rest(&self, spare: &mut Spare<W>) {
        while let Some(run) = self.shares.next(spare.place()) {
            self.settle(&self.runs[run], spare);
        }
    }

    fn settle(&self, run: &Run<W>, spare: &mut Spare<W>) {
        let reached = run
            .reached
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut reached) = reached else {
            return;
        };
        let fates = self.fates.iter().zip(&run.fates).enumerate();
        let fates = fates.map(|(group, (fates, &from))| &fates[from..from + reached.many(group)]);
        let admitted = |fates: &[Fate]| fates.iter().filter(|&&it| it == Fate::Admitted).count();
        let admitted = fates.clone().map(admitted).sum();
        let mut fates: Vec<_> = fates.map(<[_]>::iter).collect();
        let mut settled = Settled {
            by: spare.place(),
            worlds: Vec::with_capacity(admitted),
            links: Chain::with_capacity(admitted),
            queues: BTreeMap::new(),
            cut: false,
        };
        for child in reached.children.drain(..) {
            let group = group_of::<W::Names>(child.world.name(), fates.len());
            match fates[group].next() {
                Some(Fate::Admitted) => {
                    settled.worlds.push(child.world);
                    settled.links.push(Link {
                        parent: child.parent,
                        branch: child.branch,
                    });
                }
                Some(Fate::Queued) => spare.queue(child),
                Some(Fate::Cut) => settled.cut = true,
                Some(Fate::Known) | None => {}
            }
        }
        settled.queues = spare.queued();
        spare.give_back(reached);
        // Nobody else has taken the run.
        let _ = run.settled.set(settled);
    }

    /// What has become of all, in order.
    pub(super) fn settled(self) -> impl Iterator<Item = Settled<W>> {
        let runs = self.runs.into_iter();
        runs.filter_map(|run| run.settled.into_inner())
    }
}
