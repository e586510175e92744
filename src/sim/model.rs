//! The model: everything that does not change, and the one way to advance a world.

use super::action::Action;
use super::event_list::{EventList, Notice, Rank};
use super::open::{Die, Offered, Open};
use super::world::{Derived, World};
use crate::kubelet::{Input, Jitter, Loops, Pace, Pod, Request, Timer, Token, Turns};
use crate::profile::Rules;
use crate::runtime::{Call, ChoicePoint, Choices, Opening, Runtime, Window};
use crate::spec::PodSpec;
use crate::time::Time;
use crate::timeline::{Entry, Names, Timeline, Violation, Words};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// How many inputs one instant may take before it counts as a cycle without delay.
const SETTLE_BOUND: u32 = 10_000;

/// For how many of them one counts after which somebody in the kubelet is still ready.
const UNSETTLED: u32 = 50;

/// A pod, the rules of its kubelet, its runtime, and what is done to it.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) revisions: Vec<Arc<PodSpec>>,
    pub(super) rules: Rules,
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) actions: Vec<(Time, Action)>,
    pub(super) open: Vec<Offered>,
    pub(super) loops: Loops,
    pub(super) images: u64,
    pub(super) conditions: Vec<String>,
    pub(super) turns: Turns,
    pub(super) pace: Pace,
    pub(super) jitter_is_open: bool,
}

/// What one [`Model::advance`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// Something happened, at that moment.
    Fired(Time),
    /// Nothing will ever happen again.
    Quiescent,
}

/// One run's outcome.
#[derive(Clone, Debug)]
pub struct Run {
    /// What happened.
    pub timeline: Timeline,
    /// The world at the horizon.
    pub world: World,
    /// Whether the run was given up because one instant would not end.
    pub livelock: bool,
}

impl Run {
    /// What in this run breaks an [invariant](crate::timeline::invariant).
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.timeline.violations()
    }
}

impl Model {
    /// A pod on a node that runs these rules, with this runtime. Nobody does anything to it.
    #[must_use]
    pub fn new(pod: Arc<PodSpec>, rules: Rules, runtime: impl Runtime + 'static) -> Self {
        let conditions = pod.readiness_gates.iter().map(|gate| gate.to_string());
        Self {
            conditions: conditions.collect(),
            revisions: vec![pod],
            rules,
            runtime: Arc::new(runtime),
            actions: Vec::new(),
            open: Vec::new(),
            loops: Loops::default(),
            images: 0,
            turns: Turns::All,
            pace: Pace::Ticking,
            jitter_is_open: false,
        }
    }

    /// The same where something is done that long after the pod's creation. What is done at one
    /// moment is done in the order of these calls.
    #[must_use]
    pub fn at(mut self, after: Duration, action: Action) -> Self {
        let at = Time::START + after;
        let place = self.actions.partition_point(|&(known, _)| known <= at);
        self.actions.insert(place, (at, action));
        self
    }

    /// The same under other rules than those of a version: to see what a single policy does.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The same with other first ticks of the kubelet's loops.
    #[must_use]
    pub const fn loops(mut self, loops: Loops) -> Self {
        self.loops = loops;
        self
    }

    /// The same with loops that do not wait: what takes time is only what the pod says and what the
    /// runtime does.
    #[must_use]
    pub const fn ideal(mut self) -> Self {
        self.pace = Pace::AtOnce;
        self
    }

    /// The same where a search tries by how much the kubelet lengthens the delay before it tries a failed
    /// sync again (TIME-7); else it takes the shortest, as it does of the minute between two syncs that
    /// nothing has called for: with that open no two of them would find the probes at the same point,
    /// and no search would come to an end. A seed draws both in any case.
    #[must_use]
    pub const fn open_jitter(mut self) -> Self {
        self.jitter_is_open = true;
        self
    }

    /// The same where the node already holds these images.
    #[must_use]
    pub fn with_images(mut self, present: &[&str]) -> Self {
        for revision in &self.revisions {
            for (index, image) in revision.images.iter().enumerate() {
                if present.contains(&&**image) {
                    self.images |= 1 << index;
                }
            }
        }
        self
    }

    /// The machine.
    #[must_use]
    pub fn pod(&self) -> Pod<'_> {
        Pod {
            revisions: &self.revisions,
            rules: &self.rules,
            turns: self.turns,
            pace: self.pace,
        }
    }

    /// The words behind a timeline of this model.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        Names {
            pod: &self.revisions[self.revisions.len() - 1],
            rules: &self.rules,
            runtime: &*self.runtime,
            conditions: &self.conditions,
        }
    }

    fn words(&self) -> Words {
        Words {
            pod: Arc::clone(&self.revisions[self.revisions.len() - 1]),
            rules: self.rules.clone(),
            runtime: Arc::clone(&self.runtime),
            conditions: self.conditions.clone(),
        }
    }

    /// The first ticks of the kubelet's loops.
    #[must_use]
    pub const fn first_ticks(&self) -> Loops {
        self.loops
    }

    /// The world just before the pod is created.
    #[must_use]
    pub fn world(&self) -> World {
        self.world_with(self.loops)
    }

    /// The same with other first ticks of the kubelet's loops.
    #[must_use]
    pub fn world_with(&self, loops: Loops) -> World {
        let pod = self.pod().initial(loops, self.images);
        World {
            now: Time::START,
            deadlines: Derived(self.pod().deadlines(&pod)),
            pod,
            events: EventList::default(),
            actions_done: 0,
            pending: SmallVec::new(),
            die: None,
        }
    }

    /// Creates the pod, at the world's present.
    pub fn create(&self, world: &mut World, choices: &mut dyn Choices, log: &mut Timeline) {
        log.with_words(|| self.words());
        self.open_actions(world, choices);
        self.step(world, Input::Created, choices, log);
    }

    /// The moment of the next thing that happens.
    #[must_use]
    pub fn next(&self, world: &World) -> Option<Time> {
        self.upcoming(world).map(|(at, _)| at)
    }

    #[inline(always)]
    fn upcoming(&self, world: &World) -> Option<(Time, Upcoming)> {
        let mut next: Option<(Time, Upcoming)> = None;
        // Of what comes at one moment, what is offered last comes first.
        let mut offer = |at: Time, what: Upcoming| {
            if next.is_none_or(|(known, _)| at <= known) {
                next = Some((at, what));
            }
        };
        let place = world.events.first_place();
        let answer = place.and_then(|place| {
            let answer = world.events.get(place)?;
            Some((
                answer.until?,
                answer.rank == Rank::Last,
                Upcoming::Answer(place),
            ))
        });
        if let Some((at, true, answer)) = answer {
            offer(at, answer);
        }
        if let Some((at, timer)) = world.deadlines.0.next() {
            offer(at, Upcoming::Deadline(timer));
        }
        if !world.pending.is_empty()
            && let Some((at, place)) = world.last_call()
        {
            offer(at, Upcoming::LastCall(place));
        }
        if let Some(&(at, _)) = self.actions.get(world.actions_done) {
            offer(at, Upcoming::Action);
        }
        if let Some((at, false, answer)) = answer {
            offer(at, answer);
        }
        next
    }

    /// Lets exactly one thing happen: an answer comes, somebody acts, or a deadline passes.
    pub fn advance(
        &self,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) -> Advance {
        let (machine, upcoming) = (&self.pod(), self.upcoming(world));
        let advance = self.advance_to(upcoming, machine, world, choices, log);
        self.settle(machine, world, choices, log);
        advance
    }

    /// Leaves nothing behind of a step: asks what is to be asked, and brings the deadlines up to date.
    #[inline]
    fn settle(
        &self,
        machine: &Pod<'_>,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) {
        self.ask_all(world, choices, log);
        machine.catch_up(&world.pod, &mut world.deadlines.0);
    }

    /// The same for those who know what comes next. What the step asks for is left to them.
    #[inline(always)]
    fn advance_to(
        &self,
        upcoming: Option<(Time, Upcoming)>,
        machine: &Pod<'_>,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) -> Advance {
        if world.has_open() && self.happens_open(upcoming, world, choices, log) {
            return Advance::Fired(world.now);
        }
        let Some((at, upcoming)) = upcoming else {
            return Advance::Quiescent;
        };
        world.now = world.now.max(at);
        let (now, out) = (world.now, log.buffer());
        let input = match upcoming {
            Upcoming::Deadline(timer) => {
                let deadlines = &mut world.deadlines.0;
                machine.step_due(&mut world.pod, now, timer, out, deadlines);
                self.follow(world, choices, log);
                return Advance::Fired(now);
            }
            Upcoming::Answer(place) => match world.events.take_at(place) {
                Some(notice) => {
                    if notice.rank == Rank::Last {
                        machine.rest(&mut world.pod, now);
                    }
                    Input::Replied(notice.token, notice.outcome)
                }
                None => return Advance::Quiescent,
            },
            Upcoming::Action => {
                let (_, action) = self.actions[world.actions_done];
                world.actions_done += 1;
                action.input()
            }
            Upcoming::LastCall(place) => self.act(world, place),
        };
        step_machine(machine, world, input, log);
        self.follow(world, choices, log);
        Advance::Fired(now)
    }

    /// Lets something open happen before what comes otherwise, if that is chosen. Returns whether it
    /// was.
    #[inline(never)]
    fn happens_open(
        &self,
        upcoming: Option<(Time, Upcoming)>,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) -> bool {
        if world.events.has_prompt(world.now) {
            return false;
        }
        let next = upcoming.map(|(at, _)| at.max(world.now));
        let Some((at, open)) = choose_open(world, next, choices) else {
            return false;
        };
        world.now = at;
        let input = match open {
            Open::Answer(token) => answer(world, token),
            Open::Act(place) => Some(self.act(world, place)),
            Open::Die => world.die.take().map(|_| Input::Requeued { after: 0 }),
        };
        let Some(input) = input else {
            return false;
        };
        self.step(world, input, choices, log);
        true
    }

    /// Where all that is certain lies behind the horizon: lets something open happen before it, if
    /// that is chosen. Returns whether it was.
    fn advance_open(
        &self,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
        end: Time,
    ) -> bool {
        if !world.has_open() {
            return false;
        }
        let (mut next, known) = (world.clone(), log.entries().len());
        let advance = self.advance(&mut next, choices, log);
        let goes_on = matches!(advance, Advance::Fired(at) if at <= end);
        match goes_on {
            true => *world = next,
            false => log.truncate(known),
        }
        goes_on
    }

    pub(super) fn step(
        &self,
        world: &mut World,
        input: Input,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) {
        let machine = &self.pod();
        step_machine(machine, world, input, log);
        self.follow(world, choices, log);
        self.settle(machine, world, choices, log);
    }

    /// Does what a step of the machine wants, but for its requests.
    #[inline(always)]
    fn follow(&self, world: &mut World, choices: &mut dyn Choices, log: &mut Timeline) {
        if let Some(jitter) = log.buffer().jitter {
            self.requeue(jitter, world, choices, log);
        }
        // Nobody waits for a die once the worker's next turn is another.
        if let Some(die) = world.die
            && world.pod.kubelet.work_due != Some(die.until)
        {
            world.die = None;
        }
        log.keep(world.now);
        let out = log.buffer();
        if !out.cancelled.is_empty() {
            world.events.cancel(&out.cancelled);
            out.cancelled.clear();
        }
    }

    /// Asks the runtime what a step of the machine wants to know, and has its answers under way.
    #[inline]
    fn ask_all(&self, world: &mut World, choices: &mut dyn Choices, log: &mut Timeline) {
        let requests = &mut log.buffer().requests;
        for request in &*requests {
            if let Some(notice) = self.ask(request, world, choices) {
                world.events.push(notice);
            }
        }
        requests.clear();
    }

    /// The same where the last step has asked one thing only. An answer that took no time comes before
    /// all else, and at once: it needs no place on the list, and nobody looks at the deadlines. Returns
    /// whether it has come.
    #[inline(always)]
    fn answer_at_once(
        &self,
        machine: &Pod<'_>,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) -> bool {
        let requests = &mut log.buffer().requests;
        let [request] = &requests[..] else {
            return false;
        };
        if world.events.has_prompt(world.now) {
            return false;
        }
        let notice = self.ask(request, world, choices);
        requests.clear();
        let Some(notice) = notice else {
            return false;
        };
        if notice.rank != Rank::Prompt {
            world.events.push(notice);
            return false;
        }
        debug_assert!(!self.is_overdue(world), "a deadline has been passed over");
        let Notice { token, outcome, .. } = notice;
        step_machine(machine, world, Input::Replied(token, outcome), log);
        self.follow(world, choices, log);
        true
    }

    /// Throws the kubelet's die.
    #[inline(never)]
    fn requeue(
        &self,
        Jitter {
            earliest,
            latest,
            retry,
        }: Jitter,
        world: &mut World,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) {
        let (now, point) = (world.now, ChoicePoint::of_worker(world.now));
        let window = Window { earliest, latest };
        let window = match self.jitter_is_open && retry {
            true => choices.lengthen(point, window),
            false => choices.place(point, window).at_earliest(),
        };
        // As long as it rolls the delay is the longest.
        let after = window.latest;
        if after > earliest {
            step_machine(&self.pod(), world, Input::Requeued { after }, log);
        }
        log.buffer().jitter = None;
        world.die = (window.latest > window.earliest).then(|| Die {
            from: now.plus_millis(window.earliest),
            until: now.plus_millis(window.latest),
        });
    }

    /// Asks the runtime. `None`: it will never answer.
    #[inline(always)]
    fn ask(&self, request: &Request, world: &World, choices: &mut dyn Choices) -> Option<Notice> {
        let (now, token) = (world.now, request.token);
        let pod = &self.revisions[usize::from(world.pod.object.revision)];
        let runtime: &dyn Runtime = &*self.runtime;
        let reply = runtime.reply(&Call { request, pod, now }, choices);
        let outcome = reply.outcome?;
        let point = ChoicePoint {
            token,
            at: now,
            aspect: 1,
        };
        let Window { earliest, latest } = choices.place(point, reply.after);
        Some(Notice {
            at: now.plus_millis(earliest),
            until: (latest != u64::MAX).then(|| now.plus_millis(latest)),
            rank: match latest {
                0 if token.verb.is_atomic(self.rules.instant_calls) => Rank::Prompt,
                0 => Rank::Last,
                _ => Rank::Timed,
            },
            token,
            outcome,
        })
    }

    /// Creates the pod and runs it until the horizon, which still belongs to the run.
    #[must_use]
    pub fn run(&self, choices: &mut dyn Choices, horizon: Duration) -> Run {
        self.run_into(choices, horizon, Timeline::new())
    }

    /// The same with a timeline of the caller's, such as [`Timeline::discard`].
    #[must_use]
    pub fn run_into(
        &self,
        choices: &mut dyn Choices,
        horizon: Duration,
        timeline: Timeline,
    ) -> Run {
        self.drive(choices, horizon, timeline, &mut |_| {})
    }

    /// The same for those who want to see entries as they come: none is kept. Entries are numbered
    /// anew in each step.
    #[must_use]
    pub fn run_seeing(
        &self,
        choices: &mut dyn Choices,
        horizon: Duration,
        see: &mut dyn FnMut(&Entry, &Names<'_>),
    ) -> Run {
        let names = self.names();
        self.drive(choices, horizon, Timeline::new(), &mut |timeline| {
            for entry in timeline.entries() {
                see(entry, &names);
            }
            timeline.clear();
        })
    }

    fn drive(
        &self,
        choices: &mut dyn Choices,
        horizon: Duration,
        mut timeline: Timeline,
        stepped: &mut dyn FnMut(&mut Timeline),
    ) -> Run {
        let end = Time::START + horizon;
        let (machine, mut world) = (&self.pod(), self.world());
        let mut livelock = false;
        self.create(&mut world, choices, &mut timeline);
        stepped(&mut timeline);
        let mut at_instant = 0;
        loop {
            let before = world.now;
            if !self.answer_at_once(machine, &mut world, choices, &mut timeline) {
                self.settle(machine, &mut world, choices, &mut timeline);
                let upcoming = self.upcoming(&world);
                let going = match upcoming.is_some_and(|(at, _)| at <= end) {
                    true => {
                        let advance =
                            self.advance_to(upcoming, machine, &mut world, choices, &mut timeline);
                        advance != Advance::Quiescent
                    }
                    false => self.advance_open(&mut world, choices, &mut timeline, end),
                };
                if !going {
                    break;
                }
            }
            stepped(&mut timeline);
            at_instant = match world.now == before {
                true if world.pod.ready.is_empty() => at_instant + 1,
                true => at_instant + UNSETTLED,
                false => 0,
            };
            if at_instant > SETTLE_BOUND {
                livelock = true;
                break;
            }
        }
        self.settle(machine, &mut world, choices, &mut timeline);
        Run {
            timeline,
            world,
            livelock,
        }
    }

    /// Whether a deadline lies in the past.
    fn is_overdue(&self, world: &World) -> bool {
        let next = self.pod().next_deadline(&world.pod);
        next.is_some_and(|(at, _)| at < world.now)
    }
}

#[inline(always)]
fn step_machine(machine: &Pod<'_>, world: &mut World, input: Input, log: &mut Timeline) {
    let (now, out) = (world.now, log.buffer());
    let deadlines = &mut world.deadlines.0;
    machine.step_keeping(&mut world.pod, now, input, out, deadlines);
}

/// Asks which of the open things happens before what comes otherwise, and when.
fn choose_open(
    world: &World,
    next: Option<Time>,
    choices: &mut dyn Choices,
) -> Option<(Time, Open)> {
    let possible = |&(opening, _): &(Opening, Open)| next.is_none_or(|next| opening.from <= next);
    let all: SmallVec<[(Opening, Open); 4]> = world.open().filter(possible).collect();
    let openings: SmallVec<[Opening; 4]> = all.iter().map(|&(opening, _)| opening).collect();
    if openings.is_empty() {
        return None;
    }
    let (index, at) = choices.happens(world.now, next, &openings)?;
    let (opening, open) = all.get(index)?;
    let at = at.max(opening.from);
    Some((next.map_or(at, |next| at.min(next)), *open))
}

fn answer(world: &mut World, token: Token) -> Option<Input> {
    let notice = world.events.take(token)?;
    Some(Input::Replied(token, notice.outcome))
}

/// What comes next.
#[derive(Clone, Copy)]
enum Upcoming {
    /// An answer, by its place in the list.
    Answer(usize),
    Action,
    LastCall(usize),
    Deadline(Timer),
}
