//! What users do to a pod object, in any order and at any moment: the API server and the kubelet
//! keep what they promise about it.
//!
//! The reference knows the server's rules (DEL-1 to DEL-13, VAL-60), and of the kubelet only what it
//! may never do: where a pod is in its life is the kubelet's to say, and so what the reference holds
//! of a deletion is what must be there as long as the object is.
//!
//! `PROPTEST_CASES=10000 cargo test --release --test api_actions` tries more; `PROPTEST_RNG_SEED`
//! others.

#[path = "support/cases.rs"]
mod cases;

use podclock::kubelet::{ConditionStatus, Deletion, Object, PodPhase, PodReason, PodStatus};
use podclock::runtime::Nominal;
use podclock::sim::{Advance, Model, Scenario, World};
use podclock::spec::RestartPolicy;
use podclock::timeline::Timeline;
use podclock::{Span, Time};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::fmt::Write;

/// By when a kubelet that is left alone has ended what it is to end: no grace period, deadline, pull
/// or hook of these pods is longer than a minute and a half, and a sidecar has its own after all
/// others.
const PATIENCE: u64 = 300_000;

/// How many steps one wait may take.
const STEPS: u32 = 100_000;

/// Conditions that somebody sets; the first is the pod's readiness gate.
const CONDITIONS: [&str; 2] = ["example.com/gate", "example.com/other"];

/// A pod, and what its container does. Times in seconds.
#[derive(Clone, Debug)]
struct Shape {
    kubelet: &'static str,
    policy: RestartPolicy,
    grace: i64,
    deadline: Option<i64>,
    sidecar: bool,
    pull: u64,
    exit: Option<(u64, i32)>,
    /// How long after TERM it ends; `None`: never.
    term: Option<u64>,
    pre_stop: Option<u64>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let policy = prop_oneof![
        Just(RestartPolicy::Always),
        Just(RestartPolicy::OnFailure),
        Just(RestartPolicy::Never),
    ];
    let grace = prop_oneof![1 => Just(-1), 1 => Just(0), 6 => 1..=40_i64];
    (
        prop_oneof![Just("1.36"), Just("1.32")],
        policy,
        grace,
        prop::option::weighted(0.3, 1..=90_i64),
        prop::bool::weighted(0.3),
        prop_oneof![Just(0), 1..=10_u64],
        prop::option::of((1..=60_u64, prop_oneof![Just(0), Just(1)])),
        prop::option::weighted(0.7, prop_oneof![Just(0), 1..=20_u64]),
        prop::option::weighted(0.3, 0..=20_u64),
    )
        .prop_map(
            |(kubelet, policy, grace, deadline, sidecar, pull, exit, term, pre_stop)| Shape {
                kubelet,
                policy,
                grace,
                deadline,
                sidecar,
                pull,
                exit,
                term,
                pre_stop,
            },
        )
}

impl Shape {
    /// As a scenario writes it, up to its actions.
    fn text(&self) -> String {
        let mut spec = format!(
            "restartPolicy: {:?}, terminationGracePeriodSeconds: {}, \
             readinessGates: [{{conditionType: {}}}]",
            self.policy, self.grace, CONDITIONS[0]
        );
        let mut app = "name: a, image: \"a:1\", \
            readinessProbe: {exec: {command: [x]}, periodSeconds: 3}"
            .to_owned();
        let mut does = format!("pull: {{takes: {}}}", self.pull);
        if let Some(deadline) = self.deadline {
            let _ = write!(spec, ", activeDeadlineSeconds: {deadline}");
        }
        if self.sidecar {
            spec += ", initContainers: [{name: s, image: \"s:1\", restartPolicy: Always}]";
        }
        if let Some((after, code)) = self.exit {
            let _ = write!(does, ", exit: {{after: {after}, code: {code}}}");
        }
        does += &match self.term {
            Some(after) => format!(", on_term: {{after: {after}, code: 143}}"),
            None => ", on_term: ignore".to_owned(),
        };
        if let Some(takes) = self.pre_stop {
            app += ", lifecycle: {preStop: {exec: {command: [x]}}}";
            let _ = write!(does, ", pre_stop: {{takes: {takes}}}");
        }
        format!(
            "kubelet: \"{}\"\nuntil: 1h\npod:\n  apiVersion: v1\n  kind: Pod\n  metadata: {{name: p}}\n  \
             spec: {{{spec}, containers: [{{{app}}}]}}\nscript: {{containers: {{a: [{{{does}}}]}}}}\n",
            self.kubelet
        )
    }

    /// Whether the pod comes to an end that nobody asks for.
    fn ends_by_itself(&self) -> bool {
        match (self.policy, self.exit) {
            (_, None) | (RestartPolicy::Always, _) => false,
            (RestartPolicy::OnFailure, Some((_, code))) => code == 0,
            (RestartPolicy::Never, Some(_)) => true,
        }
    }
}

/// What somebody does, or that nobody does anything for so many milliseconds.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Create,
    Wait(u64),
    Delete(Option<i64>),
    Image(u8),
    Label(u8),
    Deadline(i64),
    Grace(i64),
    Condition(usize, ConditionStatus),
    Restart(u64),
}

impl Deed {
    /// As a scenario writes it.
    fn text(self) -> Option<String> {
        Some(match self {
            Self::Create | Self::Wait(_) => return None,
            Self::Delete(None) => "delete: {}".to_owned(),
            Self::Delete(Some(grace)) => format!("delete: {{grace: {grace}}}"),
            Self::Image(tag) => {
                format!("update: {{spec: {{containers: [{{name: a, image: \"a:{tag}\"}}]}}}}")
            }
            Self::Label(value) => format!("update: {{metadata: {{labels: {{x: v{value}}}}}}}"),
            Self::Deadline(seconds) => {
                format!("update: {{spec: {{activeDeadlineSeconds: {seconds}}}}}")
            }
            Self::Grace(seconds) => {
                format!("update: {{spec: {{terminationGracePeriodSeconds: {seconds}}}}}")
            }
            Self::Condition(index, status) => {
                format!(
                    "condition: {{type: {}, status: \"{status:?}\"}}",
                    CONDITIONS[index]
                )
            }
            Self::Restart(down) => {
                format!("restart_kubelet: {{down: {}}}", Span::from_millis(down))
            }
        })
    }
}

/// What must be true of the object. Times in milliseconds.
#[derive(Clone, Debug)]
struct Contract {
    shape: Shape,
    now: u64,
    created: bool,
    /// Of an object that is still there.
    deletion: Option<Deletion>,
    /// How many updates were accepted.
    revision: u8,
    image: u8,
    /// Whether its container was to be replaced, because of another image.
    replaced: bool,
    grace: i64,
    deadline: Option<i64>,
    conditions: [Option<ConditionStatus>; 2],
    /// From when on the kubelet is up again.
    up_from: u64,
}

impl Contract {
    const fn new(shape: Shape) -> Self {
        Self {
            now: 0,
            created: false,
            deletion: None,
            revision: 0,
            image: 1,
            replaced: false,
            grace: shape.grace,
            deadline: shape.deadline,
            conditions: [None; 2],
            up_from: 0,
            shape,
        }
    }

    fn is(&self, kubelet: &str) -> bool {
        self.shape.kubelet == kubelet
    }

    /// The deadline of a delete, for a pod that has not ended.
    fn delete(&mut self, grace: Option<i64>) {
        let second = |millis: u64| Time::from_millis(millis / 1000 * 1000);
        let seconds = |asked: i64| if asked < 0 { 1 } else { asked };
        let Some(known) = self.deletion else {
            let grace = seconds(grace.unwrap_or(self.grace));
            let at = second(self.now + grace.unsigned_abs() * 1000);
            self.deletion = Some(Deletion { at, grace });
            return;
        };
        let Some(grace) = grace.map(seconds).filter(|&grace| grace < known.grace) else {
            return;
        };
        let less = (known.grace - grace).unsigned_abs() * 1000;
        let at = known.at.as_millis() - less;
        let in_the_past = at < self.now && grace > 0 && !self.is("1.32");
        self.deletion = Some(match in_the_past {
            true => Deletion {
                at: second(self.now),
                grace: 1,
            },
            false => Deletion {
                at: Time::from_millis(at),
                grace,
            },
        });
    }

    fn do_it(&mut self, deed: Deed) {
        let taken = match deed {
            Deed::Wait(millis) => {
                self.now += millis;
                false
            }
            Deed::Create => {
                self.created = true;
                false
            }
            // Before its creation there is nothing that anything could be done to.
            _ if !self.created => false,
            Deed::Delete(grace) => {
                self.delete(grace);
                false
            }
            Deed::Image(tag) => {
                self.replaced |= tag != self.image;
                self.image = tag;
                true
            }
            Deed::Label(_) => true,
            Deed::Deadline(seconds) => {
                self.deadline = Some(seconds);
                true
            }
            Deed::Grace(seconds) => {
                let taken = seconds == self.grace || (self.grace < 0 && seconds == 1);
                if taken {
                    self.grace = seconds;
                }
                taken
            }
            Deed::Condition(index, status) => {
                self.conditions[index] = Some(status);
                false
            }
            Deed::Restart(down) => {
                self.up_from = self.now + down;
                false
            }
        };
        self.revision += u8::from(taken);
    }

    /// What must be true of a world at the present moment.
    fn holds_of(&self, model: &Model, world: &World) {
        let up = world.pod.kubelet.up;
        assert!(!up || self.up_from <= self.now, "the kubelet is down");
        assert!(up || self.up_from >= self.now, "the kubelet is up again");
        let object = &world.pod.object;
        let deleted = self.deletion.is_some();
        if !object.exists {
            assert!(!self.created || deleted, "gone, and nobody deleted it");
            return;
        }
        assert!(self.created, "there before its creation");
        assert_eq!(object.deletion, self.deletion, "the deletion");
        let forced = self.deletion.is_some_and(|deletion| deletion.grace == 0);
        assert!(!forced, "there after a delete without grace");
        assert_eq!(object.revision, self.revision, "updates that were accepted");
        let spec = &model.pod().revisions[usize::from(object.revision)];
        let app = spec.regular_ids().next().expect("a container");
        let image = spec.image(spec.container(app).image);
        assert_eq!(image, format!("a:{}", self.image));
        assert_eq!(spec.termination_grace, self.grace, "the grace period");
        assert_eq!(spec.active_deadline, self.deadline, "the active deadline");
        for (index, wanted) in self.conditions.into_iter().enumerate() {
            let known = model.names().conditions.iter();
            let place = known.clone().position(|name| name == CONDITIONS[index]);
            let held = place.and_then(|place| *object.status.foreign.get(place)?);
            assert_eq!(held, wanted, "{}", CONDITIONS[index]);
        }
        self.phase_is_due(object, deleted);
    }

    /// Whether there is a reason to be at an end.
    fn phase_is_due(&self, object: &Object, deleted: bool) {
        let status = &object.status;
        let overdue = self.deadline.zip(status.start_time);
        let overdue = overdue.is_some_and(|(seconds, started)| {
            self.now >= started.plus_seconds(seconds).as_millis()
        });
        if status.reason == Some(PodReason::DeadlineExceeded) {
            assert!(overdue, "called overdue too early");
        }
        if status.phase.is_terminal() && !overdue && !deleted {
            let ended = match self.shape.policy {
                RestartPolicy::Always => false,
                RestartPolicy::OnFailure => self.shape.ends_by_itself(),
                // A kubelet that stops between kill and start leaves it at that.
                RestartPolicy::Never => self.shape.ends_by_itself() || self.replaced,
            };
            assert!(ended, "no reason to be {:?}", status.phase);
        }
    }

    fn may_follow(&self, before: PodPhase, after: &PodStatus) -> bool {
        match (before, after.phase) {
            (before, after) if before == after => true,
            (PodPhase::Pending, _) => true,
            // "Running, then Pending again" of docs/upstream-oddities.md.
            (PodPhase::Running, PodPhase::Pending) => self.shape.sidecar && self.is("1.32"),
            (PodPhase::Running, _) => true,
            // The worker ends with the pod that it was given, which does not say Succeeded yet.
            (PodPhase::Succeeded, PodPhase::Failed) => {
                after.reason == Some(PodReason::DeadlineExceeded)
            }
            (PodPhase::Succeeded | PodPhase::Failed, _) => false,
        }
    }

    /// What must be true of any change of the object, be it the kubelet's or somebody's: to whose
    /// deed belongs what the kubelet makes of it at once.
    fn allows(&self, before: &Object, world: &World, by_kubelet: bool, was_up: bool) {
        let after = &world.pod.object;
        let (old, new) = (&before.status, &after.status);
        if !before.exists {
            assert_eq!(before, after, "an object that is gone changes");
            return;
        }
        if !was_up && !world.pod.kubelet.up {
            let written = |object: &Object| (object.status.phase, object.status.containers.clone());
            assert_eq!(written(before), written(after), "written by nobody");
            assert!(!by_kubelet || before == after, "changed by nobody");
        }
        let (was, is) = (old.phase, new.phase);
        assert!(self.may_follow(was, new), "{was:?}, then {is:?}");
        let mut runs = world.pod.runtime.runs.iter();
        let running = runs.any(|run| run.is_running());
        if is.is_terminal() && !was.is_terminal() {
            assert!(!running, "{is:?}, and still runs");
        }
        if old.start_time.is_some() {
            assert_eq!(old.start_time, new.start_time, "the start time");
        }
        if by_kubelet {
            assert_eq!(before.revision, after.revision, "the kubelet updates");
            assert_eq!(old.foreign, new.foreign, "conditions of others");
        }
        match (before.deletion, after.deletion) {
            (Some(known), Some(now)) => assert!(
                now.grace <= known.grace && (now.at <= known.at || now.at <= world.now),
                "prolonged: {known:?}, then {now:?}"
            ),
            (Some(known), None) => panic!("taken back: {known:?}"),
            (None, _) => {}
        }
        match (after.exists, by_kubelet) {
            (true, true) => assert_eq!(before.deletion, after.deletion, "the kubelet deletes"),
            (true, false) => {
                let asked = before.deletion.is_none() && after.deletion.is_some();
                assert!(!(asked && was.is_terminal()), "has ended, and waits");
            }
            (false, true) => {
                assert!(before.deletion.is_some(), "removed, and nobody asked");
                assert!(!running, "removed, and still runs");
                assert!(self.is("1.32") || is.is_terminal(), "removed while {is:?}");
            }
            (false, false) => {
                let forced = self.deletion.is_some_and(|deletion| deletion.grace == 0);
                assert!(forced || was.is_terminal(), "gone before its time");
            }
        }
    }

    /// What must have come of it all, long after.
    fn came_to_an_end(&self, world: &World) {
        let object = &world.pod.object;
        let running = world.pod.runtime.runs.iter().any(|run| run.is_running());
        if self.deletion.is_some() {
            assert!(!object.exists, "deleted, and never gone");
            assert!(!running, "gone, and still runs");
        } else if self.created && (self.deadline.is_some() || self.shape.ends_by_itself()) {
            let phase = object.status.phase;
            assert!(phase.is_terminal(), "it is over, and {phase:?}");
            assert!(!running, "{phase:?}, and still runs");
        }
    }
}

impl ReferenceStateMachine for Contract {
    type State = Self;
    type Transition = Deed;

    fn init_state() -> BoxedStrategy<Self> {
        shape().prop_map(Self::new).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Deed> {
        let delete = prop_oneof![
            3 => Just(None),
            1 => Just(Some(0)),
            1 => Just(Some(-1)),
            6 => (1..=40_i64).prop_map(Some),
            1 => (41..=90_i64).prop_map(Some),
        ];
        let delete = delete.prop_map(Deed::Delete);
        let status = prop_oneof![
            Just(ConditionStatus::True),
            Just(ConditionStatus::False),
            Just(ConditionStatus::Unknown),
        ];
        let condition = (0..CONDITIONS.len(), status);
        let condition = condition.prop_map(|(index, status)| Deed::Condition(index, status));
        if !state.created {
            return prop_oneof![6 => Just(Deed::Create), 1 => delete, 1 => condition].boxed();
        }
        let wait = prop_oneof![
            0..2000_u64,
            (0..=40_u64).prop_map(|s| s * 1000),
            0..40_000_u64
        ];
        let longest = state.deadline.unwrap_or(90);
        prop_oneof![
            10 => wait.prop_map(Deed::Wait),
            4 => delete,
            2 => (1..4_u8).prop_map(Deed::Image),
            1 => (0..3_u8).prop_map(Deed::Label),
            1 => (1..=longest).prop_map(Deed::Deadline),
            1 => prop_oneof![Just(1), 0..=40_i64].prop_map(Deed::Grace),
            2 => condition,
            2 => (1..20_000_u64).prop_map(Deed::Restart),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, deed: &Deed) -> bool {
        match deed {
            Deed::Create => !state.created,
            Deed::Delete(_) | Deed::Condition(..) => true,
            Deed::Restart(_) => state.created && state.up_from <= state.now,
            // Of one that is raised podclock has its own opinion: docs/deviations.md.
            Deed::Deadline(seconds) => {
                state.created && state.deadline.is_none_or(|known| *seconds <= known)
            }
            _ => state.created,
        }
    }

    fn apply(mut state: Self, deed: &Deed) -> Self {
        state.do_it(*deed);
        state
    }
}

/// The pod's life, as podclock has it.
#[derive(Debug)]
struct Life {
    /// The scenario so far: what was done stands under its `actions:`.
    text: String,
    model: Model,
    world: World,
    /// How much was done, but for starts of the kubelet, and when those are.
    done: usize,
    starts: Vec<u64>,
}

impl Life {
    fn new(shape: &Shape) -> Self {
        let text = shape.text();
        let model = model(&text);
        let world = model.world();
        Self {
            text,
            model,
            world,
            done: 0,
            starts: Vec::new(),
        }
    }

    /// Does something at the present moment: before whatever the kubelet does then.
    fn act(&mut self, deed: Deed, contract: &Contract) {
        let Some(text) = deed.text() else { return };
        if !self.text.contains("\nactions:") {
            self.text += "actions:\n";
        }
        let at = Span::from_millis(contract.now);
        let _ = writeln!(self.text, "- {{at: {at}, {text}}}");
        // What updates make of the pod is the scenario's to say. Those before keep their places.
        self.model = model(&self.text);
        self.done += 1;
        let starts = self.starts.iter().filter(|&&at| at <= contract.now);
        let done = self.done + starts.count();
        while self.world.actions_done < done {
            assert!(self.step(contract), "nobody does it");
        }
        assert_eq!(self.world.now.as_millis(), contract.now, "done too late");
        if let Deed::Restart(_) = deed {
            self.starts.push(contract.up_from);
        }
    }

    /// Until just before that moment.
    fn wait(&mut self, until: u64, contract: &Contract) {
        let until = Time::from_millis(until);
        for _ in 0..STEPS {
            if self.model.next(&self.world).is_none_or(|at| at >= until) {
                return;
            }
            self.step(contract);
        }
        panic!("no wait is so long");
    }

    /// Whether anything happened.
    fn step(&mut self, contract: &Contract) -> bool {
        let (before, up) = (self.world.pod.object.clone(), self.world.pod.kubelet.up);
        let done = self.world.actions_done;
        let mut log = Timeline::discard();
        let advance = self.model.advance(&mut self.world, &mut Nominal, &mut log);
        let by_kubelet = self.world.actions_done == done;
        contract.allows(&before, &self.world, by_kubelet, up);
        advance != Advance::Quiescent
    }
}

fn model(text: &str) -> Model {
    match Scenario::parse(text) {
        Ok(scenario) => scenario.model,
        Err(error) => panic!("{error}\n{text}"),
    }
}

impl StateMachineTest for Life {
    type SystemUnderTest = Self;
    type Reference = Contract;

    fn init_test(contract: &Contract) -> Self {
        Self::new(&contract.shape)
    }

    fn apply(mut life: Self, contract: &Contract, deed: Deed) -> Self {
        match deed {
            Deed::Create => {
                let mut log = Timeline::discard();
                life.model.create(&mut life.world, &mut Nominal, &mut log);
                assert!(life.world.pod.object.exists, "created");
            }
            Deed::Wait(_) => life.wait(contract.now, contract),
            _ => life.act(deed, contract),
        }
        life
    }

    fn check_invariants(life: &Self, contract: &Contract) {
        contract.holds_of(&life.model, &life.world);
    }

    fn teardown(mut life: Self, mut contract: Contract) {
        contract.now = contract.now.max(contract.up_from) + PATIENCE;
        life.wait(contract.now, &contract);
        contract.holds_of(&life.model, &life.world);
        contract.came_to_an_end(&life.world);
    }
}

prop_state_machine! {
    #![proptest_config(cases::config(1000))]

    #[test]
    fn what_is_promised_of_an_object_is_kept(sequential 1..30 => Life);
}
