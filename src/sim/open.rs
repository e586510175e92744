//! What is left open: actions and answers whose moment nobody has decided yet.

use super::action::Action;
use super::model::Model;
use super::world::World;
use crate::kubelet::{Input, Token};
use crate::runtime::{ChoicePoint, Choices, Opening, Window};
use crate::time::Time;
use std::time::Duration;

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

impl OpenAction {
    /// Somebody deletes the pod at any moment, with its own grace period.
    pub const DELETE: Self = Self {
        action: Action::DELETE,
        window: Window::ANY,
        weight: 1,
    };
}

/// What the model knows of an open action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    /// It may be done.
    First(OpenAction),
    /// It is done so many milliseconds after the one before it.
    Next(u64, Action),
}

impl Offered {
    pub(super) const fn action(self) -> Action {
        match self {
            Self::First(open) => open.action,
            Self::Next(_, action) => action,
        }
    }
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

/// A delay of the kubelet's that it lengthens at random, as long as nobody has decided by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Die {
    /// It ends no sooner.
    pub from: Time,
    /// It ends no later, and then unless somebody decides.
    pub until: Time,
}

/// One of the things whose moment is open in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// An answer.
    Answer(Token),
    /// An action, by its place in [`World::pending`].
    Act(usize),
    /// The end of a delay that is lengthened at random.
    Die,
}

impl World {
    /// Whether any moment is open.
    pub(super) fn has_open(&self) -> bool {
        !self.pending.is_empty()
            || self.die.is_some()
            || self.events.iter().any(super::event_list::Notice::is_open)
    }

    /// Everything whose moment is open: answers first, the kubelet's die last.
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
        let die = self
            .die
            .map(|die| (opening(die.from, Some(die.until)), Open::Die));
        answers.chain(pending).chain(die)
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
        self.open.push(Offered::First(action));
        self
    }

    /// The same where the open action added last, if it is done, is followed by another after
    /// exactly that long: the kubelet that was stopped is started again.
    #[must_use]
    pub fn then(mut self, after: Duration, action: Action) -> Self {
        let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        self.open.push(Offered::Next(after, action));
        self
    }

    /// Decides which open actions are done, and narrows their windows.
    pub(super) fn open_actions(&self, world: &mut World, choices: &mut dyn Choices) {
        for (index, offered) in (0..).zip(&self.open) {
            let Offered::First(open) = offered else {
                continue;
            };
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

    /// Does the open action at that place of the pending ones.
    pub(super) fn act(&self, world: &mut World, place: usize) -> Input {
        let Pending { index, .. } = world.pending.remove(place);
        let next = index.saturating_add(1);
        if let Some(&Offered::Next(after, _)) = self.open.get(usize::from(next)) {
            let at = world.now.plus_millis(after);
            world.pending.insert(
                place,
                Pending {
                    from: at,
                    until: Some(at),
                    index: next,
                },
            );
        }
        self.open[usize::from(index)].action().input()
    }
}
