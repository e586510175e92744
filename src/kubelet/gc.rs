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
        let idle = self.state.runtime.runs.is_empty() && self.state.runtime.sandboxes.is_empty();
        if !self.state.kubelet.up || idle {
            return None;
        }
        let wanted = self.may_have_garbage()
            && (!self.garbage_runs().is_empty() || !self.garbage_sandboxes().is_empty());
        wanted.then(|| {
            let now = self.state.now;
            self.loop_tick(self.state.loops.gc, GC_PERIOD, now, Timer::Collection)
        })
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
    /// How many milliseconds the next collection is away, if it would find nothing as things are: then
    /// nobody asks for it. `None`: somebody may.
    pub(super) fn idle_collection(&self, state: &PodState) -> Option<u16> {
        let machine = self;
        if self.pace != Pace::Ticking || !state.kubelet.up {
            return None;
        }
        let next = tick_from(state.loops.gc, GC_PERIOD, state.now);
        let away = next.millis_since(state.now);
        let idle = away < GC_PERIOD && Look { machine, state }.gc_deadline().is_none();
        idle.then_some(away as u16)
    }
}

/// The last collection before the next one, if there was any before: or else the next one, which is the
/// first.
pub(super) fn last_collection(away: u16, now: Time) -> Time {
    let next = now.plus_millis(away.into());
    match next.as_millis() < GC_PERIOD {
        true => next,
        false => next.minus_millis(GC_PERIOD),
    }
}

/// So many milliseconds later.
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
