//! Steps that have been made before.
//!
//! Worlds by the hundred differ in nothing but their [`Crashes`]. A step that does not ask for these
//! does the same in all of them, and one that does does the same in all that give the same answer. It
//! is made in the first of them, and recalled in the others.

use super::branching::{Beginning, Branching};
use super::cores::{Core, Cores};
use super::fingerprint::Fingerprint;
use super::observer::End;
use super::turns::{Asker, Asks, Made, Turn, Turns};
use crate::kubelet::{Crashes, Frame, Passage, Pod, finishes, read_number, write_number};
use crate::sim::{Advance, Model, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;
use std::sync::Arc;

/// The steps of a model's worlds, as far as they have been made.
#[derive(Debug)]
pub(super) struct Recall<'m> {
    model: &'m Model,
    machine: Pod<'m>,
    cores: Cores,
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
#[derive(Debug)]
pub(super) struct Hand<'m> {
    world: World,
    press: Press<'m>,
    log: Timeline,
    branching: Branching,
    later: Crashes,
    bytes: Vec<u8>,
}

impl<'m> Hand<'m> {
    pub(super) fn new(model: &'m Model, branching: Branching) -> Self {
        Self {
            world: model.world(),
            press: Press::new(model),
            log: Timeline::of_backoffs(),
            branching,
            later: Crashes::default(),
            bytes: Vec::new(),
        }
    }
}

impl<'m> Recall<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self {
            model,
            machine: model.pod(),
            cores: Cores::new(),
        }
    }

    /// The number of a world's core, and its fingerprint. The press has its crashes.
    fn number(&self, press: &mut Press<'m>, world: &World, bytes: &mut Vec<u8>) -> (u32, u128) {
        press.take(world);
        let mut fingerprint = Fingerprint::new();
        press.fingerprint(&mut fingerprint);
        let fingerprint = fingerprint.value();
        let number = self.cores.number(fingerprint, || {
            bytes.clear();
            press.write_core(bytes);
            Core::new(bytes.as_slice().into(), Frame::at_rest(&world.pod))
        });
        (number, fingerprint)
    }

    /// A world as one that waits.
    pub(super) fn waiting(&self, world: &World) -> Waiting {
        let mut press = Press::new(self.model);
        let (core, _) = self.number(&mut press, world, &mut Vec::new());
        Waiting {
            now: world.now,
            core,
            crashes: press.crashes().clone(),
        }
    }

    /// Makes or recalls every step from a world that waits, in the order of its branches. Those that
    /// create the pod are not recalled: nobody else goes on from there in that way.
    pub(super) fn each(
        &self,
        from: &Waiting,
        first: bool,
        hand: &mut Hand<'m>,
        mut see: impl FnMut(&Core, &Made),
    ) {
        let Some(core) = self.cores.get(from.core) else {
            return;
        };
        if first {
            hand.branching.reset();
            while hand.branching.next() {
                see(core, &self.make(core, &from.crashes, hand, true));
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
                            steps.push(self.make(core, &from.crashes, hand, false));
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
    pub(super) fn go_on(&self, from: &Waiting, core: &Core, made: &Made, to: &mut Waiting) {
        let after = || self.cores.get(made.core).map_or(core.frame, |core| core.frame);
        to.core = made.core;
        if let Some(passage) = self.cores.passage(made.passage) {
            let (crashes, frame) = (&from.crashes, core.frame);
            crashes.pass(passage, &self.machine, frame, after, &mut to.crashes);
            to.now = from.now.plus_millis(passage.elapsed());
        }
    }

    /// All steps from a world whose core nobody has gone on from.
    fn turns(&self, core: &Core, asker: Asker<'_>, hand: &mut Hand<'m>) -> Turns {
        hand.branching.reset();
        let (mut turns, mut steps) = (Vec::new(), Vec::new());
        let mut open: Option<(Beginning, Asks)> = None;
        while hand.branching.next() {
            let made = self.make(core, asker.crashes, hand, false);
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
        let steps = Arc::from(steps);
        let first: Option<&Made> = <[Made]>::first(&steps);
        if let Some(passage) = first.and_then(|made| self.cores.passage(made.passage)) {
            asks.add(&steps, passage, asker);
        }
        steps
    }

    /// Makes the step of a branch.
    fn make(&self, core: &Core, crashes: &Crashes, hand: &mut Hand<'m>, first: bool) -> Made {
        let Hand {
            world,
            press,
            log,
            branching,
            bytes,
            ..
        } = hand;
        press.restore_core(world, &core.bytes);
        crashes.put(&mut world.pod);
        let (known, from, before) = (finishes(&world.pod), world.pod.now, world.now);
        log.clear();
        let advance = match first {
            true => {
                self.model.create(world, branching, log);
                Advance::Fired(world.now)
            }
            false => self.model.advance(world, branching, log),
        };
        let passage = Passage::new(&known, from, &log.buffer().backoffs, &world.pod);
        let (core, fingerprint) = self.number(press, world, bytes);
        Made {
            faults: branching.faults(),
            end: (advance == Advance::Quiescent).then_some(End::Quiescent),
            lasting: !first && world.now == before,
            core,
            fingerprint: [fingerprint as u64, (fingerprint >> 64) as u64],
            passage: self.cores.number_passage(passage),
        }
    }
}
