//! Whether some order of what happens at one instant leads to a recording.
//!
//! Nothing promises an order at one instant, and the recordings were made with such orders drawn at
//! random, a few times each. Where podclock's own order gives another outcome than those that were
//! drawn, this looks for an order that gives a recorded one. Times, entries and their number still
//! have to be the same without exception.

use super::entry::Entry;
use super::recording::Recording;
use crate::runtime::Nominal;
use crate::sim::{Model, World};
use crate::time::Time;
use crate::timeline::{Timeline, recorded};
use serde_json::Value;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How many moves are tried before the search gives up.
const BUDGET: u32 = 400_000;

/// Whether the model, in some order of simultaneous things, does exactly what was recorded.
pub(super) fn lead_to(model: &Model, until: Duration, recording: &Recording) -> bool {
    let model = model.clone().move_by_move();
    let mut search = Search {
        horizon: Time::START + until,
        recorded: recording.entries(),
        seen: BTreeSet::new(),
        budget: BUDGET,
        model: &model,
    };
    search.run()
}

struct Search<'a> {
    model: &'a Model,
    horizon: Time,
    recorded: &'a [Entry],
    /// Worlds that have been looked at, each with how much of the recording lay behind it.
    seen: BTreeSet<(u64, usize, u64)>,
    budget: u32,
}

/// A world on the way, with what has been recorded until then.
#[derive(Clone)]
struct Node {
    world: World,
    /// How many entries of the recording lie behind, all at earlier instants.
    behind: usize,
    /// Which of the entries at this instant have been met, by bit.
    met: u64,
    /// The API's last status: only another one is an entry.
    status: Option<Value>,
}

impl Search<'_> {
    fn run(&mut self) -> bool {
        let mut first = Node {
            world: self.model.world(),
            behind: 0,
            met: 0,
            status: None,
        };
        let mut log = Timeline::new();
        self.model.create(&mut first.world, &mut Nominal, &mut log);
        if !self.meet(&mut first, &log) {
            return false;
        }
        let mut open = vec![first];
        while let Some(node) = open.pop() {
            let moves = self.model.moves(&node.world);
            let moves = moves.filter(|&(at, _)| at <= self.horizon);
            let Some((at, moves)) = moves else {
                let end = self.recorded.len();
                if self.at_rest(&node).is_some_and(|node| node.behind == end) {
                    return true;
                }
                continue;
            };
            let node = if at > node.world.now {
                match self.at_rest(&node) {
                    Some(node) => node,
                    None => continue,
                }
            } else {
                node
            };
            // The first move is the model's own: it is tried first.
            for chosen in moves.into_iter().rev() {
                if self.budget == 0 {
                    return false;
                }
                self.budget -= 1;
                let mut next = node.clone();
                let mut log = Timeline::new();
                let chosen = (at, chosen);
                self.model
                    .make(&mut next.world, chosen, &mut Nominal, &mut log);
                if self.meet(&mut next, &log) && self.is_new(&next) {
                    open.push(next);
                }
            }
        }
        false
    }

    /// The node once its instant is over, if everything recorded at it has been met.
    fn at_rest(&self, node: &Node) -> Option<Node> {
        let here = self.here(node).len();
        let all = u64::try_from((1_u128 << here.min(64)) - 1).unwrap_or(u64::MAX);
        (here <= 64 && node.met == all).then(|| Node {
            behind: node.behind + here,
            met: 0,
            ..node.clone()
        })
    }

    /// What was recorded at the node's instant.
    fn here(&self, node: &Node) -> &[Entry] {
        let rest = &self.recorded[node.behind..];
        let now = node.world.now.as_millis();
        &rest[..rest.partition_point(|entry| entry.at() <= now)]
    }

    /// Ticks off what has just happened; `false` if anything of it was not recorded.
    fn meet(&self, node: &mut Node, log: &Timeline) -> bool {
        for value in recorded(log, &self.model.names()) {
            if let Some(status) = value.get("status") {
                if node.status.as_ref() == Some(status) {
                    continue;
                }
                node.status = Some(status.clone());
            }
            let own = Entry::own(value);
            let here = self.here(node);
            let partner = here
                .iter()
                .take(64)
                .enumerate()
                .position(|(index, entry)| node.met >> index & 1 == 0 && *entry == own);
            match partner {
                Some(index) => node.met |= 1 << index,
                None => return false,
            }
        }
        true
    }

    fn is_new(&mut self, node: &Node) -> bool {
        let mut hasher = DefaultHasher::new();
        node.world.hash(&mut hasher);
        self.seen.insert((hasher.finish(), node.behind, node.met))
    }
}
