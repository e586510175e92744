//! The kubelet's decisions as functions: what it would do about a pod, given what it knows.
//!
//! The machine asks these in each sync. They need no machine, though: whoever has a pod's status
//! from somewhere else, a controller or a linter, can ask them too.

use super::actions::{self, Actions};
use super::api_status::{Conditions, ContainerStatus, PodPhase, PodReason, PodStatus};
use super::event::KillMessage;
use super::runtime_status::{Run, RunId, RunState, RuntimeStatus, Sandbox};
use super::state::{ContainerSlot, PodView, ProbeResult};
use super::{conditions, kill, phase, restart, writer};
use crate::profile::Rules;
use crate::spec::{ContainerId, PodSpec, ProbeKind};
use crate::time::Time;

/// What a decision about a pod looks at. Its methods are the decisions; all are pure and total.
///
/// ```
/// use podclock::kubelet::{Exit, ExitReason, Known, RunState};
/// use podclock::{Profile, Time, manifest};
///
/// let text = "
/// apiVersion: v1
/// kind: Pod
/// metadata: {name: job}
/// spec: {restartPolicy: OnFailure, containers: [{name: work, image: work:1}]}
/// ";
/// let profile = Profile::default();
/// let spec = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// let rules = profile.rules();
/// let work = spec.find("work").ok_or("no such container")?;
///
/// let mut known = Known::nothing(&spec);
/// known.sandbox(true);
/// known.run(&spec, work, RunState::Exited(Exit {
///     started: Some(Time::START),
///     finished: Time::START,
///     ended: Time::START,
///     code: 1,
///     reason: ExitReason::Error,
/// }));
/// let facts = known.facts(&spec, &rules);
/// assert!(facts.should_start(work), "it failed");
/// assert!(facts.actions(false).start.contains(work));
/// known.pod.deletion_grace = Some(30);
/// assert!(!known.facts(&spec, &rules).should_start(work), "the pod is being deleted");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The pod's specification.
    pub spec: &'a PodSpec,
    /// What the kubelet does where versions differ.
    pub rules: &'a Rules,
    /// The object, as it was last delivered.
    pub pod: &'a PodView,
    /// What the runtime holds, as far as the kubelet has seen.
    pub runtime: &'a RuntimeStatus,
    /// What is remembered of each container, init containers first: the probes' results, and why
    /// the last start failed.
    pub containers: &'a [ContainerSlot],
    /// The status before.
    pub before: &'a PodStatus,
}

impl Facts<'_> {
    /// What a sync does. `restarting_all`: every container is to restart, as the condition
    /// `AllContainersRestarting` of the sync's status says (VER-1).
    ///
    /// Source: `kuberuntime_manager.go: computePodActions` (CPA-1 … CPA-17).
    #[must_use]
    pub fn actions(&self, restarting_all: bool) -> Actions {
        actions::compute(self, restarting_all)
    }

    /// Whether a container that does not run is to be started, now or at the end of its back-off.
    ///
    /// Source: `container/helpers.go: ShouldContainerBeRestarted` (CPA-9 … CPA-11, CPA-17).
    #[must_use]
    pub fn should_start(&self, container: ContainerId) -> bool {
        let deleted = self.pod.deleted();
        restart::should_start(self.spec, self.rules, container, self.runtime, deleted)
    }

    /// The phase that these statuses come to. `stopped`: the pod has been stopped for good. A
    /// container whose status is missing counts as one that waits.
    ///
    /// Source: `kubelet_pods.go: getPhase` (PHASE-1 … PHASE-15).
    #[must_use]
    pub fn phase(&self, statuses: &[ContainerStatus], stopped: bool) -> PodPhase {
        phase::phase(self.spec, self.rules, statuses, self.runtime, stopped)
    }

    /// The status that a sync makes, but for what the prober adds to it: `started` and `ready` of
    /// each container, and the conditions that follow. `stopped`: the pod has been stopped for
    /// good. `overdue`: its active deadline has passed.
    ///
    /// Source: `kubelet_pods.go: generateAPIPodStatus`.
    #[must_use]
    pub fn status(&self, stopped: bool, overdue: bool) -> PodStatus {
        let mut status = PodStatus {
            phase: self.before.phase,
            reason: None,
            start_time: self.before.start_time,
            conditions: None,
            foreign: self.pod.foreign.clone(),
            containers: self.container_statuses(),
        };
        status.phase = self.phase(&status.containers, stopped);
        if !status.phase.is_terminal() {
            if self.before.phase.is_terminal() {
                status.phase = self.before.phase;
            } else if self.pod.phase.is_terminal() {
                status.phase = self.pod.phase;
            }
        }
        if status.phase == self.before.phase {
            status.reason = self.before.reason;
        }
        if overdue {
            status.phase = PodPhase::Failed;
            status.reason = Some(PodReason::DeadlineExceeded);
        }
        if self.pod.phase.is_terminal() {
            status.phase = self.pod.phase;
        }
        status
    }

    /// The conditions of a status that has everything else.
    ///
    /// Source: `status/generate.go` (COND-2 … COND-8).
    #[must_use]
    pub fn conditions(&self, status: &PodStatus) -> Conditions {
        conditions::conditions(self.spec, self.rules, status, self.before, self.runtime)
    }

    /// The status of a pod whose containers are gone for good: `before`, in which everything has
    /// ended (TERM-33, TERM-34).
    ///
    /// Source: `status/status_manager.go: TerminatePod`.
    #[must_use]
    pub fn final_status(&self) -> PodStatus {
        writer::final_status(self.spec, self.rules, self.pod, self.before)
    }

    /// How many seconds a container has, hook included, if it is killed with this message
    /// (TERM-6 … TERM-9); never less than the two that the kubelet gives to every one (TIME-14).
    ///
    /// Source: `kuberuntime_container.go: setTerminationGracePeriod, killContainer`.
    #[must_use]
    pub fn kill_grace(&self, container: ContainerId, message: KillMessage) -> i64 {
        let container = self.spec.container(container);
        kill::own_grace(self.spec, container, self.pod, message).max(kill::MIN_GRACE)
    }

    /// Whether a kill with that grace period runs the container's preStop hook (HOOK-22).
    ///
    /// Source: `kuberuntime_container.go: killContainer`.
    #[must_use]
    pub fn runs_pre_stop(&self, container: ContainerId, grace: i64) -> bool {
        let container = self.spec.container(container);
        container.pre_stop.is_some() && kill::has_time_for_hook(grace)
    }

    /// When the pod has been active for as long as it may (DLN-1).
    ///
    /// Source: `active_deadline.go: pastActiveDeadline`.
    #[must_use]
    pub fn active_deadline(&self) -> Option<Time> {
        active_deadline(self.spec, self.before)
    }

    /// The newest result of a container's probe, if it is about that run.
    pub(super) fn result(&self, run: RunId, kind: ProbeKind) -> Option<ProbeResult> {
        let slot = self.containers.get(run.container.index())?;
        let entry = slot.results[kind as usize];
        entry
            .filter(|&(known, _)| known == run.ordinal)
            .map(|(_, result)| result)
    }
}

pub(super) fn active_deadline(spec: &PodSpec, before: &PodStatus) -> Option<Time> {
    let deadline = spec.active_deadline?;
    let start = before.start_time;
    start.map(|start| start.plus_seconds(deadline))
}

/// What is known of a pod, to make [`Facts`] of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// The object, as it was last delivered.
    pub pod: PodView,
    /// What the runtime holds.
    pub runtime: RuntimeStatus,
    /// What is remembered of each container, init containers first.
    pub containers: Vec<ContainerSlot>,
    /// The status before.
    pub before: PodStatus,
}

impl Known {
    /// A pod that has just come: no status, and nothing at the runtime.
    #[must_use]
    pub fn nothing(spec: &PodSpec) -> Self {
        let slots = spec.ids().map(|_| ContainerSlot::default());
        Self {
            pod: PodView::of(spec, &PodStatus::initial()),
            runtime: RuntimeStatus::default(),
            containers: slots.collect(),
            before: PodStatus::initial(),
        }
    }

    /// All this as facts about a pod of that specification, which must be the one that it was
    /// collected for.
    #[must_use]
    pub fn facts<'a>(&'a self, spec: &'a PodSpec, rules: &'a Rules) -> Facts<'a> {
        Facts {
            spec,
            rules,
            pod: &self.pod,
            runtime: &self.runtime,
            containers: &self.containers,
            before: &self.before,
        }
    }

    /// The runtime has one more sandbox.
    pub fn sandbox(&mut self, ready: bool) {
        let sandboxes = &mut self.runtime.sandboxes;
        let attempt = sandboxes.last().map_or(0, |newest| newest.attempt + 1);
        sandboxes.push(Sandbox { attempt, ready });
    }

    /// The runtime has one more run of a container, in the newest sandbox and with the image that
    /// the specification names.
    pub fn run(&mut self, spec: &PodSpec, container: ContainerId, state: RunState) -> RunId {
        let newest = self.runtime.newest(container);
        let ordinal = newest.map_or(0, |newest| newest.id.ordinal + 1);
        let id = RunId { container, ordinal };
        self.runtime.runs.push(Run {
            id,
            attempt: ordinal,
            created: Time::START,
            nth: ordinal,
            image: spec.container(container).image,
            sandbox: self.runtime.sandboxes.last().map_or(0, |s| s.attempt),
            state,
        });
        id
    }

    /// A probe of that run has this result.
    pub fn probed(&mut self, run: RunId, kind: ProbeKind, result: ProbeResult) {
        if let Some(slot) = self.containers.get_mut(run.container.index()) {
            slot.results[kind as usize] = Some((run.ordinal, result));
        }
    }
}
