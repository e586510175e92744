//! A pod, and a load balancer that learns of it later than the API.

use crate::pod::Pod;
use podclock::runtime::Trace;
use podclock::sim::{View, World, holds};
use stateright::{Model, Path, Property};
use std::time::Duration;

/// Milliseconds until the load balancer has heard of a change, at most.
const LAG: u64 = 3000;

/// The pod, and the load balancer in front of it.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) pod: Pod,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// Canonical: its moments are shifted, and say nothing about those of another state.
    world: Option<World>,
    /// Whether the load balancer sends requests.
    sends: bool,
    /// For how many milliseconds it has been wrong. A length, for a moment would be of no use.
    late: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// The pod makes its next step, by these choices.
    Pod(Trace),
    /// The load balancer hears of the pod.
    Hear,
}

impl Model for Service {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            world: None,
            sends: false,
            late: 0,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let steps = self.pod.steps(state.world.as_ref());
        actions.extend(steps.into_iter().map(Action::Pod));
        if state.is_wrong() {
            actions.push(Action::Hear);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Hear => next.sends = state.may_send(),
            Action::Pod(step) => {
                let world = self.pod.after(state.world.as_ref(), &step)?;
                next.late += elapsed(state, &world);
                // It takes too long: the load balancer hears of the pod before.
                if state.is_wrong() && next.late > LAG {
                    return None;
                }
                next.world = Some(self.pod.model.canonical(&world));
            }
        }
        if !(state.is_wrong() && next.is_wrong()) {
            next.late = 0;
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let kept = |service: &Self, state: &State| !state.sends || service.runs(state);
        vec![Property::always(Self::SERVED, kept)]
    }
}

impl State {
    /// What the endpoints of a service say: the pod is ready, and nobody has asked for its deletion.
    fn may_send(&self) -> bool {
        let object = self.world.as_ref().map(|world| &world.pod.object);
        object.is_some_and(|object| {
            object.exists && object.status.is_ready() && object.deletion.is_none()
        })
    }

    fn is_wrong(&self) -> bool {
        self.sends != self.may_send()
    }
}

/// How many milliseconds a step takes. The clocks of two worlds can be compared within one step, and
/// nowhere else.
fn elapsed(before: &State, after: &World) -> u64 {
    let before = before.world.as_ref().map_or(after.now, |world| world.now);
    after.now.millis_since(before)
}

impl Service {
    pub(crate) const SERVED: &str = "where requests go, there is a process";

    fn runs(&self, state: &State) -> bool {
        let model = &self.pod.model;
        let world = state.world.as_ref();
        world.is_some_and(|world| holds::running("app").in_view(&View { model, world }))
    }

    /// The pod's choices along a path, which make a run of its model, and how long it takes.
    pub(crate) fn pods_run(&self, path: Path<State, Action>) -> (Trace, Duration) {
        let (mut choices, mut took) = (Trace::default(), 0);
        for (state, action) in path.into_vec() {
            if let Some(Action::Pod(step)) = action {
                let world = self.pod.after(state.world.as_ref(), &step);
                took += world.map_or(0, |world| elapsed(&state, &world));
                choices.0.extend(step.0);
            }
        }
        (choices, Duration::from_millis(took))
    }
}
