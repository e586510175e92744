//! The model: everything that does not change, and the one way to advance a world.

use super::action::Action;
use super::event_list::{EventList, Notice, Rank};
use super::open::{Offered, Open};
use super::world::{Derived, World};
use crate::kubelet::{Input, Jitter, Loops, Output, Pace, Pod, Timer, Token, Turns};
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
            deadline: Derived(self.pod().next_deadline(&pod)),
            pod,
            events: EventList::default(),
            actions_done: 0,
            pending: SmallVec::new(),
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

    fn upcoming(&self, world: &World) -> Option<(Time, Upcoming)> {
        let mut next: Option<(Time, Upcoming)> = None;
        let mut offer = |at: Time, what: Upcoming| {
            let sooner = |(known, other): &(Time, Upcoming)| {
                at < *known || (at == *known && what.turn() < other.turn())
            };
            if next.as_ref().is_none_or(sooner) {
                next = Some((at, what));
            }
        };
        if let Some((at, timer)) = world.deadline.0 {
            offer(at, Upcoming::Deadline(timer));
        }
        if let Some((at, notice)) = world.events.first().and_then(|it| Some((it.until?, it))) {
            offer(
                at,
                match notice.rank {
                    Rank::Prompt | Rank::Timed => Upcoming::Answer(notice.token),
                    Rank::Last => Upcoming::LateAnswer(notice.token),
                },
            );
        }
        if let Some(&(at, _)) = self.actions.get(world.actions_done) {
            offer(at, Upcoming::Action);
        }
        if let Some((at, place)) = world.last_call() {
            offer(at, Upcoming::LastCall(place));
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
        let upcoming = self.upcoming(world);
        if world.has_open() && !self.is_prompt(world) {
            let next = upcoming.map(|(at, _)| at.max(world.now));
            if let Some((at, open)) = choose_open(world, next, choices) {
                world.now = at;
                let input = match open {
                    Open::Answer(token) => answer(world, token),
                    Open::Act(place) => Some(self.act(world, place)),
                };
                if let Some(input) = input {
                    self.step(world, input, choices, log);
                    return Advance::Fired(world.now);
                }
            }
        }
        let Some((at, upcoming)) = upcoming else {
            return Advance::Quiescent;
        };
        world.now = world.now.max(at);
        let input = match upcoming {
            Upcoming::Answer(token) | Upcoming::LateAnswer(token) => {
                if matches!(upcoming, Upcoming::LateAnswer(_)) {
                    self.pod().rest(&mut world.pod, world.now);
                }
                match answer(world, token) {
                    Some(input) => input,
                    None => return Advance::Quiescent,
                }
            }
            Upcoming::Action => {
                let (_, action) = self.actions[world.actions_done];
                world.actions_done += 1;
                action.input()
            }
            Upcoming::LastCall(place) => self.act(world, place),
            Upcoming::Deadline(timer) => {
                let mut out = log.take_buffer();
                world.deadline =
                    Derived(
                        self.pod()
                            .step_due(&mut world.pod, world.now, timer, &mut out),
                    );
                self.follow(world, out, choices, log);
                return Advance::Fired(world.now);
            }
        };
        self.step(world, input, choices, log);
        Advance::Fired(world.now)
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

    /// Whether an answer that took no time comes next: nothing comes between it and its request.
    fn is_prompt(&self, world: &World) -> bool {
        let next = world.events.first();
        next.is_some_and(|next| next.rank == Rank::Prompt && next.at <= world.now)
    }

    pub(super) fn step(
        &self,
        world: &mut World,
        input: Input,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) {
        let mut out = log.take_buffer();
        let next = self.pod().step(&mut world.pod, world.now, input, &mut out);
        world.deadline = Derived(next);
        self.follow(world, out, choices, log);
    }

    /// Does what a step of the machine asks for.
    fn follow(
        &self,
        world: &mut World,
        mut out: Output,
        choices: &mut dyn Choices,
        log: &mut Timeline,
    ) {
        if let Some(Jitter { earliest, latest }) = out.jitter.take() {
            let point = ChoicePoint::of_worker(world.now);
            let after = choices.place(point, Window { earliest, latest }).earliest;
            if after > earliest {
                let input = Input::Requeued { after };
                let next = self.pod().step(&mut world.pod, world.now, input, &mut out);
                world.deadline = Derived(next);
            }
        }
        for token in &out.cancelled {
            world.events.cancel(*token);
        }
        for event in out.events.drain(..) {
            log.push(world.now, event);
        }
        let spec = &self.revisions[usize::from(world.pod.object.revision)];
        for request in &out.requests {
            let call = Call {
                request,
                pod: spec,
                now: world.now,
            };
            let reply = self.runtime.reply(&call, choices);
            let Some(outcome) = reply.outcome else {
                continue;
            };
            let point = ChoicePoint {
                token: request.token,
                at: world.now,
                aspect: 1,
            };
            let Window { earliest, latest } = choices.place(point, reply.after);
            world.events.push(Notice {
                at: world.now.plus_millis(earliest),
                until: (latest != u64::MAX).then(|| world.now.plus_millis(latest)),
                rank: match latest {
                    0 if request.token.verb.is_atomic(self.rules.instant_calls) => Rank::Prompt,
                    0 => Rank::Last,
                    _ => Rank::Timed,
                },
                token: request.token,
                outcome,
            });
        }
        log.give_buffer(out);
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
        let mut world = self.world();
        let mut livelock = false;
        self.create(&mut world, choices, &mut timeline);
        stepped(&mut timeline);
        let mut at_instant = 0;
        loop {
            let before = world.now;
            let going = match self.next(&world).is_some_and(|at| at <= end) {
                true => self.advance(&mut world, choices, &mut timeline) != Advance::Quiescent,
                false => self.advance_open(&mut world, choices, &mut timeline, end),
            };
            if !going {
                break;
            }
            stepped(&mut timeline);
            at_instant = match (world.now == before, world.pod.ready.is_empty()) {
                (true, true) => at_instant + 1,
                (true, false) => at_instant + UNSETTLED,
                (false, _) => 0,
            };
            if at_instant > SETTLE_BOUND {
                livelock = true;
                break;
            }
        }
        Run {
            timeline,
            world,
            livelock,
        }
    }
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
    Answer(Token),
    Action,
    LastCall(usize),
    Deadline(Timer),
    LateAnswer(Token),
}

impl Upcoming {
    /// Its place among what comes at one moment.
    const fn turn(&self) -> u8 {
        match self {
            Self::Answer(_) => 0,
            Self::Action => 1,
            Self::LastCall(_) => 2,
            Self::Deadline(_) => 3,
            Self::LateAnswer(_) => 4,
        }
    }
}
