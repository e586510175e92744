//! Worlds that were reached and may be new.

use super::frontier::{Queue, Waits};
use super::names::Names;
use super::visited::group_of;
use std::collections::BTreeMap;

/// A world that was reached and may be new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child<W> {
    pub(super) world: W,
    /// From which one, by which of its branches.
    pub(super) parent: u64,
    pub(super) branch: u32,
    /// Faults of the step that led to it.
    pub(super) faults: u32,
}

/// What tells such a world from all others.
pub(super) type Name<W> = <<W as Waits>::Names as Names>::Name;

/// What decides whether a world is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked<N> {
    pub(super) name: N,
    /// Faults of the step that led to it.
    pub(super) faults: u32,
}

impl<W: Waits> Child<W> {
    fn asked(&self) -> Asked<Name<W>> {
        Asked {
            name: self.world.name(),
            faults: self.faults,
        }
    }
}

/// So many of the last worlds are known.
const RECENT: usize = 1 << 8;

/// Worlds that one thread has reached, in order. It keeps them to itself: whoever decides about some of them
/// reads a list that has no more than he needs, and the two wait for each other's memory as little as can be.
#[derive(Debug)]
pub(super) struct Reached<W: Waits> {
    /// The place of the thread.
    pub(super) by: usize,
    pub(super) children: Vec<Child<W>>,
    /// By group; none, if one thread decides about all of them.
    asked: Vec<Vec<Asked<Name<W>>>>,
    /// Some of the last ones.
    recent: Box<[Option<Asked<Name<W>>>; RECENT]>,
}

impl<W: Waits> Reached<W> {
    /// Adds one, unless a short while ago the same was added with no more faults: of worlds that are reached
    /// again a good half are reached at once.
    #[inline]
    pub(super) fn add(&mut self, child: Child<W>) {
        let asked = child.asked();
        let place = W::Names::spread(asked.name) as usize % RECENT;
        let recent = &mut self.recent[place];
        if recent.is_some_and(|it| it.name == asked.name && it.faults <= asked.faults) {
            return;
        }
        *recent = Some(asked);
        self.push(child);
    }

    /// Adds one that is not among the others.
    #[inline]
    pub(super) fn push(&mut self, child: Child<W>) {
        if !self.asked.is_empty() {
            let asked = child.asked();
            let group = group_of::<W::Names>(asked.name, self.asked.len());
            self.asked[group].push(asked);
        }
        self.children.push(child);
    }

    /// How many are in a group.
    pub(super) fn many(&self, group: usize) -> usize {
        self.asked.get(group).map_or(self.children.len(), Vec::len)
    }

    /// Those in a group, in order.
    pub(super) fn asked(&self, group: usize) -> impl Iterator<Item = Asked<Name<W>>> {
        let asked = self.asked.get(group);
        let all = asked.is_none().then_some(&self.children);
        let all = all.into_iter().flatten().map(Child::asked);
        all.chain(asked.into_iter().flatten().copied())
    }
}

/// So many lists are kept.
const SPARE: usize = 8;

/// Lists that are at hand for one thread.
pub(super) struct Spare<W: Waits> {
    place: usize,
    lists: Vec<Reached<W>>,
    /// Empty ones, by the faults of the steps that led to what will be in them.
    queues: BTreeMap<u32, Queue<W>>,
}

impl<W: Waits> Spare<W> {
    /// Of the thread at a place.
    pub(super) const fn new(place: usize) -> Self {
        Self {
            place,
            lists: Vec::new(),
            queues: BTreeMap::new(),
        }
    }

    /// The place of the thread.
    pub(super) const fn place(&self) -> usize {
        self.place
    }

    /// Has a world wait that so many faults led to.
    #[inline]
    pub(super) fn queue(&mut self, child: Child<W>) {
        let queue = self.queues.entry(child.faults);
        queue.or_insert_with(|| Queue::new(self.place)).push(child);
    }

    /// All that wait now, by faults.
    pub(super) fn queued(&mut self) -> BTreeMap<u32, Queue<W>> {
        let some = self.queues.iter_mut().filter(|(_, queue)| queue.len() > 0);
        some.map(|(&faults, queue)| (faults, queue.pack()))
            .collect()
    }

    /// An empty list for so many groups.
    pub(super) fn take(&mut self, groups: usize) -> Reached<W> {
        let mut list = self.lists.pop().unwrap_or_else(|| Reached {
            by: self.place,
            children: Vec::new(),
            asked: Vec::new(),
            recent: Box::new([None; RECENT]),
        });
        let lists = if groups > 1 { groups } else { 0 };
        list.asked.resize_with(lists, Vec::new);
        list
    }

    /// Keeps a list for the next time, without what is in it.
    pub(super) fn give_back(&mut self, mut list: Reached<W>) {
        if self.lists.len() < SPARE {
            list.by = self.place;
            list.children.clear();
            list.asked.iter_mut().for_each(Vec::clear);
            list.recent.fill(None);
            self.lists.push(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::frontier::Waits;
    use super::super::frontier::tests::{Named, child};
    use super::super::names::Ages;
    use super::super::visited::group_of;
    use super::{Reached, Spare};

    fn worlds(reached: &Reached<Named>) -> Vec<(u32, u32)> {
        let children = reached.children.iter();
        children
            .map(|child| (child.world.0, child.faults))
            .collect()
    }

    /// One that is reached again is left out, unless with fewer faults; and nobody knows what was reached by
    /// way of another list, which may come behind this one.
    #[test]
    fn what_is_reached_again_is_left_out() {
        let mut spare = Spare::new(0);
        let mut reached = spare.take(1);
        for (world, faults) in [(1, 2), (2, 0), (1, 2), (1, 3), (1, 1), (2, 0), (1, 2)] {
            reached.add(child(world, faults));
        }
        assert_eq!(worlds(&reached), [(1, 2), (2, 0), (1, 1)]);
        spare.give_back(reached);
        let mut reached = spare.take(1);
        reached.add(child(1, 2));
        assert_eq!(worlds(&reached), [(1, 2)]);
    }

    /// Each group is asked about its own, in order.
    #[test]
    fn each_group_has_its_own() {
        for groups in [1, 2, 5] {
            let mut reached = Spare::new(0).take(groups);
            (0..500).for_each(|world| reached.add(child(world, world % 3)));
            for group in 0..groups {
                let own = reached
                    .children
                    .iter()
                    .filter(|child| group_of::<Ages>(child.world.name(), groups) == group);
                let own: Vec<_> = own
                    .map(|child| (child.world.name(), child.faults))
                    .collect();
                let asked = reached.asked(group).map(|asked| (asked.name, asked.faults));
                assert_eq!(asked.collect::<Vec<_>>(), own);
                assert_eq!(reached.many(group), own.len());
                assert!(own.len() > 50);
            }
        }
    }
}
