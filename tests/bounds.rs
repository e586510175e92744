//! The shortest and the longest: against every phase, and against formulas where there are any.

use podclock::explore::{Bounds, Extreme, Length, Lengths, Search, critical_phases};
use podclock::kubelet::{Loops, Phases};
use podclock::measure::{Measure, Subject};
use podclock::sim::{Model, Question, Scenario};
use podclock::spec::ContainerId;
use podclock::{Profile, manifest};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::path::PathBuf;
use std::time::Duration;

fn subject(measure: Measure) -> Subject {
    let pod = matches!(measure, Measure::CreatedToReady | Measure::DeleteToGone);
    Subject {
        measure,
        container: (!pod).then_some(ContainerId(0)),
        restart: None,
    }
}

/// The least and the greatest, in milliseconds.
fn range(model: &Model, measure: Measure, faults: u32, roots: Vec<Loops>) -> Option<[u64; 2]> {
    let lengths = Lengths::of(vec![subject(measure)]).until(measure, 1);
    range_of(model, lengths, faults, roots)
}

/// The same of another length.
fn range_of(model: &Model, lengths: Lengths, faults: u32, roots: Vec<Loops>) -> Option<[u64; 2]> {
    let explored = Search::new(model, lengths)
        .bounds(Bounds {
            faults: Some(faults),
            ..Bounds::default()
        })
        .roots(roots)
        .run();
    assert!(
        explored.cut.is_complete_but_for_faults(),
        "{}",
        explored.cut
    );
    let end = |extreme: Extreme| {
        let found = explored.findings.get(&(extreme as usize))?;
        let Length { sample, .. } = found.finding;
        Some(sample.millis())
    };
    Some([end(Extreme::Least)?, end(Extreme::Greatest)?])
}

/// The search of a question about a manifest in `fixtures/`.
fn asked(file: &str, question: Question) -> Model {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(file);
    let text = std::fs::read_to_string(path).expect("a manifest");
    let profile = Profile::default();
    let workload = manifest::parse(&text, &profile)
        .into_result()
        .expect("valid");
    let template = &workload.pods[0];
    let usual = Scenario::usual(&text, template, profile.version(), &[]).expect("a pod");
    let asked = Scenario::asked(&usual, &template.spec, question).expect("a question");
    Scenario::parse(&asked).expect("a scenario").model
}

/// The critical phases give what all phases of the relist, and all of the sync loop, give.
#[test]
fn critical_phases_are_all_that_matter() {
    let cases = [
        ("manifests/pod-minimal.yaml", 0),
        ("cli-questions/web.yaml", 1),
    ];
    for (file, spread) in cases {
        let (question, measure) = (Question::Start, Measure::CreatedToReady);
        let model = asked(file, question);
        let own = model.first_ticks().phases;
        let relists = (0..1000).map(|relist| Loops::new(Phases { relist, ..own }));
        let syncs = (0..1000).map(|sync| Loops::new(Phases { sync, ..own }));
        let all = range(&model, measure, 0, relists.chain(syncs).collect());
        let critical = critical_phases(&model, Duration::from_secs(60));
        assert!(!critical.cut, "{file}");
        assert!(critical.loops.len() < 200, "{file}");
        let found = all.expect("it is ready some time");
        assert_eq!(found[1] > found[0], spread > 0, "{file}");
        assert_eq!(range(&model, measure, 0, critical.loops), all, "{file}");
    }
}

fn model(rest: &str) -> Model {
    let text = format!("until: 1h\ntiming: ideal\n{rest}");
    Scenario::parse(&text).expect("a scenario").model
}

/// From the second crash to the start after it: the back-off of 10 s, lengthened by up to a half, and
/// half a second for the start itself. Where the first run lasted for that long there is none.
const SECOND_RESTART: [(&str, bool, [u64; 2]); 4] = [
    ("1.32", false, [500, 10_500]),
    ("1.32", true, [500, 15_500]),
    ("1.36", false, [500, 10_500]),
    ("1.36", true, [500, 15_500]),
];

/// The kubelet lengthens the delay before it tries a failed sync again (TIME-7).
#[test]
fn a_back_off_may_be_lengthened() {
    let found = SECOND_RESTART.map(|(version, jitter, _)| {
        let model = model(&format!(
            "
kubelet: \"{version}\"
pod:
  apiVersion: v1
  kind: Pod
  metadata: {{name: p}}
  spec: {{containers: [{{name: a, image: 'a:1'}}]}}
script: {{containers: {{a: [{{start_delay: 0.5s}}]}}}}
faults: {{containers: {{a: {{exit: [1]}}}}}}
"
        ));
        let model = match jitter {
            true => model.open_jitter(),
            false => model,
        };
        let restart = Subject {
            restart: Some(2),
            ..subject(Measure::CrashToStart)
        };
        let lengths = Lengths::of(vec![restart]).until(Measure::CrashToStart, 2);
        (
            version,
            jitter,
            range_of(&model, lengths, 2, vec![model.first_ticks()]),
        )
    });
    assert_eq!(
        found,
        SECOND_RESTART.map(|(version, jitter, range)| (version, jitter, Some(range)))
    );
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 40,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// A container that ignores TERM has its grace period, and 2 s at least (TIME-14).
    #[test]
    fn kill_comes_after_the_grace_period(grace in 0..90_u64) {
        let model = model(&format!("
pod:
  apiVersion: v1
  kind: Pod
  metadata: {{name: p}}
  spec:
    terminationGracePeriodSeconds: {grace}
    containers: [{{name: a, image: 'a:1'}}]
faults:
  containers: {{a: {{on_term: [ignore]}}}}
  actions: [{{delete: {{}}, at: 5s..}}]
"));
        let expected = grace.max(2) * 1000;
        // With grace 0 the API server makes it 1 s (DEL-4).
        let found = range(&model, Measure::DeleteToKill, 2, Vec::new());
        prop_assert_eq!(found, Some([expected, expected]));
    }

    /// A startup probe that fails at each tick after the delay.
    #[test]
    fn startup_has_its_budget(period in 1..20_u64, threshold in 1..6_u64, delay in 0..45_u64) {
        let model = model(&format!("
pod:
  apiVersion: v1
  kind: Pod
  metadata: {{name: p}}
  spec:
    containers:
    - name: a
      image: a:1
      startupProbe:
        exec: {{command: [x]}}
        periodSeconds: {period}
        failureThreshold: {threshold}
        initialDelaySeconds: {delay}
faults: {{containers: {{a: {{probes: {{startup: [failure]}}}}}}}}
"));
        // The ticker's first tick comes a period after it was made.
        let first = delay.max(1).div_ceil(period) * period;
        let least = (first + (threshold - 1) * period) * 1000;
        let found = range(&model, Measure::StartupBudget, threshold as u32, Vec::new());
        prop_assert_eq!(found, Some([least, least]));
    }

    /// A liveness probe that times out a number of times in a row.
    #[test]
    fn a_hang_ends_with_a_restart(period in 2..20_u64, threshold in 1..4_u64, timeout in 1..20_u64) {
        let timeout = timeout.min(period - 1);
        let model = model(&format!("
pod:
  apiVersion: v1
  kind: Pod
  metadata: {{name: p}}
  spec:
    containers:
    - name: a
      image: a:1
      livenessProbe:
        exec: {{command: [x]}}
        periodSeconds: {period}
        failureThreshold: {threshold}
        timeoutSeconds: {timeout}
faults: {{containers: {{a: {{probes: {{liveness: [hang]}}}}}}}}
"));
        let expected = ((threshold - 1) * period + timeout) * 1000;
        let found = range(&model, Measure::HangToRestarted, threshold as u32, Vec::new());
        prop_assert_eq!(found, Some([expected, expected]));
    }
}
