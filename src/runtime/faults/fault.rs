//! What may be answered instead of the nominal.

use super::menu::Alternative;
use crate::kubelet::{Outcome, Text, Verb};
use crate::runtime::{Reply, Window};
use crate::spec::ProbeKind;

/// What a probe, a hook, a pull or a start comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It goes well.
    Success,
    /// The probe or hook ran and says no; what is no command in a container cannot be done.
    Failure,
    /// It cannot be run at all, which for probes is not counted (PROBE-31); what is no command in
    /// a container cannot be done.
    Error,
    /// Nothing comes. Probes run into their timeout, hooks into the end of the grace period.
    Hang,
}

impl Answer {
    /// The same within a window from the request on; at once by default. What never comes takes no
    /// notice of it.
    #[must_use]
    pub fn after(self, window: Window) -> Fault {
        Fault::from(self).after(window)
    }

    /// The same with that weight under a seed; 1 by default.
    #[must_use]
    pub fn weighing(self, weight: u32) -> Fault {
        Fault::from(self).weighing(weight)
    }
}

/// An [`Answer`] with its window and weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is answered.
    pub answer: Answer,
    /// When, from the request on.
    pub after: Window,
    /// How likely under a seed, against the other alternatives.
    pub weight: u32,
}

impl From<Answer> for Fault {
    fn from(answer: Answer) -> Self {
        let after = Window::NOW;
        let weight = 1;
        Self {
            answer,
            after,
            weight,
        }
    }
}

impl Fault {
    /// The same within a window from the request on.
    #[must_use]
    pub const fn after(mut self, window: Window) -> Self {
        self.after = window;
        self
    }

    /// The same with that weight.
    #[must_use]
    pub const fn weighing(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    pub(super) fn to(self, verb: Verb) -> Alternative {
        let command = matches!(verb, Verb::Probe(_) | Verb::PostStart | Verb::PreStop);
        let outcome = match (self.answer, command) {
            (Answer::Hang, _) => None,
            (Answer::Success, true) => Some(ran(0, Text::EMPTY)),
            (Answer::Success, false) => Some(Outcome::Done),
            (Answer::Failure, true) => Some(ran(1, text(verb, FAILURE))),
            (Answer::Error, true) => Some(Outcome::CannotRun(text(verb, ERROR))),
            (Answer::Failure | Answer::Error, false) => Some(Outcome::Failed(text(verb, FAILURE))),
        };
        let after = match outcome {
            None => Window::NOW,
            Some(_) => self.after,
        };
        Alternative {
            weight: self.weight,
            reply: Reply { outcome, after },
        }
    }
}

/// The end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code.
    pub code: i32,
    /// Whether the kernel kills it for its memory.
    pub oom: bool,
    /// When, from its start on, or from the stop signal on.
    pub after: Window,
    /// How likely under a seed, against the other alternatives.
    pub weight: u32,
}

impl From<i32> for Exit {
    /// With that code, at any moment or never.
    fn from(code: i32) -> Self {
        Self {
            code,
            oom: false,
            after: Window::ANY,
            weight: 1,
        }
    }
}

impl Exit {
    /// The kernel kills it for its memory, at any moment or never.
    pub const OOM: Self = Self {
        code: 137,
        oom: true,
        after: Window::ANY,
        weight: 1,
    };

    /// The same within a window.
    #[must_use]
    pub const fn after(mut self, window: Window) -> Self {
        self.after = window;
        self
    }

    /// The same with that weight.
    #[must_use]
    pub const fn weighing(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    pub(super) const fn alternative(self) -> Alternative {
        let Self {
            code,
            oom,
            after,
            weight,
        } = self;
        Alternative {
            weight,
            reply: Reply {
                outcome: Some(Outcome::Exited { code, oom }),
                after,
            },
        }
    }
}

const fn ran(code: i32, output: Text) -> Outcome {
    Outcome::Ran { code, output }
}

/// Texts from here on are a menu's own; those before are of the runtime inside.
const FIRST: u32 = 1 << 31;
const FAILURE: u32 = 0;
const ERROR: u32 = 1;

/// The words of a failure and those of an error.
const fn both(verb: Verb) -> [&'static str; 2] {
    match verb {
        Verb::RunSandbox => ["no network"; 2],
        Verb::PullImage => ["no such image"; 2],
        Verb::CreateContainer => ["bad config"; 2],
        Verb::StartContainer => ["no such command"; 2],
        Verb::Run | Verb::StopContainer => [""; 2],
        Verb::PostStart => ["post_start says no", "cannot exec"],
        Verb::PreStop => ["pre_stop says no", "cannot exec"],
        Verb::Probe(ProbeKind::Startup) => ["startup says no", "probe cannot run"],
        Verb::Probe(ProbeKind::Readiness) => ["readiness says no", "probe cannot run"],
        Verb::Probe(ProbeKind::Liveness) => ["liveness says no", "probe cannot run"],
    }
}

fn text(verb: Verb, column: u32) -> Text {
    Text(FIRST + u32::from(verb.code()) * 2 + column)
}

/// The words behind one of these texts.
pub(super) fn words(text: Text) -> Option<&'static str> {
    let place = text.0.checked_sub(FIRST)?;
    let verb = VERBS
        .into_iter()
        .find(|verb| u32::from(verb.code()) == place / 2)?;
    Some(both(verb)[(place % 2) as usize])
}

const VERBS: [Verb; 9] = [
    Verb::RunSandbox,
    Verb::PullImage,
    Verb::CreateContainer,
    Verb::StartContainer,
    Verb::PostStart,
    Verb::PreStop,
    Verb::Probe(ProbeKind::Startup),
    Verb::Probe(ProbeKind::Readiness),
    Verb::Probe(ProbeKind::Liveness),
];
