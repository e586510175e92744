//! Lines: worlds that differ only in how long a back-off has been kept.

use super::catalogue::{Catalogue, Recent};
use super::numbers::Index;
use super::shelves::{Room, Shelves};
use super::table::spread;
use crate::kubelet::Shape;
use smallvec::SmallVec;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Worlds of one core whose crashes have one shape.
#[derive(Debug)]
pub(super) struct Line {
    /// Numbers of both.
    pub(super) core: u32,
    pub(super) shape: u32,
    /// Whether somebody has gone on from there, and then the stretch that is known: half of all lines
    /// have only one world, and need none.
    first: AtomicU32,
}

/// Nobody has gone on from a line.
const NEW: u32 = u32::MAX;

/// There is no stretch, or none behind another.
const NONE: u32 = u32::MAX - 1;

/// A part of a line in which the same happens next.
#[derive(Debug)]
struct Stretch {
    /// From this place on to that one.
    from: u16,
    to: u16,
    /// The number of another.
    next: AtomicU32,
    steps: Steps,
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

/// What one thread has at hand.
#[derive(Debug, Default)]
pub(super) struct AtHand {
    shapes: Recent,
    lines: Room,
    stretches: Room,
}

/// Every line that a search has come to, by number.
#[derive(Debug)]
pub(super) struct Lines {
    index: Index,
    lines: Shelves<Line>,
    shapes: Catalogue<Shape>,
    stretches: Shelves<Stretch>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            index: Index::default(),
            lines: Shelves::new(),
            shapes: Catalogue::new(),
            stretches: Shelves::new(),
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
    pub(super) fn number(&self, core: u32, shape: Shape, hand: &mut AtHand) -> u32 {
        let shape = self.shapes.number(shape, &mut hand.shapes);
        let hash = spread(u64::from(core) << u32::BITS | u64::from(shape));
        let is = |&(core, shape): &(u32, u32), number| {
            let line = self.lines.get(number);
            line.is_some_and(|line| line.core == core && line.shape == shape)
        };
        self.index.of((hash, (core, shape)), is, |(core, shape)| {
            let first = AtomicU32::new(NEW);
            self.lines
                .add_in(&mut hand.lines, Line { core, shape, first })
        })
    }

    /// What happens next at a place of a line, if that is known.
    #[inline]
    pub(super) fn steps(&self, line: &Line, age: u16) -> Option<&[LineStep]> {
        let mut number = line.first.load(Ordering::Relaxed);
        loop {
            let stretch = self.stretches.get(number)?;
            if stretch.from <= age && age <= stretch.to {
                return Some(&stretch.steps);
            }
            number = stretch.next.load(Ordering::Relaxed);
        }
    }

    /// Has what happens next in a line read, so far as it says something of memory.
    #[inline]
    pub(super) fn touch(&self, number: u32) -> usize {
        let line = self.lines.get(number);
        let first = line.map(|line| line.first.load(Ordering::Relaxed));
        let stretch = first.and_then(|first| self.stretches.get(first));
        stretch.map_or(0, |stretch| stretch.from.into())
    }

    /// Keeps what happens next from one place of a line to another, if this is not the first time that
    /// somebody goes on from there.
    pub(super) fn keep(
        &self,
        line: &Line,
        (from, to): (u16, u16),
        steps: Steps,
        hand: &mut AtHand,
    ) {
        let first = line.first.load(Ordering::Relaxed);
        if first == NEW {
            line.first.store(NONE, Ordering::Relaxed);
            return;
        }
        let stretch = Stretch {
            from,
            to,
            next: AtomicU32::new(first),
            steps,
        };
        let number = self.stretches.add_in(&mut hand.stretches, stretch);
        // If somebody else has kept one at the same time, one of the two is found no more, and kept
        // again when it is missed.
        line.first.store(number, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{AtHand, Landing, LineStep, Lines, Steps};
    use crate::kubelet::{Crashes, Extent};
    use crate::profile::Profile;
    use crate::runtime::Script;
    use crate::sim::Model;

    fn steps(line: u32) -> Steps {
        let step = LineStep {
            elapsed: 0,
            line,
            found: None,
            faults: 0,
            to: Landing::Away(-1),
            ends: false,
            lasting: false,
        };
        Steps::from_slice(&[step])
    }

    /// A stretch is found where it has been kept, and nowhere else; the first one is not kept.
    #[test]
    fn stretches_are_found_where_they_are() {
        let text = include_str!("../../fixtures/manifests/pod-minimal.yaml");
        let profile = Profile::default();
        let read = crate::manifest::parse(text, &profile).into_result();
        let pod = read.expect("a pod").pods[0].spec.clone();
        let model = Model::new(pod, profile.rules(), Script::new());
        let lines = Lines::new();
        let shape = || {
            Crashes::default()
                .shape(&model.pod(), &mut Extent::default())
                .0
        };
        let mut hand = AtHand::default();
        let number = lines.number(7, shape(), &mut hand);
        assert_eq!(lines.number(7, shape(), &mut hand), number);
        assert_ne!(lines.number(8, shape(), &mut hand), number);
        let line = lines.get(number).expect("the line");
        assert!(lines.steps(line, 0).is_none());
        for (from, to) in [(0, 9), (10, 19), (30, 39)] {
            lines.keep(line, (from, to), steps(from.into()), &mut hand);
        }
        for age in 0..50 {
            let found = lines.steps(line, age).map(|steps| steps[0].line);
            let expected = match age {
                10..=19 => Some(10),
                30..=39 => Some(30),
                _ => None,
            };
            assert_eq!(found, expected, "at {age}");
        }
        assert_eq!(Landing::Away(-1).from(5), 4);
        assert_eq!(Landing::At(9).from(5), 9);
    }
}
