//! What holds in every run: over all recorded scenarios, and over random ones.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test invariants` tries more of the
//! random ones than the usual few; `PROPTEST_RNG_SEED` tries others. A failing case is printed as
//! a scenario file for `podclock run`.

#[path = "support/cases.rs"]
mod cases;

use podclock::Time;
use podclock::kubelet::{
    ContainerEvent, ContainerFact, ContainerState, ContainerStatus, Event, ExitCause, PodPhase,
    SandboxEvent,
};
use podclock::replay::find;
use podclock::runtime::{Nominal, Recorded, Replayed, Seeded};
use podclock::sim::{Run, Scenario};
use podclock::strategies;
use podclock::timeline::Entry;
use podclock::timeline::invariant::{self, Watch};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// How many random scenarios are tried where nobody asks for more.
const CASES: u32 = 4000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What is wrong with a run, one a line.
fn wrong(run: &Run) -> String {
    let mut told: Vec<String> = run.violations().iter().map(ToString::to_string).collect();
    if run.livelock && !spins(run) {
        told.push("an instant would not end".to_owned());
    }
    told.join("\n")
}

/// Whether the run ends as the kubelet itself would: busy. A container with a policy of `Never` and
/// a rule to restart, killed by its probe, leaves a pod that runs on without a sandbox. Each sync
/// stops that sandbox again, which since 1.36 asks for a relist at once; and each makes a worker
/// anew for the probe of another container that has ended, whose verdict asks for the next sync.
fn spins(run: &Run) -> bool {
    let last = run.timeline.entries().iter().rev().take(1000);
    let stopped = |event: &Event| matches!(event, Event::Sandbox(SandboxEvent::Stopped { .. }));
    last.clone().count() == 1000 && last.clone().all(|entry| stopped(&entry.event))
}

/// Every byte that a run can be told in.
fn bytes(run: &Run) -> String {
    format!(
        "{}{:?}{:?}",
        run.timeline,
        run.timeline.entries(),
        run.world
    )
}

#[test]
fn recorded_scenarios_break_nothing() {
    let folders = find(&root().join("fixtures/recorded")).expect("recordings");
    assert!(folders.len() > 900, "all recordings are there");
    let mut told = BTreeMap::new();
    for folder in folders {
        let scenario = Scenario::open(&folder.join("scenario.yaml")).expect("a scenario");
        let wrong = wrong(&scenario.run(&mut Nominal));
        if !wrong.is_empty() {
            told.insert(folder, wrong);
        }
    }
    assert!(told.is_empty(), "{}: {told:#?}", told.len());
}

proptest! {
    #![proptest_config(cases::config(CASES))]

    #[test]
    fn random_scenarios_break_nothing(file in strategies::scenario(), seed in any::<u64>()) {
        let scenario = match file.read() {
            Ok(scenario) => scenario,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let run = scenario.run(&mut Nominal);
        prop_assert_eq!(wrong(&run), "");
        prop_assert_eq!(bytes(&run), bytes(&scenario.run(&mut Nominal)));
        let seeded = scenario.run(&mut Seeded(seed));
        prop_assert_eq!(wrong(&seeded), "");
        prop_assert_eq!(bytes(&seeded), bytes(&scenario.run(&mut Seeded(seed))));
    }
}

proptest! {
    #![proptest_config(cases::config(CASES))]

    #[test]
    fn random_faults_break_nothing(
        file in strategies::faulty_scenario(),
        seed in any::<u64>(),
        trace in strategies::trace(),
    ) {
        let scenario = match file.read() {
            Ok(scenario) => scenario,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let run = scenario.run(&mut Nominal);
        prop_assert_eq!(wrong(&run), "");
        let (without, _) = file.text().split_once("\nfaults:").expect("there are some");
        let without = Scenario::parse(without).expect("as good without").run(&mut Nominal);
        prop_assert_eq!(bytes(&run), bytes(&without), "by itself a menu changes nothing");
        let seeded = scenario.run(&mut Seeded(seed));
        prop_assert_eq!(wrong(&seeded), "");
        prop_assert_eq!(bytes(&seeded), bytes(&scenario.run(&mut Seeded(seed))));
        let mut decided = Recorded::new(Replayed::new(trace));
        let replayed = scenario.run(&mut decided);
        prop_assert_eq!(wrong(&replayed), "");
        let again = scenario.run(&mut Replayed::new(decided.trace));
        prop_assert_eq!(bytes(&replayed), bytes(&again));
    }
}

#[test]
fn names_of_invariants_are_unique() {
    let mut names: Vec<&str> = invariant::ALL.iter().map(|known| known.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// What a recorded life breaks if one of its entries is missing, doubled, or comes first.
fn broken_by_mistakes(folder: &str, broken: &mut BTreeSet<&'static str>) {
    let path = root().join("fixtures/recorded").join(folder);
    let scenario = Scenario::open(&path.join("scenario.yaml")).expect("a scenario");
    let run = scenario.run(&mut Nominal);
    let names = scenario.model.names();
    let life = run.timeline.entries();
    let mut watch = |entries: &[&Entry]| {
        let mut watch = Watch::new();
        for entry in entries {
            let violations = watch.see(entry, &names);
            broken.extend(violations.iter().map(|found| found.invariant.name));
        }
    };
    for index in 0..life.len() {
        let entries: Vec<&Entry> = life.iter().collect();
        let mut missing = entries.clone();
        missing.remove(index);
        watch(&missing);
        let mut doubled = entries.clone();
        doubled.insert(index, entries[index]);
        watch(&doubled);
        let mut first = missing;
        first.insert(0, entries[index]);
        watch(&first);
    }
}

/// What a recorded life breaks where it is taken for that of another pod.
fn broken_by_mistaken_pod(folder: &str, broken: &mut BTreeSet<&'static str>) {
    let open = |folder: &str| {
        let path = root().join("fixtures/recorded").join(folder);
        Scenario::open(&path.join("scenario.yaml")).expect("a scenario")
    };
    let run = open(folder).run(&mut Nominal);
    for other in LIVES {
        let other = open(other);
        let names = other.model.names();
        if run.world.pod.slots.len() != names.pod.containers.len() {
            continue;
        }
        let mut watch = Watch::new();
        for entry in run.timeline.entries() {
            let violations = watch.see(entry, &names);
            broken.extend(violations.iter().map(|found| found.invariant.name));
        }
    }
}

/// What a recorded life breaks if one of its entries says something else.
fn broken_by_lies(folder: &str, broken: &mut BTreeSet<&'static str>) {
    let path = root().join("fixtures/recorded").join(folder);
    let scenario = Scenario::open(&path.join("scenario.yaml")).expect("a scenario");
    let run = scenario.run(&mut Nominal);
    let names = scenario.model.names();
    for lie in LIES {
        let mut watch = Watch::new();
        for entry in run.timeline.entries() {
            let mut told = entry.clone();
            lie(&mut told);
            let violations = watch.see(&told, &names);
            broken.extend(violations.iter().map(|found| found.invariant.name));
        }
    }
}

/// Ways to lie.
const LIES: &[fn(&mut Entry)] = &[
    // The other end.
    |entry| {
        if let Event::Status(status) = &mut entry.event {
            status.phase = match status.phase {
                PodPhase::Succeeded => PodPhase::Failed,
                PodPhase::Failed => PodPhase::Succeeded,
                other => other,
            };
        }
    },
    // KILL three seconds early.
    |entry| {
        if let Event::Container(ContainerEvent {
            fact:
                ContainerFact::Exited {
                    by: ExitCause::Kill,
                    ..
                },
            ..
        }) = entry.event
        {
            entry.at = Time::from_millis(entry.at.as_millis().saturating_sub(3000));
        }
    },
    // No patience.
    |entry| {
        if let Event::Container(ContainerEvent {
            fact: ContainerFact::Stop { timeout, .. },
            ..
        }) = &mut entry.event
        {
            *timeout = 1;
        }
    },
    // Nothing is ready.
    |entry| of_containers(entry, |status| status.ready = false),
    // The last container is forgotten.
    |entry| {
        if let Event::Status(status) = &mut entry.event {
            status.containers.pop();
        }
    },
    // Everything still runs.
    |entry| {
        of_containers(entry, |status| {
            let started = Time::START;
            status.state = ContainerState::Running { started };
        });
    },
    // Nothing has ever started.
    |entry| {
        of_containers(entry, |status| {
            if let ContainerState::Terminated(end) = &mut status.state
                && let Some(times) = &mut end.times
            {
                times.started = None;
            }
        });
    },
];

fn of_containers(entry: &mut Entry, change: impl FnMut(&mut ContainerStatus)) {
    if let Event::Status(status) = &mut entry.event {
        status.containers.iter_mut().for_each(change);
    }
}

#[test]
fn every_invariant_can_break() {
    let mut broken = BTreeSet::new();
    for folder in LIVES {
        broken_by_mistakes(folder, &mut broken);
        broken_by_mistaken_pod(folder, &mut broken);
        broken_by_lies(folder, &mut broken);
    }
    let all: BTreeSet<&str> = invariant::ALL.iter().map(|known| known.name).collect();
    let never: Vec<&&str> = all.difference(&broken).collect();
    assert!(never.is_empty(), "nothing breaks {never:?}");
}

/// Lives that between them have everything that an invariant speaks of.
const LIVES: &[&str] = &[
    "kubelet-1.32/corpus/crash-always-1s3",
    "kubelet-1.32/corpus/deadline-job",
    "kubelet-1.32/corpus/deadline-running",
    "kubelet-1.32/corpus/del-grace0",
    "kubelet-1.32/corpus/init-fail-never",
    "kubelet-1.32/corpus/init-three",
    "kubelet-1.32/corpus/live-f1-p4-d7",
    "kubelet-1.32/corpus/multi-never-mixed",
    "kubelet-1.32/corpus/plain-never-exit0",
    "kubelet-1.32/corpus/poststart-fail",
    "kubelet-1.32/corpus/prestop-hang",
    "kubelet-1.32/corpus/pull-error-3-then-ok",
    "kubelet-1.32/corpus/ready-flap",
    "kubelet-1.32/corpus/start-error-once",
    "kubelet-1.32/corpus/startup-delay",
    "kubelet-1.32/corpus/startup-fails",
    "kubelet-1.32/corpus/startup-timeout",
    "kubelet-1.36/corpus/sidecar-job-never-ignoreterm",
];
