//! A world and its canonical form have the same future.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test canonical` tries more.

use podclock::runtime::{Nominal, Seeded};
use podclock::sim::{Advance, Model, World};
use podclock::strategies;
use podclock::timeline::Timeline;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// How many steps the two are followed for.
const STEPS: usize = 400;

fn config() -> ProptestConfig {
    let asked = |name| std::env::var_os(name).is_some();
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if !asked("PROPTEST_CASES") {
        config.cases = 1000;
    }
    if !asked("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(0);
    }
    config
}

/// One step of a world: how long it took, and what kinds of things happened.
fn step(model: &Model, world: &mut World) -> Option<(u64, Vec<String>)> {
    let before = world.now;
    let mut log = Timeline::new();
    match model.advance(world, &mut Nominal, &mut log) {
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

proptest! {
    #![proptest_config(config())]

    #[test]
    fn canonical_worlds_go_on_alike(
        file in strategies::scenario(),
        seed in any::<u64>(),
        steps in 0_usize..1500,
        ideal in any::<bool>(),
    ) {
        let scenario = match file.read() {
            Ok(scenario) => scenario,
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let model = &if ideal { scenario.model.ideal() } else { scenario.model };
        let mut world = model.world();
        model.create(&mut world, &mut Seeded(seed), &mut Timeline::discard());
        for _ in 0..steps {
            model.advance(&mut world, &mut Seeded(seed), &mut Timeline::discard());
        }
        let mut other = model.canonical(&world);
        prop_assert_eq!(&model.canonical(&other), &other, "canonical once is canonical");
        for nth in 0..STEPS {
            let (one, two) = (step(model, &mut world), step(model, &mut other));
            prop_assert_eq!(&one, &two, "step {}", nth);
            let alike = (model.canonical(&world), model.canonical(&other));
            prop_assert_eq!(differences(&alike.0, &alike.1), "", "step {}", nth);
            prop_assert!(alike.0 == alike.1, "step {}", nth);
            if one.is_none() {
                break;
            }
        }
    }
}
