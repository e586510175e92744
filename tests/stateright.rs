//! Two checkers count the same worlds: the search of this crate, and stateright over the adapter of
//! the example. They share the transition relation and the canonical form. All else is each one's
//! own: the search goes on from the first world that it meets of those with one canonical form, and
//! stateright from the canonical form itself.

#[path = "../docs/examples/stateright/pod.rs"]
mod pod;
#[path = "../docs/examples/stateright/service.rs"]
mod service;

use pod::Pod;
use podclock::explore::{Blind, Instants, Search};
use podclock::runtime::Replayed;
use podclock::sim::{Model, Scenario};
use podclock::when;
use service::Service;
use stateright::{Checker, Model as _};

const PLAIN: &str = "
  spec: {containers: [{name: a, image: a:1}]}
";

const LIVENESS: &str = "
  spec:
    restartPolicy: Never
    containers:
    - name: a
      image: a:1
      livenessProbe: {exec: {command: [x]}, periodSeconds: 5, failureThreshold: 2}
faults:
  containers: {a: {probes: {liveness: [failure]}}}
";

const SIDECAR: &str = "
  spec:
    restartPolicy: Never
    initContainers: [{name: s, image: s:1, restartPolicy: Always}]
    containers: [{name: a, image: a:1}]
faults:
  containers: {a: {exit: [{code: 0, after: 10s..30s}]}, s: {exit: [{code: 1, after: 4s..6s}]}}
";

const CRASH: &str = "
  spec: {containers: [{name: a, image: a:1}]}
faults:
  containers: {a: {exit: [{code: 1, after: 2s..5s}]}}
";

const PULL: &str = "
  spec:
    restartPolicy: Never
    containers: [{name: a, image: a:1}]
faults:
  pulls: {\"a:1\": [error]}
";

const DELETE: &str = "
  spec:
    terminationGracePeriodSeconds: 5
    containers: [{name: a, image: a:1}]
faults:
  containers: {a: {on_term: [ignore]}}
  actions: [{delete: }]
";

const INIT: &str = "
  spec:
    restartPolicy: Never
    initContainers: [{name: i, image: i:1}]
    containers: [{name: a, image: a:1}]
script:
  containers: {i: [{exit: {after: 2, code: 0}}]}
faults:
  containers: {i: {exit: [1]}}
  actions: [{delete: }]
";

/// Its loops do not wait.
const IDEAL: &str = "
  spec:
    restartPolicy: Never
    containers:
    - name: a
      image: a:1
      startupProbe: {exec: {command: [x]}, periodSeconds: 3, failureThreshold: 2}
      readinessProbe: {exec: {command: [x]}, periodSeconds: 2, failureThreshold: 1}
timing: ideal
faults:
  containers: {a: {probes: {startup: [failure], readiness: [failure]}, exit: [1]}}
  actions: [{delete: }]
";

/// Pods with what may go wrong, at any time and as often as it likes; the version; which moments are
/// tried; and how many worlds there are.
const WORLDS: [(&str, &str, Instants, usize); 14] = [
    (PLAIN, "1.36", Instants::Corners, 127),
    (LIVENESS, "1.36", Instants::Corners, 7925),
    (SIDECAR, "1.32", Instants::Corners, 9502),
    (SIDECAR, "1.36", Instants::Corners, 6708),
    (CRASH, "1.32", Instants::Corners, 15_519),
    (CRASH, "1.36", Instants::Corners, 5963),
    (PULL, "1.32", Instants::Corners, 1497),
    (PULL, "1.36", Instants::Corners, 1473),
    (DELETE, "1.32", Instants::Corners, 2694),
    (DELETE, "1.36", Instants::Corners, 2879),
    (DELETE, "1.36", Instants::EverySecond, 12_939),
    (INIT, "1.32", Instants::Corners, 9678),
    (INIT, "1.36", Instants::Corners, 9862),
    (IDEAL, "1.36", Instants::EverySecond, 6112),
];

/// The model of a pod, from its specification on.
fn model(spec: &str, version: &str) -> Model {
    let head = "until: 1m\npod:\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: p}";
    let scenario = Scenario::parse(&format!("kubelet: \"{version}\"\n{head}{spec}"));
    scenario.expect("a scenario").model
}

#[test]
fn both_checkers_count_the_same_worlds() {
    for (spec, version, instants, worlds) in WORLDS {
        let model = model(spec, version);
        let explored = Search::new(&model, Blind).instants(instants).run();
        assert!(explored.cut.is_complete(), "{version}{spec}");
        let pod = || Pod {
            model: model.clone(),
            instants,
        };
        let (bfs, dfs) = (pod().checker().spawn_bfs(), pod().checker().spawn_dfs());
        let (bfs, dfs) = (bfs.join(), dfs.join());
        assert!(bfs.is_done() && dfs.is_done(), "{version}{spec}");
        let counted = [
            explored.states,
            bfs.unique_state_count(),
            dfs.unique_state_count(),
        ];
        assert_eq!(counted, [worlds; 3], "{version}{spec}");
    }
}

/// The example's pod: what its container does before TERM, and how many states the model around it
/// has; none if one is found that must not be.
const SERVED: [(&str, Option<usize>); 3] = [
    ("{}", None),
    ("{preStop: {sleep: {seconds: 2}}}", None),
    ("{preStop: {sleep: {seconds: 5}}}", Some(9521)),
];

#[test]
fn a_pod_inside_another_model() {
    for (hooks, states) in SERVED {
        let spec = format!(
            "
  spec:
    containers:
    - name: app
      image: app:1
      readinessProbe: {{exec: {{command: [check]}}}}
      lifecycle: {hooks}
faults:
  actions: [{{delete: }}]
"
        );
        let pod = Pod {
            model: model(&spec, "1.36"),
            instants: Instants::Corners,
        };
        let checker = Service { pod }.checker().spawn_bfs().join();
        let Some(path) = checker.discovery(Service::SERVED) else {
            assert_eq!(Some(checker.unique_state_count()), states, "{hooks}");
            continue;
        };
        assert_eq!(states, None, "{hooks}");
        // The pod's part of the path is a run of its own, up to the end of its process.
        let service = checker.model();
        let (choices, took) = service.pods_run(path);
        let mut choices = Replayed::new(choices).without_latencies();
        let run = service.pod.model.run(&mut choices, took);
        let deletion = when::delete_requested();
        let ended = run.timeline.between(deletion, when::terminated("app"));
        assert!(ended.is_some(), "{hooks}: {}", run.timeline);
    }
}
