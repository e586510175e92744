//! Worlds that were reached and may be new.

use super::frontier::Waits;
use super::names::Names;
use super::visited::group_of;

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

/// What tells such a world from all others.
pub(super) type Name<W> = <<W as Waits>::Names as Names>::Name;

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
#[derive(Debug)]
pub(super) struct Spare<W: Waits> {
    place: usize,
    lists: Vec<Reached<W>>,
}

impl<W: Waits> Spare<W> {
    /// Of the thread at a place.
    pub(super) const fn new(place: usize) -> Self {
        Self {
            place,
            lists: Vec::new(),
        }
    }

    /// The place of the thread.
    pub(super) const fn place(&self) -> usize {
        self.place
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
