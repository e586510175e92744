//! What the pod machine is told.

use super::Text;
use super::output::Token;
use super::ready::Task;
use super::timers::Timer;

/// One thing that happens to the pod machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The pod object appears, bound to this node.
    Created,
    /// A client replaces the specification by the revision with that index.
    Updated {
        /// Index into the pod's revisions.
        revision: u8,
    },
    /// A client's update is refused by the API server; nothing changes but the record of it.
    UpdateRefused {
        /// The server's words.
        error: Text,
    },
    /// A client deletes the pod.
    DeletionRequested {
        /// `gracePeriodSeconds` of the request, if it has one.
        grace: Option<i64>,
    },
    /// Somebody other than the kubelet sets a pod condition, such as a readiness gate's.
    ConditionSet {
        /// Index into the pod's foreign condition types.
        condition: u8,
        /// Its new status.
        status: ConditionStatus,
    },
    /// The kubelet's process ends.
    KubeletStopped,
    /// The kubelet's process starts again.
    KubeletStarted,
    /// The runtime's answer to a request.
    Replied(Token, Outcome),
    /// The die that the kubelet has thrown in the step before: its worker's next turn is due that
    /// many milliseconds from now.
    Requeued {
        /// Milliseconds.
        after: u64,
    },
    /// One of the timers that are due fires, out of turn. Ignored if it is not due.
    Fired(Timer),
    /// One of the goroutines that are ready runs, out of turn. Ignored if it is not ready.
    Turn(Task),
    /// A moment named by [`next_deadline`](super::Pod::next_deadline) has come. Harmless at any other time.
    Deadline,
}

/// Status of a pod condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionStatus {
    /// `"True"`
    True,
    /// `"False"`
    False,
    /// `"Unknown"`
    Unknown,
}

/// The runtime's answer to one [`Request`](super::Request).
// Its tag is a whole word, so that it is handed on in words: every probe has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Outcome {
    /// Sandbox, pull, create or start: done.
    Done,
    /// Sandbox, pull, create or start: failed with that message.
    Failed(Text),
    /// The process ended, by itself or at the stop signal.
    Exited {
        /// Exit code.
        code: i32,
        /// Whether the kernel killed it for its memory.
        oom: bool,
    },
    /// A command in the container (hook or probe) ended with that code; a probe that is no command
    /// succeeds with 0 and fails with any other.
    Ran {
        /// Exit code; 0 is success.
        code: i32,
        /// What it printed.
        output: Text,
    },
    /// A hook or probe could not be run at all: an error, which for probes is not counted (PROBE-31).
    CannotRun(Text),
    /// The container has no process to run a hook or probe in.
    NotRunning,
}
