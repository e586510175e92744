//! Choices that go through every alternative, one after the other.

use super::instants::{Candidates, Instants};
use crate::runtime::{Choice, ChoicePoint, Choices, Narrowing, Opening, Trace, Window};
use crate::time::Time;
use smallvec::SmallVec;

/// One decision that was made, with how many there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decision {
    index: u32,
    of: u32,
    fault: bool,
    choice: Choice,
}

/// What happens first in a branch, of things whose moment is open, or that none of them does; nothing
/// is decided where there are none. Whatever the machine does is done before the next decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beginning(Option<Decision>);

/// Makes the choices of one step, and after it those of its next sibling: until all have been
/// made.
///
/// ```
/// use podclock::explore::{Branching, Instants};
/// use podclock::runtime::{Nominal, Script};
/// use podclock::sim::Model;
/// use podclock::timeline::Timeline;
/// use podclock::{Profile, manifest};
///
/// # let text = include_str!("../../fixtures/manifests/pod-minimal.yaml");
/// # let profile = Profile::default();
/// # let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// let model = Model::new(pod, profile.rules(), Script::new());
/// let mut parent = model.world();
/// model.create(&mut parent, &mut Nominal, &mut Timeline::discard());
/// let mut branching = Branching::new(Instants::Corners);
/// let mut children = 0;
/// while branching.next() {
///     let mut child = parent.clone();
///     model.advance(&mut child, &mut branching, &mut Timeline::discard());
///     children += 1;
/// }
/// // A script leaves nothing open.
/// assert_eq!(children, 1);
/// # Ok::<(), manifest::ManifestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Branching {
    instants: Instants,
    windows: Narrowing,
    /// The decisions to be made again, and what has been decided after them.
    taken: SmallVec<[Decision; 8]>,
    made: usize,
    begun: bool,
    /// How many of the first decisions stay as they are.
    fixed: usize,
    /// What may happen first: the same for all siblings.
    first: Candidates,
}

impl Branching {
    /// Before the first branch.
    #[must_use]
    pub fn new(instants: Instants) -> Self {
        Self {
            instants,
            windows: Narrowing::new(false),
            taken: SmallVec::new(),
            made: 0,
            begun: false,
            fixed: 0,
            first: Candidates::new(),
        }
    }

    /// The same where answers that are no faults, too, may come at any moment of their windows.
    #[must_use]
    pub const fn with_latencies(mut self, open: bool) -> Self {
        self.windows = Narrowing::new(open);
        self
    }

    /// Turns to the next branch; false if there is none left.
    #[expect(
        clippy::should_implement_trait,
        reason = "it gives nothing but its turn"
    )]
    pub fn next(&mut self) -> bool {
        if !std::mem::replace(&mut self.begun, true) {
            return true;
        }
        self.made = 0;
        self.windows = Narrowing::new(self.windows.latencies);
        while self.taken.len() > self.fixed
            && let Some(last) = self.taken.last_mut()
        {
            if last.index + 1 < last.of {
                last.index += 1;
                return true;
            }
            self.taken.pop();
        }
        false
    }

    /// Starts over, with another parent.
    pub fn reset(&mut self) {
        self.taken.clear();
        self.made = 0;
        self.begun = false;
        self.fixed = 0;
        self.first.clear();
        self.windows = Narrowing::new(self.windows.latencies);
    }

    /// Starts over with another parent, and only those of its branches in which that happens first.
    pub(super) fn reset_to(&mut self, Beginning(decision): Beginning) {
        self.reset();
        self.taken.extend(decision);
        self.fixed = self.taken.len();
    }

    /// What happens first in this branch.
    pub(super) fn beginning(&self) -> Beginning {
        let first = self.taken[..self.made].first();
        let happens = |choice| matches!(choice, Choice::Wait | Choice::Open { .. });
        Beginning(first.filter(|first| happens(first.choice)).copied())
    }

    /// How many of this branch's choices were faults: alternatives other than the nominal one. When
    /// something open happens is none.
    #[must_use]
    pub fn faults(&self) -> u32 {
        let taken = self.taken[..self.made].iter();
        taken.filter(|decision| decision.fault).count() as u32
    }

    /// Adds this branch's choices to a list of them.
    pub fn tell(&self, trace: &mut Trace) {
        let made = &self.taken[..self.made];
        trace.0.extend(made.iter().map(|decision| decision.choice));
    }

    /// The next decision: the one to be made again, or the first alternative.
    fn decide(&mut self, of: usize) -> usize {
        let of = of as u32;
        if self.made == self.taken.len() {
            self.taken.push(Decision {
                index: 0,
                of,
                fault: false,
                choice: Choice::Wait,
            });
        }
        let decision = &mut self.taken[self.made];
        decision.of = of;
        self.made += 1;
        decision.index as usize
    }

    fn note(&mut self, fault: bool, choice: Choice) {
        if let Some(decision) = self.taken.get_mut(self.made - 1) {
            decision.fault = fault;
            decision.choice = choice;
        }
    }
}

impl Choices for Branching {
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize {
        let index = self.decide(weights.len().max(1));
        self.note(index > 0, Choice::Pick(index as u32));
        self.windows.picked(point, index);
        index
    }

    fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.windows.place(point, window)
    }

    fn lengthen(&mut self, _: ChoicePoint, window: Window) -> Window {
        window
    }

    fn happens(
        &mut self,
        now: Time,
        next: Option<Time>,
        open: &[Opening],
    ) -> Option<(usize, Time)> {
        let first = self.made == 0;
        let known = first && !self.first.is_empty();
        let candidates = match known {
            true => std::mem::take(&mut self.first),
            false => self.instants.of(next, open),
        };
        let index = self.decide(candidates.len() + 1);
        let happens = index.checked_sub(1).and_then(|index| candidates.get(index));
        let happens = happens.copied();
        if first {
            self.first = candidates;
        }
        let choice = match happens {
            None => Choice::Wait,
            Some((index, at)) => Choice::Open {
                index: index as u32,
                after: at.millis_since(now),
            },
        };
        self.note(false, choice);
        happens
    }
}
