//! One step: take an input, then let everything happen that can happen at this instant.

use super::deadlines::Deadlines;
use super::event::{ApiEvent, Event, ExitCause, KubeEvent, KubeReason};
use super::input::{Input, Outcome};
use super::look::Look;
use super::output::{Output, Request, Token, Verb};
use super::ready::Task;
use super::runtime_status::{RunId, RunState};
use super::state::PodState;
use super::timers::Timer;
use super::{Pace, Pod, Turns};
use crate::profile::InstantCalls;
use crate::spec::{ContainerId, ImageId, ProbeKind};
use crate::time::Time;

/// How many turns one step may take: far more than the goroutines of the largest pod need.
const MAX_TURNS: u32 = 500;

/// A step in the making. Its own fields are empty again when it ends.
pub(super) struct Step<'a, 'm> {
    pub(super) machine: &'a Pod<'m>,
    pub(super) state: &'a mut PodState,
    pub(super) now: Time,
    pub(super) out: &'a mut Output,
    /// The worker's loop goes round before anybody else's turn.
    pub(super) worker_turns: bool,
}

impl<'a, 'm> Step<'a, 'm> {
    pub(super) fn new(
        machine: &'a Pod<'m>,
        state: &'a mut PodState,
        now: Time,
        out: &'a mut Output,
    ) -> Self {
        Self {
            machine,
            state,
            now,
            out,
            worker_turns: false,
        }
    }

    /// Takes an input.
    #[inline(always)]
    pub(super) fn take(&mut self, input: Input, deadlines: &mut Deadlines) {
        if let Input::Replied(token, outcome) = input
            && let (Verb::Probe(kind), Some(container)) = (token.verb, token.container)
            && container.index() < self.state.slots.len()
            && deadlines.hold_at(self.now)
        {
            let ordinal = token.ordinal;
            self.open_instant();
            self.probe_answered(RunId { container, ordinal }, kind, outcome);
            self.end_of_probe(false, container, kind, deadlines);
        } else {
            self.take_other(input, deadlines);
        }
    }

    /// Takes any input, whatever comes of it.
    #[inline(never)]
    fn take_other(&mut self, input: Input, deadlines: &mut Deadlines) {
        let timer = matches!(input, Input::Deadline | Input::Fired(_) | Input::Turn(_));
        self.open_instant();
        self.take_up(input);
        self.end(timer, deadlines);
    }

    /// Fires a timer that is the next and due.
    #[inline(always)]
    pub(super) fn take_due(&mut self, timer: Timer, deadlines: &mut Deadlines) {
        let kept = deadlines.hold_at(self.now);
        self.open_instant();
        // What fires in an instant that is over counts for the next moment, and keeps others from
        // ticking then.
        let kept = kept && self.state.ticks_from == self.now;
        match timer {
            Timer::Probe(id, kind) if kept && self.only_probes_go_off(id, kind, deadlines) => {
                self.fire_probe(id, kind);
                self.end_of_probe(true, id, kind, deadlines);
            }
            Timer::Relist if kept && self.goes_off_alone(timer) => {
                self.state.fired.push(timer);
                self.take_relist(deadlines);
            }
            _ => self.fire_other(timer, deadlines),
        }
    }

    #[inline(never)]
    fn fire_other(&mut self, timer: Timer, deadlines: &mut Deadlines) {
        self.go_off(timer);
        self.end(true, deadlines);
    }

    fn open_instant(&mut self) {
        self.state.now = self.now;
        if self.state.ticks_from < self.now {
            self.state.ticks_from = self.now;
            self.state.fired.clear();
        }
    }

    fn take_up(&mut self, input: Input) {
        match input {
            Input::Created => self.create_object(),
            Input::Updated { revision } => self.update_object(revision),
            Input::UpdateRefused { error } => self.report_api(ApiEvent::UpdateRefused { error }),
            Input::DeletionRequested { grace } => self.delete_object(grace, false),
            Input::ConditionSet { condition, status } => self.set_condition(condition, status),
            Input::KubeletStopped => self.stop_kubelet(),
            Input::KubeletStarted => self.start_kubelet(),
            Input::Replied(token, outcome) => self.reply(token, outcome),
            Input::Requeued { after } => {
                self.state.kubelet.work_due = Some(self.now.plus_millis(after));
            }
            Input::Deadline => self.fire_due(),
            Input::Fired(timer) => {
                if self.machine.due(self.state, self.now).contains(&timer) {
                    self.state.fired.push(timer);
                    self.fire(timer);
                }
            }
            Input::Turn(task) => {
                if self.state.ready.take(task) {
                    self.run(task);
                }
            }
        }
    }

    /// Timers of one instant go off together, before anybody runs: who waited for the first is the
    /// next to run, the others queue. A loop ticks once at an instant, whatever its tick leads to.
    fn go_off(&mut self, first: Timer) {
        self.state.fired.push(first);
        if self.go_off_together() && first != Timer::Ready {
            for timer in self.look().going_off(first) {
                self.state.fired.push(timer);
                self.state.ready.queue(Task::Fire(timer));
            }
        }
        self.fire(first);
    }

    fn go_off_together(&self) -> bool {
        self.machine.turns == Turns::All && self.machine.pace == Pace::Ticking
    }

    /// Whether nobody goes off behind that timer.
    fn goes_off_alone(&self, timer: Timer) -> bool {
        !self.go_off_together() || self.look().going_off(timer).is_empty()
    }

    /// Has a probe's timer go off, and others behind it, if these are probes' as well, and all ticks
    /// of probe workers have something to do.
    #[inline]
    fn only_probes_go_off(
        &mut self,
        id: ContainerId,
        kind: ProbeKind,
        deadlines: &mut Deadlines,
    ) -> bool {
        let timer = Timer::Probe(id, kind);
        if self.go_off_together() {
            let look = self.look();
            let others = look.relist_ticks() || look.sync_ticks();
            if others || !deadlines.only_probes_tick(self.now) {
                return false;
            }
            self.state.fired.push(timer);
            for behind in deadlines.go_off_behind(id, kind, self.now) {
                self.state.fired.push(behind);
                self.state.ready.queue(Task::Fire(behind));
            }
        } else {
            self.state.fired.push(timer);
        }
        true
    }

    /// One timer a step, so that answers that take no time come in between.
    fn fire_due(&mut self) {
        match self.look().next_timer() {
            Some((at, timer)) if at <= self.now => {
                self.go_off(timer);
            }
            _ => {}
        }
    }

    /// Lets everything happen that can, and looks at the deadlines.
    fn end(&mut self, timer: bool, deadlines: &mut Deadlines) {
        self.settle();
        deadlines.look(self.look());
        self.close_instant(timer, deadlines);
    }

    /// The same after something that only one probe worker has done. Others that wait for their turn
    /// have it, as long as all of them are probe workers: no other deadline changes.
    #[inline]
    fn end_of_probe(
        &mut self,
        timer: bool,
        id: ContainerId,
        kind: ProbeKind,
        deadlines: &mut Deadlines,
    ) {
        let rule = self.machine.rules.instant_calls;
        let (mut id, mut kind) = (id, kind);
        loop {
            if self.worker_turns || !self.state.ready.are_probes() {
                self.end(timer, deadlines);
                return;
            }
            deadlines.touch(id, kind);
            if self.machine.turns == Turns::OneByOne || self.asked_atomically(rule) {
                break;
            }
            let Some(Task::Fire(Timer::Probe(other, of))) = self.state.ready.pop() else {
                break;
            };
            (id, kind) = (other, of);
            if self.look().probe_ticks(id, kind) {
                self.fire_probe(id, kind);
            }
        }
        self.close_instant(timer, deadlines);
    }

    /// Whether nobody has been woken.
    fn is_quiet(&self) -> bool {
        !self.worker_turns && self.state.ready.is_empty()
    }

    /// A relist. What it sees is nothing to a probe worker, if it wakes nobody.
    fn take_relist(&mut self, deadlines: &mut Deadlines) {
        self.relist(false);
        if !self.is_quiet() {
            self.end(true, deadlines);
            return;
        }
        deadlines.look_at_others(self.look());
        self.close_instant(true, deadlines);
    }

    /// Where answers that take no time wait for everything else of the instant: once a timer was the
    /// last, the instant's ticks are over, those too that had nothing to do.
    #[inline]
    fn close_instant(&mut self, timer: bool, deadlines: &mut Deadlines) {
        let settled = self.machine.rules.instant_calls == InstantCalls::Settled;
        if !timer || !settled || !self.state.ready.is_empty() {
            return;
        }
        deadlines.catch_up(self.look());
        if deadlines.next().is_none_or(|(at, _)| at > self.now) {
            if self.state.ticks_from > self.now {
                deadlines.forget();
            }
            self.state.ticks_from = self.now.plus_millis(1);
            self.state.fired.clear();
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Kill(id) => {
                if let Some(stopping) = self.state.slots[id.index()].stopping {
                    self.kill_process(RunId {
                        container: id,
                        ordinal: stopping.run,
                    });
                }
            }
            Timer::Grace(_) => {
                self.advance_kills();
                self.advance_waiting();
            }
            Timer::PostStart => self.advance_start(),
            Timer::Probe(id, kind) => self.fire_probe(id, kind),
            Timer::Ready => {}
            Timer::SyncLoop => self.start_sync_loop(),
            Timer::Writer => self.start_writer(),
            Timer::Relist => self.relist(false),
            Timer::Sync => {
                self.state.kubelet.work_due = None;
                self.sync_pod();
            }
            Timer::Housekeeping => self.clean_up_pods(),
            Timer::Status => self.write_status(),
            Timer::Collection => self.collect_garbage(),
        }
    }

    #[inline(always)]
    pub(super) fn fire_probe(&mut self, id: ContainerId, kind: ProbeKind) {
        let Some(worker) = &mut self.state.slots[id.index()].probes[kind as usize] else {
            return;
        };
        match (&worker.probing, worker.run) {
            (Some(_), Some(ordinal)) => {
                let container = id;
                self.probe_timed_out(RunId { container, ordinal }, kind);
            }
            _ => {
                if !std::mem::take(&mut worker.missed) {
                    // It ticks from here on as before.
                    worker.ticker = self.now;
                }
                self.tick_probe(id, kind);
                if self.machine.turns == Turns::All {
                    self.take_trigger(id, kind);
                }
            }
        }
    }

    pub(super) fn look(&self) -> Look<'_, 'm> {
        Look {
            machine: self.machine,
            state: self.state,
        }
    }

    /// Until nothing more can happen at this instant; or until the runtime has been asked
    /// something, where its answer comes before anybody else's turn; or until too many turns have
    /// been, for the kubelet can be made to spin. Whoever is ready then has a turn in the next step.
    fn settle(&mut self) {
        let rule = self.machine.rules.instant_calls;
        let mut turns = 0;
        loop {
            if std::mem::take(&mut self.worker_turns) {
                self.run_worker();
            } else if self.machine.turns == Turns::OneByOne
                || self.asked_atomically(rule)
                || turns == MAX_TURNS
            {
                return;
            } else if let Some(task) = self.state.ready.pop() {
                turns += 1;
                self.run(task);
            } else {
                return;
            }
        }
    }

    fn asked_atomically(&self, rule: InstantCalls) -> bool {
        let mut requests = self.out.requests.iter();
        requests.any(|request| request.token.verb.is_atomic(rule))
    }

    fn run(&mut self, task: Task) {
        match task {
            Task::SyncLoop => {
                if self.look().sync_loop_start().is_some() {
                    return;
                }
                while !self.state.kubelet.inbox.is_empty() {
                    let notice = self.state.kubelet.inbox.remove(0);
                    self.handle(notice);
                }
            }
            Task::Worker => self.run_worker(),
            Task::Writer if self.look().writer_start().is_some() => {}
            Task::Writer => self.write_status(),
            Task::Probe(id, kind) => self.take_trigger(id, kind),
            Task::Kill(id) => self.start_kill(id),
            Task::Relist => self.relist_on_demand(),
            Task::Fire(timer) => {
                if self.look().is_still_due(timer) {
                    self.fire(timer);
                }
            }
        }
    }

    /// The answer to a request does not matter any more.
    pub(super) fn cancel(&mut self, token: Token) {
        self.out.requests.retain(|request| request.token != token);
        self.out.cancelled.push(token);
    }

    /// Hands a request to the runtime.
    #[inline(always)]
    pub(super) fn ask(&mut self, token: Token) {
        if !token.verb.is_atomic(self.machine.rules.instant_calls) {
            self.state.ready.give_way();
        }
        let run = token.run().and_then(|run| self.state.runtime.run(run));
        let started = match run.map(|run| &run.state) {
            Some(RunState::Running { started }) => Some(*started),
            _ => None,
        };
        let nth = match (run, token.container) {
            (Some(run), _) => run.nth,
            (None, Some(id)) => self.state.slots[id.index()].starts,
            (None, None) => self.state.sandbox_calls,
        };
        self.out.requests.push(Request {
            token,
            image: None,
            nth,
            running_for: started.map_or(0, |started| self.now.millis_since(started)),
            alive: started.is_some(),
        });
    }

    pub(super) fn ask_image(&mut self, token: Token, image: ImageId) {
        self.ask(token);
        if let Some(request) = self.out.requests.last_mut() {
            request.image = Some(image);
        }
    }

    fn reply(&mut self, token: Token, outcome: Outcome) {
        let known = |id: &ContainerId| id.index() < self.state.slots.len();
        if token.container.as_ref().is_some_and(|id| !known(id)) {
            return;
        }
        match (token.verb, token.container, token.run()) {
            (Verb::RunSandbox, ..) => self.sandbox_made(token.ordinal, outcome),
            (Verb::PullImage, Some(id), _) => self.pulled(id, self.image_of(id), outcome),
            (Verb::CreateContainer, Some(id), _) => self.created(id, outcome),
            (Verb::StartContainer, _, Some(run)) => self.process_started(run, outcome),
            (Verb::Run | Verb::StopContainer, _, Some(run)) => {
                if let Outcome::Exited { code, oom } = outcome {
                    let by = match (token.verb, oom) {
                        (Verb::StopContainer, _) => ExitCause::Term,
                        (_, true) => ExitCause::OutOfMemory,
                        (_, false) => ExitCause::Itself,
                    };
                    self.process_ended(run, code, by);
                }
            }
            (Verb::PostStart, _, Some(run)) => self.post_start_ended(run, outcome),
            (Verb::PreStop, _, Some(run)) => {
                self.pre_stop_ended(run, outcome);
                self.advance_kills();
                self.advance_waiting();
            }
            (Verb::Probe(kind), _, Some(run)) => self.probe_answered(run, kind, outcome),
            _ => {}
        }
    }

    /// The image that a container's start is about.
    pub(super) fn image_of(&self, id: ContainerId) -> ImageId {
        let revision = self.active_pod().map_or(0, |pod| pod.revision);
        self.machine.spec(revision).container(id).image
    }

    pub(super) fn kube(&mut self, event: KubeEvent) {
        self.out.events.push(Event::Kube(event));
    }

    pub(super) fn kube_of(&mut self, id: ContainerId, what: KubeReason) {
        self.kube(KubeEvent {
            container: Some(id),
            what,
        });
    }
}
