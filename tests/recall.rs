//! A search that recalls steps comes to the same as one that makes each.
//!
//! `PROPTEST_CASES=10000 cargo test --release --all-features --test recall` tries more.

#[path = "support/cases.rs"]
mod cases;
#[path = "support/model.rs"]
mod model;

use model::model;
use podclock::explore::{
    Blind, Bounds, Builtin, Fingerprint, Instants, Lengths, Observer, Properties, Search, Step,
};
use podclock::measure;
use podclock::sim::{Model, Scenario};
use podclock::{Time, strategies};
use proptest::prelude::*;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

/// Sees what another one does. No step is recalled for it.
#[derive(Clone, Debug)]
struct Always<O>(O);

impl<O: Observer> Observer for Always<O> {
    type Finding = O::Finding;

    fn see(&mut self, step: &Step<'_>, found: &mut Vec<O::Finding>) {
        self.0.see(step, found);
    }

    fn fingerprint(&self, now: Time, into: &mut Fingerprint) {
        self.0.fingerprint(now, into);
    }

    fn is_done(&self) -> bool {
        self.0.is_done()
    }

    fn counts(&self, finding: &O::Finding) -> bool {
        self.0.counts(finding)
    }

    fn number(finding: &O::Finding) -> usize {
        O::number(finding)
    }

    fn replaces(new: &O::Finding, old: &O::Finding) -> bool {
        O::replaces(new, old)
    }
}

/// What a search comes to on three threads, and one on a single thread in which each step is made.
fn both<O: Observer>(
    model: &Model,
    observer: &O,
    (instants, bounds): (Instants, Bounds),
) -> [String; 2]
where
    O::Finding: Debug,
{
    assert!(observer.recalls());
    let recalled = Search::new(model, observer.clone()).threads(3);
    let made = Search::new(model, Always(observer.clone())).threads(1);
    [
        format!("{:?}", recalled.instants(instants).bounds(bounds).run()),
        format!("{:?}", made.instants(instants).bounds(bounds).run()),
    ]
}

fn builtins() -> Properties {
    let builtins = Builtin::all().filter(|builtin| !builtin.is_beside());
    Properties::new().with_builtins(builtins)
}

fn lengths(model: &Model) -> Lengths {
    let measures = measure::ALL.iter();
    Lengths::of(
        measures
            .flat_map(|one| one.subjects(model.names().pod))
            .collect(),
    )
}

proptest! {
    #![proptest_config(cases::config(300))]

    #[test]
    fn recalled_steps_are_those_that_were_made(
        file in strategies::faulty_scenario(),
        ideal in any::<bool>(),
        every_second in any::<bool>(),
        jitter in any::<bool>(),
        faults in 0_u32..3,
    ) {
        let model = model(&file, ideal, jitter)?;
        let instants = match every_second {
            true => Instants::EverySecond,
            false => Instants::Corners,
        };
        let bounds = Bounds {
            faults: Some(faults),
            states: Some(2000),
            ..Bounds::default()
        };
        let bounds = (instants, bounds);
        let [recalled, made] = both(&model, &Blind, bounds);
        prop_assert_eq!(recalled, made);
        let [recalled, made] = both(&model, &builtins(), bounds);
        prop_assert_eq!(recalled, made);
        let [recalled, made] = both(&model, &lengths(&model), bounds);
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
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.expect("a name");
        let bounds = (Instants::EverySecond, bounds);
        let [recalled, made] = both(&scenario.model, &Blind, bounds);
        assert_eq!(recalled, made, "{name}");
        let [recalled, made] = both(&scenario.model, &builtins(), bounds);
        assert_eq!(recalled, made, "{name}");
        let [counts, findings] = ["}", ", loops"].map(|end| recalled.split(end).next());
        let finding = findings.and_then(|all| all.split_once("findings: "));
        let (counts, finding) = (counts.expect("counts"), finding.expect("findings").1);
        format!("{name}\n{counts}\n{finding}\n")
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}
