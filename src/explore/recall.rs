//! Steps that have been made before.
//!
//! Worlds by the hundred differ in nothing but their [`Crashes`]. A step that does not ask for these
//! does the same in all of them: it is made in the first, and recalled in the others. Most of these
//! are a [`Line`]: along it even what the step does to the crashes is the same, and need not be
//! computed again; nor need a step be made again that asks, as far as the answer is the same.

use super::branching::Branching;
use super::cores::{self, Core, Cores};
use super::expand::{Harvest, LIVELOCK, SPINNING, Seen, Stepping};
use super::frontier::Waits;
use super::lines::{self, Landing, Line, LineStep, Lines, Steps};
use super::links::Link;
use super::making::of_core;
use super::names::{Aged, Ages};
use super::observer::{End, Observer, Step};
use super::reached::Child;
use super::search::Search;
use super::turns::{Made, Turn};
use crate::kubelet::{
    Crashes, Extent, Frame, Passage, Pod, newest_ended, read_number, write_number,
};
use crate::sim::{Advance, Press, World};
use crate::time::Time;
use crate::timeline::Timeline;

/// The steps of a search's worlds, as far as they have been made.
pub(super) struct Recall<'a, 'm, O: Observer> {
    search: &'a Search<'m, O>,
    machine: Pod<'m>,
    cores: Cores<O>,
    lines: Lines,
}

/// A world that waits to be gone on from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    now: Time,
    /// The number of its line, and its place there.
    line: u32,
    age: u16,
    /// Steps at its instant.
    spin: u16,
}

impl Waits for Waiting {
    type Names = Ages;
    type Rest = ();

    #[inline]
    fn name(&self) -> Aged {
        Aged {
            line: self.line,
            age: self.age,
            spin: if self.spin >= SPINNING { self.spin } else { 0 },
        }
    }

    fn write(self, into: &mut Vec<u8>) {
        write_number(self.now.as_millis(), into);
        write_number(self.line.into(), into);
        write_number(self.age.into(), into);
        write_number(self.spin.into(), into);
    }

    fn read(bytes: &mut &[u8], (): ()) -> Self {
        Self {
            now: Time::from_millis(read_number(bytes)),
            line: read_number(bytes) as u32,
            age: read_number(bytes) as u16,
            spin: read_number(bytes) as u16,
        }
    }
}

/// What one thread makes steps with.
struct Hand<'m, O: Observer> {
    before: World,
    world: World,
    press: Press<'m>,
    log: Timeline,
    branching: Branching,
    found: Vec<O::Finding>,
    cores: cores::AtHand,
    bytes: Vec<u8>,
}

/// What one thread works with.
pub(super) struct Tools<'m, O: Observer> {
    hand: Hand<'m, O>,
    lines: lines::AtHand,
}

/// A world of which steps are made.
struct Whole<'a, O> {
    /// Its core in canonical form.
    form: &'a [u8],
    observer: &'a O,
    crashes: &'a Crashes,
}

impl<'a, O: Observer> Whole<'a, O> {
    const fn of(core: &'a Core<O>, form: &'a [u8], crashes: &'a Crashes) -> Self {
        Self {
            form,
            observer: &core.observer,
            crashes,
        }
    }
}

impl<O> Clone for Whole<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Whole<'_, O> {}

impl<'m, O: Observer> Stepping for Recall<'_, 'm, O> {
    type World = Waiting;
    type Finding = O::Finding;
    type Tools = Tools<'m, O>;

    fn tools(&self) -> Tools<'m, O> {
        let model = self.search.model;
        let log = match O::BLIND {
            true => Timeline::discard(),
            false => Timeline::new(),
        };
        let hand = Hand {
            before: model.world(),
            world: model.world(),
            press: Press::new(model),
            log: log.telling_backoffs(),
            branching: self.search.branching(),
            found: Vec::new(),
            cores: cores::AtHand::default(),
            bytes: Vec::new(),
        };
        Tools {
            hand,
            lines: lines::AtHand::default(),
        }
    }

    fn root(&self, world: &World) -> Waiting {
        let mut press = Press::new(self.search.model);
        let observer = &self.search.observer;
        let at_hand = (&mut cores::AtHand::default(), &mut Vec::new());
        let core = self.number(&mut press, world, observer, at_hand);
        let mut here = Extent::default();
        let (shape, age, _) = press.crashes().shape(&self.machine, &mut here);
        Waiting {
            now: world.now,
            line: self
                .lines
                .number(core, shape, &mut lines::AtHand::default()),
            age,
            spin: 0,
        }
    }

    #[inline]
    fn touch(&self, world: &Waiting) -> usize {
        self.lines.touch(world.line)
    }

    /// Steps that create the pod are not recalled: nobody else goes on from there in that way.
    #[inline]
    fn expand(
        &self,
        (from, number): (&Waiting, u64),
        first: bool,
        _: &Seen<Self>,
        tools: &mut Tools<'m, O>,
        harvest: &mut Harvest<Waiting, O::Finding>,
    ) {
        let Some(line) = self.lines.get(from.line) else {
            return;
        };
        let mut go_all = |steps: &[LineStep]| {
            for (branch, step) in (0..).zip(steps) {
                let link = Link {
                    parent: number,
                    branch,
                };
                self.go((line, from), link, step, harvest);
            }
        };
        if let Some(steps) = self.lines.steps(line, from.age).filter(|_| !first) {
            go_all(steps);
            return;
        }
        let (reach, steps) = self.steps(line, from.age, first, tools);
        go_all(&steps);
        if !first && reach.0 < reach.1 {
            self.lines.keep(line, reach, steps, &mut tools.lines);
        }
    }
}

impl<'a, 'm, O: Observer> Recall<'a, 'm, O> {
    pub(super) fn new(search: &'a Search<'m, O>) -> Self {
        Self {
            search,
            machine: search.model.pod(),
            cores: Cores::new(),
            lines: Lines::new(),
        }
    }

    /// Goes one step.
    #[inline]
    fn go(
        &self,
        (line, from): (&Line, &Waiting),
        link: Link,
        step: &LineStep,
        harvest: &mut Harvest<Waiting, O::Finding>,
    ) {
        harvest.steps += 1;
        let spin = if step.lasting { from.spin + 1 } else { 0 };
        let now = from.now.plus_millis(step.elapsed);
        if spin >= LIVELOCK && !step.ends {
            harvest.livelocks.push((link, step.faults.into()));
            return;
        }
        if step.found.is_some() {
            let found = self.found(line, step, now);
            let found = found.map(|finding| (finding, link, step.faults.into(), now));
            harvest.found.extend(found);
        }
        if step.ends {
            return;
        }
        if self.search.is_late(now) {
            harvest.until = true;
            return;
        }
        let world = Waiting {
            now,
            line: step.line,
            age: step.to.from(from.age),
            spin,
        };
        harvest.reached.add(Child {
            world,
            parent: link.parent,
            branch: link.branch,
            faults: step.faults.into(),
        });
    }

    /// Every step from a place of a line, in the order of the branches, and from where to where in the
    /// line they are the same.
    #[cold]
    fn steps(
        &self,
        line: &Line,
        age: u16,
        first: bool,
        Tools { hand, lines }: &mut Tools<'m, O>,
    ) -> ((u16, u16), Steps) {
        let core = self.cores.get(line.core);
        let frame = core.and_then(|core| self.cores.frame(core));
        let (Some(core), Some(frame), Some(shape)) = (core, frame, self.lines.shape(line.shape))
        else {
            return ((age, age), Steps::new());
        };
        let mut crashes = Crashes::default();
        let mut extent = shape.at(age, &self.machine, &mut crashes);
        let (mut steps, mut later) = (Steps::new(), Crashes::default());
        self.each((core, &crashes), first, hand, |made| {
            let passage = self.cores.passage(made.passage);
            let mut step = LineStep {
                elapsed: passage.map_or(0, Passage::elapsed),
                line: 0,
                found: made.found,
                faults: made.faults,
                to: Landing::At(0),
                ends: made.ends,
                lasting: made.lasting,
            };
            let next = self.cores.get(made.core);
            let next = next.and_then(|next| self.cores.frame(next));
            if let Some((passage, next)) = passage.zip(next) {
                let frames = (frame, next);
                crashes.pass(passage, &self.machine, frames, &mut extent, &mut later);
                let (shape, to, moves) = later.shape(&self.machine, &mut extent);
                step.line = self.lines.number(made.core, shape, lines);
                step.to = match moves {
                    true => Landing::Away((i32::from(to) - i32::from(age)) as i16),
                    false => Landing::At(to),
                };
            }
            steps.push(step);
        });
        let reach = match shape.is_line() {
            true => shape.reach(extent),
            false => (age, age),
        };
        (reach, steps)
    }

    /// The number of a world's core. The press has its crashes.
    fn number(
        &self,
        press: &mut Press<'m>,
        world: &World,
        observer: &O,
        (hand, bytes): (&mut cores::AtHand, &mut Vec<u8>),
    ) -> u32 {
        press.take(world);
        let fingerprint = of_core(press, observer, world.now);
        self.cores.number(fingerprint, hand, || {
            bytes.clear();
            press.write_core(bytes);
            let mut observer = observer.clone();
            observer.rebase(world.now, press.now());
            let frame = Frame::at_rest(&world.pod).rebased(world.now, press.now());
            let form = bytes.as_slice().into();
            (form, frame, press.awaits_collection(world), observer)
        })
    }

    /// Makes or recalls every step from a world, in the order of its branches.
    fn each(
        &self,
        (core, crashes): (&Core<O>, &Crashes),
        first: bool,
        hand: &mut Hand<'m, O>,
        mut see: impl FnMut(&Made),
    ) {
        if first {
            hand.branching.reset();
            core.form(|form| {
                let world = Whole::of(core, form, crashes);
                while hand.branching.next() {
                    see(&self.make(world, hand, true));
                }
            });
            return;
        }
        core.go_on(|known, form| {
            let world = Whole::of(core, form, crashes);
            let known = known.filter(|turns| !self.collects(turns, (core, crashes)));
            let Some(turns) = known else {
                let turns = self.turns(world, hand, see);
                return (!self.collects(&turns, (core, crashes))).then_some(turns);
            };
            for turn in turns {
                match turn {
                    Turn::Made(made) => see(made),
                    Turn::Asks(beginning) => {
                        hand.branching.reset_to(**beginning);
                        while hand.branching.next() {
                            see(&self.make(world, hand, false));
                        }
                    }
                }
            }
            None
        });
    }

    /// Whether garbage is collected before the end of one of these steps: then no other world need have
    /// the same.
    fn collects(&self, turns: &[Turn], (core, crashes): (&Core<O>, &Crashes)) -> bool {
        let collects = |made: &Made| {
            let passage = self.cores.passage(made.passage);
            passage.is_some_and(|passage| crashes.collects_within(passage.elapsed()))
        };
        core.awaits_collection
            && turns.iter().any(|turn| match turn {
                Turn::Made(made) => collects(made),
                // It is not known how long they take.
                Turn::Asks(_) => true,
            })
    }

    /// Makes every step from a world.
    fn turns(
        &self,
        world: Whole<'_, O>,
        hand: &mut Hand<'m, O>,
        mut see: impl FnMut(&Made),
    ) -> Vec<Turn> {
        hand.branching.reset();
        let mut turns = Vec::new();
        let (mut beginning, mut from, mut asks) = (None, 0, false);
        while hand.branching.next() {
            let made = self.make(world, hand, false);
            let here = hand.branching.beginning();
            if beginning != Some(here) {
                (beginning, from, asks) = (Some(here), turns.len(), false);
            }
            let passage = self.cores.passage(made.passage);
            if !asks && passage.is_some_and(Passage::asks) {
                asks = true;
                turns.truncate(from);
                turns.push(Turn::Asks(Box::new(here)));
            }
            if !asks {
                turns.push(Turn::Made(made));
            }
            see(&made);
        }
        turns
    }

    /// The findings of a step that ends now.
    fn found(&self, line: &Line, step: &LineStep, now: Time) -> impl Iterator<Item = O::Finding> {
        let core = self.cores.get(line.core);
        let frame = core.and_then(|core| self.cores.frame(core));
        let known = frame.map_or(now, |frame| frame.now().plus_millis(step.elapsed));
        let found = step.found.and_then(|number| self.cores.found(number));
        found.into_iter().flatten().map(move |finding| {
            let mut finding = finding.clone();
            O::rebase_finding(&mut finding, known, now);
            finding
        })
    }

    /// Makes the step of a branch.
    fn make(&self, from: Whole<'_, O>, hand: &mut Hand<'m, O>, first: bool) -> Made {
        let model = self.search.model;
        let Hand {
            before,
            world,
            press,
            log,
            branching,
            found,
            cores,
            bytes,
        } = hand;
        press.restore_core(world, from.form, from.crashes);
        if !O::BLIND {
            before.clone_from(world);
        }
        let (known, began) = (newest_ended(&world.pod), world.now);
        log.clear();
        let advance = match first {
            true => {
                model.create(world, branching, log);
                Advance::Fired(world.now)
            }
            false => model.advance(world, branching, log),
        };
        let end = (advance == Advance::Quiescent).then_some(End::Quiescent);
        let mut observer = from.observer.clone();
        if !O::BLIND {
            let step = Step {
                model,
                before,
                world,
                entries: log.entries(),
                end,
            };
            observer.see(&step, found);
        }
        let passage = Passage::new(
            (from.crashes, &known),
            began,
            &log.buffer().backoffs,
            (&self.machine, &world.pod),
        );
        let core = self.number(press, world, &observer, (cores, bytes));
        Made {
            faults: u16::try_from(branching.faults()).unwrap_or(u16::MAX),
            ends: end.is_some() || observer.is_done(),
            lasting: !first && world.now == began,
            core,
            passage: self.cores.number_passage(passage, cores),
            found: self.cores.number_found(found),
        }
    }
}
