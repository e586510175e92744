//! Steps that have been made before.
//!
//! Worlds by the hundred differ in nothing but their [`Crashes`]. A step that does not ask for these
//! does the same in all of them, and one that does does the same in all that give the same answer. It
//! is made in the first of them, and recalled in the others.

use super::branching::{Beginning, Branching};
use super::cores::{Core, Cores};
use super::expand::of_core;
use super::fingerprint::halves;
use super::observer::{End, Observer, Step};
use super::turns::{Asker, Asks, Made, Turn, Turns};
use crate::kubelet::{Crashes, Frame, Passage, Pod, finishes, read_number, write_number};
use crate::sim::{Advance, Model, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;
use std::sync::Arc;

/// The steps of a model's worlds, as far as they have been made.
pub(super) struct Recall<'m, O: Observer> {
    model: &'m Model,
    machine: Pod<'m>,
    cores: Cores<O>,
}

/// A world that waits to be gone on from.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) now: Time,
    /// Its number.
    core: u32,
    pub(super) crashes: Crashes,
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self {
            now: Time::START,
            core: 0,
            crashes: Crashes::default(),
        }
    }

    pub(super) fn write(&self, into: &mut Vec<u8>) {
        write_number(self.core.into(), into);
        write_number(self.now.as_millis(), into);
        self.crashes.write(into);
    }

    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        let bytes = &mut bytes;
        self.core = read_number(bytes) as u32;
        self.now = Time::from_millis(read_number(bytes));
        self.crashes.read(bytes);
    }
}

/// What one thread makes steps with.
pub(super) struct Hand<'m, O: Observer> {
    before: World,
    world: World,
    press: Press<'m>,
    log: Timeline,
    branching: Branching,
    later: Crashes,
    found: Vec<O::Finding>,
}

impl<'m, O: Observer> Hand<'m, O> {
    pub(super) fn new(model: &'m Model, branching: Branching) -> Self {
        let log = match O::BLIND {
            true => Timeline::discard(),
            false => Timeline::new(),
        };
        Self {
            before: model.world(),
            world: model.world(),
            press: Press::new(model),
            log: log.telling_backoffs(),
            branching,
            later: Crashes::default(),
            found: Vec::new(),
        }
    }
}

impl<'m, O: Observer> Recall<'m, O> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self {
            model,
            machine: model.pod(),
            cores: Cores::new(),
        }
    }

    /// The number of a world's core, and its fingerprint. The press has its crashes.
    fn number(&self, press: &mut Press<'m>, world: &World, observer: &O) -> (u32, u128) {
        press.take(world);
        let fingerprint = of_core(press, observer, world.now);
        let number = self.cores.number(fingerprint, || {
            let mut bytes = Vec::new();
            press.write_core(&mut bytes);
            let mut observer = observer.clone();
            observer.rebase(world.now, press.now());
            let frame = Frame::at_rest(&world.pod).rebased(world.now, press.now());
            Core::new(halves(fingerprint), bytes.into(), frame, observer)
        });
        (number, fingerprint)
    }

    /// A world as one that waits.
    pub(super) fn waiting(&self, world: &World, observer: &O) -> Waiting {
        let mut press = Press::new(self.model);
        let (core, _) = self.number(&mut press, world, observer);
        Waiting {
            now: world.now,
            core,
            crashes: press.crashes().clone(),
        }
    }

    /// Has what is known of a world that waits read, so far as it says something of memory.
    #[inline]
    pub(super) fn touch(&self, mut bytes: &[u8]) -> usize {
        let core = self.cores.get(read_number(&mut bytes) as u32);
        let turns = core.and_then(|core| core.turns.get());
        turns.map_or(0, |turns| match turns.first() {
            Some(Turn::Made(made)) => made.core as usize,
            Some(Turn::Asks(_)) | None => turns.len(),
        })
    }

    /// Makes or recalls every step from a world that waits, in the order of its branches. Those that
    /// create the pod are not recalled: nobody else goes on from there in that way.
    pub(super) fn each(
        &self,
        from: &Waiting,
        first: bool,
        hand: &mut Hand<'m, O>,
        mut see: impl FnMut(&Core<O>, &Made),
    ) {
        let Some(core) = self.cores.get(from.core) else {
            return;
        };
        if first {
            hand.branching.reset();
            while hand.branching.next() {
                see(core, &self.make(core, &from.crashes, hand, true, None));
            }
            return;
        }
        let asker = Asker {
            machine: &self.machine,
            frame: core.frame,
            crashes: &from.crashes,
        };
        let turns = core.turns.get_or_init(|| self.turns(core, asker, hand));
        for turn in turns {
            match turn {
                Turn::Made(made) => see(core, made),
                Turn::Asks(turn) => {
                    let (beginning, asks) = &**turn;
                    let steps = asks.find(asker, &mut hand.later);
                    let steps = steps.unwrap_or_else(|| {
                        hand.branching.reset_to(*beginning);
                        let mut steps = Vec::new();
                        while hand.branching.next() {
                            steps.push(self.make(core, &from.crashes, hand, false, None));
                        }
                        self.keep(asks, steps, asker)
                    });
                    steps.iter().for_each(|made| see(core, made));
                }
            }
        }
    }

    /// The world that a step leads to.
    #[inline]
    pub(super) fn go_on(&self, from: &Waiting, core: &Core<O>, made: &Made, to: &mut Waiting) {
        let after = || {
            self.cores
                .get(made.core)
                .map_or(core.frame, |core| core.frame)
        };
        to.core = made.core;
        if let Some(passage) = self.cores.passage(made.passage) {
            let (crashes, frame) = (&from.crashes, core.frame);
            crashes.pass(passage, &self.machine, frame, after, &mut to.crashes);
            to.now = from.now.plus_millis(passage.elapsed());
        }
    }

    /// All steps from a world whose core nobody has gone on from.
    fn turns(&self, core: &Core<O>, asker: Asker<'_>, hand: &mut Hand<'m, O>) -> Turns {
        hand.branching.reset();
        let (mut turns, mut steps) = (Vec::new(), Vec::new());
        let mut open: Option<(Beginning, Asks)> = None;
        while hand.branching.next() {
            let made = self.make(core, asker.crashes, hand, false, None);
            let beginning = hand.branching.beginning();
            if open.as_ref().is_none_or(|(known, _)| *known != beginning) {
                turns.extend(self.close(open.take(), &mut steps, asker));
                let passage = self.cores.passage(made.passage);
                open = passage.and_then(Asks::of).map(|asks| (beginning, asks));
            }
            match open {
                Some(_) => steps.push(made),
                None => turns.push(Turn::Made(made)),
            }
        }
        turns.extend(self.close(open, &mut steps, asker));
        turns.into()
    }

    fn close(
        &self,
        open: Option<(Beginning, Asks)>,
        steps: &mut Vec<Made>,
        asker: Asker<'_>,
    ) -> Option<Turn> {
        let (beginning, asks) = open?;
        self.keep(&asks, std::mem::take(steps), asker);
        Some(Turn::Asks(Box::new((beginning, asks))))
    }

    fn keep(&self, asks: &Asks, steps: Vec<Made>, asker: Asker<'_>) -> Arc<[Made]> {
        let steps: Arc<[_]> = Arc::from(steps);
        let first = steps.iter().next();
        if let Some(passage) = first.and_then(|made| self.cores.passage(made.passage)) {
            asks.add(&steps, passage, asker);
        }
        steps
    }

    /// What is found in a step that many others at the same instant came before.
    pub(super) fn livelock(
        &self,
        from: &Waiting,
        branch: u32,
        hand: &mut Hand<'m, O>,
    ) -> Vec<O::Finding> {
        let Some(core) = self.cores.get(from.core) else {
            return Vec::new();
        };
        hand.branching.reset();
        let mut made = None;
        for _ in 0..=branch {
            if hand.branching.next() {
                let end = Some(End::Livelock);
                made = Some(self.make(core, &from.crashes, hand, false, end));
            }
        }
        let Some(made) = made else {
            return Vec::new();
        };
        self.found(core, &made, from.now).collect()
    }

    /// The findings of a step that ends now.
    pub(super) fn found(
        &self,
        core: &Core<O>,
        made: &Made,
        now: Time,
    ) -> impl Iterator<Item = O::Finding> {
        let found = made.found.and_then(|number| self.cores.found(number));
        let elapsed = self.cores.passage(made.passage).map_or(0, Passage::elapsed);
        let known = core.frame.now().plus_millis(elapsed);
        found.into_iter().flatten().map(move |finding| {
            let mut finding = finding.clone();
            O::rebase_finding(&mut finding, known, now);
            finding
        })
    }

    /// Makes the step of a branch, with which the run may end.
    fn make(
        &self,
        core: &Core<O>,
        crashes: &Crashes,
        hand: &mut Hand<'m, O>,
        first: bool,
        end: Option<End>,
    ) -> Made {
        let Hand {
            before,
            world,
            press,
            log,
            branching,
            found,
            ..
        } = hand;
        press.restore_core(world, &core.bytes);
        crashes.put(&mut world.pod);
        if !O::BLIND {
            before.clone_from(world);
        }
        let (known, from) = (finishes(&world.pod), world.now);
        log.clear();
        let advance = match first {
            true => {
                self.model.create(world, branching, log);
                Advance::Fired(world.now)
            }
            false => self.model.advance(world, branching, log),
        };
        let end = match advance {
            Advance::Quiescent => Some(End::Quiescent),
            Advance::Fired(_) => end,
        };
        let mut observer = core.observer.clone();
        if !O::BLIND {
            let step = Step {
                model: self.model,
                before,
                world,
                entries: log.entries(),
                end,
            };
            observer.see(&step, found);
        }
        let passage = Passage::new(&known, from, &log.buffer().backoffs, &world.pod);
        let (core, fingerprint) = self.number(press, world, &observer);
        Made {
            faults: branching.faults(),
            ends: end.is_some() || observer.is_done(),
            lasting: !first && world.now == from,
            core,
            fingerprint: halves(fingerprint),
            passage: self.cores.number_passage(passage),
            found: self.cores.number_found(found),
        }
    }
}
