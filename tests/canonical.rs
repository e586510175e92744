//! A world and its canonical form have the same future.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test canonical` tries more.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/model.rs"]
mod model;

use model::model;
use podclock::kubelet::{ContainerState, ContainerStatus, Terminated};
use podclock::runtime::{Choices, Nominal, Replayed, Seeded};
use podclock::sim::{Advance, Model, Scenario, World};
use podclock::spec::ExitAction;
use podclock::strategies::{self, ScenarioFile};
use podclock::timeline::Timeline;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// How many steps the two are followed for.
const STEPS: usize = 400;

/// One step of a world: how long it took, and what kinds of things happened.
fn step(model: &Model, world: &mut World, choices: &mut dyn Choices) -> Option<(u64, Vec<String>)> {
    let before = world.now;
    let mut log = Timeline::new();
    match model.advance(world, choices, &mut log) {
        Advance::Quiescent => None,
        Advance::Fired(at) => {
            let kind = |text: String| text.split(['(', ' ', '{']).take(2).collect::<String>();
            let entries = log.entries().iter();
            let kinds = entries.map(|entry| kind(format!("{:?}", entry.event)));
            Some((at.millis_since(before), kinds.collect()))
        }
    }
}

/// The lines in which two worlds differ.
fn differences(one: &World, other: &World) -> String {
    if one == other {
        return String::new();
    }
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let pairs = one.lines().zip(other.lines());
    let apart = pairs.filter(|(one, other)| one != other);
    let told = apart.map(|(one, other)| format!("{} | {}", one.trim(), other.trim()));
    told.collect::<Vec<_>>().join("\n")
}

/// Whether two statuses of each container differ in more than the restart count and the moments, where
/// they differ. So these decide nothing by themselves.
fn differ_in_more(one: &[ContainerStatus], other: &[ContainerStatus]) -> bool {
    one.iter().zip(other).all(|(one, other)| {
        let mut alike = ContainerStatus {
            restart_count: other.restart_count,
            ..*one
        };
        let ended = |one: &mut Terminated, other: &Terminated| {
            if one.times.is_some() == other.times.is_some() {
                one.times = other.times;
            }
        };
        match (&mut alike.state, &other.state) {
            (ContainerState::Running { started }, ContainerState::Running { started: since }) => {
                *started = *since;
            }
            (ContainerState::Terminated(one), ContainerState::Terminated(other)) => {
                ended(one, other);
            }
            _ => {}
        }
        if let (Some(one), Some(other)) = (&mut alike.last, &other.last) {
            ended(one, other);
        }
        alike != *other || one == other
    })
}

/// The status of each container as the kubelet has it, if it has any.
fn cached(world: &World) -> Option<&[ContainerStatus]> {
    let cached = world.pod.kubelet.cached.as_ref()?;
    Some(&cached.status.containers)
}

/// The same of what the kubelet shows of the containers, and what the API does, and the kubelet did
/// before; but where every container may restart.
fn statuses_differ_in_more(model: &Model, before: &World, world: &World) -> bool {
    let containers = model.names().pod.containers.iter();
    let mut rules = containers.flat_map(|container| &container.restart_rules);
    if rules.any(|rule| rule.action == ExitAction::RestartAllContainers) {
        return true;
    }
    let shown = &*world.pod.object.status.containers;
    let others = [cached(before), Some(shown)].into_iter().flatten();
    let mut pairs = others.zip(std::iter::repeat(cached(world)));
    pairs.all(|(other, now)| now.is_none_or(|now| differ_in_more(other, now)))
}

/// Makes so many steps by some choices, and then goes on by others, from the world and from its
/// canonical form.
fn go_on_alike(
    file: &ScenarioFile,
    (ideal, jitter): (bool, bool),
    steps: usize,
    first: &mut dyn Choices,
    then: &(impl Choices + Clone),
) -> Result<(), TestCaseError> {
    let model = model(file, ideal, jitter)?;
    worlds_go_on_alike(&model, steps, first, then)
}

fn worlds_go_on_alike(
    model: &Model,
    steps: usize,
    first: &mut dyn Choices,
    then: &(impl Choices + Clone),
) -> Result<(), TestCaseError> {
    let mut world = model.world();
    model.create(&mut world, first, &mut Timeline::discard());
    for _ in 0..steps {
        model.advance(&mut world, first, &mut Timeline::discard());
    }
    let mut other = model.canonical(&world);
    let again = model.canonical(&other);
    prop_assert_eq!(&again, &other, "canonical once is canonical");
    let mut choices = (then.clone(), then.clone());
    for nth in 0..STEPS {
        let before = world.clone();
        let one = step(model, &mut world, &mut choices.0);
        let two = step(model, &mut other, &mut choices.1);
        prop_assert_eq!(&one, &two, "step {}", nth);
        let alike = (model.canonical(&world), model.canonical(&other));
        prop_assert_eq!(differences(&alike.0, &alike.1), "", "step {}", nth);
        prop_assert!(alike.0 == alike.1, "step {}", nth);
        let more = statuses_differ_in_more(model, &before, &world);
        prop_assert!(more, "statuses differ in numbers alone, step {}", nth);
        let due = world.pod.kubelet.work_due;
        let waits = world.die.is_none_or(|die| due == Some(die.until));
        prop_assert!(waits, "somebody waits for a die that rolls, step {}", nth);
        if one.is_none() {
            break;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases::config(1000))]

    #[test]
    fn canonical_worlds_go_on_alike(
        file in strategies::scenario(),
        seed in any::<u64>(),
        steps in 0_usize..1500,
        ideal in any::<bool>(),
    ) {
        go_on_alike(&file, (ideal, false), steps, &mut Seeded(seed), &Nominal)?;
    }

    /// Also where windows stay open, as they do in a search.
    #[test]
    fn open_worlds_go_on_alike(
        file in strategies::faulty_scenario(),
        first in strategies::trace(),
        then in strategies::trace(),
        steps in 0_usize..300,
        ideal in any::<bool>(),
        jitter in any::<bool>(),
    ) {
        let then = Replayed::new(then);
        go_on_alike(&file, (ideal, jitter), steps, &mut Replayed::new(first), &then)?;
    }
}

/// After how many steps the worlds of a recording are tried.
const OF_RECORDINGS: [usize; 5] = [5, 15, 30, 60, 120];

/// The scenario's worlds after so many steps.
fn scenario_goes_on_alike(file: &Path, tried: impl IntoIterator<Item = usize>) {
    let text = fs::read_to_string(file).expect("a scenario");
    let scenario = Scenario::parse(&text).unwrap_or_else(|error| panic!("{file:?}: {error:?}"));
    for steps in tried {
        let alike = worlds_go_on_alike(&scenario.model, steps, &mut Nominal, &Nominal);
        alike.unwrap_or_else(|error| panic!("{}, {steps} steps: {error}", file.display()));
    }
}

/// Random scenarios seldom restart the kubelet at the right moment, or wait for long; those that
/// somebody thought of do.
#[test]
fn worlds_of_recordings_go_on_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recorded/kubelet-1.36");
    let folders = podclock::replay::find(&root).expect("recordings");
    assert!(folders.len() > 300, "they are there");
    for folder in folders {
        scenario_goes_on_alike(&folder.join("scenario.yaml"), OF_RECORDINGS);
    }
}

#[test]
fn worlds_at_corners_of_rules_go_on_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    for entry in fs::read_dir(root).expect("the fixtures") {
        scenario_goes_on_alike(&entry.expect("an entry").path(), 0..150);
    }
}

/// Of two containers, `b` crashes again and again.
fn beside_a_crash(container: &str, script: &str, deleted: &str) -> Scenario {
    let text = format!(
        "
kubelet: \"1.36\"
until: 2m
pod:
  apiVersion: v1
  kind: Pod
  metadata: {{name: p}}
  spec:
    containers: [{container}, {{name: b, image: b:1}}]
script:
  containers:
    a: [{script}]
    b: [{{exit: {{code: 1, after: 11s}}}}]
actions: [{{at: {deleted}, delete: }}]
"
    );
    Scenario::parse(&text).expect("a scenario")
}

/// A sync that was about to start a container when the pod was deleted goes on, and asks for its back-off.
#[test]
fn starts_under_way_when_the_pod_is_deleted_go_on_alike() {
    let pulls = (
        "{name: a, image: a:1, imagePullPolicy: Always}",
        "{pull: {takes: 3s}, exit: {code: 1, after: 1s}}",
    );
    let turns = (10..60).map(|second| {
        let result = ["success", "failure"][second % 2];
        format!("{{until: {second}.5s, result: {result}}}")
    });
    let turns = turns.collect::<Vec<_>>().join(", ");
    // At each turn a sync waits for the next relist.
    let probed = "{name: a, image: a:1, readinessProbe: {exec: {command: [x]}, periodSeconds: 1, failureThreshold: 1}}";
    let turning = (
        probed,
        &*format!("{{probes: {{readiness: [{turns}, {{result: success}}]}}}}"),
    );
    for ((container, script), beyond) in [(pulls, 0), (turning, 100)] {
        for deleted in (10..90).map(|second| format!("{second}.{beyond:03}s")) {
            let scenario = beside_a_crash(container, script, &deleted);
            for steps in (20..150).step_by(3) {
                let alike = worlds_go_on_alike(&scenario.model, steps, &mut Nominal, &Nominal);
                alike.unwrap_or_else(|error| panic!("at {deleted}, {steps} steps: {error}"));
            }
        }
    }
}
