//! Container garbage collection.
//!
//! Source: `kuberuntime/kuberuntime_gc.go` (TIME-19).

use super::event::{Event, SandboxEvent};
use super::look::Look;
use super::runtime_status::{RunId, RuntimeStatus};
use super::state::{GC_PERIOD, PodState, tick_from};
use super::step::Step;
use super::timers::Timer;
use super::{Pace, Pod};
use crate::time::Time;
use smallvec::SmallVec;

impl Look<'_, '_> {
    /// When a collection would remove anything.
    pub(super) fn gc_deadline(self) -> Option<Time> {
        self.has_garbage().then(|| {
            let now = self.state.now;
            self.loop_tick(self.state.loops.gc, GC_PERIOD, now, Timer::Collection)
        })
    }

    /// Whether there is anything to remove, and somebody to do it.
    fn has_garbage(self) -> bool {
        let idle = self.state.runtime.runs.is_empty() && self.state.runtime.sandboxes.is_empty();
        self.state.kubelet.up
            && !idle
            && self.may_have_garbage()
            && (!self.garbage_runs().is_empty() || !self.garbage_sandboxes().is_empty())
    }

    /// Whether there is anything at all that is not in use.
    fn may_have_garbage(self) -> bool {
        let RuntimeStatus { sandboxes, runs } = &self.state.runtime;
        runs.iter().any(|run| !run.is_running()) || sandboxes.iter().any(|sandbox| !sandbox.ready)
    }

    /// All but the newest run that does not run, of each container; oldest first.
    fn garbage_runs(self) -> SmallVec<[RunId; 2]> {
        let kept = usize::from(!self.content_may_go());
        let mut garbage = SmallVec::new();
        for id in self.machine.spec(0).ids() {
            let idle = self.state.runtime.newest_first(id);
            let from = garbage.len();
            garbage.extend(
                idle.filter(|run| !run.is_running())
                    .skip(kept)
                    .map(|run| run.id),
            );
            garbage[from..].reverse();
        }
        garbage
    }

    /// All but the newest sandbox, of those that are down and empty; oldest first.
    fn garbage_sandboxes(self) -> SmallVec<[u32; 1]> {
        let RuntimeStatus { sandboxes, runs } = &self.state.runtime;
        let kept = usize::from(!self.content_may_go());
        let last = sandboxes.len().saturating_sub(kept);
        let old = sandboxes.iter().take(last);
        let empty = |attempt| !runs.iter().any(|run| run.sandbox == attempt);
        old.filter(|sandbox| !sandbox.ready && empty(sandbox.attempt))
            .map(|sandbox| sandbox.attempt)
            .collect()
    }
}

impl Pod<'_> {
    /// How many milliseconds the next collection is away. `None` where nothing ticks, nobody collects, or
    /// the first one is a period or more away.
    pub(super) fn next_collection(&self, state: &PodState) -> Option<u16> {
        if self.pace != Pace::Ticking || !state.kubelet.up {
            return None;
        }
        let next = tick_from(state.loops.gc, GC_PERIOD, state.now);
        let away = next.millis_since(state.now);
        (away < GC_PERIOD).then_some(away as u16)
    }

    /// Whether the next collection would find something as things are: it is a deadline like others. Not
    /// asked where nothing ticks.
    pub(crate) fn awaits_collection(&self, state: &PodState) -> bool {
        let machine = self;
        self.pace == Pace::Ticking && Look { machine, state }.has_garbage()
    }
}

/// How far away the next collection is, so many milliseconds later.
pub(super) const fn collection_after(away: u16, elapsed: u64) -> u16 {
    let over = elapsed % GC_PERIOD;
    let away = away as u64;
    let wait = if over > away { GC_PERIOD } else { 0 };
    (away + wait - over) as u16
}

impl Step<'_, '_> {
    pub(super) fn collect_garbage(&mut self) {
        for run in self.look().garbage_runs() {
            self.remove_run(run);
        }
        for attempt in self.look().garbage_sandboxes() {
            self.stop_sandbox(attempt);
            self.change_runtime()
                .sandboxes
                .retain(|sandbox| sandbox.attempt != attempt);
            self.out
                .events
                .push(Event::Sandbox(SandboxEvent::Removed { attempt }));
        }
    }
}
