//! A finding as a run by itself, as small as it can be made.

use super::expand::LIVELOCK;
use super::observer::{End, Observer, Step};
use super::properties::{Breach, Properties};
use super::search::Found;
use crate::kubelet::Loops;
use crate::runtime::{Choice, ChoicePoint, Choices, Opening, Replayed, Trace, Window};
use crate::sim::{Advance, Model};
use crate::time::Time;
use crate::timeline::Timeline;

/// A run in which a property breaks.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// What breaks, when and how.
    pub breach: Breach,
    /// The loops of the kubelet that the run begins with.
    pub loops: Loops,
    /// The choices of the run, for [`Replayed::without_latencies`].
    pub trace: Trace,
    /// How many of them are faults.
    pub faults: u32,
    /// Steps until it breaks, the pod's creation first.
    pub depth: u32,
}

impl Properties {
    /// Runs a model with these choices until it is over or at `until`, and gives what breaks first
    /// of each property, with the number of the step.
    pub fn replay(
        &self,
        model: &Model,
        loops: Loops,
        choices: &mut dyn Choices,
        until: Time,
    ) -> Vec<(Breach, u32)> {
        let mut observer = self.clone();
        let mut found = Vec::new();
        let mut breaches: Vec<(Breach, u32)> = Vec::new();
        let (mut world, mut log) = (model.world_with(loops), Timeline::new());
        let (mut depth, mut spin) = (0, 0);
        loop {
            let before = world.clone();
            log.clear();
            let mut end = None;
            if depth == 0 {
                model.create(&mut world, choices, &mut log);
            } else if model.advance(&mut world, choices, &mut log) == Advance::Quiescent {
                end = Some(End::Quiescent);
            } else if world.now == before.now {
                spin += 1;
            } else {
                spin = 0;
            }
            depth += 1;
            let end = end.or_else(|| (spin >= LIVELOCK).then_some(End::Livelock));
            let step = Step {
                model,
                before: &before,
                world: &world,
                entries: log.entries(),
                end,
            };
            observer.see(&step, &mut found);
            for breach in found.drain(..) {
                if !breaches
                    .iter()
                    .any(|(known, _)| known.number == breach.number)
                {
                    breaches.push((breach, depth));
                }
            }
            if end.is_some() || world.now > until {
                return breaches;
            }
        }
    }

    /// The smallest run like that of a finding: with the same property, no more faults and no more
    /// steps, but open things happen as early as they may, or else at whole seconds. `None` if the
    /// finding is not one of this model and these properties.
    #[must_use]
    pub fn shrink(&self, model: &Model, found: &Found<Breach>) -> Option<Counterexample> {
        let (number, loops) = (found.finding.number, found.loops);
        let attempt = |trace: &Trace, at: Time| {
            let mut choices = Noted {
                choices: Replayed::new(trace.clone()).without_latencies(),
                made: Vec::new(),
            };
            let breaches = self.replay(model, loops, &mut choices, at);
            let mut breaches = breaches.into_iter();
            let (breach, depth) = breaches.find(|(breach, _)| breach.number == number)?;
            let made = choices.made;
            Some((breach, depth, made))
        };
        let (mut breach, mut depth, mut made) = attempt(&found.trace, found.at)?;
        let mut trace = found.trace.clone();
        let mut nth = 0;
        while nth < trace.0.len() {
            for smaller in smaller(trace.0[nth], made.get(nth).copied()) {
                let mut tried = trace.clone();
                tried.0[nth] = smaller;
                // Later than before it may not break, nor after more steps.
                if let Some(better) = attempt(&tried, found.at).filter(|tried| tried.1 <= depth) {
                    (breach, depth, made) = better;
                    trace = tried;
                    break;
                }
            }
            nth += 1;
        }
        // Where the list ends everything is nominal.
        while let Some(Choice::Pick(0) | Choice::Wait) = trace.0.last() {
            trace.0.pop();
        }
        let faults = faults(&trace);
        Some(Counterexample {
            breach,
            loops,
            trace,
            faults,
            depth,
        })
    }
}

/// How many choices of a run are faults.
fn faults(trace: &Trace) -> u32 {
    let picks = trace.0.iter();
    picks
        .filter(|choice| matches!(choice, Choice::Pick(1..)))
        .count() as u32
}

/// What may stand in place of a choice that was made at that moment, the smallest first.
fn smaller(choice: Choice, made: Option<Time>) -> Vec<Choice> {
    match choice {
        Choice::Wait | Choice::Pick(0) => Vec::new(),
        Choice::Pick(index) => (0..index).map(Choice::Pick).collect(),
        Choice::Open { index, after } => {
            let now = made.unwrap_or(Time::START);
            let whole = now.plus_millis(after).whole_second();
            let whole = (whole >= now).then(|| whole.millis_since(now));
            let all = [Some(0), whole, Some(after - after % 1000)];
            let all = all.into_iter().flatten().filter(|&less| less < after);
            all.map(|after| Choice::Open { index, after }).collect()
        }
    }
}

/// Notes when each choice was made.
struct Noted {
    choices: Replayed,
    made: Vec<Time>,
}

impl Choices for Noted {
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize {
        self.made.push(point.at);
        self.choices.pick(point, weights)
    }

    fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.choices.place(point, window)
    }

    fn lengthen(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.choices.lengthen(point, window)
    }

    fn happens(
        &mut self,
        now: Time,
        next: Option<Time>,
        open: &[Opening],
    ) -> Option<(usize, Time)> {
        self.made.push(now);
        self.choices.happens(now, next, open)
    }
}
