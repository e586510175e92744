//! The kubelet's own process: what its end forgets and what its start finds.

use super::Pace;
use super::crashes::BackoffUse;
use super::event::{ApiEvent, Event, HookKind, ImageEvent};
use super::kill::KillStage;
use super::output::{Token, Verb};
use super::ready::{Ready, Task};
use super::runtime_status::{RunId, RuntimeStatus};
use super::start::{StartStage, Starting};
use super::state::{Kubelet, Loops, Startup};
use super::step::Step;
use super::sync_loop::Notice;
use super::sync_pod::SyncStage;
use super::timers::Timer;
use super::worker::{Activity, Worker};
use crate::time::Time;

impl Step<'_, '_> {
    /// The process ends: its memory is gone, and with it whatever it was waiting for. What the
    /// runtime has been told goes on without it, but nobody follows a stop up with KILL.
    pub(super) fn stop_kubelet(&mut self) {
        self.report_api(ApiEvent::KubeletStopped);
        if !self.state.kubelet.up {
            return;
        }
        self.abandon_worker();
        self.out.asks_backoff(BackoffUse::Forgotten);
        for id in self.machine.spec(0).ids() {
            let slot = &mut self.state.slots[id.index()];
            let hook = slot.pre_stop.take();
            let probes = std::mem::take(&mut slot.probes);
            slot.results = Default::default();
            (slot.backoff, slot.backoff_image) = (None, None);
            slot.reason = None;
            slot.kill = None;
            slot.stopping = None;
            if let Some(run) = hook {
                self.cancel(Token::of(run, Verb::PreStop));
                self.give_up_hook(run, HookKind::PreStop);
            }
            for (kind, worker) in crate::spec::ProbeKind::ALL.into_iter().zip(probes) {
                if let Some(ordinal) = worker.filter(|w| w.probing.is_some()).and_then(|w| w.run) {
                    let run = RunId {
                        container: id,
                        ordinal,
                    };
                    self.cancel(Token::of(run, Verb::Probe(kind)));
                }
            }
        }
        let spec = self.machine.spec(self.state.object.revision);
        self.state.kubelet = Kubelet {
            up: false,
            pods_synced: false,
            ..Kubelet::new(spec)
        };
        self.state.ready = Ready::default();
        // A new process has not seen anything of the runtime yet.
        self.state.seen = Some(RuntimeStatus::default());
    }

    /// Calls of the worker that the runtime has not answered yet.
    fn abandon_worker(&mut self) {
        let Some(sync) = self.sync() else {
            return;
        };
        let (at, attempt) = (sync.at, sync.actions.sandbox);
        match at {
            SyncStage::MakingSandbox => self.cancel(Token {
                container: None,
                verb: Verb::RunSandbox,
                ordinal: attempt.unwrap_or(0),
            }),
            SyncStage::Starting(Some(Starting { container, stage })) => {
                let slot = &self.state.slots[container.index()];
                let (runs, starts) = (slot.runs, slot.starts);
                let token = |verb, ordinal| Token {
                    container: Some(container),
                    verb,
                    ordinal,
                };
                match stage {
                    StartStage::Pulling { .. } => {
                        self.cancel(token(Verb::PullImage, starts));
                        let image = self.image_of(container);
                        let event = ImageEvent::GivenUp { image };
                        self.out.events.push(Event::Image(event));
                    }
                    StartStage::Creating => self.cancel(token(Verb::CreateContainer, runs)),
                    StartStage::PostStart(run, None) => {
                        self.cancel(Token::of(run, Verb::PostStart));
                        self.give_up_hook(run, HookKind::PostStart);
                    }
                    StartStage::PostStart(_, Some(_))
                    | StartStage::StartingProcess(_)
                    | StartStage::Killing(_) => {}
                }
            }
            _ => {}
        }
    }

    fn give_up_hook(&mut self, run: RunId, hook: HookKind) {
        self.report_hook(run, hook, Some(super::event::CallEnd::GivenUp));
    }

    /// The process starts: each of its loops has its first turn a little later.
    pub(super) fn start_kubelet(&mut self) {
        self.report_api(ApiEvent::KubeletStarted);
        if self.state.kubelet.up {
            return;
        }
        let phases = self.state.loops;
        let since = |phase: u64| match self.machine.pace {
            Pace::Ticking => self.now.plus_millis(phase),
            Pace::AtOnce => self.now,
        };
        self.state.loops = Loops {
            relist: since(phases.phases.relist),
            sync: since(phases.phases.sync),
            status: since(phases.phases.status),
            gc: since(phases.phases.gc),
            kubelet_started: Some(self.now),
            phases: phases.phases,
        };
        self.state.kubelet.up = true;
        self.state.kubelet.startup = Some(Startup {
            sync_loop: Some(self.state.loops.sync),
            writer: Some(self.state.loops.status),
        });
        self.state.kubelet.fresh_from = Some(self.state.loops.relist);
        if self.state.object.exists {
            self.deliver_object();
        }
    }

    /// A loop has its first turn: whichever comes first, the others still wait for theirs.
    fn first_turn(&mut self, of: impl FnOnce(&mut Startup)) {
        let startup = &mut self.state.kubelet.startup;
        if let Some(loops) = startup {
            of(loops);
            if loops.sync_loop.is_none() && loops.writer.is_none() {
                *startup = None;
            }
        }
    }

    /// The sync loop's first turn.
    pub(super) fn start_sync_loop(&mut self) {
        self.first_turn(|startup| startup.sync_loop = None);
        // Tickers made now tick a period from now.
        self.state.fired.extend([Timer::Sync, Timer::Housekeeping]);
        // The object comes before what the first relist has seen.
        self.state
            .kubelet
            .inbox
            .sort_by_key(|notice| !matches!(notice, Notice::Config(_)));
        self.state.ready.wake(Task::SyncLoop);
    }

    /// The status manager's first turn.
    pub(super) fn start_writer(&mut self) {
        self.first_turn(|startup| startup.writer = None);
        self.state.fired.push(Timer::Status);
        if self.state.kubelet.cached.is_some() {
            self.state.ready.wake(Task::Writer);
        }
    }

    /// Housekeeping forgets a pod that is gone and whose worker has finished, and kills what runs
    /// of a pod that it has never heard of (TERM-44).
    ///
    /// Source: `kubelet_pods.go: HandlePodCleanups`.
    pub(super) fn clean_up_pods(&mut self) {
        let kubelet = &mut self.state.kubelet;
        kubelet.pods_synced = true;
        if kubelet.pod.is_some() {
            return;
        }
        kubelet.cached = None;
        if kubelet
            .worker
            .as_ref()
            .is_some_and(|worker| worker.finished)
        {
            kubelet.worker = None;
        }
        if kubelet.worker.is_none() && self.look().has_orphans() {
            self.kill_orphan();
        }
    }

    /// Source: `kubelet.go: SyncTerminatingRuntimePod`.
    fn kill_orphan(&mut self) {
        let view = self.state.runtime.clone();
        let pod = self.view_of_object();
        self.state.kubelet.worker = Some(Worker {
            terminating: true,
            deleted: true,
            orphan: true,
            ..Worker::default()
        });
        self.begin_kills(&pod, &view, Some(1));
        for slot in &mut self.state.slots {
            // Of a pod that only the runtime knows, the hooks are not known.
            if let Some(kill) = slot.kill.as_mut().filter(|kill| kill.begun()) {
                kill.ordered = false;
                kill.without_hook = true;
            }
        }
        self.set_activity(Activity::Stopping(Box::new(view)));
        self.advance_waiting();
    }
}

impl super::kill::Kill {
    const fn begun(&self) -> bool {
        matches!(self.stage, KillStage::Begun(_))
    }
}

impl super::look::Look<'_, '_> {
    /// Whether something runs of a pod that the kubelet does not know.
    pub(super) fn has_orphans(self) -> bool {
        // Housekeeping lists the runtime anew.
        self.state.kubelet.pod.is_none()
            && self.state.kubelet.worker.is_none()
            && !self.state.runtime.is_at_rest()
    }

    /// When the sync loop of a process that has just started has its first turn.
    pub(super) fn sync_loop_start(self) -> Option<Time> {
        self.state.kubelet.startup?.sync_loop
    }

    /// When the status manager of a process that has just started has its first turn.
    pub(super) fn writer_start(self) -> Option<Time> {
        self.state.kubelet.startup?.writer
    }
}
