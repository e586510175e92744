//! What comes next of the worlds of a search.

use super::frontier::{Piece, Queue, Waits};
use super::links::Link;
use super::reached::{Reached, Spare};
use super::shares::Shares;
use super::visited::{Visited, groups};
use crate::sim::World;
use crate::time::Time;
use std::hint::black_box;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Worlds of a level that one thread takes at a time. What is known of all of them is looked at one after the
/// other, before anything is done with it: none waits for the memory of the one before it.
const CHUNK: usize = 16;

/// Fewer worlds of a level are no work for several threads …
const FEW: usize = 4 * CHUNK;

/// … nor fewer that have waited: those only have to be read.
const FEW_WAITED: usize = 8 * FEW;

/// From so many steps at one instant on they count as progress, so that a cycle without delay is
/// followed …
pub(super) const SPINNING: u16 = 500;

/// … until it has had so many, and is a livelock.
pub(super) const LIVELOCK: u16 = 2000;

/// How the steps of a search come about.
pub(super) trait Stepping: Sync {
    /// A world as it waits.
    type World: Waits;
    /// What is found in steps.
    type Finding: Send;
    /// What one thread makes steps with.
    type Tools;

    fn tools(&self) -> Self::Tools;

    /// A world that the search begins with.
    fn root(&self, world: &World) -> Self::World;

    /// Has what is known of a world read, so far as it says something of memory.
    fn touch(&self, world: &Self::World) -> usize;

    /// Goes every step from a world of that number; in the first the pod is created.
    fn expand(
        &self,
        from: (&Self::World, u64),
        first: bool,
        seen: &Seen<Self>,
        tools: &mut Self::Tools,
        harvest: &mut Harvest<Self::World, Self::Finding>,
    );
}

/// The worlds that have been visited.
pub(super) type Seen<S> = Visited<<<S as Stepping>::World as Waits>::Names>;

/// What one thread made of some worlds.
#[derive(Debug)]
pub(super) struct Harvest<W: Waits, F> {
    pub(super) steps: u64,
    /// Whether there is more after the last moment that counts.
    pub(super) until: bool,
    pub(super) reached: Reached<W>,
    /// Each with where it was made, the faults of that step, and when.
    pub(super) found: Vec<(F, Link, u32, Time)>,
    /// Steps that too many at the same instant came before, if nothing has been found in them yet.
    pub(super) livelocks: Vec<(Link, u32)>,
}

impl<W: Waits, F> Harvest<W, F> {
    const fn new(reached: Reached<W>) -> Self {
        Self {
            steps: 0,
            until: false,
            reached,
            found: Vec::new(),
            livelocks: Vec::new(),
        }
    }
}

/// Worlds to go on from, some of which each thread takes at a time.
pub(super) struct Expansion<W: Waits, F> {
    units: Vec<Unit>,
    pieces: Vec<Piece<W>>,
    queues: Vec<Mutex<Option<Queue<W>>>>,
    /// Whether the pod is yet to be created.
    first: bool,
    /// How many decide about what is reached.
    groups: usize,
    shares: Shares,
    done: Mutex<Vec<Run<W, F>>>,
}

/// What one thread made of units one behind the other.
struct Run<W: Waits, F> {
    units: Range<usize>,
    harvest: Harvest<W, F>,
}

/// What one thread takes at a time.
#[derive(Clone, Copy, Debug)]
enum Unit {
    /// Worlds of a piece from there on.
    Worlds { piece: usize, from: usize },
    /// A queue.
    Waited(usize),
}

impl<W: Waits, F> Expansion<W, F> {
    /// Of worlds of a level, by so many threads; whether the pod is yet to be created.
    pub(super) fn of_level(pieces: Vec<Piece<W>>, first: bool, threads: usize) -> Self {
        let units = (0..).zip(&pieces).flat_map(|(number, piece)| {
            let from = (0..piece.worlds.len()).step_by(CHUNK);
            from.map(move |from| {
                let unit = Unit::Worlds {
                    piece: number,
                    from,
                };
                (unit, piece.by)
            })
        });
        let (units, by): (Vec<_>, Vec<_>) = units.unzip();
        let many: usize = pieces.iter().map(|piece| piece.worlds.len()).sum();
        let threads = if many > FEW { threads } else { 1 };
        Self::new((units, by), (pieces, Vec::new()), first, threads)
    }

    /// Of worlds that have waited, by so many threads: nothing comes next of them yet, they themselves are
    /// reached.
    pub(super) fn of_waited(queues: Vec<Queue<W>>, threads: usize) -> Self {
        let units = queues.iter().enumerate();
        let units = units
            .map(|(number, queue)| (Unit::Waited(number), queue.by))
            .unzip();
        let many: usize = queues.iter().map(Queue::len).sum();
        let threads = if many > FEW_WAITED { threads } else { 1 };
        Self::new(units, (Vec::new(), queues), false, threads)
    }

    fn new(
        (units, by): (Vec<Unit>, Vec<usize>),
        (pieces, queues): (Vec<Piece<W>>, Vec<Queue<W>>),
        first: bool,
        threads: usize,
    ) -> Self {
        Self {
            units,
            pieces,
            queues: queues
                .into_iter()
                .map(|queue| Mutex::new(Some(queue)))
                .collect(),
            first,
            groups: groups(threads),
            shares: Shares::new(threads, &by),
            done: Mutex::new(Vec::new()),
        }
    }

    /// How many decide about what is reached: more than one, if it is work for several threads.
    pub(super) const fn groups(&self) -> usize {
        self.groups
    }

    /// Goes on from worlds that nobody else goes on from.
    pub(super) fn expand<S: Stepping<World = W, Finding = F>>(
        &self,
        stepping: &S,
        seen: &Seen<S>,
        (tools, spare): (&mut S::Tools, &mut Spare<W>),
        stopped: impl Fn() -> bool,
    ) {
        let mut run: Option<Run<W, F>> = None;
        while !stopped() {
            let Some(unit) = self.shares.next(spare.place()) else {
                break;
            };
            if let Some(run) = run.take_if(|run| run.units.end != unit) {
                self.hand_in(run);
            }
            let Run { units, harvest } = run.get_or_insert_with(|| Run {
                units: unit..unit,
                harvest: Harvest::new(spare.take(self.groups)),
            });
            units.end = unit + 1;
            match self.units[unit] {
                Unit::Worlds { piece, from } => {
                    let piece = &self.pieces[piece];
                    let worlds = &piece.worlds[from..];
                    let worlds = &worlds[..worlds.len().min(CHUNK)];
                    let touched = worlds.iter().map(|world| stepping.touch(world));
                    black_box(touched.fold(0, usize::wrapping_add));
                    for (number, world) in (piece.first + from as u64..).zip(worlds) {
                        stepping.expand((world, number), self.first, seen, tools, harvest);
                    }
                }
                Unit::Waited(queue) => {
                    let queue = self.queues[queue].lock();
                    let queue = queue.unwrap_or_else(PoisonError::into_inner).take();
                    if let Some(queue) = queue {
                        queue.reach(&mut harvest.reached);
                    }
                }
            }
        }
        if let Some(run) = run {
            self.hand_in(run);
        }
    }

    fn hand_in(&self, run: Run<W, F>) {
        let done = self.done.lock();
        done.unwrap_or_else(PoisonError::into_inner).push(run);
    }

    /// What has come of it, in the order of the worlds.
    pub(super) fn done(self) -> Vec<Harvest<W, F>> {
        let done = self.done.into_inner();
        let mut done = done.unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|run| run.units.start);
        done.into_iter().map(|run| run.harvest).collect()
    }
}
