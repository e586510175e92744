//! Which parts of a state only name something: moments long past, and numbers that count up.
//!
//! Two states with the same future may differ in them. Whoever compares states renames them first;
//! here is only where they are, and how long a moment matters.

use super::actions::Actions;
use super::api_status::{ContainerSet, ContainerState, PodStatus};
use super::backoff::{Backoff, RESET_AFTER};
use super::kill::{Kill, KillStage};
use super::output::{Token, Verb};
use super::prober::OUTLIVED;
use super::restart;
use super::runtime_status::{RunId, RunState, RuntimeStatus};
use super::start::{StartStage, Starting};
use super::state::{
    ContainerSlot, GC_PERIOD, HOUSEKEEPING_PERIOD, PodState, RELIST_PERIOD, STATUS_PERIOD,
    SYNC_PERIOD,
};
use super::sync_loop::Notice;
use super::sync_pod::SyncStage;
use super::worker::Activity;
use super::{Pace, Pod};
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;

/// A number that counts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Runs of a container.
    Runs(ContainerId),
    /// Restart counts. No decision asks for one but the next count (CSTAT-2), and no two statuses of
    /// one container differ in that alone.
    Restarts,
    /// Attempts to start it.
    Attempts(ContainerId),
    /// Sandboxes.
    Sandboxes,
    /// Attempts to make one.
    SandboxCalls,
}

/// What a moment in the past still decides, but for its order to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Something, for as long as it is in the state.
    Always,
    /// Nothing but when a ticker ticks.
    Ticker,
    /// Something until it is that many milliseconds old.
    For(u64),
}

impl Lasts {
    const ORDER: Self = Self::For(0);
}

/// Sees every moment and every counter of a state, and may change them.
pub trait Visitor {
    /// A moment.
    fn time(&mut self, at: &mut Time, lasts: Lasts);
    /// A counter's value.
    fn count(&mut self, counter: Counter, value: &mut u32);
}

/// How far back the world outside looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What is answered depends on how long a container has run, up to so many milliseconds;
    /// `None`: always.
    pub running_for: Option<u64>,
    /// What is answered depends on how many attempts there were, up to so many; `None`: always.
    pub attempts: Option<u32>,
}

impl Memory {
    /// Answers depend on nothing that was.
    pub const NONE: Self = Self {
        running_for: Some(0),
        attempts: Some(0),
    };
    /// Answers may depend on all that was.
    pub const ALL: Self = Self {
        running_for: None,
        attempts: None,
    };
}

impl Pod<'_> {
    /// Drops what a state remembers and nobody will ask for, and counts tickers from their last
    /// tick.
    pub fn forget(&self, state: &mut PodState) {
        let now = state.now;
        if let Some(deletion) = &mut state.object.deletion {
            // A shorter one would be past as well (DEL-11).
            deletion.at = deletion.at.max(now);
        }
        forget_attempts(&mut state.runtime);
        state.seen.iter_mut().for_each(forget_attempts);
        match state.kubelet.worker.as_mut().map(|worker| &mut worker.at) {
            Some(Activity::Stopping(view)) => forget_attempts(view),
            Some(Activity::Syncing(sync)) => forget_attempts(&mut sync.view),
            Some(Activity::Idle | Activity::AwaitingRelist(_)) | None => {}
        }
        let housekeeping = state.loops.sync;
        for slot in &mut state.slots {
            let gone = |entry: &Backoff| entry.forgotten_at(housekeeping, self.pace) <= now;
            slot.backoff = slot.backoff.filter(|entry| !gone(entry));
            if slot.backoff.is_none() {
                // Nobody asks for it: a new process of the kubelet knows of no back-off.
                slot.backoff_image = None;
            }
        }
        for entry in &mut state.kubelet.pulls {
            let old = |updated: Time| now.millis_since(updated) > u64::from(RESET_AFTER);
            if entry.is_some_and(|entry| old(entry.backoff.updated)) {
                *entry = None;
            }
        }
        let spec = self.spec(state.object.revision);
        for (slot, container) in state.slots.iter_mut().zip(&spec.containers) {
            for kind in ProbeKind::ALL {
                let period = container.probe(kind).map(|probe| u64::from(probe.period));
                let worker = slot.probes[kind as usize].as_mut();
                if let (Some(worker), Some(period)) = (worker, period) {
                    worker.ticker = last_tick(worker.ticker, period * 1000, now);
                }
            }
        }
        state.loops.kubelet_started = self.latest_kubelet_start(state);
        let loops = &mut state.loops;
        for (anchor, period) in [
            (&mut loops.relist, RELIST_PERIOD),
            (&mut loops.sync, SYNC_PERIOD.max(HOUSEKEEPING_PERIOD)),
            (&mut loops.status, STATUS_PERIOD),
            (&mut loops.gc, GC_PERIOD),
        ] {
            *anchor = match self.pace {
                Pace::Ticking => last_tick(*anchor, period, now),
                // Nobody asks for it.
                Pace::AtOnce => now,
            };
        }
    }

    /// The latest start of the kubelet's process that the same containers outlived (PROBE-84); `None`
    /// where none did, or nobody asks.
    fn latest_kubelet_start(&self, state: &PodState) -> Option<Time> {
        let kubelet = state.loops.kubelet_started.filter(|_| state.kubelet.up)?;
        let worker = state.kubelet.worker.as_ref().map(|worker| &worker.at);
        let view = match worker {
            Some(Activity::Stopping(view)) => Some(&**view),
            Some(Activity::Syncing(sync)) => Some(&sync.view),
            Some(Activity::Idle | Activity::AwaitingRelist(_)) | None => None,
        };
        let spec = self.spec(state.object.revision);
        let known = [&state.runtime].into_iter().chain(&state.seen).chain(view);
        let starts = known.flat_map(|status| &status.runs).filter_map(|run| {
            let container = spec.container(run.id.container);
            let mut kinds = ProbeKind::ALL.into_iter();
            let probed = kinds.any(|kind| container.probe(kind).is_some());
            match run.state {
                RunState::Running { started } if probed => Some(started.whole_second()),
                _ => None,
            }
        });
        let (mut any, mut latest) = (false, state.now);
        for started in starts {
            if kubelet.millis_since(started) > OUTLIVED {
                any = true;
            } else {
                latest = latest.min(started.plus_millis(OUTLIVED));
            }
        }
        any.then(|| kubelet.max(latest))
    }

    /// Shows every moment and counter of a state.
    pub fn visit(&self, state: &mut PodState, memory: Memory, visitor: &mut impl Visitor) {
        let PodState {
            object,
            runtime,
            images: _,
            seen,
            sandbox_calls,
            loops,
            now,
            ready: _,
            fired: _,
            ticks_from,
            kubelet,
            slots,
        } = state;
        visitor.time(now, Lasts::Always);
        visitor.time(ticks_from, Lasts::Always);
        for anchor in [
            &mut loops.relist,
            &mut loops.sync,
            &mut loops.status,
            &mut loops.gc,
        ] {
            visitor.time(anchor, Lasts::Ticker);
        }
        if let Some(at) = &mut loops.kubelet_started {
            visitor.time(at, Lasts::Always);
        }
        visitor.count(Counter::SandboxCalls, sandbox_calls);
        let up_for = loops
            .kubelet_started
            .map_or(0, |started| now.millis_since(started));
        let horizons = Horizons {
            machine: self,
            memory,
            in_rounds: self.rules.restart_all
                && self
                    .revisions
                    .iter()
                    .any(|spec| restart::could_ask_for_all(spec)),
            outlived: up_for.saturating_add(OUTLIVED + 1000),
        };
        if let Some(deletion) = &mut object.deletion {
            visitor.time(&mut deletion.at, Lasts::Always);
        }
        horizons.status(&mut object.status, visitor);
        horizons.runtime(runtime, visitor);
        if let Some(seen) = seen {
            horizons.runtime(seen, visitor);
        }
        if let Some(startup) = &mut kubelet.startup {
            for at in [&mut startup.sync_loop, &mut startup.writer]
                .into_iter()
                .flatten()
            {
                visitor.time(at, Lasts::ORDER);
            }
        }
        for notice in &mut kubelet.inbox {
            match notice {
                Notice::Died(Some(run)) | Notice::Probed { run, .. } => name(run, visitor),
                Notice::Config(_) | Notice::Relisted | Notice::Died(None) => {}
            }
        }
        for at in [&mut kubelet.work_due, &mut kubelet.fresh_from]
            .into_iter()
            .flatten()
        {
            visitor.time(at, Lasts::ORDER);
        }
        if let Some(cached) = &mut kubelet.cached {
            horizons.status(&mut cached.status, visitor);
        }
        for entry in kubelet.pulls.iter_mut().flatten() {
            visitor.time(&mut entry.backoff.updated, Lasts::Always);
        }
        if let Some(worker) = &mut kubelet.worker {
            horizons.activity(&mut worker.at, visitor);
        }
        for (index, slot) in slots.iter_mut().enumerate() {
            visit_slot(ContainerId(index as u8), slot, visitor);
        }
    }
}

/// Shows the number in the name of a request.
pub fn visit_token(token: &mut Token, visitor: &mut impl Visitor) {
    let counter = match (token.container, token.verb) {
        (None, _) => Counter::Sandboxes,
        (Some(id), Verb::PullImage) => Counter::Attempts(id),
        (Some(id), _) => Counter::Runs(id),
    };
    visitor.count(counter, &mut token.ordinal);
}

fn name(run: &mut RunId, visitor: &mut impl Visitor) {
    visitor.count(Counter::Runs(run.container), &mut run.ordinal);
}

/// What is over will not be asked for again.
fn forget_attempts(status: &mut RuntimeStatus) {
    for run in &mut status.runs {
        if run.exit().is_some() {
            run.nth = 0;
        }
    }
}

/// The last tick of a ticker before now: what has just been made does not tick at once.
fn last_tick(anchor: Time, period: u64, now: Time) -> Time {
    let since = now.millis_since(anchor).saturating_sub(1);
    anchor.plus_millis(since - since % period.max(1))
}

fn visit_slot(id: ContainerId, slot: &mut ContainerSlot, visitor: &mut impl Visitor) {
    let ContainerSlot {
        runs,
        starts,
        backoff,
        backoff_image: _,
        reason: _,
        kill,
        stopping,
        pre_stop,
        probes,
        results,
    } = slot;
    visitor.count(Counter::Runs(id), runs);
    visitor.count(Counter::Attempts(id), starts);
    if let Some(backoff) = backoff {
        visitor.time(&mut backoff.updated, Lasts::Always);
    }
    if let Some(Kill { run, stage, .. }) = kill {
        name(run, visitor);
        match stage {
            KillStage::PreStop {
                since,
                sleeps_until,
            } => {
                visitor.time(since, Lasts::Always);
                if let Some(at) = sleeps_until {
                    visitor.time(at, Lasts::Always);
                }
            }
            KillStage::AwaitingTurn(since) => visitor.time(since, Lasts::Always),
            KillStage::Begun(_) | KillStage::Stopping | KillStage::Done => {}
        }
    }
    if let Some(stopping) = stopping {
        visitor.count(Counter::Runs(id), &mut stopping.run);
        visitor.time(&mut stopping.kill_at, Lasts::ORDER);
    }
    if let Some(run) = pre_stop {
        name(run, visitor);
    }
    for worker in probes.iter_mut().flatten() {
        visitor.time(&mut worker.ticker, Lasts::Ticker);
        if let Some(run) = &mut worker.run {
            visitor.count(Counter::Runs(id), run);
        }
        if let Some(probing) = &mut worker.probing {
            visitor.time(&mut probing.since, Lasts::Always);
            visitor.time(&mut probing.timeout, Lasts::Always);
        }
    }
    for (run, _) in results.iter_mut().flatten() {
        visitor.count(Counter::Runs(id), run);
    }
}

/// How long the moments of a run matter.
struct Horizons<'a> {
    machine: &'a Pod<'a>,
    memory: Memory,
    /// Whether every container may restart. Then statuses of different rounds may look alike but for
    /// the restart counts, whose values count.
    in_rounds: bool,
    /// For how long it counts whether a container started shortly before the kubelet's process.
    outlived: u64,
}

impl Horizons<'_> {
    fn restarts(&self, count: &mut u32, visitor: &mut impl Visitor) {
        if !self.in_rounds {
            visitor.count(Counter::Restarts, count);
        }
    }

    /// Its start, as the API shows it: until the last initial delay is over, and while a new process
    /// of the kubelet would take it for new.
    fn delay(&self, id: ContainerId) -> u64 {
        let delays = self.machine.revisions.iter().flat_map(|spec| {
            let container = spec.containers.get(id.index());
            ProbeKind::ALL
                .into_iter()
                .filter_map(move |kind| container?.probe(kind))
                .map(|probe| u64::from(probe.initial_delay) * 1000)
        });
        delays.max().unwrap_or(0).max(self.outlived)
    }

    /// Its start, as the runtime knows it.
    fn started(&self, id: ContainerId) -> Lasts {
        match self.memory.running_for {
            Some(memory) => Lasts::For(memory.max(self.delay(id))),
            None => Lasts::Always,
        }
    }

    /// Its newest end: until the longest back-off is over. Whether the end is too late for the
    /// back-off (BACK-2) is no question for longer: housekeeping drops that less than two seconds
    /// after such an end.
    fn finished(&self) -> Lasts {
        Lasts::For(u64::from(self.machine.rules.crash_backoff.max))
    }

    fn runtime(&self, status: &mut RuntimeStatus, visitor: &mut impl Visitor) {
        for sandbox in &mut status.sandboxes {
            visitor.count(Counter::Sandboxes, &mut sandbox.attempt);
        }
        let mut newer = ContainerSet::EMPTY;
        for run in status.runs.iter_mut().rev() {
            let id = run.id.container;
            name(&mut run.id, visitor);
            self.restarts(&mut run.attempt, visitor);
            if run.exit().is_none() {
                visitor.count(Counter::Attempts(id), &mut run.nth);
            }
            visitor.count(Counter::Sandboxes, &mut run.sandbox);
            visitor.time(&mut run.created, Lasts::ORDER);
            match &mut run.state {
                RunState::Created | RunState::Unknown => {}
                RunState::Running { started } => visitor.time(started, self.started(id)),
                RunState::Exited(exit) => {
                    if let Some(started) = &mut exit.started {
                        visitor.time(started, Lasts::ORDER);
                    }
                    // A sync that kills and starts judges the back-off by an older end.
                    let newest = !newer.contains(id);
                    newer.insert(id);
                    let lasts = if newest {
                        self.finished()
                    } else {
                        Lasts::ORDER
                    };
                    visitor.time(&mut exit.finished, lasts);
                }
            }
        }
    }

    fn status(&self, status: &mut PodStatus, visitor: &mut impl Visitor) {
        if let Some(start) = &mut status.start_time {
            let deadlines = self.machine.revisions.iter();
            let deadline = deadlines.filter_map(|spec| spec.active_deadline).max();
            let millis = |seconds: i64| seconds.unsigned_abs().saturating_mul(1000);
            visitor.time(
                start,
                deadline.map_or(Lasts::ORDER, |it| Lasts::For(millis(it))),
            );
        }
        for (index, container) in status.containers.iter_mut().enumerate() {
            let id = ContainerId(index as u8);
            if let Some(run) = &mut container.run {
                visitor.count(Counter::Runs(id), run);
            }
            self.restarts(&mut container.restart_count, visitor);
            let ended = match &mut container.state {
                ContainerState::Running { started } => {
                    visitor.time(started, Lasts::For(self.delay(id)));
                    None
                }
                ContainerState::Terminated(ended) => Some(ended),
                ContainerState::Waiting(_) => None,
            };
            for ended in ended.into_iter().chain(&mut container.last) {
                if let Some(times) = &mut ended.times {
                    if let Some(started) = &mut times.started {
                        visitor.time(started, Lasts::ORDER);
                    }
                    visitor.time(&mut times.finished, Lasts::ORDER);
                }
            }
        }
    }

    fn activity(&self, activity: &mut Activity, visitor: &mut impl Visitor) {
        let sync = match activity {
            Activity::Idle | Activity::AwaitingRelist(_) => return,
            Activity::Stopping(view) => return self.runtime(view, visitor),
            Activity::Syncing(sync) => sync,
        };
        self.runtime(&mut sync.view, visitor);
        if let Some(ends) = &mut sync.backoff_ends {
            visitor.time(ends, Lasts::ORDER);
        }
        let Actions {
            reset,
            kill_pod: _,
            kill,
            sandbox,
            start_init: _,
            start: _,
        } = &mut sync.actions;
        reset.iter_mut().for_each(|run| name(run, visitor));
        kill.iter_mut()
            .for_each(|order| name(&mut order.run, visitor));
        if let Some(attempt) = sandbox {
            visitor.count(Counter::Sandboxes, attempt);
        }
        match &mut sync.at {
            SyncStage::Starting(Some(Starting { stage, .. })) => match stage {
                StartStage::Pulling { since } => visitor.time(since, Lasts::Always),
                StartStage::StartingProcess(run) => name(run, visitor),
                StartStage::PostStart(run, ends) => {
                    name(run, visitor);
                    if let Some(ends) = ends {
                        visitor.time(ends, Lasts::Always);
                    }
                }
                StartStage::Creating | StartStage::Killing(_) => {}
            },
            SyncStage::Resetting
            | SyncStage::KillingPod
            | SyncStage::Killing
            | SyncStage::MakingSandbox
            | SyncStage::Starting(None) => {}
        }
    }
}
