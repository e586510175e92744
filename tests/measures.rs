//! Measures over runs: what is said of a scenario's run, in milliseconds.

use podclock::measure::{self, Distribution, Histogram, Measure, Tally, Watch};
use podclock::runtime::Nominal;
use podclock::sim::Scenario;
use podclock::spec::ProbeKind;
use podclock::timeline::Timeline;
use podclock::when;
use std::time::Duration;

const POD: &str = "
until: 2m
pod:
  apiVersion: v1
  kind: Pod
  metadata: {name: web}
  spec:
    terminationGracePeriodSeconds: 20
    containers:
    - name: app
      image: app:1
";

/// What follows [`POD`], and all that is measured then, in order.
const CASES: &[(&str, &[(&str, u64)])] = &[
    // Killed at the end of the grace period, gone at the next relist.
    (
        "
script: {containers: {app: [{on_term: ignore}]}}
actions: [{at: 60, delete: {}}, {at: 70, delete: {}}]
",
        &[
            ("created-to-ready", 0),
            ("delete-to-term", 0),
            ("delete-to-kill", 20_000),
            ("delete-to-gone", 20_313),
        ],
    ),
    // The first bad answer ends the row of good ones; three failures are out of service; the third
    // good answer is the first one of an unbroken row, and one is enough.
    (
        "
      readinessProbe: {exec: {command: [ready]}, periodSeconds: 10}
script:
  containers:
    app: [{probes: {readiness: [{until: 35, result: success}, {until: 85, result: failure}, {result: success}]}}]
",
        &[
            ("created-to-ready", 0),
            ("bad-answer-to-unready", 20_000),
            ("recovered-to-ready", 0),
        ],
    ),
    // A hang between two probes.
    (
        "
      livenessProbe: {exec: {command: [alive]}, periodSeconds: 10}
script:
  containers:
    app:
    - {probes: {liveness: [{until: 35, result: success}, {result: hang}]}, on_term: {after: 2, code: 1}}
    - {}
",
        &[
            ("created-to-ready", 0),
            ("healthy-to-restarted", 33_313),
            ("hang-to-restarted", 23_313),
        ],
    ),
    // Three failures kill it; TERM ends it, and the next relist sees that.
    (
        "
      startupProbe: {exec: {command: [up]}, periodSeconds: 5, failureThreshold: 3, initialDelaySeconds: 2}
script: {containers: {app: [{probes: {startup: [{result: failure}]}}, {}]}}
",
        &[("startup-budget", 15_000), ("created-to-ready", 20_000)],
    ),
    // Each restart by itself.
    (
        "
script: {containers: {app: [{exit: {after: 3, code: 1}}]}}
",
        &[
            ("created-to-ready", 0),
            ("crash-to-start", 313),
            ("crash-to-start", 10_304),
            ("crash-to-start", 21_000),
            ("crash-to-start", 41_000),
        ],
    ),
    // A container that is done is not waited for.
    (
        "
    restartPolicy: OnFailure
script: {containers: {app: [{exit: {after: 3, code: 0}}]}}
actions: [{at: 1, delete: {grace: 0}}]
",
        &[
            ("created-to-ready", 0),
            ("delete-to-gone", 0),
            ("delete-to-term", 0),
        ],
    ),
];

fn run(more: &str) -> (Scenario, Timeline) {
    let scenario = Scenario::parse(&format!("{POD}{}", more.trim_start_matches('\n')));
    let scenario = scenario.unwrap_or_else(|error| panic!("{more}: {error:?}"));
    let timeline = scenario.run(&mut Nominal).timeline;
    (scenario, timeline)
}

#[test]
fn what_is_measured() {
    for (more, expected) in CASES {
        let (_, timeline) = run(more);
        let samples = timeline.samples();
        let found: Vec<(&str, u64)> = samples
            .iter()
            .map(|sample| (sample.measure.name(), sample.millis()))
            .collect();
        assert_eq!(found, *expected, "{more}\n{timeline}");
    }
}

/// A watch for one measure gives what a watch for all gives of it, and holds nothing at the end of
/// a pod's life that could tell it from another.
#[test]
fn a_watch_for_one_sees_the_same() {
    for (more, _) in CASES {
        let (_, timeline) = run(more);
        let (all, names) = (timeline.samples(), timeline.names().expect("names"));
        for &one in measure::ALL {
            let mut watch = Watch::of(&[one]);
            let entries = timeline.entries().iter();
            let found: Vec<_> = entries.flat_map(|entry| watch.see(entry, &names)).collect();
            let wanted = all.iter().filter(|sample| sample.measure == one);
            assert_eq!(found, wanted.copied().collect::<Vec<_>>(), "{one}: {more}");
            assert!(watch.moments().count() <= 3, "{one}: {watch:?}");
        }
    }
}

#[test]
fn measures_have_names_of_their_own() {
    for &one in measure::ALL {
        assert_eq!(one.name().parse::<Measure>(), Ok(one));
    }
    assert!("delete-to-tea".parse::<Measure>().is_err());
}

#[test]
fn percentiles_are_ranks() {
    let all: Vec<u64> = (0..1000).map(|index| index * 7919 % 613).collect();
    let mut sorted = all.clone();
    sorted.sort_unstable();
    let distribution = Distribution::from_parts(1, all.iter().map(|&millis| (millis, 1)));
    for part in 1..=1000 {
        let rank = usize::try_from(part).expect("small") - 1;
        assert_eq!(distribution.permille(part), Some(sorted[rank]), "{part}");
    }
    let few = Distribution::from_parts(1, [(5, 2), (9, 1)]);
    assert_eq!(
        [500, 666, 667, 999].map(|part| few.permille(part)),
        [5, 5, 9, 9].map(Some)
    );
    assert_eq!(Distribution::default().permille(500), None);
}

#[test]
fn histograms_lose_nothing() {
    for (counts, most, width, bins) in [
        (vec![(3, 1), (12, 4)], 12, 1, 10),
        (vec![(0, 1), (119, 4)], 12, 10, 12),
        (vec![(0, 1), (120, 4)], 12, 20, 7),
        (vec![(61_313, 9)], 12, 1, 1),
        (
            vec![(0, 1), (u64::MAX, 1)],
            2,
            10_000_000_000_000_000_000,
            2,
        ),
    ] {
        let all = Distribution::from_parts(1, counts.iter().copied());
        let histogram = Histogram::of(&all, most);
        assert_eq!(
            (histogram.width, histogram.bins.len()),
            (width, bins),
            "{counts:?}"
        );
        let sum: u64 = histogram.bins.iter().map(|bin| bin.count).sum();
        assert_eq!(sum, all.samples());
    }
}

#[test]
fn parts_come_to_the_whole() {
    let samples: Vec<_> = CASES
        .iter()
        .map(|(more, _)| run(more).1.samples())
        .collect();
    let mut whole = Tally::new();
    samples.iter().for_each(|one| whole.add(one));
    let mut parts = Tally::new();
    for one in samples.iter().rev() {
        let mut part = Tally::new();
        part.add(one);
        parts.merge(&part);
    }
    assert_eq!(parts, whole);
    assert_eq!(whole.runs(), CASES.len() as u64);
}

/// Conditions over a kept timeline say the same of the first of each.
#[test]
fn conditions_agree() {
    for (more, _) in CASES {
        let (_, timeline) = run(more);
        let samples = timeline.samples();
        let first = |measure: Measure| {
            let sample = samples.iter().find(|sample| sample.measure == measure);
            sample.map(|sample| Duration::from_millis(sample.millis()))
        };
        let deleted = when::delete_requested;
        for (measure, between) in [
            (
                Measure::CreatedToReady,
                timeline.between(when::created(), when::ready()),
            ),
            (
                Measure::DeleteToTerm,
                timeline.between(deleted(), when::term_sent("app")),
            ),
            (
                Measure::DeleteToKill,
                timeline.between(deleted(), when::kill_sent("app")),
            ),
            (
                Measure::DeleteToGone,
                timeline.between(deleted(), when::removed()),
            ),
            (
                Measure::CrashToStart,
                timeline.between(when::crashed("app"), when::restarted("app")),
            ),
            (
                Measure::StartupBudget,
                timeline.between(
                    when::started("app"),
                    when::killed_by_probe("app", ProbeKind::Startup),
                ),
            ),
        ] {
            assert_eq!(first(measure), between, "{measure}: {more}");
        }
    }
}
