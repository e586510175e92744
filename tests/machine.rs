//! The machine by itself, without a [`Model`](podclock::sim::Model): what [`Pod::step`] promises.

use podclock::kubelet::{
    Input, Loops, Outcome, Output, Pace, Phases, Pod, PodPhase, PodState, Probing, Request, RunId,
    Text, Token, Turns, Verb,
};
use podclock::spec::{ContainerId, PodSpec, ProbeKind};
use podclock::{Profile, Rules, Time, manifest};
use std::sync::Arc;
use std::time::Duration;

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: a, image: 'a:1', lifecycle: {postStart: {sleep: {seconds: 9}}}}
  - {name: b, image: 'b:1'}
";

/// More than any life takes that ends.
const MAX_STEPS: u32 = 1000;

const A: ContainerId = ContainerId(0);
const B: ContainerId = ContainerId(1);

/// A pod, and what has become of it.
struct Driven<'a> {
    pod: Pod<'a>,
    state: PodState,
    now: Time,
    /// Requests that have no answer yet.
    open: Vec<Request>,
    /// What the last die was thrown for, in seconds.
    die: Option<(u64, u64)>,
    /// How many steps there were.
    steps: u32,
}

impl<'a> Driven<'a> {
    fn new(revisions: &'a [Arc<PodSpec>], rules: &'a Rules) -> Self {
        let pod = Pod {
            revisions,
            rules,
            turns: Turns::All,
            pace: Pace::Ticking,
        };
        Self {
            state: pod.initial(Loops::new(Phases::default()), 0),
            pod,
            now: Time::START,
            open: Vec::new(),
            die: None,
            steps: 0,
        }
    }

    /// One step; returns what the runtime is asked. The next deadline is the one that the machine
    /// tells at any time.
    fn step(&mut self, input: Input) -> Vec<Request> {
        self.steps += 1;
        assert!(self.steps < MAX_STEPS, "it gets nowhere");
        let mut out = Output::new();
        let next = self.pod.step(&mut self.state, self.now, input, &mut out);
        assert_eq!(next, self.pod.next_deadline(&self.state), "{input:?}");
        self.open
            .retain(|open| !out.cancelled.contains(&open.token));
        self.open.extend(out.requests.iter().copied());
        if let Some(jitter) = out.jitter {
            self.die = Some((jitter.earliest / 1000, jitter.latest / 1000));
        }
        out.requests.to_vec()
    }

    fn reply(&mut self, token: Token, outcome: Outcome) -> Vec<Request> {
        self.open.retain(|open| open.token != token);
        self.step(Input::Replied(token, outcome))
    }

    /// Answers all that answers at once, up to a request of that verb for that container.
    fn until(&mut self, container: Option<ContainerId>, verb: Verb) -> Token {
        let end = self.now + Duration::from_secs(600);
        while self.now < end {
            let wanted =
                |open: &&Request| (open.token.container, open.token.verb) == (container, verb);
            if let Some(found) = self.open.iter().find(wanted) {
                return found.token;
            }
            let at_once = self.open.iter().find(|open| open.token.verb != Verb::Run);
            match at_once.map(|open| open.token) {
                Some(token) => self.reply(token, Outcome::Done),
                None => self.deadline(),
            };
        }
        panic!("{verb:?} is not asked for");
    }

    /// Goes to the next deadline.
    fn deadline(&mut self) -> Vec<Request> {
        let (at, _) = self.pod.next_deadline(&self.state).expect("a deadline");
        self.now = self.now.max(at);
        self.step(Input::Deadline)
    }
}

fn pod() -> (Vec<Arc<PodSpec>>, Rules) {
    read(POD)
}

fn read(text: &str) -> (Vec<Arc<PodSpec>>, Rules) {
    let profile = Profile::default();
    let parsed = manifest::parse(text, &profile).into_result();
    let spec = parsed.expect("a pod").pods[0].spec.clone();
    (vec![spec], profile.rules())
}

#[test]
fn deadlines_are_all_that_it_takes() {
    let (revisions, rules) = pod();
    let mut driven = Driven::new(&revisions, &rules);
    driven.step(Input::Created);
    driven.until(Some(B), Verb::Run);
    assert_eq!(driven.now, Time::START + Duration::from_secs(9), "HOOK-2");
    while driven.state.object.status.phase != PodPhase::Running {
        driven.deadline();
    }
    driven.step(Input::DeletionRequested { grace: Some(5) });
    for id in [A, B] {
        let token = driven.until(Some(id), Verb::StopContainer);
        let outcome = Outcome::Exited {
            code: 0,
            oom: false,
        };
        driven.reply(token, outcome);
    }
    while driven.state.object.exists {
        driven.deadline();
    }
    assert_eq!(driven.state.object.status.phase, PodPhase::Succeeded);
}

/// What comes of the first pull, and within how many seconds the next sync is due (WORK-20,
/// WORK-22).
const RETRIES: [(Outcome, (u64, u64)); 2] = [
    (Outcome::Done, (60, 90)),
    (Outcome::Failed(Text::EMPTY), (10, 15)),
];

#[test]
fn the_next_sync_is_due_at_random() {
    for (outcome, due) in RETRIES {
        let (revisions, rules) = pod();
        let mut driven = Driven::new(&revisions, &rules);
        driven.step(Input::Created);
        let pull = driven.until(Some(A), Verb::PullImage);
        assert_eq!(driven.die, None, "it is still in its first sync");
        driven.reply(pull, outcome);
        driven.until(Some(B), Verb::Run);
        assert_eq!(driven.die, Some(due), "{outcome:?}");
    }
}

#[test]
fn a_deadline_that_has_not_come_does_nothing() {
    let (revisions, rules) = pod();
    let mut driven = Driven::new(&revisions, &rules);
    driven.step(Input::Created);
    driven.until(Some(A), Verb::Run);
    while driven
        .pod
        .next_deadline(&driven.state)
        .is_some_and(|(at, _)| at <= driven.now)
    {
        driven.deadline();
    }
    let before = driven.pod.next_deadline(&driven.state);
    driven.step(Input::Deadline);
    assert_eq!(driven.pod.next_deadline(&driven.state), before);
}

/// An answer that nobody waits for, or about a container that does not exist, leads to nothing; no
/// more does an update to a revision that does not exist.
#[test]
fn what_nobody_waits_for_leads_to_nothing() {
    let (revisions, rules) = pod();
    let mut driven = Driven::new(&revisions, &rules);
    driven.step(Input::Created);
    driven.step(Input::Updated { revision: 1 });
    assert_eq!(driven.state.object.revision, 0);

    let pull = driven.until(Some(A), Verb::PullImage);
    let token = |container, verb| Token {
        container: Some(container),
        verb,
        ordinal: 0,
    };
    for verb in [Verb::PullImage, Verb::CreateContainer, Verb::StartContainer] {
        for container in [B, ContainerId(2), ContainerId(3)] {
            let asked = driven.reply(token(container, verb), Outcome::Failed(Text::EMPTY));
            assert_eq!(asked, [], "{verb:?} of {container:?}");
        }
    }

    driven.reply(pull, Outcome::Done);
    driven.until(Some(A), Verb::Run);
    let asked = driven.reply(token(A, Verb::PreStop), Outcome::Done);
    assert_eq!(asked, [], "it waits for its other hook");
    driven.until(Some(B), Verb::PullImage);
    assert_eq!(driven.now, Time::START + Duration::from_secs(9), "HOOK-2");
}

#[test]
fn requests_before_there_is_a_run_are_about_none() {
    let run = RunId {
        container: A,
        ordinal: 3,
    };
    for (verb, about) in [
        (Verb::PullImage, None),
        (Verb::CreateContainer, None),
        (Verb::StartContainer, Some(run)),
        (Verb::PreStop, Some(run)),
    ] {
        assert_eq!(Token::of(run, verb).run(), about, "{verb:?}");
    }
}

const HOOKS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: a
    image: 'a:1'
    readinessProbe: {exec: {command: [x]}}
    lifecycle: {postStart: {exec: {command: [x]}}, preStop: {exec: {command: [x]}}}
";

/// What a step asks for stays asked for when the answer to something else is taken back in it. No
/// run comes to that: the probe worker of a container whose postStart hook is under way does not
/// know the container yet. Here it does.
#[test]
fn what_is_taken_back_takes_nothing_with_it() {
    let (revisions, rules) = read(HOOKS);
    let mut driven = Driven::new(&revisions, &rules);
    driven.step(Input::Created);
    driven.until(Some(A), Verb::PostStart);
    let probes = &mut driven.state.slots[A.index()].probes;
    let worker = probes[ProbeKind::Readiness as usize].as_mut();
    let worker = worker.expect("a probe worker");
    worker.run = Some(0);
    worker.probing = Some(Probing {
        since: driven.now,
        try_: 0,
        timeout: driven.now + Duration::from_secs(1),
        killed: false,
        before_stop: false,
    });
    let run = RunId {
        container: A,
        ordinal: 0,
    };
    let ended = Outcome::Exited {
        code: 1,
        oom: false,
    };
    let asked = driven.reply(Token::of(run, Verb::Run), ended);
    let asked: Vec<Verb> = asked.iter().map(|request| request.token.verb).collect();
    assert_eq!(asked, [Verb::PreStop]);
    let open: Vec<Verb> = driven.open.iter().map(|open| open.token.verb).collect();
    assert_eq!(open, asked, "the hook and the probe have ended with it");
}
