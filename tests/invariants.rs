//! What holds in every run: over all recorded scenarios, and over random ones.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test invariants` tries more of the
//! random ones than the usual few; `PROPTEST_RNG_SEED` tries others. A failing case is printed as
//! a scenario file for `podclock run`.

use podclock::Time;
use podclock::kubelet::{
    ContainerEvent, ContainerFact, ContainerState, Event, PodPhase, PodStatus,
};
use podclock::replay::find;
use podclock::runtime::{Nominal, Seeded};
use podclock::sim::{Run, Scenario};
use podclock::strategies;
use podclock::timeline::invariant::{self, Watch};
use podclock::timeline::{Entry, Names};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// How many random scenarios are tried where nobody asks for more.
const CASES: u32 = 500;

/// The same cases each time.
fn config() -> ProptestConfig {
    let asked = |name| std::env::var_os(name).is_some();
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if !asked("PROPTEST_CASES") {
        config.cases = CASES;
    }
    if !asked("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(0);
    }
    config
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What is wrong with a run, one a line.
fn wrong(run: &Run) -> String {
    let mut told: Vec<String> = run.violations().iter().map(ToString::to_string).collect();
    if run.livelock {
        told.push("an instant would not end".to_owned());
    }
    told.join("\n")
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
    #![proptest_config(config())]

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

#[test]
fn names_of_invariants_are_unique() {
    let mut names: Vec<&str> = invariant::ALL.iter().map(|known| known.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

fn recorded(folder: &str) -> Scenario {
    let path = root().join("fixtures/recorded").join(folder);
    Scenario::open(&path.join("scenario.yaml")).expect("a scenario")
}

/// Names of the invariants that have been broken.
#[derive(Default)]
struct Broken(BTreeSet<&'static str>);

impl Broken {
    fn watch<'a>(&mut self, entries: impl IntoIterator<Item = &'a Entry>, names: &Names<'_>) {
        let mut watch = Watch::new();
        for entry in entries {
            let violations = watch.see(entry, names);
            self.0
                .extend(violations.iter().map(|found| found.invariant.name));
        }
    }

    /// One entry is missing, doubled, first, or says something else.
    fn by_mistakes(&mut self, life: &[Entry], names: &Names<'_>) {
        for index in 0..life.len() {
            let (before, rest) = life.split_at(index);
            let (entry, after) = (&rest[0], &rest[1..]);
            self.watch(before.iter().chain(after), names);
            self.watch(before.iter().chain([entry, entry]).chain(after), names);
            self.watch([entry].into_iter().chain(before).chain(after), names);
            for wrong in altered(entry) {
                self.watch(before.iter().chain([&wrong]).chain(after), names);
            }
        }
    }

    /// The life is taken for that of another pod.
    fn by_mistaken_pod(&mut self, life: &[Entry], containers: usize) {
        for other in LIVES {
            let model = recorded(other).model;
            let names = model.names();
            if names.pod.containers.len() == containers {
                self.watch(life, &names);
            }
        }
    }
}

/// The same entry with something else in it.
fn altered(entry: &Entry) -> Vec<Entry> {
    let with = |event| Entry {
        event,
        ..entry.clone()
    };
    let mut all = Vec::new();
    match &entry.event {
        Event::Status(status) => {
            let mut alter = |change: &dyn Fn(&mut PodStatus)| {
                let mut wrong = status.clone();
                change(&mut wrong);
                all.push(with(Event::Status(wrong)));
            };
            alter(&|wrong| wrong.phase = PodPhase::Succeeded);
            alter(&|wrong| wrong.phase = PodPhase::Failed);
            alter(&|wrong| {
                wrong
                    .containers
                    .truncate(wrong.containers.len().saturating_sub(1))
            });
            alter(&|wrong| {
                for container in &mut wrong.containers {
                    container.ready = false;
                }
            });
            alter(&|wrong| {
                for container in &mut wrong.containers {
                    if let ContainerState::Terminated(ended) = &mut container.state {
                        ended.code = 1 - ended.code.min(1);
                        if let Some(times) = &mut ended.times {
                            times.finished = Time::START;
                        }
                    }
                }
            });
        }
        Event::Container(event) => match event.fact {
            ContainerFact::Stop { running, .. } => {
                let fact = ContainerFact::Stop {
                    timeout: 1,
                    running,
                };
                all.push(with(Event::Container(ContainerEvent { fact, ..*event })));
            }
            ContainerFact::Exited { .. } => all.push(Entry {
                at: Time::from_millis(entry.at.as_millis() - 1000),
                ..entry.clone()
            }),
            _ => {}
        },
        _ => {}
    }
    all
}

#[test]
fn every_invariant_can_break() {
    let mut broken = Broken::default();
    for folder in LIVES {
        let scenario = recorded(folder);
        let run = scenario.run(&mut Nominal);
        let names = scenario.model.names();
        let life = run.timeline.entries();
        broken.by_mistakes(life, &names);
        broken.by_mistaken_pod(life, names.pod.containers.len());
    }
    let all: BTreeSet<&str> = invariant::ALL.iter().map(|known| known.name).collect();
    let never: Vec<&&str> = all.difference(&broken.0).collect();
    assert!(never.is_empty(), "{never:?}");
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
