//! The search: level by level, runs with the fewest faults first, on every core.

use super::bounds::{Bounds, Cut};
use super::branching::Branching;
use super::crew;
use super::expand::{Expansion, Harvest, Seen, Stepping};
use super::frontier::{Later, Level, Piece};
use super::instants::Instants;
use super::links::{Link, Links};
use super::making::Making;
use super::observer::{End, Observer, Step};
use super::reached::{Reached, Spare};
use super::recall::Recall;
use super::settle::Settlement;
use super::visited::{Admission, Turn, Visited};
use crate::kubelet::Loops;
use crate::runtime::{Choice, Trace};
use crate::sim::Model;
use crate::time::Time;
use crate::timeline::Timeline;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// A search over everything that a model can do.
#[derive(Debug)]
pub struct Search<'m, O> {
    pub(super) model: &'m Model,
    pub(super) observer: O,
    /// Each is a run of its own from the start.
    roots: Vec<Loops>,
    pub(super) bounds: Bounds,
    instants: Instants,
    latencies: bool,
    pub(super) threads: usize,
    stop: Option<&'m AtomicBool>,
}

/// How a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Worlds visited.
    pub states: usize,
    /// Steps made.
    pub steps: u64,
    /// Length of the longest run so far.
    pub depth: u32,
    /// Faults of the runs under way.
    pub faults: u32,
    /// Worlds to go on from.
    pub frontier: usize,
}

/// What a search has come to.
#[derive(Clone, Debug)]
pub struct Explored<F> {
    /// Worlds visited.
    pub states: usize,
    /// Steps made.
    pub steps: u64,
    /// Length of the longest run.
    pub depth: u32,
    /// What it did not look at.
    pub cut: Cut,
    /// Findings, by their number.
    pub findings: BTreeMap<usize, Found<F>>,
}

/// One finding with the run that leads to it.
#[derive(Clone, Debug)]
pub struct Found<F> {
    /// What was found.
    pub finding: F,
    /// The loops of the kubelet that the run begins with.
    pub loops: Loops,
    /// The choices of the run.
    pub trace: Trace,
    /// How many of them are faults.
    pub faults: u32,
    /// Steps of the run, the pod's creation first.
    pub depth: u32,
    /// When it was found.
    pub at: Time,
}

impl<'m, O: Observer> Search<'m, O> {
    /// A search over all runs of a model, watched by an observer.
    #[must_use]
    pub fn new(model: &'m Model, observer: O) -> Self {
        Self {
            model,
            observer,
            roots: Vec::new(),
            bounds: Bounds::default(),
            instants: Instants::default(),
            latencies: false,
            threads: crew::cores(),
            stop: None,
        }
    }

    /// The same, so far and no farther.
    #[must_use]
    pub const fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// The same with these moments of open windows.
    #[must_use]
    pub const fn instants(mut self, instants: Instants) -> Self {
        self.instants = instants;
        self
    }

    /// The same where answers that are no faults, too, may take any time of their windows.
    #[must_use]
    pub const fn latencies(mut self, open: bool) -> Self {
        self.latencies = open;
        self
    }

    /// The same from each of these first ticks of the kubelet's loops, instead of the model's own.
    #[must_use]
    pub fn roots(mut self, roots: Vec<Loops>) -> Self {
        self.roots = roots;
        self
    }

    /// The same on so many threads, by default on every core. What comes of it does not depend on
    /// it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// The same until somebody sets this.
    #[must_use]
    pub const fn stop(mut self, stop: &'m AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Searches.
    #[must_use]
    pub fn run(&self) -> Explored<O::Finding> {
        self.run_with(|_| {})
    }

    /// Searches, and tells after each level how it goes.
    pub fn run_with(&self, tell: impl FnMut(Progress)) -> Explored<O::Finding> {
        match self.observer.recalls() {
            true => self.run_by(&Recall::new(self), tell),
            false => self.run_by(&Making(self), tell),
        }
    }

    fn run_by<S: Stepping<Finding = O::Finding>>(
        &self,
        stepping: &S,
        mut tell: impl FnMut(Progress),
    ) -> Explored<O::Finding> {
        let visited = Visited::default();
        let roots = match self.roots.is_empty() {
            true => vec![self.model.first_ticks()],
            false => self.roots.clone(),
        };
        let worlds = roots.iter().map(|&loops| self.model.world_with(loops));
        let worlds = worlds.map(|world| stepping.root(&world)).collect();
        let mut state = State::<S>::new(roots);
        state.level.push(Piece {
            first: 0,
            worlds,
            by: 0,
        });
        let work = |job: &Job<S>, (tools, spare): &mut (S::Tools, Spare<S::World>)| match job {
            Job::Expand(expansion, settlement) => {
                if let Some(settlement) = settlement {
                    settlement.settle_own(spare);
                }
                expansion.expand(stepping, &visited, (tools, spare), || self.stopped());
                if let Some(settlement) = settlement {
                    settlement.settle_rest(spare);
                }
            }
            Job::Admit(admission) => admission.decide(&visited, spare.place()),
        };
        crew::lead(
            self.threads,
            |place| (stepping.tools(), Spare::new(place)),
            &work,
            |lead| {
                let mut have_done = |job, together| lead.have_done(job, together);
                self.search(&mut state, &visited, &mut have_done, &mut tell);
            },
        );
        self.finish(state)
    }

    fn search<S: Stepping<Finding = O::Finding>>(
        &self,
        state: &mut State<S>,
        visited: &Seen<S>,
        have_done: &mut HaveDone<'_, S>,
        tell: &mut impl FnMut(Progress),
    ) {
        let (mut faults, mut depth) = (0, 0);
        while !state.outcome.cut.stopped {
            let mut level = std::mem::take(&mut state.level);
            let (frontier, states) = (level.len(), state.links.many() as usize);
            tell(Progress {
                states,
                steps: state.outcome.steps,
                depth: state.outcome.depth,
                faults,
                frontier,
            });
            state.place = (faults, depth + 1);
            self.admit_waited(state, have_done);
            if self.bounds.depth.is_some_and(|most| depth >= most) {
                state.outcome.cut.depth |= frontier > 0;
            } else if frontier > 0 && self.bounds.states.is_some_and(|most| states >= most) {
                state.outcome.cut.states = true;
                self.settle(state, have_done);
                break;
            } else {
                let limit = self.bounds.faults;
                loop {
                    let pieces = level.pop();
                    if pieces.is_empty() {
                        break;
                    }
                    let expansion = Expansion::of_level(pieces, depth == 0, self.threads);
                    self.go_on(state, expansion, Turn { faults, limit }, have_done);
                    if state.outcome.cut.stopped {
                        return;
                    }
                }
                if frontier > 0 {
                    state.outcome.depth = state.outcome.depth.max(depth + 1);
                }
            }
            self.settle(state, have_done);
            depth += 1;
            if state.level.len() == 0 {
                let Some(place) = state.later.next() else {
                    break;
                };
                if place.0 > faults {
                    visited.forget_queued(place.0);
                }
                (faults, depth) = place;
                state.place = place;
                self.admit_waited(state, have_done);
                self.settle(state, have_done);
            }
        }
    }

    /// Has those worlds reached that have waited for the place of the next level.
    fn admit_waited<S: Stepping<Finding = O::Finding>>(
        &self,
        state: &mut State<S>,
        have_done: &mut HaveDone<'_, S>,
    ) {
        let (faults, limit) = (state.place.0, None);
        loop {
            let queues = state.later.pop(state.place);
            if queues.is_empty() {
                break;
            }
            let expansion = Expansion::of_waited(queues, self.threads);
            self.go_on(state, expansion, Turn { faults, limit }, have_done);
        }
    }

    /// Goes on from some worlds, and decides which of those that are reached are new. What was decided the
    /// last time is settled meanwhile.
    fn go_on<S: Stepping<Finding = O::Finding>>(
        &self,
        state: &mut State<S>,
        expansion: Expansion<S::World, S::Finding>,
        turn: Turn,
        have_done: &mut HaveDone<'_, S>,
    ) {
        let groups = expansion.groups();
        let settlement = state.decided.take();
        let together = groups > 1 || settlement.as_ref().is_some_and(Settlement::is_long);
        let Job::Expand(expansion, settlement) =
            have_done(Job::Expand(expansion, settlement), together)
        else {
            return;
        };
        if let Some(settlement) = settlement {
            state.take_in(settlement);
        }
        if self.stopped() {
            state.outcome.cut.stopped = true;
            return;
        }
        let reached = self.reap(state, expansion.done(), turn);
        let admission = Admission::new(turn, reached, groups);
        if let Job::Admit(admission) = have_done(Job::Admit(admission), groups > 1) {
            state.decided = Some(admission.decided(self.threads));
        }
    }

    /// Settles what was decided the last time.
    fn settle<S: Stepping>(&self, state: &mut State<S>, have_done: &mut HaveDone<'_, S>) {
        let Some(settlement) = state.decided.take() else {
            return;
        };
        let together = settlement.is_long();
        let nothing = Expansion::of_waited(Vec::new(), self.threads);
        if let Job::Expand(_, Some(settlement)) =
            have_done(Job::Expand(nothing, Some(settlement)), together)
        {
            state.take_in(settlement);
        }
    }

    /// The choices of a step, before the first branch.
    pub(super) fn branching(&self) -> Branching {
        Branching::new(self.instants).with_latencies(self.latencies)
    }

    /// Whether nothing counts that happens then.
    pub(super) fn is_late(&self, now: Time) -> bool {
        let until = self.bounds.until;
        until.is_some_and(|until| now > Time::START + until)
    }

    /// Follows every finding back to its root.
    fn finish<S: Stepping<Finding = O::Finding>>(&self, state: State<S>) -> Explored<O::Finding> {
        let State {
            roots,
            links,
            mut outcome,
            kept,
            ..
        } = state;
        outcome.states = links.many() as usize;
        for (number, (finding, link, at)) in kept {
            let (loops, path) = path_to(&links, &roots, link);
            let (mut trace, depth) = (Trace::default(), path.len() as u32);
            self.follow(loops, &path, |_, branching| {
                branching.tell(&mut trace);
            });
            let picks = trace.0.iter();
            let faults = picks
                .filter(|choice| matches!(choice, Choice::Pick(1..)))
                .count() as u32;
            outcome.findings.insert(
                number,
                Found {
                    finding,
                    loops,
                    trace,
                    faults,
                    depth,
                    at,
                },
            );
        }
        outcome
    }

    /// Goes along a path of branches, and shows each step.
    fn follow(&self, loops: Loops, path: &[u32], mut see: impl FnMut(&Step<'_>, &Branching)) {
        let mut branching = self.branching();
        let mut world = self.model.world_with(loops);
        for (nth, &branch) in path.iter().enumerate() {
            branching.reset();
            let (mut child, mut log) = (world.clone(), Timeline::new());
            for _ in 0..=branch {
                if !branching.next() {
                    break;
                }
                child.clone_from(&world);
                log.clear();
                if nth == 0 {
                    self.model.create(&mut child, &mut branching, &mut log);
                } else {
                    self.model.advance(&mut child, &mut branching, &mut log);
                }
            }
            let step = Step {
                model: self.model,
                before: &world,
                world: &child,
                entries: log.entries(),
                end: None,
            };
            see(&step, &branching);
            world = child;
        }
    }

    /// Takes in what some worlds have come to, but for the worlds that come next.
    fn reap<S: Stepping<Finding = O::Finding>>(
        &self,
        state: &mut State<S>,
        harvests: Vec<Harvest<S::World, S::Finding>>,
        turn: Turn,
    ) -> Vec<Reached<S::World>> {
        let mut all = Vec::with_capacity(harvests.len());
        for harvest in harvests {
            state.outcome.steps += harvest.steps;
            state.outcome.cut.until |= harvest.until;
            for (finding, link, more, at) in harvest.found {
                if !turn.is_over(more) {
                    self.keep(state, finding, link, at);
                }
            }
            for (link, more) in harvest.livelocks {
                if !turn.is_over(more) {
                    for (finding, at) in self.livelock(state, link) {
                        self.keep(state, finding, link, at);
                    }
                }
            }
            all.push(harvest.reached);
        }
        all
    }

    fn keep<S: Stepping<Finding = O::Finding>>(
        &self,
        state: &mut State<S>,
        finding: O::Finding,
        link: Link,
        at: Time,
    ) {
        let number = O::number(&finding);
        let known = state.kept.get(&number);
        let replaces = known.is_none_or(|(known, ..)| O::replaces(&finding, known));
        if replaces && self.observer.counts(&finding) {
            state.kept.insert(number, (finding, link, at));
        }
    }

    /// What is found in a step that too many others at the same instant came before. It is looked for
    /// along the whole run: who remembers steps need not remember from where.
    fn livelock<S: Stepping>(&self, state: &State<S>, link: Link) -> Vec<(O::Finding, Time)> {
        let (loops, path) = path_to(&state.links, &state.roots, link);
        let (mut observer, mut left) = (self.observer.clone(), path.len());
        let mut found = Vec::new();
        let mut at = Time::START;
        self.follow(loops, &path, |step, _| {
            left -= 1;
            found.clear();
            let end = (left == 0).then_some(End::Livelock);
            observer.see(&Step { end, ..*step }, &mut found);
            at = step.world.now;
        });
        found.into_iter().map(|finding| (finding, at)).collect()
    }
}

/// The root of a path and its branches.
fn path_to(links: &Links, roots: &[Loops], last: Link) -> (Loops, Vec<u32>) {
    let (mut path, mut at) = (vec![last.branch], last.parent);
    while let Some(Link { parent, branch }) = links.get(at) {
        path.push(branch);
        at = parent;
    }
    path.reverse();
    (roots[at as usize], path)
}

/// A finding, where it was made, and when.
type Kept<F> = (F, Link, Time);

/// What the threads of a search do together.
enum Job<S: Stepping> {
    /// Goes on from worlds; before that, settles what has been decided about others.
    Expand(
        Expansion<S::World, S::Finding>,
        Option<Settlement<S::World>>,
    ),
    Admit(Admission<S::World>),
}

/// Has a job done, perhaps together with others, and gives it back.
type HaveDone<'a, S> = dyn FnMut(Job<S>, bool) -> Job<S> + 'a;

/// A search under way.
struct State<S: Stepping> {
    roots: Vec<Loops>,
    /// How each world was reached first.
    links: Links,
    /// The level that comes next, as far as it has been settled.
    level: Level<S::World>,
    /// Of how many faults its runs are, and how long.
    place: (u32, u32),
    /// What is yet to be settled for it.
    decided: Option<Settlement<S::World>>,
    later: Later<S::World>,
    kept: BTreeMap<usize, Kept<S::Finding>>,
    outcome: Explored<S::Finding>,
}

impl<S: Stepping> State<S> {
    fn new(roots: Vec<Loops>) -> Self {
        Self {
            links: Links::new(roots.len() as u64),
            roots,
            level: Level::default(),
            place: (0, 0),
            decided: None,
            later: Later::new(),
            kept: BTreeMap::new(),
            outcome: Explored {
                states: 0,
                steps: 0,
                depth: 0,
                cut: Cut::default(),
                findings: BTreeMap::new(),
            },
        }
    }

    /// Takes in what has become of worlds.
    fn take_in(&mut self, settlement: Settlement<S::World>) {
        let (faults, depth) = self.place;
        for settled in settlement.settled() {
            self.outcome.cut.faults |= settled.cut;
            self.level.push(Piece {
                first: self.links.many(),
                worlds: settled.worlds,
                by: settled.by,
            });
            self.links.append(&settled.links);
            for (more, queue) in settled.queues {
                self.later.push(queue, (faults + more, depth));
            }
        }
    }
}
