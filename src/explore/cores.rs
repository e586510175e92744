//! What worlds are but for their crashes, each kept once.

use super::catalogue::{Catalogue, Recent};
use super::numbers::Numbers;
use super::observer::Observer;
use super::shelves::{Room, Shelves};
use super::turns::{Turn, Turns};
use crate::kubelet::{Frame, Passage};
use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// A world but for its crashes, with what its observer remembers.
pub(super) struct Core<O: Observer> {
    /// The number of its frame.
    frame: u32,
    /// Whether the next garbage collection finds something.
    pub(super) awaits_collection: bool,
    /// Who watches it, with moments of the canonical form.
    pub(super) observer: O,
    known: RwLock<Known>,
}

/// What is known of a core: no more than what somebody will ask for.
enum Known {
    /// Its canonical form: nobody has gone on from it.
    Form(Box<[u8]>),
    /// The only step that follows, which asks nothing: with most it is so.
    One(Turn),
    /// What happens next, which asks nothing.
    Next(Turns),
    /// Both, for what asks is made again, and all of it where garbage is collected before.
    Both(Box<(Box<[u8]>, Turns)>),
}

impl<O: Observer> Core<O> {
    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows its canonical form to somebody, unless it has been given up.
    pub(super) fn form(&self, see: impl FnOnce(&[u8])) {
        match &*self.known() {
            Known::Form(form) => see(form),
            Known::Both(both) => see(&both.0),
            Known::One(_) | Known::Next(_) => {}
        }
    }

    /// Goes on from it: with what happens next, if that is known, and the canonical form, unless nobody will
    /// ask for it. If nobody has gone on from it yet, this may come to what happens next. Nobody waits
    /// meanwhile: of several who go on at the same time, the last keeps what they have come to.
    pub(super) fn go_on(&self, go: impl FnOnce(Option<&[Turn]>, &[u8]) -> Option<Vec<Turn>>) {
        let next = match &*self.known() {
            Known::Form(form) => go(None, form),
            Known::One(turn) => go(Some(std::slice::from_ref(turn)), &[]),
            Known::Next(turns) => go(Some(turns), &[]),
            Known::Both(both) => go(Some(&both.1), &both.0),
        };
        let Some(turns) = next else {
            return;
        };
        let Ok(mut known) = self.known.try_write() else {
            return;
        };
        let Known::Form(form) = &mut *known else {
            return;
        };
        let again = self.awaits_collection || turns.iter().any(Turn::asks);
        *known = match again {
            true => Known::Both(Box::new((std::mem::take(form), turns.into()))),
            false => match <[Turn; 1]>::try_from(turns) {
                Ok([turn]) => Known::One(turn),
                Err(turns) => Known::Next(turns.into()),
            },
        };
    }
}

/// What one thread has at hand.
#[derive(Debug, Default)]
pub(super) struct AtHand {
    frames: Recent,
    passages: Recent,
    cores: Room,
}

/// Every core that a search has come to, and every passage between two, by number.
pub(super) struct Cores<O: Observer> {
    numbers: Numbers,
    cores: Shelves<Core<O>>,
    frames: Catalogue<Frame>,
    passages: Catalogue<Passage>,
    /// What observers have found.
    found: Shelves<Box<[O::Finding]>>,
}

impl<O: Observer> Cores<O> {
    pub(super) fn new() -> Self {
        Self {
            numbers: Numbers::default(),
            cores: Shelves::new(),
            frames: Catalogue::new(),
            passages: Catalogue::new(),
            found: Shelves::new(),
        }
    }

    /// The core with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Core<O>> {
        self.cores.get(number)
    }

    /// The frame of a core.
    pub(super) fn frame(&self, core: &Core<O>) -> Option<Frame> {
        self.frames.get(core.frame).copied()
    }

    /// The number of a core. It is made if there is none with that fingerprint: of its canonical form,
    /// its frame and its observer.
    pub(super) fn number(
        &self,
        fingerprint: u128,
        hand: &mut AtHand,
        make: impl FnOnce() -> (Box<[u8]>, Frame, bool, O),
    ) -> u32 {
        // Of a hundred million cores no two are expected to have the same but with a chance of 10⁻¹³.
        let key = fingerprint >> u32::BITS;
        self.numbers.of(key, || {
            let (form, frame, awaits_collection, observer) = make();
            let core = Core {
                frame: self.frames.number(frame, &mut hand.frames),
                awaits_collection,
                observer,
                known: RwLock::new(Known::Form(form)),
            };
            self.cores.add_in(&mut hand.cores, core)
        })
    }

    /// The passage with that number.
    #[inline]
    pub(super) fn passage(&self, number: u32) -> Option<&Passage> {
        self.passages.get(number)
    }

    /// The number of a passage.
    pub(super) fn number_passage(&self, passage: Passage, hand: &mut AtHand) -> u32 {
        self.passages.number(passage, &mut hand.passages)
    }

    /// The findings with that number.
    pub(super) fn found(&self, number: NonZeroU32) -> Option<&[O::Finding]> {
        self.found.get(number.get() - 1).map(|found| &**found)
    }

    /// The number of some findings, if there are any.
    pub(super) fn number_found(&self, found: &mut Vec<O::Finding>) -> Option<NonZeroU32> {
        let found: Box<[_]> = found.drain(..).collect();
        let number = (!found.is_empty()).then(|| self.found.add(found));
        number.and_then(|number| NonZeroU32::new(number + 1))
    }
}
