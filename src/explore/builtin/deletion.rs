//! How long a deletion may take.

use super::super::fingerprint::Fingerprint;
use super::super::observer::Step;
use super::super::properties::Clock;
use super::Builtin;
use crate::kubelet::{
    Activity, ApiEvent, ContainerFact, Event, HookKind, ImageEvent, SandboxEvent,
};
use crate::spec::PodSpec;
use crate::time::Time;
use std::hash::Hash;
use std::time::Duration;

/// What is cut to whole seconds while a kill goes on: the time of the hook (HOOK-22), that of the
/// wait for others (TERM-20); or else the least timeout (TIME-14). In seconds.
const CUT: i64 = 3;

/// From the end of the last process to that of the object: a relist (PLEG-1), housekeeping
/// (TIME-8), the status manager's full pass (TIME-11) and the sync loop in between. In seconds.
const AFTERMATH: i64 = 15;

/// The deletion of the pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deletion {
    clock: Clock,
    /// How many seconds it may take.
    bound: i64,
}

impl Default for Deletion {
    fn default() -> Self {
        Self {
            clock: Clock::Stopped,
            bound: 0,
        }
    }
}

impl Deletion {
    pub(super) const fn rebase(&mut self, from: Time, to: Time) {
        self.clock.rebase(from, to);
    }

    pub(super) fn fingerprint(&self, now: Time, into: &mut Fingerprint) {
        self.clock.fingerprint(now, into);
        self.bound.hash(into);
    }

    pub(super) fn see(&mut self, step: &Step<'_>, tell: &mut impl FnMut(Builtin, Time, String)) {
        let now = step.world.now;
        let limit = Duration::from_secs(self.bound.unsigned_abs());
        let late = self.clock.overdue(limit, now);
        if step.world.pod.kubelet.up
            && let Some(at) = late
        {
            tell(
                Builtin::GoneInTime,
                at,
                format!("not gone within {}s", self.bound),
            );
        }
        for entry in step.entries {
            match &entry.event {
                Event::Api(ApiEvent::DeletionTimestamp { grace, .. })
                    if self.clock == Clock::Stopped =>
                {
                    self.clock = Clock::Since(entry.at);
                    self.bound = grace + CUT + busy(step) + AFTERMATH;
                }
                Event::Api(ApiEvent::Removed) => {
                    *self = Self::default();
                    return;
                }
                event if holds_up(event) => {
                    if let Clock::Since(since) = &mut self.clock {
                        *since = entry.at;
                    }
                }
                _ => {}
            }
        }
        match &mut self.clock {
            Clock::Since(since) if !step.world.pod.kubelet.up => *since = now,
            Clock::Since(_) if step.end.is_some() => {
                tell(Builtin::GoneInTime, now, "it will never be gone".to_owned());
            }
            _ => {}
        }
    }
}

/// The kills that a sync may have to wait for when the delete comes.
fn busy(step: &Step<'_>) -> i64 {
    let worker = step.before.pod.kubelet.worker.as_ref();
    let syncing = worker.is_some_and(|worker| matches!(worker.at, Activity::Syncing(_)));
    match syncing {
        true => kills(step.names().pod),
        false => 0,
    }
}

fn kills(pod: &PodSpec) -> i64 {
    let own = |container: &crate::spec::Container| {
        let probes = [&container.startup, &container.liveness];
        let probes = probes.into_iter().flatten();
        let graces = probes.filter_map(|probe| probe.termination_grace);
        graces.max().unwrap_or(0).max(pod.termination_grace) + CUT
    };
    pod.containers.iter().map(own).sum()
}

/// Whether a step of a sync ends that a deletion waits for.
const fn holds_up(event: &Event) -> bool {
    match event {
        Event::Image(ImageEvent::Pulled { .. })
        | Event::Sandbox(SandboxEvent::Ready { .. } | SandboxEvent::Failed { .. })
        | Event::Api(ApiEvent::KubeletStarted) => true,
        Event::Container(event) => matches!(
            event.fact,
            ContainerFact::Create { .. } | ContainerFact::Started { .. }
        ),
        Event::Hook(event) => matches!(event.hook, HookKind::PostStart) && event.end.is_some(),
        _ => false,
    }
}
