//! Which of the kubelet's goroutines are ready to run at this instant, and in which order.
//!
//! Nothing at Kubernetes promises an order at one instant; Go's scheduler gives one, and the
//! recordings were made under it: who is woken last runs next, and puts whoever was to run next at
//! the end of the queue (ND-4 … ND-9).

use super::pack::{Pack, Packer, Unpacker};
use super::timers::Timer;
use crate::spec::{ContainerId, ProbeKind};
use smallvec::SmallVec;

/// One of the kubelet's goroutines that work on the pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// The sync loop has something in its channels.
    SyncLoop,
    /// The pod worker has an update, or the relist that it waited for.
    Worker,
    /// The status manager has something to write.
    Writer,
    /// A probe worker has just been made, or has been triggered.
    Probe(ContainerId, ProbeKind),
    /// A container's kill has been begun, or its process has ended.
    Kill(ContainerId),
    /// PLEG has been asked for a relist of the pod.
    Relist,
    /// A timer has gone off: whoever waited for it.
    Fire(Timer),
}

impl Task {
    /// Whether both are turns of one goroutine.
    fn is_whose(self, other: Self) -> bool {
        let probes = |task| match task {
            Self::Fire(Timer::Probe(id, kind)) => Self::Probe(id, kind),
            other => other,
        };
        probes(self) == probes(other)
    }
}

/// The run queue. Empty whenever an instant has come to rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ready {
    next: Option<Task>,
    queue: SmallVec<[Task; 4]>,
}

impl Ready {
    /// Whether nobody is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next.is_none() && self.queue.is_empty()
    }

    /// Nobody is any more.
    pub(super) fn clear(&mut self) {
        self.next = None;
        self.queue.clear();
    }

    /// Everybody who is ready, in order.
    pub fn tasks(&self) -> impl Iterator<Item = Task> {
        self.next.iter().chain(&self.queue).copied()
    }

    /// Whether nobody is ready but probe workers whose timers have gone off, and who queue.
    #[inline]
    pub(super) fn are_probes(&self) -> bool {
        let probe = |task: &Task| matches!(task, Task::Fire(Timer::Probe(..)));
        self.next.is_none() && self.queue.iter().all(probe)
    }

    /// Takes one out of turn. Returns whether it was ready.
    pub(super) fn take(&mut self, task: Task) -> bool {
        if self.next == Some(task) {
            self.next = None;
            return true;
        }
        let found = self.queue.iter().position(|&known| known == task);
        found.map(|index| self.queue.remove(index)).is_some()
    }

    /// Wakes a goroutine; one that is awake already stays where it is.
    pub(super) fn wake(&mut self, task: Task) {
        if !self.tasks().any(|awake| awake.is_whose(task)) {
            self.queue.extend(self.next.replace(task));
        }
    }

    /// Puts a goroutine at the end of the queue.
    pub(super) fn queue(&mut self, task: Task) {
        self.queue.push(task);
    }

    /// A goroutine that is not modelled takes the next turn: whoever was to have it goes to the end
    /// of the queue.
    pub(super) fn give_way(&mut self) {
        self.queue.extend(self.next.take());
    }

    pub(super) fn pop(&mut self) -> Option<Task> {
        self.next
            .take()
            .or_else(|| (!self.queue.is_empty()).then(|| self.queue.remove(0)))
    }
}

impl Pack for Ready {
    fn pack(&self, to: &mut Packer) {
        let Self { next, queue } = self;
        to.put(next);
        to.put(queue);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Self {
        Self {
            next: from.take(),
            queue: from.take(),
        }
    }
}
