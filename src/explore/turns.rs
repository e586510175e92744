//! What worlds do next that differ in their crashes alone.

use super::branching::Beginning;
use std::num::NonZeroU32;

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
    /// Those with the same beginning, in which the machine asks something of the crashes. They are made
    /// again for each world: what follows each answer takes more memory than making it takes time.
    Asks(Box<Beginning>),
}

impl Turn {
    pub(super) const fn asks(&self) -> bool {
        matches!(self, Self::Asks(_))
    }
}
