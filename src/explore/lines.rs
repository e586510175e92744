//! Lines: worlds that differ only in how long a back-off has been kept.

use super::cores::Catalogue;
use super::numbers::{Numbers, pair};
use super::shelves::Shelves;
use crate::kubelet::Shape;
use smallvec::SmallVec;
use std::num::NonZeroU32;
use std::sync::OnceLock;

/// Worlds of one core whose crashes have one shape.
#[derive(Debug)]
pub(super) struct Line {
    /// Numbers of both.
    pub(super) core: u32,
    pub(super) shape: u32,
    /// What happens next, where it is known.
    stretch: OnceLock<Stretch>,
}

/// A part of a line in which the same happens next.
#[derive(Debug)]
pub(super) struct Stretch {
    /// From this place on to that one.
    pub(super) from: u16,
    pub(super) to: u16,
    /// All steps, in the order of the branches.
    pub(super) steps: Steps,
    next: OnceLock<Box<Self>>,
}

/// Steps, in the order of their branches.
pub(super) type Steps = SmallVec<[LineStep; 2]>;

/// A step from anywhere in a stretch.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineStep {
    /// Milliseconds.
    pub(super) elapsed: u64,
    /// The line that it leads to.
    pub(super) line: u32,
    /// The number of what the observer has found in it, if it has anything.
    pub(super) found: Option<NonZeroU32>,
    pub(super) faults: u16,
    pub(super) to: Landing,
    /// Whether the run ends with it, or is of no interest any more.
    pub(super) ends: bool,
    /// Whether it takes no time.
    pub(super) lasting: bool,
}

/// Where in a line a step leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Landing {
    /// From everywhere to this place.
    At(u16),
    /// So far from where it began.
    Away(i16),
}

impl Landing {
    #[inline]
    pub(super) const fn from(self, age: u16) -> u16 {
        match self {
            Self::At(age) => age,
            Self::Away(far) => age.wrapping_add_signed(far),
        }
    }
}

impl Line {
    /// What happens next at a place, if that is known.
    #[inline]
    pub(super) fn stretch(&self, age: u16) -> Option<&Stretch> {
        let mut stretch = self.stretch.get()?;
        loop {
            if stretch.from <= age && age <= stretch.to {
                return Some(stretch);
            }
            stretch = stretch.next.get()?;
        }
    }

    /// Keeps what happens next from one place to another.
    pub(super) fn keep(&self, (from, to): (u16, u16), steps: Steps) {
        let stretch = Stretch {
            from,
            to,
            steps,
            next: OnceLock::new(),
        };
        let Err(stretch) = self.stretch.set(stretch) else {
            return;
        };
        let (mut stretch, mut last) = (Box::new(stretch), self.stretch.get());
        while let Some(it) = last
            && let Err(back) = it.next.set(stretch)
        {
            stretch = back;
            last = it.next.get().map(|next| &**next);
        }
    }
}

/// Every line that a search has come to, by number.
#[derive(Debug)]
pub(super) struct Lines {
    numbers: Numbers,
    lines: Shelves<Line>,
    shapes: Catalogue<Shape>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            numbers: Numbers::default(),
            lines: Shelves::new(),
            shapes: Catalogue::new(),
        }
    }

    /// The line with that number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&Line> {
        self.lines.get(number)
    }

    /// The shape with that number.
    pub(super) fn shape(&self, number: u32) -> Option<&Shape> {
        self.shapes.get(number)
    }

    /// The number of the line of a core with that shape.
    pub(super) fn number(&self, core: u32, shape: Shape) -> u32 {
        let shape = self.shapes.number(shape);
        self.numbers.of(pair(core, shape), || {
            self.lines.add(Line {
                core,
                shape,
                stretch: OnceLock::new(),
            })
        })
    }
}
