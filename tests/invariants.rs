//! What holds in every run: over all recorded scenarios, and over random ones.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test invariants` tries more of the
//! random ones than the usual few; `PROPTEST_RNG_SEED` tries others. A failing case is printed as
//! a scenario file for `podclock run`.

use podclock::replay::find;
use podclock::runtime::{Nominal, Seeded};
use podclock::sim::{Run, Scenario};
use podclock::strategies;
use podclock::timeline::invariant;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;
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
