//! What worlds do next that differ in their crashes alone.

use super::branching::Beginning;
use crate::kubelet::{Answer, Asked, Crashes, Extent, Frame, Passage, Pod};
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

/// A step, in all of these worlds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// The number of the core that it leads to.
    pub(super) core: u32,
    /// The number of what it does to the crashes.
    pub(super) passage: u32,
    /// The number of what the observer has found in it, if it has anything.
    pub(super) found: Option<NonZeroU32>,
    pub(super) faults: u16,
    /// Whether the run ends with it, or is of no interest any more.
    pub(super) ends: bool,
    /// Whether it takes no time.
    pub(super) lasting: bool,
}

/// All steps from a world, in the order of its branches.
pub(super) type Turns = Box<[Turn]>;

/// One or several of these steps.
#[derive(Debug)]
pub(super) enum Turn {
    /// One, whatever the crashes.
    Made(Made),
    /// Those with the same beginning, in which the machine asks something of the crashes.
    Asks(Box<(Beginning, Asks)>),
}

/// Steps that depend on an answer.
#[derive(Debug)]
pub(super) struct Asks {
    /// Milliseconds to the end of the step: they do not depend on the answer.
    elapsed: u64,
    asked: Asked,
    /// In the order of the answers: there are few in most.
    answers: RwLock<Vec<(Answer, Then)>>,
}

/// What follows an answer.
#[derive(Clone, Debug)]
enum Then {
    /// These steps.
    Steps(Arc<[Made]>),
    /// Another question.
    Asks(Arc<Asks>),
}

/// Where an answer is in a list, or where it would have to be.
fn place_of(answers: &[(Answer, Then)], answer: Answer) -> Result<usize, usize> {
    answers.binary_search_by_key(&answer, |&(known, _)| known)
}

/// Who answers: the crashes of a world, and the machine that judges by them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    pub(super) machine: &'a Pod<'a>,
    pub(super) frame: Frame,
    pub(super) crashes: &'a Crashes,
}

impl Asks {
    /// What a step asks first; nothing is known yet. `None`: it asks nothing.
    pub(super) fn of(passage: &Passage) -> Option<Self> {
        let &asked = passage.asked().first()?;
        Some(Self::new(passage.elapsed(), asked))
    }

    const fn new(elapsed: u64, asked: Asked) -> Self {
        Self {
            elapsed,
            asked,
            answers: RwLock::new(Vec::new()),
        }
    }

    /// The steps of a world, if they are known. The extent is narrowed to where the answers are the
    /// same.
    pub(super) fn find(&self, asker: Asker<'_>, extent: &mut Extent) -> Option<Arc<[Made]>> {
        let mut later = Crashes::default();
        asker.crashes.wait(self.elapsed, &mut later);
        let mut then = self.then(asker, &mut later, extent)?;
        loop {
            then = match then {
                Then::Steps(steps) => return Some(steps),
                Then::Asks(asks) => asks.then(asker, &mut later, extent)?,
            };
        }
    }

    fn then(&self, asker: Asker<'_>, later: &mut Crashes, extent: &mut Extent) -> Option<Then> {
        let answer = self.answer(asker, later, extent);
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let place = place_of(&answers, answer).ok()?;
        Some(answers[place].1.clone())
    }

    /// Takes in the steps of a world, in all of which the same is asked.
    pub(super) fn add(
        &self,
        steps: &Arc<[Made]>,
        passage: &Passage,
        asker: Asker<'_>,
        extent: &mut Extent,
    ) {
        let mut later = Crashes::default();
        asker.crashes.wait(self.elapsed, &mut later);
        let mut further = passage.asked().iter().skip(1);
        let mut asks = None;
        loop {
            let here: &Self = asks.as_deref().unwrap_or(self);
            let answer = here.answer(asker, &mut later, extent);
            match here.add_then(steps, further.next(), answer) {
                Then::Asks(next) => asks = Some(next),
                Then::Steps(_) => return,
            }
        }
    }

    fn add_then(&self, steps: &Arc<[Made]>, further: Option<&Asked>, answer: Answer) -> Then {
        let then = || match further {
            Some(&asked) => Then::Asks(Arc::new(Self::new(self.elapsed, asked))),
            None => Then::Steps(Arc::clone(steps)),
        };
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        let place = place_of(&answers, answer).unwrap_or_else(|place| {
            if answers.is_empty() {
                // For nearly all one is enough.
                answers.reserve_exact(1);
            }
            answers.insert(place, (answer, then()));
            place
        });
        answers[place].1.clone()
    }

    fn answer(&self, asker: Asker<'_>, later: &mut Crashes, extent: &mut Extent) -> Answer {
        let Asker {
            machine,
            frame,
            crashes,
        } = asker;
        let before = (crashes, self.elapsed);
        later.ask(&self.asked, before, machine, frame, extent)
    }
}
