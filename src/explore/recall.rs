//! Steps that have been made before.
//!
//! Worlds by the hundred differ in nothing but their [`Crashes`]. A step that does not ask for these
//! does the same in all of them, and one that does does the same in all that give the same answer. It
//! is made in the first of them, and recalled in the others.

use super::branching::Branching;
use super::cores::{Core, Cores};
use super::fingerprint::Fingerprint;
use super::observer::End;
use super::turns::{Asker, Asks, Made, Turn, Turns};
use crate::kubelet::{Crashes, Frame, Passage, Pod, finishes, read_number, write_number};
use crate::sim::{Advance, Model, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;

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
                Turn::Asks(beginning, asks) => {
                    let steps = asks.find(asker, &mut hand.later);
                    let steps = steps.unwrap_or_else(|| {
                        hand.branching.reset_to(*beginning);
                        let mut steps = Vec::new();
                        while hand.branching.next() {
                            steps.push(self.make(core, &from.crashes, hand, false));
                        }
                        asks.add(steps, asker)
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
        let (crashes, frame) = (&from.crashes, core.frame);
        crashes.pass(&made.passage, &self.machine, frame, after, &mut to.crashes);
        to.core = made.core;
        to.now = from.now.plus_millis(made.passage.elapsed());
    }

    /// All steps from a world whose core nobody has gone on from.
    fn turns(&self, core: &Core, asker: Asker<'_>, hand: &mut Hand<'m>) -> Turns {
        hand.branching.reset();
        let mut turns = Vec::new();
        let mut asking = (hand.branching.beginning(), Vec::new());
        let close = |(beginning, steps), turns: &mut Vec<Turn>| {
            let asks = Asks::of(steps, asker);
            turns.extend(asks.map(|asks| Turn::Asks(beginning, asks)));
        };
        while hand.branching.next() {
            let made = self.make(core, asker.crashes, hand, false);
            let beginning = hand.branching.beginning();
            let asks = !made.passage.asked().is_empty();
            if !asks || asking.0 != beginning {
                let done = std::mem::replace(&mut asking, (beginning, Vec::new()));
                close(done, &mut turns);
            }
            match asks {
                true => asking.1.push(made),
                false => turns.push(Turn::Made(made)),
            }
        }
        close(asking, &mut turns);
        turns.into()
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
            fingerprint,
            passage,
        }
    }
}
