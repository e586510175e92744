//! Other orders of what happens at one instant.
//!
//! Nothing promises an order to things that happen at one and the same instant: the model has one
//! of its own, and this is how any other is tried.

use super::event_list::Rank;
use super::model::Model;
use super::world::World;
use crate::kubelet::{Input, Task, Timer, Token, Turns};
use crate::runtime::Choices;
use crate::time::Time;
use crate::timeline::Timeline;

/// One thing that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// An answer comes.
    Answer(Token),
    /// Somebody acts.
    Act,
    /// A timer fires.
    Fire(Timer),
    /// A goroutine has its turn.
    Turn(Task),
}

impl Model {
    /// The same model, to be driven by [`Model::moves`] and [`Model::make`].
    #[must_use]
    pub fn move_by_move(mut self) -> Self {
        self.turns = Turns::OneByOne;
        self
    }

    /// Everything that may happen next, at the earliest moment at which anything does. Nothing is
    /// listed that has to wait for something else: whoever asked the runtime something that takes
    /// no time goes on first, and answers that come last do so.
    #[must_use]
    pub fn moves(&self, world: &World) -> Option<(Time, Vec<Move>)> {
        let at = self.next(world)?.max(world.now);
        let answers = |rank| {
            let answers = world.events.at(at);
            answers
                .filter(move |notice| notice.rank == rank)
                .map(|notice| Move::Answer(notice.token))
        };
        if let Some(prompt) = answers(Rank::Prompt).next() {
            return Some((at, vec![prompt]));
        }
        let mut moves: Vec<Move> = world.pod.ready.tasks().map(Move::Turn).collect();
        moves.extend(answers(Rank::Timed));
        let action = self.actions.get(world.actions_done);
        moves.extend(action.filter(|&&(due, _)| due <= at).map(|_| Move::Act));
        let due = self.pod().due(&world.pod, at);
        moves.extend(due.into_iter().map(Move::Fire));
        if moves.is_empty() {
            moves.extend(answers(Rank::Last).next());
        }
        Some((at, moves))
    }

    /// Makes one of the [`Model::moves`]; anything else changes nothing.
    pub fn make(
        &self,
        world: &mut World,
        (at, chosen): (Time, Move),
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) {
        let input = match chosen {
            Move::Answer(token) => match world.events.take(token) {
                Some(notice) => {
                    if notice.rank == Rank::Last {
                        self.pod().rest(&mut world.pod, at);
                    }
                    Input::Replied(token, notice.outcome)
                }
                None => return,
            },
            Move::Act => match self.actions.get(world.actions_done) {
                Some((_, action)) => {
                    world.actions_done += 1;
                    action.input()
                }
                None => return,
            },
            Move::Fire(timer) => Input::Fired(timer),
            Move::Turn(task) => Input::Turn(task),
        };
        world.now = world.now.max(at);
        self.step(world, input, choices, log);
    }
}
