//! The explorer finds what there is, in its simplest form, and what it finds can be run again.
#![cfg(feature = "cli")]

use podclock::cli::{self, Exit};
use podclock::explore::{
    Blind, Bounds, Breach, Builtin, End, Explored, Instants, Lengths, Observer, Outcome,
    Properties, Search, Step,
};
use podclock::kubelet::{ContainerEvent, ContainerFact, Event, ExitCause, RunId};
use podclock::measure;
use podclock::runtime::{Replayed, Trace};
use podclock::sim::{Model, Scenario};
use podclock::spec::ContainerId;
use podclock::timeline::Entry;
use podclock::{Feature, Profile, Time, Version, manifest};
use serde_json::Value;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The usual scenario of a fixture's only pod, and its text.
fn usual(file: &str, version: &str) -> (Scenario, String) {
    let text = fs::read_to_string(root().join(file)).expect("a fixture");
    let version: Version = version.parse().expect("a version");
    let checked = manifest::parse(&text, &Profile::of(version));
    let workload = checked.workload.expect("a valid manifest");
    let written = Scenario::usual(&text, &workload.pods[0], version, &[]);
    let written = written.expect("a pod");
    (Scenario::parse(&written).expect("a scenario"), written)
}

fn explore(args: &[&str]) -> (Exit, Value) {
    std::env::set_current_dir(root()).expect("the crate's folder");
    let args = ["podclock", "explore", "--format", "json"]
        .iter()
        .chain(args);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::run(args, &mut std::io::empty(), &mut out, &mut err);
    assert_eq!(String::from_utf8_lossy(&err), "");
    (exit, serde_json::from_slice(&out).expect("JSON"))
}

/// What of upstream's oddities is found in plain manifests with the usual menu: file, version, name
/// of the property, and how few faults and steps it takes; and when it happens, in milliseconds.
const ODDITIES: [(&str, &str, &str, u64, u64, u64); 4] = [
    (
        "restart-rule",
        "1.36",
        "running-is-something",
        1,
        13,
        65_501,
    ),
    (
        "startup-probe",
        "1.36",
        "ready-after-startup-probe",
        1,
        16,
        6_000,
    ),
    ("sidecar", "1.32", "running-stays", 2, 22, 8_313),
    ("plain", "1.36", "no-start-after-delete", 1, 8, 2_800),
];

#[test]
fn oddities_are_found_in_their_simplest_form_and_saved() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("oddities");
    let folder = folder.to_str().expect("a name");
    for (name, version, property, faults, steps, at) in ODDITIES {
        let file = format!("fixtures/explore/{name}.yaml");
        let faults_asked = faults.to_string();
        let (exit, found) = explore(&[
            &file,
            "--kubelet",
            version,
            "--faults",
            &faults_asked,
            "--states",
            "100000",
            "--save",
            folder,
        ]);
        assert_eq!(exit, Exit::Failed, "{name}");
        let properties = found["properties"].as_array().expect("a list");
        let row = properties.iter().find(|row| row["name"] == property);
        let row = row.expect("the property");
        assert_eq!(row["outcome"], "violated", "{name}");
        let told = ["faults", "steps", "at"].map(|field| row[field].as_u64());
        assert_eq!(told, [Some(faults), Some(steps), Some(at)], "{name}");

        // Byte for byte the run that was found.
        let trace: Trace = row["choices"]
            .as_str()
            .expect("choices")
            .parse()
            .expect("choices");
        let (scenario, _) = usual(&file, version);
        let saved = Path::new(row["file"].as_str().expect("a file"));
        let saved = Scenario::open(saved).expect("a scenario");
        assert_eq!(saved.choices.as_ref(), Some(&trace), "{name}");
        let choices = || Replayed::new(trace.clone()).without_latencies();
        let run = scenario.model.run(&mut choices(), saved.until);
        let again = saved.run(&mut choices());
        assert_eq!(
            run.timeline.to_string(),
            again.timeline.to_string(),
            "{name}"
        );

        // And with one fault less there is none.
        let builtins = || Builtin::all().filter(|builtin| builtin.name() == property);
        let properties = Properties::new().with_builtins(builtins());
        let bounds = Bounds {
            faults: Some(faults as u32 - 1),
            ..Bounds::default()
        };
        let search = Search::new(&scenario.model, properties.clone()).bounds(bounds);
        let explored = search.run();
        assert!(explored.cut.is_complete_but_for_faults(), "{name}");
        assert!(explored.findings.is_empty(), "{name}");
        let breaches = properties.replay(
            &saved.model,
            saved.model.first_ticks(),
            &mut choices(),
            Time::START + saved.until,
        );
        let breaches: Vec<_> = breaches.iter().map(|(breach, _)| breach.at).collect();
        assert_eq!(breaches, [Time::from_millis(at)], "{name}");
    }
}

/// Everything about a search, for comparisons.
fn told(explored: &Explored<impl Debug>) -> String {
    format!("{explored:?}")
}

#[test]
fn any_number_of_threads_comes_to_the_same() {
    for (name, version, faults) in [("plain", "1.36", 1), ("sidecar", "1.32", 1)] {
        let (scenario, _) = usual(&format!("fixtures/explore/{name}.yaml"), version);
        let properties = Properties::new().with_builtins(Builtin::all());
        let search = |threads| {
            let bounds = Bounds {
                faults: Some(faults),
                ..Bounds::default()
            };
            let search = Search::new(&scenario.model, properties.clone()).bounds(bounds);
            told(&search.threads(threads).run())
        };
        let one = search(1);
        assert_eq!(search(2), one, "{name}");
        assert_eq!(search(3), one, "{name}");
    }
}

/// Where steps are recalled, too, and there are enough worlds that each of many threads has some: also of
/// more threads than the visited worlds have parts.
#[test]
fn any_number_of_threads_recalls_the_same() {
    let text = include_str!("../benches/support/checked.yaml");
    let model = Scenario::parse(text).expect("a scenario").model;
    let measures = measure::ALL.iter();
    let subjects = measures.flat_map(|one| one.subjects(model.names().pod));
    let lengths = Lengths::of(subjects.collect());
    let search = |threads| {
        let bounds = Bounds {
            faults: Some(2),
            ..Bounds::default()
        };
        let search = Search::new(&model, lengths.clone()).bounds(bounds);
        let search = search.instants(Instants::EverySecond);
        told(&search.threads(threads).run())
    };
    let one = search(1);
    assert!(one.contains("trace"));
    for threads in [2, 3, 5, 70] {
        assert_eq!(search(threads), one, "{threads} threads");
    }
}

/// Worlds and steps of small models, searched to a fixpoint: file, version, faults, whole seconds
/// instead of corners, worlds, steps.
const COUNTS: [(&str, &str, u32, bool, usize, u64); 5] = [
    ("plain", "1.36", 0, false, 130, 133),
    ("plain", "1.36", 1, false, 4_879, 6_332),
    ("plain", "1.36", 1, true, 21_326, 36_229),
    ("plain", "1.32", 1, false, 5_509, 6_967),
    ("sidecar", "1.32", 1, false, 3_525, 4_469),
];

#[test]
fn small_models_have_so_many_worlds() {
    let counted = COUNTS.map(|(name, version, faults, seconds, ..)| {
        let (scenario, _) = usual(&format!("fixtures/explore/{name}.yaml"), version);
        let bounds = Bounds {
            faults: Some(faults),
            ..Bounds::default()
        };
        let instants = match seconds {
            true => Instants::EverySecond,
            false => Instants::Corners,
        };
        let search = Search::new(&scenario.model, Blind).bounds(bounds);
        let explored = search.instants(instants).run();
        assert!(explored.cut.is_complete_but_for_faults(), "{name}");
        (
            name,
            version,
            faults,
            seconds,
            explored.states,
            explored.steps,
        )
    });
    assert_eq!(counted, COUNTS);
}

/// The minute between two syncs that nothing has called for is not lengthened, also where retries
/// are: where nothing fails there are as many worlds.
#[test]
fn only_retries_are_lengthened() {
    let (scenario, _) = usual("fixtures/explore/plain.yaml", "1.36");
    let count = |model: &Model| {
        let bounds = Bounds {
            faults: Some(0),
            states: Some(1000),
            ..Bounds::default()
        };
        Search::new(model, Blind).bounds(bounds).run().states
    };
    let at_rest = count(&scenario.model);
    assert_eq!(count(&scenario.model.open_jitter()), at_rest);
}

/// What properties mean: each with what comes of it in a pod that is deleted at 10 s, is gone a
/// second later, and may exit with 1 at any moment before 5 s.
const MEANINGS: [(&str, &str); 16] = [
    ("always: {not: ready}", "violated at 00:00.000"),
    ("always: {any: [gone, {not: {phase: Succeeded}}]}", "kept"),
    ("sometimes: {all: [ready, deleted]}", "shown at 00:10.000"),
    ("sometimes: {phase: Succeeded}", "impossible"),
    ("sometimes: {not: {started: app}}", "shown at 00:00.000"),
    ("never: killed", "kept"),
    (
        "never: {terminated: {container: app, code: 143}}",
        "violated at 00:10.000",
    ),
    (
        "never: {terminated: {container: app, code: 1}}",
        "violated at 00:00.000",
    ),
    ("settles: gone", "kept"),
    ("settles: ready", "violated at 01:01.313"),
    (
        "{settles: {started: app}, at_most: 1s}",
        "violated at 00:11.001",
    ),
    (
        "{settles: {started: app}, at_most: 10m}",
        "violated at 01:01.313",
    ),
    ("within: {from: deleted, to: gone, at_most: 1}", "kept"),
    (
        "within: {from: deleted, to: gone, at_most: 0.3}",
        "violated at 00:10.301",
    ),
    (
        "within: {from: {terminated: {code: 1}}, to: restarted, at_most: 0.2}",
        "violated at 00:00.201",
    ),
    (
        "within: {from: gone, to: ready, at_most: 1}",
        "violated at 00:11.314",
    ),
];

const MEANT: &str = "
until: 1m
pod:
  apiVersion: v1
  kind: Pod
  metadata: {name: web}
  spec: {containers: [{name: app, image: app:1}]}
actions: [{at: 10, delete: }]
faults:
  containers: {app: {exit: [{code: 1, after: 0s..5s}]}}
properties:
";

#[test]
fn properties_mean_what_they_say() {
    let lines = MEANINGS.map(|(property, _)| format!("- {property}\n"));
    let scenario = Scenario::parse(&(MEANT.to_owned() + &lines.concat())).expect("a scenario");
    let properties = scenario.properties.iter().cloned();
    let properties = properties.fold(Properties::new(), Properties::with);
    let explored = Search::new(&scenario.model, properties.clone()).run();
    assert!(explored.cut.is_complete());
    let outcomes = properties.outcomes(&explored);
    let told = outcomes.iter().map(|outcome| match outcome {
        Outcome::Violated(found) => format!("violated at {}", found.finding.at),
        Outcome::Shown(found) => format!("shown at {}", found.finding.at),
        Outcome::Impossible => "impossible".to_owned(),
        Outcome::Kept => "kept".to_owned(),
        Outcome::Open => "open".to_owned(),
    });
    let told: Vec<(&str, String)> = MEANINGS.iter().map(|row| row.0).zip(told).collect();
    for ((property, told), (_, wanted)) in told.iter().zip(MEANINGS) {
        assert_eq!(told, wanted, "{property}");
    }
}

#[test]
fn every_manifest_has_a_usual_scenario() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("fixtures/manifests")).expect("manifests") {
        let file = entry.expect("an entry").path();
        let text = fs::read_to_string(&file).expect("a fixture");
        let first = text.lines().next().unwrap_or_default();
        let profiles = first.strip_prefix("# kubernetes: ").unwrap_or("1.36");
        for profile in profiles.split_whitespace() {
            let mut parts = profile.split('+');
            let version = parts.next().expect("a version");
            let version: Version = version.parse().expect("a version");
            let gates = parts.map(|gate| (gate.parse().expect("a gate"), true));
            let gates: Vec<(Feature, bool)> = gates.collect();
            let profile = gates.iter().fold(Profile::of(version), |profile, gate| {
                profile.with(gate.0, gate.1).expect("a gate of the version")
            });
            let checked = manifest::parse(&text, &profile);
            for template in checked.workload.iter().flat_map(|workload| &workload.pods) {
                let written = Scenario::usual(&text, template, version, &gates);
                let scenario = Scenario::parse(&written.expect("a pod"));
                let scenario =
                    scenario.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                assert!(scenario.has_faults, "{}", file.display());
                let names = scenario.model.names();
                assert_eq!(names.pod.containers, template.spec.containers);
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} pods");
}

/// What a built-in property says of a step in which this happens to a pod that was not there yet.
fn said(property: Builtin, events: Vec<Event>, end: Option<End>) -> Vec<Breach> {
    let (scenario, _) = usual("fixtures/explore/plain.yaml", "1.36");
    let world = scenario.model.world();
    let entries = (0..).zip(events).map(|(seq, event)| Entry {
        at: Time::START,
        seq,
        cause: None,
        event,
    });
    let entries: Vec<Entry> = entries.collect();
    let step = Step {
        model: &scenario.model,
        before: &world,
        world: &world,
        entries: &entries,
        end,
    };
    let mut properties = Properties::new().with_builtins([property]);
    let mut found = Vec::new();
    properties.see(&step, &mut found);
    found
}

fn of_run(ordinal: u32, fact: ContainerFact) -> Event {
    let container = ContainerId(0);
    Event::Container(ContainerEvent {
        run: RunId { container, ordinal },
        attempt: ordinal,
        fact,
    })
}

#[test]
fn built_in_properties_that_no_pod_breaks_can_be_broken() {
    let began = |run| of_run(run, ContainerFact::Start);
    let started = |run| of_run(run, ContainerFact::Started { error: None });
    let ended = |by| of_run(0, ContainerFact::Exited { code: 1, by });
    let restart = |by| {
        let events = vec![began(0), started(0), ended(by), began(1), started(1)];
        said(Builtin::RestartHasCause, events, None).len()
    };
    assert_eq!(restart(ExitCause::Itself), 0);
    assert_eq!(restart(ExitCause::Term), 1);
    // What called for one restart does not call for the next.
    let runs = (0..3).flat_map(|run| [began(run), started(run)]);
    let events = [began(0), started(0), ended(ExitCause::Itself)];
    let events = events.into_iter().chain(runs.skip(2)).collect();
    assert_eq!(said(Builtin::RestartHasCause, events, None).len(), 1);

    let livelock = |end| said(Builtin::NoLivelock, Vec::new(), end).len();
    assert_eq!(livelock(Some(End::Livelock)), 1);
    assert_eq!(livelock(Some(End::Quiescent)), 0);
    assert_eq!(livelock(None), 0);
}

#[test]
fn built_in_properties_have_names_of_their_own() {
    let mut names: Vec<&str> = Builtin::all().map(Builtin::name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(Builtin::all().all(|builtin| !builtin.says().is_empty()));
}
