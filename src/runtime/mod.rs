//! Who answers the machine's requests: the [`Runtime`] and the [`Choices`].

mod app;
mod chacha;
mod choices;
mod faults;
mod script;
mod trace;
mod window;

pub use app::{App, Apps};
pub use choices::{ChoicePoint, Choices, Nominal, Opening, Seeded};
pub use faults::{Alternative, Answer, Exit, Fault, Faults, Menu, NOMINAL_WEIGHT};
pub use script::{
    Attempt, ExitPlan, Failure, HookPlan, ProbePiece, ProbeVerdict, Probed, Pull, SandboxPlan,
    Script, TermPlan,
};
pub(crate) use trace::Narrowing;
pub use trace::{Choice, ParseTraceError, Recorded, Replayed, Trace};
pub use window::{ParseWindowError, Window};

use crate::kubelet::{Memory, Outcome, Request, Text};
use crate::spec::{Container, PodSpec};
use crate::time::Time;

/// What the world outside the kubelet would answer: the container runtime, and the application in
/// its containers.
///
/// An answer is a function of the call and of the choices made, hence `&self`: the same model can
/// be run, replayed and explored. What every runtime does is not asked: a container that ignores
/// the stop signal is killed when its time is up, and commands die with their container.
///
/// ```
/// use podclock::kubelet::{Outcome, Text, Verb};
/// use podclock::runtime::{Call, Choices, Reply, Runtime};
/// use std::time::Duration;
///
/// /// Starts in two seconds, runs for ever, obeys the stop signal after one more.
/// #[derive(Debug)]
/// struct Slow;
///
/// impl Runtime for Slow {
///     fn reply(&self, call: &Call<'_>, _: &mut dyn Choices) -> Reply {
///         match call.request.token.verb {
///             Verb::StartContainer => Reply::after(Duration::from_secs(2), Outcome::Done),
///             Verb::Run => Reply::never(),
///             Verb::StopContainer => {
///                 let exit = Outcome::Exited { code: 0, oom: false };
///                 Reply::after(Duration::from_secs(1), exit)
///             }
///             _ => Reply::now(Outcome::Done),
///         }
///     }
/// }
/// ```
pub trait Runtime: std::fmt::Debug + Send + Sync {
    /// The answer to one request.
    fn reply(&self, call: &Call<'_>, choices: &mut dyn Choices) -> Reply;

    /// The words behind a [`Text`] that this runtime has answered with.
    fn text(&self, text: Text) -> &str {
        let _ = text;
        ""
    }

    /// What of the past its answers depend on. Worlds that differ in nothing else are one to a
    /// search.
    fn memory(&self) -> Memory {
        Memory::ALL
    }
}

impl<R: Runtime + ?Sized> Runtime for std::sync::Arc<R> {
    fn reply(&self, call: &Call<'_>, choices: &mut dyn Choices) -> Reply {
        (**self).reply(call, choices)
    }

    fn text(&self, text: Text) -> &str {
        (**self).text(text)
    }

    fn memory(&self) -> Memory {
        (**self).memory()
    }
}

/// One request with what it is about.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The request.
    pub request: &'a Request,
    /// The pod's specification.
    pub pod: &'a PodSpec,
    /// When the request is made. It names [choices](Call::point) and nothing else: an answer that
    /// depends on it is another one in the canonical world.
    pub now: Time,
}

impl<'a> Call<'a> {
    /// The container that the request is about; `None` for the sandbox.
    #[must_use]
    pub fn container(&self) -> Option<&'a Container> {
        let id = self.request.token.container?;
        self.pod.containers.get(id.index())
    }

    /// The point of the choice that the runtime itself has about this call.
    #[must_use]
    pub const fn point(&self) -> ChoicePoint {
        ChoicePoint {
            token: self.request.token,
            at: self.now,
            aspect: 0,
        }
    }
}

/// An answer, with the window of time in which it may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What is answered; `None`: nothing, ever.
    pub outcome: Option<Outcome>,
    /// How long after the request.
    pub after: Window,
}

impl Reply {
    /// At once.
    #[must_use]
    pub const fn now(outcome: Outcome) -> Self {
        Self {
            outcome: Some(outcome),
            after: Window::NOW,
        }
    }

    /// After exactly that long.
    #[must_use]
    pub fn after(delay: std::time::Duration, outcome: Outcome) -> Self {
        Self {
            outcome: Some(outcome),
            after: Window::exactly(delay),
        }
    }

    /// No answer, ever: it hangs, or runs until it is stopped.
    #[must_use]
    pub const fn never() -> Self {
        Self {
            outcome: None,
            after: Window::NOW,
        }
    }
}
