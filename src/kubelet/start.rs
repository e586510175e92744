//! Starting one container: back-off, image, create, start, postStart.
//!
//! Sources: `kuberuntime/kuberuntime_manager.go: doBackOff`;
//! `kuberuntime/kuberuntime_container.go: startContainer`; `images/image_manager.go`.

use super::api_status::{HookError, StartError};
use super::backoff::{Backoff, BackoffLimits, Judgement};
use super::crashes::{BackoffUse, Frame, Question};
use super::event::{
    CallEnd, ContainerFact, Event, HookEvent, HookKind, ImageError, ImageEvent, KillMessage,
    KubeReason,
};
use super::input::Outcome;
use super::output::{Token, Verb};
use super::runtime_status::{Exit, ExitReason, Run, RunId, RunState};
use super::state::{PodView, PullBackoff};
use super::step::Step;
use super::sync_pod::SyncStage;
use crate::spec::{ContainerId, Handler, PullPolicy};
use crate::time::Time;

/// A start under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Starting {
    /// Which container.
    pub container: ContainerId,
    /// How far it has come.
    pub stage: StartStage,
}

/// How far a start has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartStage {
    /// Pulling the image.
    Pulling {
        /// Since when.
        since: Time,
    },
    /// Creating the container.
    Creating,
    /// Starting its process.
    StartingProcess(RunId),
    /// Waiting for its postStart hook; a sleep hook ends by the clock.
    PostStart(RunId, Option<Time>),
    /// Killing it because of its postStart hook.
    Killing(HookError),
}

impl Step<'_, '_> {
    pub(super) fn start_container(&mut self, pod: &PodView, id: ContainerId) {
        if let Some((delay, ends)) = self.crash_backoff(pod, id) {
            self.kube_of(id, KubeReason::BackOff);
            if let Some(sync) = self.sync() {
                let earliest = sync.backoff_ends.map_or(ends, |known| known.min(ends));
                sync.backoff_ends = Some(earliest);
            }
            self.started(id, Some(StartError::CrashLoopBackOff { delay }));
            return;
        }
        self.ensure_image(pod, id);
    }

    /// The back-off that forbids a start now, with its end; otherwise the back-off is raised
    /// (BACK-3).
    ///
    /// Source: `kuberuntime_manager.go: doBackOff`.
    fn crash_backoff(&mut self, pod: &PodView, id: ContainerId) -> Option<(u32, Time)> {
        let (run, exit) = self.sync()?.view.newest_exit(id)?;
        let Exit {
            finished, ended, ..
        } = *exit;
        let image = self.machine.spec(pod.revision).container(id).image;
        self.out.asks_backoff(BackoffUse::Start(Question {
            image,
            run,
            finished,
        }));
        let frame = Frame::of(self.state, self.now);
        let slot = &mut self.state.slots[id.index()];
        // One for another image says nothing (BACK-1).
        let entry = slot.backoff.filter(|_| slot.backoff_image == Some(image));
        match self.machine.judge(entry, ended, frame) {
            Judgement::Waits { delay, ends } => Some((delay, ends)),
            Judgement::Starts(next) => {
                slot.backoff = Some(next);
                slot.backoff_image = Some(image);
                None
            }
        }
    }

    /// Source: `images/image_manager.go: EnsureImageExists` (IMG-1 … IMG-8).
    fn ensure_image(&mut self, pod: &PodView, id: ContainerId) {
        let container = self.machine.spec(pod.revision).container(id);
        let image = container.image;
        let present = self.state.images >> image.0 & 1 == 1;
        match container.pull_policy {
            PullPolicy::IfNotPresent | PullPolicy::Never if present => {
                self.kube_of(id, KubeReason::AlreadyPresent { image });
                self.create_container(id);
                return;
            }
            PullPolicy::Never => {
                self.kube_of(id, KubeReason::NeverPull { image });
                self.kube_of(id, KubeReason::FailedImage(ImageError::ErrImageNeverPull));
                self.started(id, Some(StartError::ErrImageNeverPull));
                return;
            }
            PullPolicy::Always | PullPolicy::IfNotPresent => {}
        }
        let failed = self.pull_backoff(image);
        let held = |entry: &PullBackoff| {
            let limits = BackoffLimits::PULL;
            entry.backoff.holds_since_update(self.now, limits)
        };
        if let Some(entry) = failed.filter(held) {
            self.kube_of(id, KubeReason::PullBackOff { image });
            self.kube_of(id, KubeReason::FailedImage(ImageError::ImagePullBackOff));
            self.started(id, Some(StartError::ImagePullBackOff(entry.error)));
            return;
        }
        self.kube_of(id, KubeReason::Pulling { image });
        self.out
            .events
            .push(Event::Image(ImageEvent::Pull { image }));
        self.set_start(id, StartStage::Pulling { since: self.now });
        // The puller is a goroutine of its own, and the worker waits for it.
        self.state.ready.give_way();
        let ordinal = self.state.slots[id.index()].starts;
        self.ask_image(
            Token {
                container: Some(id),
                verb: Verb::PullImage,
                ordinal,
            },
            image,
        );
    }

    fn pull_backoff(&self, image: crate::spec::ImageId) -> Option<PullBackoff> {
        let pulls = &self.state.kubelet.pulls;
        pulls.get(usize::from(image.0)).copied().flatten()
    }

    fn set_start(&mut self, container: ContainerId, stage: StartStage) {
        self.set_stage(SyncStage::Starting(Some(Starting { container, stage })));
    }

    /// The stage of the start under way, if it is that container's.
    fn start_stage(&mut self, id: ContainerId) -> Option<StartStage> {
        match self.sync()?.at {
            SyncStage::Starting(Some(Starting { container, stage })) if container == id => {
                Some(stage)
            }
            _ => None,
        }
    }

    /// The runtime has pulled the image, or has not.
    pub(super) fn pulled(
        &mut self,
        id: ContainerId,
        image: crate::spec::ImageId,
        outcome: Outcome,
    ) {
        let error = match outcome {
            Outcome::Failed(error) | Outcome::CannotRun(error) => Some(error),
            _ => None,
        };
        self.out
            .events
            .push(Event::Image(ImageEvent::Pulled { image, error }));
        match error {
            None => self.state.images |= 1 << image.0,
            Some(_) => self.state.slots[id.index()].starts += 1,
        }
        let Some(StartStage::Pulling { since }) = self.start_stage(id) else {
            return;
        };
        match error {
            None => {
                let took = self.now.millis_since(since);
                self.kube_of(id, KubeReason::Pulled { image, took });
                self.create_container(id);
            }
            Some(error) => {
                let entry = self.pull_backoff(image).map(|entry| entry.backoff);
                let backoff = Backoff::next(entry, self.now, self.now, BackoffLimits::PULL);
                let pulls = &mut self.state.kubelet.pulls;
                if pulls.len() <= usize::from(image.0) {
                    pulls.resize(usize::from(image.0) + 1, None);
                }
                pulls[usize::from(image.0)] = Some(PullBackoff { backoff, error });
                self.kube_of(id, KubeReason::PullFailed { image, error });
                self.kube_of(id, KubeReason::FailedImage(ImageError::ErrImagePull));
                self.started(id, Some(StartError::ErrImagePull(error)));
            }
        }
        self.advance_sync();
    }

    fn create_container(&mut self, id: ContainerId) {
        self.set_start(id, StartStage::Creating);
        let ordinal = self.state.slots[id.index()].runs;
        self.ask(Token {
            container: Some(id),
            verb: Verb::CreateContainer,
            ordinal,
        });
    }

    /// The runtime has created the container, or has not.
    pub(super) fn created(&mut self, id: ContainerId, outcome: Outcome) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        if self.start_stage(id) != Some(StartStage::Creating) {
            return;
        }
        let attempt = self
            .sync()
            .and_then(|sync| sync.view.newest(id).map(|run| run.attempt + 1))
            .unwrap_or(0);
        let slot = &mut self.state.slots[id.index()];
        let run = RunId {
            container: id,
            ordinal: slot.runs,
        };
        if let Outcome::Failed(error) | Outcome::CannotRun(error) = outcome {
            slot.starts += 1;
            let fact = ContainerFact::Create { error: Some(error) };
            self.report_container(run, attempt, fact);
            self.kube_of(id, KubeReason::Failed { error });
            self.started(id, Some(StartError::CreateContainerError(error)));
            self.advance_sync();
            return;
        }
        slot.runs += 1;
        let sandbox = self.state.runtime.sandboxes.last();
        let made = Run {
            id: run,
            attempt,
            nth: self.state.slots[id.index()].starts,
            created: self.now,
            image: self.machine.spec(pod.revision).container(id).image,
            sandbox: sandbox.map_or(0, |sandbox| sandbox.attempt),
            state: RunState::Created,
        };
        self.change_runtime().runs.push(made);
        self.report_container(run, attempt, ContainerFact::Create { error: None });
        self.kube_of(id, KubeReason::Created);
        self.report_container(run, attempt, ContainerFact::Start);
        self.set_start(id, StartStage::StartingProcess(run));
        self.ask(Token::of(run, Verb::StartContainer));
    }

    /// The runtime has started the process, or has not.
    pub(super) fn process_started(&mut self, run: RunId, outcome: Outcome) {
        let id = run.container;
        let attempt = self.attempt(run);
        let error = match outcome {
            Outcome::Failed(error) | Outcome::CannotRun(error) => Some(error),
            _ => None,
        };
        let state = match error {
            None => RunState::Running { started: self.now },
            Some(error) => RunState::Exited(Exit {
                started: None,
                finished: self.now,
                ended: self.now,
                code: 128,
                reason: ExitReason::StartError(error),
            }),
        };
        if let Some(run) = self.change_runtime().run_mut(run) {
            run.state = state;
        }
        self.report_container(run, attempt, ContainerFact::Started { error });
        if error.is_none() {
            self.ask(Token::of(run, Verb::Run));
        }
        self.state.slots[id.index()].starts += 1;
        if self.start_stage(id) != Some(StartStage::StartingProcess(run)) {
            return;
        }
        match error {
            None => {
                self.kube_of(id, KubeReason::Started);
                self.post_start(run);
            }
            Some(error) => {
                self.kube_of(id, KubeReason::Failed { error });
                self.started(id, Some(StartError::RunContainerError(error)));
            }
        }
        self.advance_sync();
    }

    /// HOOK-1 … HOOK-4
    fn post_start(&mut self, run: RunId) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        let id = run.container;
        match &self.machine.spec(pod.revision).container(id).post_start {
            None => self.started(id, None),
            Some(Handler::Sleep { seconds }) => {
                let until = self.now.plus_seconds(*seconds);
                if until == self.now {
                    self.started(id, None);
                } else {
                    self.set_start(id, StartStage::PostStart(run, Some(until)));
                }
            }
            Some(Handler::TcpSocket { .. } | Handler::Grpc { .. }) => {
                self.post_start_failed(run, HookError::InvalidHandler);
            }
            Some(Handler::Exec { .. } | Handler::HttpGet { .. }) => {
                self.set_start(id, StartStage::PostStart(run, None));
                self.report_hook(run, HookKind::PostStart, None);
                self.ask(Token::of(run, Verb::PostStart));
            }
        }
    }

    /// The postStart hook has ended.
    pub(super) fn post_start_ended(&mut self, run: RunId, outcome: Outcome) {
        if !matches!(
            self.start_stage(run.container),
            Some(StartStage::PostStart(waiting, _)) if waiting == run
        ) {
            return;
        }
        let (end, error) = hook_end(outcome);
        self.report_hook(run, HookKind::PostStart, Some(end));
        match error {
            None => self.started(run.container, None),
            Some(error) => self.post_start_failed(run, error),
        }
        self.advance_sync();
    }

    /// HOOK-5: the container is killed, with its own preStop and grace period.
    fn post_start_failed(&mut self, run: RunId, error: HookError) {
        let Some(pod) = self.active_pod() else {
            return;
        };
        self.kube_of(run.container, KubeReason::FailedPostStartHook);
        self.set_start(run.container, StartStage::Killing(error));
        self.begin_kill(&pod, run, KillMessage::FailedPostStartHook, None);
    }

    /// A sleeping postStart hook has slept enough, or the kill that it led to is done.
    pub(super) fn advance_start(&mut self) {
        let Some(SyncStage::Starting(Some(starting))) = self.sync().map(|sync| sync.at) else {
            return;
        };
        let id = starting.container;
        match starting.stage {
            StartStage::PostStart(_, Some(until)) if until <= self.now => self.started(id, None),
            StartStage::Killing(error) if !self.kills_under_way() => {
                self.clear_kills();
                self.started(id, Some(StartError::PostStartHookError(error)));
            }
            _ => return,
        }
        self.advance_sync();
    }

    pub(super) fn report_hook(&mut self, run: RunId, hook: HookKind, end: Option<CallEnd>) {
        let attempt = self.attempt(run);
        self.out.events.push(Event::Hook(HookEvent {
            run,
            attempt,
            hook,
            end,
        }));
    }
}

/// How a hook's call ended, and whether that is an error.
pub(super) const fn hook_end(outcome: Outcome) -> (CallEnd, Option<HookError>) {
    match outcome {
        Outcome::Done | Outcome::Ran { code: 0, .. } => (CallEnd::Exit(0), None),
        Outcome::Ran { code, output } => {
            (CallEnd::Exit(code), Some(HookError::Exit { code, output }))
        }
        Outcome::Exited { .. } => (
            CallEnd::Killed,
            Some(HookError::Exit {
                code: 137,
                output: super::Text::EMPTY,
            }),
        ),
        Outcome::CannotRun(error) | Outcome::Failed(error) => {
            (CallEnd::CannotRun, Some(HookError::CannotRun(error)))
        }
        Outcome::NotRunning => (CallEnd::NotRunning, Some(HookError::NotRunning)),
    }
}
