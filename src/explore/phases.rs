//! First ticks of the kubelet's loops that matter.

use crate::kubelet::{Loops, Phases};
use crate::runtime::Nominal;
use crate::sim::Model;
use crate::time::Time;
use crate::timeline::Timeline;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often phases are looked for once more.
const ROUNDS: usize = 3;

/// At most so many of each loop.
const MOST: usize = 64;

/// Both tick once in it, in milliseconds.
const SECOND: u64 = 1000;

/// Phases to search from.
#[derive(Clone, Debug)]
pub struct CriticalPhases {
    /// First ticks of the kubelet's loops, each a run of its own.
    pub loops: Vec<Loops>,
    /// Whether there are others at which something happens, left out because they are too many.
    pub cut: bool,
}

/// First ticks for the orders of the relist, of the sync loop, and of what else happens to a pod in
/// its nominal run: those at which something else happens there, and those a millisecond before and
/// after. Between two of them that run keeps its order; one with a fault may not, so that nothing is
/// proved of phases that are not tried.
///
/// Each loop is moved, by less than a second, while the other keeps the model's phase; housekeeping
/// follows the sync loop, and the status manager's pass and garbage collection keep their phases.
#[must_use]
pub fn critical_phases(model: &Model, horizon: Duration) -> CriticalPhases {
    let own = model.first_ticks().phases;
    let mut phases = BTreeSet::from([own.relist % SECOND, own.sync % SECOND]);
    let mut cut = false;
    for _ in 0..ROUNDS {
        let mut residues = BTreeSet::new();
        for loops in crossed(own, &phases) {
            let mut log = Timeline::new();
            let mut world = model.world_with(loops);
            model.create(&mut world, &mut Nominal, &mut log);
            while model
                .next(&world)
                .is_some_and(|at| at <= Time::START + horizon)
            {
                model.advance(&mut world, &mut Nominal, &mut log);
            }
            let moments = log.entries().iter();
            residues.extend(moments.map(|entry| entry.at.as_millis() % SECOND));
        }
        for at in residues {
            let near = [(at + SECOND - 1) % SECOND, at, (at + 1) % SECOND];
            let room = phases.len() + near.len() <= MOST;
            cut |= !room && near.iter().any(|phase| !phases.contains(phase));
            phases.extend(near.into_iter().filter(|_| room));
        }
    }
    CriticalPhases {
        loops: crossed(own, &phases),
        cut,
    }
}

/// Each of the relist with the sync loop's own, and the reverse.
fn crossed(own: Phases, phases: &BTreeSet<u64>) -> Vec<Loops> {
    let relists = phases.iter().map(|&relist| (relist, own.sync));
    let syncs = phases.iter().map(|&sync| (own.relist, sync));
    let all: BTreeSet<(u64, u64)> = relists.chain(syncs).collect();
    let loops = |(relist, sync)| {
        Loops::new(Phases {
            relist,
            sync,
            ..own
        })
    };
    all.into_iter().map(loops).collect()
}
