//! One pod, step by step, for stateright.

use podclock::explore::{Branching, Instants};
use podclock::runtime::{Replayed, Trace};
use podclock::sim::{Advance, Model, World};
use podclock::timeline::Timeline;
use stateright::Property;

/// A pod whose every choice is left to a checker.
#[derive(Debug)]
pub(crate) struct Pod {
    /// Its specification, its kubelet, its runtime with what may go wrong, and who acts on it.
    pub(crate) model: Model,
    /// Which moments are tried for what may happen at any.
    pub(crate) instants: Instants,
}

impl Pod {
    /// All that may happen next, each by the choices that lead there. Where there is no world yet the
    /// pod is created.
    pub(crate) fn steps(&self, world: Option<&World>) -> Vec<Trace> {
        let mut branching = Branching::new(self.instants);
        let mut steps = Vec::new();
        let mut next = self.model.world();
        while branching.next() {
            let mut log = Timeline::discard();
            match world {
                None => self
                    .model
                    .create(&mut self.model.world(), &mut branching, &mut log),
                Some(world) => {
                    next.clone_from(world);
                    self.model.advance(&mut next, &mut branching, &mut log);
                }
            }
            let mut choices = Trace::default();
            branching.tell(&mut choices);
            steps.push(choices);
        }
        steps
    }

    /// The world after one of these steps; none if nothing will ever happen again. Its clock goes on
    /// from that of the world before it. It has to be made [canonical](Model::canonical) before it is
    /// kept, for otherwise no two moments are alike and there is no end to them.
    pub(crate) fn after(&self, world: Option<&World>, step: &Trace) -> Option<World> {
        let mut choices = Replayed::new(step.clone()).without_latencies();
        let mut log = Timeline::discard();
        let mut next = world.cloned().unwrap_or_else(|| self.model.world());
        if world.is_none() {
            self.model.create(&mut next, &mut choices, &mut log);
        } else if self.model.advance(&mut next, &mut choices, &mut log) == Advance::Quiescent {
            return None;
        }
        Some(next)
    }
}

/// The pod alone: a state is its canonical world, or that nobody has created it yet.
impl stateright::Model for Pod {
    type State = Option<World>;
    type Action = Trace;

    fn init_states(&self) -> Vec<Self::State> {
        vec![None]
    }

    fn actions(&self, world: &Self::State, steps: &mut Vec<Trace>) {
        steps.extend(self.steps(world.as_ref()));
    }

    fn next_state(&self, world: &Self::State, step: Trace) -> Option<Self::State> {
        let next = self.after(world.as_ref(), &step)?;
        Some(Some(self.model.canonical(&next)))
    }

    /// A checker without anything to check stops at once.
    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("nothing is claimed", |_, _| true)]
    }
}
