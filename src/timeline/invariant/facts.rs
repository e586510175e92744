//! What the entries so far come to.

use crate::kubelet::{
    ApiEvent, CallEnd, ContainerEvent, ContainerFact, Event, ExitCause, HookEvent, ImageEvent,
    KillMessage, KubeEvent, KubeReason, PodStatus, ProbeEvent, RunId, SandboxEvent,
};
use crate::profile::{Rules, StatusAfterRestart};
use crate::spec::{ContainerId, ImageId, PodSpec, ProbeKind};
use crate::time::Time;
use crate::timeline::{Entry, Names};

/// What the entries so far come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Facts {
    /// By container.
    containers: Vec<Container>,
    /// The API's status.
    pub(super) status: Option<PodStatus>,
    /// Sandboxes that are up.
    pub(super) sandboxes: Vec<u32>,
    /// How many have been up.
    pub(super) sandboxes_made: u32,
    /// When a sandbox was last stopped.
    pub(super) sandbox_stopped: Option<Time>,
    /// Grace period of the object's deletion.
    pub(super) deletion: Option<i64>,
    /// Whether a user had the object removed at once.
    pub(super) forced: bool,
    /// Whether the specification was changed.
    pub(super) updated: bool,
    /// When the kubelet's process last started, if it did.
    pub(super) kubelet_started: Option<Time>,
    /// When a pull of each image last ended.
    pub(super) pulled: Vec<(ImageId, Time, bool)>,
}

/// One container's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Container {
    /// Every run, oldest first.
    pub(super) runs: Vec<Run>,
    /// Failures in a row, by probe, since the kubelet's process started.
    pub(super) failures: [u32; 3],
    /// The longest row of failures since the last kill.
    pub(super) worst_row: [u32; 3],
    /// When each probe last ended badly.
    pub(super) bad_probe: [Option<Time>; 3],
    /// When each hook last ended badly.
    pub(super) bad_hook: [Option<Time>; 2],
    /// Created and Started events.
    pub(super) told: [u32; 2],
    /// Whether its image could not be pulled.
    pub(super) pull_failed: bool,
}

/// One run's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) ordinal: u32,
    pub(super) starting: bool,
    pub(super) started: Option<Time>,
    /// When it ended, and how; also if it could not be started.
    pub(super) ended: Option<(Time, i32)>,
    pub(super) removed: bool,
    /// Whether the kubelet's process ended while it waited for the start.
    pub(super) abandoned: bool,
    /// The earliest KILL that the runtime was told of.
    pub(super) kill_at: Option<Time>,
    /// Until when the grace that was first promised lasts.
    pub(super) grace_until: Option<Time>,
    /// Whether a Killing event was about it.
    pub(super) kill_told: bool,
    /// Whether its startup probe has succeeded.
    pub(super) startup_passed: bool,
    /// Whether its startup probe has begun since the kubelet's process started.
    pub(super) startup_began: bool,
    /// Whether its readiness probe has succeeded.
    pub(super) readiness_passed: bool,
    /// Calls under way, with their begin.
    pub(super) probing: [Option<Time>; 3],
}

impl Run {
    const fn new(ordinal: u32) -> Self {
        Self {
            ordinal,
            starting: false,
            started: None,
            ended: None,
            removed: false,
            abandoned: false,
            kill_at: None,
            grace_until: None,
            kill_told: false,
            startup_passed: false,
            startup_began: false,
            readiness_passed: false,
            probing: [None; 3],
        }
    }

    pub(super) const fn is_running(&self) -> bool {
        self.started.is_some() && self.ended.is_none()
    }
}

impl Container {
    /// Whether some run has ended with 0.
    pub(super) fn succeeded(&self) -> bool {
        self.runs
            .iter()
            .any(|run| run.ended.is_some_and(|(_, code)| code == 0))
    }

    pub(super) fn started(&self) -> bool {
        self.runs.iter().any(|run| run.started.is_some())
    }
}

impl Facts {
    /// A container's; a nominal one where there are none yet.
    pub(super) fn container(&self, id: ContainerId) -> &Container {
        const NONE: &Container = &Container {
            runs: Vec::new(),
            failures: [0; 3],
            worst_row: [0; 3],
            bad_probe: [None; 3],
            bad_hook: [None; 2],
            told: [0; 2],
            pull_failed: false,
        };
        self.containers.get(id.index()).unwrap_or(NONE)
    }

    pub(super) fn run(&self, id: RunId) -> Option<&Run> {
        let runs = &self.container(id.container).runs;
        runs.iter().find(|run| run.ordinal == id.ordinal)
    }

    /// Whether every init container that ends has ended with 0 once, and every sidecar started.
    pub(super) fn initialized(&self, pod: &PodSpec, until: usize) -> bool {
        pod.init_ids().take(until).all(|id| {
            let container = self.container(id);
            match pod.is_sidecar(id) {
                true => container.started(),
                false => container.succeeded(),
            }
        })
    }

    /// Whether the API shows that a container has started.
    pub(super) fn shows_started(&self, id: ContainerId) -> bool {
        let statuses = self.status.as_ref().map(|status| &status.containers);
        let shown = statuses.and_then(|all| all.get(id.index()));
        shown.is_some_and(|shown| shown.started)
    }

    fn container_mut(&mut self, id: ContainerId) -> &mut Container {
        if self.containers.len() <= id.index() {
            self.containers
                .resize_with(id.index() + 1, Container::default);
        }
        &mut self.containers[id.index()]
    }

    fn run_mut(&mut self, id: RunId) -> Option<&mut Run> {
        let runs = &mut self.container_mut(id.container).runs;
        runs.iter_mut().find(|run| run.ordinal == id.ordinal)
    }

    /// The grace period that a kill which begins now may promise, at least: that of the deletion,
    /// or, in a sync that does not know of it yet, the failed probe's or the pod's (TERM-6 …
    /// TERM-9). Where every container restarts, none is promised.
    fn promised(&self, id: ContainerId, message: KillMessage, pod: &PodSpec) -> i64 {
        if message == KillMessage::RestartingAll {
            return 0;
        }
        let probe = match message {
            KillMessage::FailedProbe { kind, .. } => pod.container(id).probe(kind),
            _ => None,
        };
        let own = probe
            .and_then(|probe| probe.termination_grace)
            .unwrap_or(pod.termination_grace);
        let own = if own < 0 { 1 } else { own };
        self.deletion.map_or(own, |grace| grace.min(own))
    }

    /// Takes an entry in.
    pub(super) fn add(&mut self, entry: &Entry, names: &Names<'_>) {
        match &entry.event {
            Event::Api(event) => self.api(*event, entry.at, names.rules),
            Event::Sandbox(event) => self.sandbox(*event, entry.at),
            Event::Image(ImageEvent::Pulled { image, error }) => {
                self.pulled.retain(|(known, ..)| known != image);
                self.pulled.push((*image, entry.at, error.is_some()));
            }
            Event::Image(_) => {}
            Event::Container(event) => self.run_event(*event, entry.at),
            Event::Probe(event) => self.probe(*event, entry.at),
            Event::Hook(event) => self.hook(*event, entry.at),
            Event::Status(status) => self.status = Some((**status).clone()),
            Event::Kube(event) => self.kube(*event, entry.at, names.pod),
        }
    }

    fn api(&mut self, event: ApiEvent, at: Time, rules: &Rules) {
        match event {
            ApiEvent::DeletionTimestamp { grace, .. } => self.deletion = Some(grace),
            ApiEvent::DeleteRequested {
                grace: Some(grace),
                by_kubelet: false,
                ..
            } if grace <= 0 => {
                self.forced = true;
                self.deletion = Some(0);
            }
            ApiEvent::Removed => self.deletion = Some(0),
            ApiEvent::Updated { found } => self.updated |= found,
            ApiEvent::KubeletStopped => {
                for container in &mut self.containers {
                    container.failures = [0; 3];
                    container.worst_row = [0; 3];
                    for run in &mut container.runs {
                        // Nobody follows up what the old process had begun.
                        run.abandoned |=
                            run.starting && run.started.is_none() && run.ended.is_none();
                        run.kill_at = None;
                        run.grace_until = None;
                        run.probing = [None; 3];
                        run.startup_began = false;
                        // Startup probes begin anew, unless the status says that they need not.
                        run.startup_passed &=
                            rules.status_after_restart == StatusAfterRestart::Kept;
                    }
                }
            }
            ApiEvent::KubeletStarted => self.kubelet_started = Some(at),
            _ => {}
        }
    }

    fn sandbox(&mut self, event: SandboxEvent, at: Time) {
        match event {
            SandboxEvent::Ready { attempt } => {
                self.sandboxes.push(attempt);
                self.sandboxes_made += 1;
            }
            SandboxEvent::Stopped { attempt } => {
                self.sandboxes.retain(|&known| known != attempt);
                self.sandbox_stopped = Some(at);
            }
            _ => {}
        }
    }

    fn run_event(&mut self, event: ContainerEvent, at: Time) {
        let id = event.run;
        if let ContainerFact::Create { error: None } = event.fact {
            let runs = &mut self.container_mut(id.container).runs;
            runs.push(Run::new(id.ordinal));
        }
        let Some(run) = self.run_mut(id) else {
            return;
        };
        match event.fact {
            ContainerFact::Create { .. } => {}
            ContainerFact::Start => run.starting = true,
            ContainerFact::Started { error: None } => run.started = Some(at),
            ContainerFact::Started { error: Some(_) } => run.ended = Some((at, 128)),
            ContainerFact::Stop { timeout, .. } => {
                let kill_at = at.plus_seconds(timeout);
                run.kill_at = Some(run.kill_at.map_or(kill_at, |known| known.min(kill_at)));
            }
            ContainerFact::Exited { code, .. } => run.ended = Some((at, code)),
            ContainerFact::Removed => run.removed = true,
        }
    }

    fn probe(&mut self, event: ProbeEvent, at: Time) {
        let kind = event.kind as usize;
        if let Some(run) = self.run_mut(event.run) {
            run.probing[kind] = event.end.is_none().then_some(at);
            run.startup_began |= event.kind == ProbeKind::Startup;
            if event.end == Some(CallEnd::Exit(0)) {
                match event.kind {
                    ProbeKind::Startup => run.startup_passed = true,
                    ProbeKind::Readiness => run.readiness_passed = true,
                    ProbeKind::Liveness => {}
                }
            }
        }
        let container = self.container_mut(event.run.container);
        match event.end {
            None => {}
            Some(CallEnd::Exit(0)) => container.failures[kind] = 0,
            // A command that dies with its container has failed.
            Some(CallEnd::Exit(_) | CallEnd::Timeout | CallEnd::Killed) => {
                container.failures[kind] += 1;
                let row = container.failures[kind];
                container.worst_row[kind] = container.worst_row[kind].max(row);
                container.bad_probe[kind] = Some(at);
            }
            Some(_) => container.bad_probe[kind] = Some(at),
        }
    }

    fn hook(&mut self, event: HookEvent, at: Time) {
        if !matches!(event.end, None | Some(CallEnd::Exit(0))) {
            let container = self.container_mut(event.run.container);
            container.bad_hook[event.hook as usize] = Some(at);
        }
    }

    fn kube(&mut self, event: KubeEvent, at: Time, pod: &PodSpec) {
        let Some(id) = event.container else {
            return;
        };
        match event.what {
            KubeReason::Created => self.container_mut(id).told[0] += 1,
            KubeReason::Started => self.container_mut(id).told[1] += 1,
            KubeReason::PullFailed { .. } | KubeReason::NeverPull { .. } => {
                self.container_mut(id).pull_failed = true;
            }
            KubeReason::Killing(message) => {
                let until = at.plus_seconds(self.promised(id, message, pod));
                let container = self.container_mut(id);
                if let KillMessage::FailedProbe { kind, .. } = message {
                    container.failures[kind as usize] = 0;
                    container.worst_row[kind as usize] = 0;
                }
                // Which run it is about is not told: one that runs, the last that did, or one whose
                // start the kubelet did not live to see.
                let mut newest = container.runs.iter();
                let newest = newest.rposition(|run| run.started.is_some());
                for (index, run) in container.runs.iter_mut().enumerate() {
                    if run.is_running() || run.abandoned || Some(index) == newest {
                        run.kill_told = true;
                        run.grace_until.get_or_insert(until);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a run was ended by KILL.
pub(super) const fn is_kill(fact: ContainerFact) -> bool {
    matches!(
        fact,
        ContainerFact::Exited {
            by: ExitCause::Kill,
            ..
        }
    )
}
