//! What worlds do next that differ in their crashes alone.

use super::branching::Beginning;
use super::fingerprint::Fingerprint;
use super::observer::End;
use crate::kubelet::{Answer, Asked, Crashes, Frame, Passage, Pod};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, PoisonError, RwLock};

/// A step, in all of these worlds.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) faults: u32,
    /// Whether the run ends with it.
    pub(super) end: Option<End>,
    /// Whether it takes no time.
    pub(super) lasting: bool,
    /// What it leads to, by number and fingerprint.
    pub(super) core: u32,
    pub(super) fingerprint: u128,
    pub(super) passage: Passage,
}

/// All steps from a world, in the order of its branches.
pub(super) type Turns = Box<[Turn]>;

/// One or several of these steps.
#[derive(Debug)]
pub(super) enum Turn {
    /// One, whatever the crashes.
    Made(Made),
    /// Those with the same beginning, in which the machine asks something of the crashes.
    Asks(Beginning, Asks),
}

/// Steps that depend on an answer.
#[derive(Debug)]
pub(super) struct Asks {
    /// Milliseconds to the end of the step: they do not depend on the answer.
    elapsed: u64,
    asked: Asked,
    answers: RwLock<HashMap<Answer, Arc<Then>, BuildHasherDefault<Fingerprint>>>,
}

/// What follows an answer.
#[derive(Debug)]
enum Then {
    /// These steps.
    Steps(Arc<[Made]>),
    /// Another question.
    Asks(Asks),
}

/// Who answers: the crashes of a world, and the machine that judges by them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    pub(super) machine: &'a Pod<'a>,
    pub(super) frame: Frame,
    pub(super) crashes: &'a Crashes,
}

impl Asks {
    /// Nothing is known yet but what is asked first.
    const fn new(elapsed: u64, asked: Asked) -> Self {
        Self {
            elapsed,
            asked,
            answers: RwLock::new(HashMap::with_hasher(BuildHasherDefault::new())),
        }
    }

    /// With these steps of one world.
    pub(super) fn of(steps: Vec<Made>, asker: Asker<'_>) -> Option<Self> {
        let first = steps.first()?;
        let passage = &first.passage;
        let asks = Self::new(passage.elapsed(), *passage.asked().first()?);
        asks.add(steps, asker);
        Some(asks)
    }

    /// The steps of a world, if they are known.
    pub(super) fn find(&self, asker: Asker<'_>, later: &mut Crashes) -> Option<Arc<[Made]>> {
        asker.crashes.wait(self.elapsed, later);
        let mut known = self.then(asker, later)?;
        loop {
            known = match &*known {
                Then::Steps(steps) => return Some(Arc::clone(steps)),
                Then::Asks(asks) => asks.then(asker, later)?,
            };
        }
    }

    fn then(&self, asker: Asker<'_>, later: &mut Crashes) -> Option<Arc<Then>> {
        let answer = self.answer(asker, later);
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        answers.get(&answer).cloned()
    }

    /// Takes in the steps of a world.
    pub(super) fn add(&self, steps: Vec<Made>, asker: Asker<'_>) -> Arc<[Made]> {
        let steps: Arc<[Made]> = steps.into();
        let Some(passage) = steps.first().map(|step| &step.passage) else {
            return steps;
        };
        let mut later = Crashes::default();
        asker.crashes.wait(self.elapsed, &mut later);
        let (mut asks, mut then) = (None::<Arc<Then>>, passage.asked().iter().skip(1));
        loop {
            let asks_now = match asks.as_deref() {
                None => self,
                Some(Then::Asks(asks)) => asks,
                Some(Then::Steps(_)) => break,
            };
            let answer = asks_now.answer(asker, &mut later);
            let next = || match then.next() {
                Some(&asked) => Arc::new(Then::Asks(Self::new(self.elapsed, asked))),
                None => Arc::new(Then::Steps(Arc::clone(&steps))),
            };
            let mut answers = asks_now.answers.write().unwrap_or_else(PoisonError::into_inner);
            let next = Arc::clone(answers.entry(answer).or_insert_with(next));
            drop(answers);
            asks = Some(next);
        }
        steps
    }

    fn answer(&self, asker: Asker<'_>, later: &mut Crashes) -> Answer {
        let Asker {
            machine,
            frame,
            crashes,
        } = asker;
        later.ask(&self.asked, (crashes, self.elapsed), machine, frame)
    }
}
