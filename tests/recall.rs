//! A search that recalls steps comes to the same as one that makes each.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test recall` tries more.

#[path = "support/cases.rs"]
mod cases;

use podclock::explore::{Blind, Bounds, Fingerprint, Instants, Observer, Search, Step};
use podclock::sim::{Model, Scenario};
use podclock::strategies;
use podclock::Time;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Sees everything, and remembers nothing. No step is recalled for it.
#[derive(Clone, Debug)]
struct Sees;

impl Observer for Sees {
    type Finding = ();

    fn see(&mut self, _: &Step<'_>, _: &mut Vec<()>) {}

    fn fingerprint(&self, _: Time, _: &mut Fingerprint) {}

    fn number((): &()) -> usize {
        0
    }
}

/// Worlds, steps, length of the longest run, and what was cut.
fn counts<O: Observer>(search: Search<'_, O>, instants: Instants, bounds: Bounds) -> String {
    let explored = search.instants(instants).bounds(bounds).run();
    let (states, steps, depth) = (explored.states, explored.steps, explored.depth);
    format!("{states} worlds, {steps} steps, depth {depth}, {:?}", explored.cut)
}

fn recalled_as_made(model: &Model, instants: Instants, bounds: Bounds) -> [String; 2] {
    [
        counts(Search::new(model, Blind), instants, bounds),
        counts(Search::new(model, Sees), instants, bounds),
    ]
}

proptest! {
    #![proptest_config(cases::config(300))]

    #[test]
    fn recalled_steps_are_those_that_were_made(
        file in strategies::faulty_scenario(),
        ideal in any::<bool>(),
        every_second in any::<bool>(),
        faults in 0_u32..3,
    ) {
        let scenario = file.read().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let model = match ideal {
            true => scenario.model.ideal(),
            false => scenario.model,
        };
        let instants = match every_second {
            true => Instants::EverySecond,
            false => Instants::Corners,
        };
        let bounds = Bounds {
            faults: Some(faults),
            states: Some(2000),
            ..Bounds::default()
        };
        let [recalled, made] = recalled_as_made(&model, instants, bounds);
        prop_assert_eq!(recalled, made);
    }
}

/// Pods whose containers crash, and what else there is to do to them.
#[test]
fn crashes_are_recalled_as_they_were_made() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recall");
    let mut files: Vec<_> = fs::read_dir(&root)
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let told = files.iter().map(|file| {
        let text = fs::read_to_string(file).expect("a scenario");
        let scenario = Scenario::parse(&text);
        let scenario = scenario.unwrap_or_else(|error| panic!("{}: {error:?}", file.display()));
        let bounds = Bounds {
            faults: Some(4),
            states: Some(30_000),
            ..Bounds::default()
        };
        let [recalled, made] = recalled_as_made(&scenario.model, Instants::EverySecond, bounds);
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.expect("a name");
        assert_eq!(recalled, made, "{name}");
        format!("{name}: {recalled}")
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}
