//! Worlds with the same future as one value, and as few bytes.

use super::action::Action;
use super::event_list::{Notice, Rank};
use super::model::Model;
use super::open::{Die, Pending};
use super::world::{Derived, World};
use crate::kubelet::{Crashes, Horizons, Lasts, Names, Pack, Packer, Unpacker};
use crate::time::Time;
use std::hash::Hasher;

/// Takes the worlds of one model apart, and puts them together again.
#[derive(Clone, Debug)]
pub struct Press<'m> {
    model: &'m Model,
    horizons: Horizons<'m>,
    packed: Packer,
    names: Names,
    crashes: Crashes,
}

impl Model {
    /// Whether the kubelet's process ever starts anew.
    fn may_start_kubelet(&self) -> bool {
        let actions = self.actions.iter().map(|&(_, action)| action);
        let open = self.open.iter().map(|offered| offered.action());
        actions
            .chain(open)
            .any(|action| matches!(action, Action::StartKubelet))
    }

    /// The world in its canonical form: the one that stands for all with the same future. Moments
    /// are shifted, what is long past keeps only its order, and counters start over. What follows
    /// differs from what follows the world itself in nothing but moments and numbers.
    #[must_use]
    pub fn canonical(&self, world: &World) -> World {
        let mut press = Press::new(self);
        press.take(world);
        let mut bytes = Vec::new();
        press.crashes.write(&mut bytes);
        press.names.write(&press.packed, &mut bytes);
        let mut canonical = world.clone();
        press.restore(&mut canonical, &bytes);
        canonical
    }
}

impl<'m> Press<'m> {
    /// For the worlds of a model.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        let horizons = Horizons::new(model.pod(), model.loops.phases, model.runtime.memory());
        Self {
            model,
            horizons: match model.may_start_kubelet() {
                true => horizons,
                false => horizons.of_one_process(),
            },
            packed: Packer::new(),
            names: Names::new(),
            crashes: Crashes::default(),
        }
    }

    /// Takes a world apart.
    pub fn take(&mut self, world: &World) {
        let World {
            now,
            pod,
            events,
            actions_done,
            pending,
            die,
            deadlines: Derived(deadlines),
        } = world;
        let awaits = self.awaits_collection(world);
        let to = &mut self.packed;
        to.begin(*now);
        to.time(*now, Lasts::Always);
        self.horizons.pack(pod, to);
        self.crashes.take(pod, &self.horizons);
        to.number(*actions_done as u64);
        to.number(events.iter().len() as u64);
        for notice in events.iter() {
            to.put(notice);
        }
        to.put(pending);
        to.put(&die.is_some());
        if let Some(die) = die {
            to.put(die);
        }
        // It follows from the rest, and takes longer to compute than to read. Where it may be a collection
        // it follows from the crashes, too, and so has no place here.
        to.put(&awaits);
        let deadline = deadlines.next().filter(|_| !awaits);
        to.put(&deadline.is_some());
        if let Some((at, timer)) = deadline {
            to.time(at, Lasts::UntilPast);
            to.put(&timer);
        }
        let fixed = self.model.actions.len() > *actions_done;
        self.names
            .name(&mut self.packed, fixed, self.horizons.memory());
    }

    /// Takes the canonical form of the world that was taken apart into a hash.
    pub fn fingerprint(&self, into: &mut impl Hasher) {
        self.fingerprint_core(into);
        self.crashes.hash(into);
    }

    /// The same but for its crashes.
    pub(crate) fn fingerprint_core(&self, into: &mut impl Hasher) {
        self.names.hash(&self.packed, into);
    }

    /// Whether the next garbage collection finds something.
    pub(crate) fn awaits_collection(&self, world: &World) -> bool {
        self.model.pod().awaits_collection(&world.pod)
    }

    /// The present of the canonical form of the world that was taken apart.
    pub(crate) const fn now(&self) -> Time {
        self.names.now()
    }

    /// The crashes of the world that was taken apart.
    pub(crate) const fn crashes(&self) -> &Crashes {
        &self.crashes
    }

    /// The world that was taken apart as bytes: not its canonical form, but without what nobody will
    /// ask for.
    pub fn write(&self, into: &mut Vec<u8>) {
        self.crashes.write(into);
        self.packed.write(into);
    }

    /// The canonical form of the world that was taken apart as bytes, but for its crashes.
    pub(crate) fn write_core(&self, into: &mut Vec<u8>) {
        self.names.write(&self.packed, into);
    }

    /// Puts a world together again, in the place of another.
    pub fn restore(&mut self, world: &mut World, mut bytes: &[u8]) {
        self.crashes.read(&mut bytes);
        self.restore_core(world, bytes, &self.crashes);
    }

    /// The same with other crashes.
    pub(crate) fn restore_core(&self, world: &mut World, bytes: &[u8], crashes: &Crashes) {
        let from = &mut Unpacker::new(bytes);
        world.now = from.time();
        self.horizons.unpack(&mut world.pod, from);
        world.actions_done = from.number() as usize;
        world.events.clear();
        for _ in 0..from.length() {
            world.events.add(from.take());
        }
        world.pending.clear();
        for _ in 0..from.length() {
            world.pending.push(from.take());
        }
        world.die = from.take::<bool>().then(|| from.take());
        let (awaits, deadline): (bool, bool) = (from.take(), from.take());
        let next = deadline.then(|| (from.time(), from.take()));
        crashes.put(&mut world.pod);
        match awaits {
            true => world.deadlines.0 = self.model.pod().deadlines(&world.pod),
            false => world.deadlines.0.forget_all_but(next),
        }
    }
}

impl Pack for Notice {
    #[inline]
    fn pack(&self, to: &mut Packer) {
        let Self {
            at,
            until,
            rank,
            token,
            outcome,
        } = self;
        // How long a window has been open decides nothing.
        to.time(*at, Lasts::UntilCome);
        to.put(until);
        to.put(rank);
        to.put(token);
        to.put(outcome);
    }

    #[inline]
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            at: from.time(),
            until: from.take(),
            rank: from.take(),
            token: from.take(),
            outcome: from.take(),
        }
    }
}

impl Pack for Rank {
    fn pack(&self, to: &mut Packer) {
        let rank = match self {
            Self::Prompt => 0,
            Self::Timed => 1,
            Self::Last => 2,
        };
        to.bits(rank, 2);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        match from.bits(2) {
            0 => Self::Prompt,
            1 => Self::Timed,
            _ => Self::Last,
        }
    }
}

impl Pack for Die {
    fn pack(&self, to: &mut Packer) {
        let Self { from, until } = self;
        to.time(*from, Lasts::UntilCome);
        to.put(until);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            from: from.time(),
            until: from.take(),
        }
    }
}

impl Pack for Pending {
    fn pack(&self, to: &mut Packer) {
        let Self { from, until, index } = self;
        to.time(*from, Lasts::UntilCome);
        to.put(until);
        to.put(index);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            from: from.time(),
            until: from.take(),
            index: from.take(),
        }
    }
}
