//! Measures over runs: what is said of a scenario's run, in milliseconds.

use podclock::runtime::Nominal;
use podclock::sim::Scenario;
use podclock::timeline::Timeline;

const POD: &str = "
until: 4m
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
    // A hang between two probes; the start comes with the relist after the end.
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
