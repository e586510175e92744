//! What is left open: actions and answers whose moment nobody has decided yet.

use super::action::Action;
use super::model::Model;
use super::world::World;
use crate::kubelet::Token;
use crate::runtime::{ChoicePoint, Choices, Opening, Window};
use crate::time::Time;

/// Something that somebody may do, once, within a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenAction {
    /// What.
    pub action: Action,
    /// When, from the pod's creation.
    pub window: Window,
    /// How likely, against 1 that nobody does it.
    pub weight: u32,
}

/// An open action that will be done, or may be, in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pending {
    /// Not before.
    pub from: Time,
    /// Not after; `None`: perhaps never.
    pub until: Option<Time>,
    /// Index into the model's open actions.
    pub index: u8,
}

/// One of the things whose moment is open in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// An answer.
    Answer(Token),
    /// An action, by its place in [`World::pending`].
    Act(usize),
}

impl World {
    /// Whether any moment is open.
    pub(super) fn has_open(&self) -> bool {
        !self.pending.is_empty() || self.events.iter().any(super::event_list::Notice::is_open)
    }

    /// Everything whose moment is open: answers first.
    pub(super) fn open(&self) -> impl Iterator<Item = (Opening, Open)> {
        let now = self.now;
        let opening = move |from: Time, until| Opening {
            from: from.max(now),
            until,
        };
        let answers = self.events.iter().filter(|notice| notice.is_open());
        let answers = answers
            .map(move |notice| (opening(notice.at, notice.until), Open::Answer(notice.token)));
        let pending = self.pending.iter().enumerate();
        let pending = pending
            .map(move |(place, pending)| (opening(pending.from, pending.until), Open::Act(place)));
        answers.chain(pending)
    }

    /// The first open action that is done at the latest, with its place.
    pub(super) fn last_call(&self) -> Option<(Time, usize)> {
        let pending = self.pending.iter().enumerate();
        let certain = pending.filter_map(|(place, pending)| Some((pending.until?, place)));
        certain.min()
    }
}

impl Model {
    /// The same where somebody may do something at any moment of a window. By default nobody does.
    #[must_use]
    pub fn open(mut self, action: OpenAction) -> Self {
        self.open.push(action);
        self
    }

    /// Decides which open actions are done, and narrows their windows.
    pub(super) fn open_actions(&self, world: &mut World, choices: &mut dyn Choices) {
        for (index, open) in (0..).zip(&self.open) {
            let [whether, when] = ChoicePoint::of_action(index, world.now);
            if choices.pick(whether, &[1, open.weight]) == 0 {
                continue;
            }
            let Window { earliest, latest } = choices.place(when, open.window);
            world.pending.push(Pending {
                from: world.now.plus_millis(earliest),
                until: (latest != u64::MAX).then(|| world.now.plus_millis(latest)),
                index: index as u8,
            });
        }
    }
}
