//! Decisions about states that no run of a pod comes to, which [`Facts`] is asked about all the
//! same.
//!
//! [`Facts`]: podclock::kubelet::Facts

use podclock::kubelet::{
    ContainerState, ContainerStatus, Known, PodPhase, RunState, Sandbox, TerminatedReason, Waiting,
};
use podclock::spec::PodSpec;
use podclock::{Profile, Rules, Time, manifest};

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  initContainers: [{name: proxy, image: 'a:1', restartPolicy: Always}]
  containers: [{name: app, image: 'a:1'}]
";

const RUNNING: ContainerState = ContainerState::Running {
    started: Time::START,
};

const CREATING: ContainerState = ContainerState::Waiting(Waiting::ContainerCreating);

fn pod() -> (PodSpec, Rules) {
    let profile = Profile::default();
    let parsed = manifest::parse(POD, &profile).into_result();
    let spec = parsed.expect("a pod").pods[0].spec.clone();
    ((*spec).clone(), profile.rules())
}

fn status(state: ContainerState) -> ContainerStatus {
    ContainerStatus {
        run: None,
        state,
        last: None,
        ready: false,
        started: matches!(state, ContainerState::Running { .. }),
        restart_count: 0,
    }
}

/// States of the sidecar and of the application, and the phase (PHASE-4, PHASE-5).
const PHASES: [(ContainerState, ContainerState, PodPhase); 3] = [
    (RUNNING, RUNNING, PodPhase::Running),
    (CREATING, RUNNING, PodPhase::Pending),
    (RUNNING, CREATING, PodPhase::Pending),
];

#[test]
fn whoever_waits_for_its_first_start_keeps_the_pod_pending() {
    let (spec, rules) = pod();
    let known = Known::nothing(&spec);
    for (sidecar, app, phase) in PHASES {
        let found = known
            .facts(&spec, &rules)
            .phase(&[status(sidecar), status(app)], false);
        assert_eq!(found, phase, "{sidecar:?}, {app:?}");
    }
}

/// Which sandboxes there are, oldest first, ready or not; and the attempt of the one that is to be
/// made (CPA-1, CPA-2).
const SANDBOXES: [(&[bool], Option<u32>); 5] = [
    (&[], Some(0)),
    (&[true], None),
    (&[false], Some(1)),
    (&[false, true], None),
    (&[true, true], Some(2)),
];

#[test]
fn a_pod_has_one_sandbox() {
    let (spec, _) = pod();
    for (sandboxes, wanted) in SANDBOXES {
        let mut known = Known::nothing(&spec);
        sandboxes.iter().for_each(|&ready| known.sandbox(ready));
        let numbered: Vec<Sandbox> = (0..)
            .zip(sandboxes)
            .map(|(attempt, &ready)| Sandbox { attempt, ready })
            .collect();
        assert_eq!(known.runtime.sandboxes.as_slice(), numbered);
        let change = known.runtime.sandbox_change();
        let found = change.needed.then_some(change.attempt);
        assert_eq!(found, wanted, "{sandboxes:?}");
    }
}

/// Restarts that the API knows of.
const BEFORE: u32 = 3;

/// A run whose state the runtime does not know, by the version and by the status before: the restart
/// count if it has ended (CSTAT-2).
const UNKNOWN: [(&str, ContainerState, Option<u32>); 4] = [
    ("1.32", RUNNING, Some(BEFORE + 1)),
    ("1.36", RUNNING, Some(BEFORE + 1)),
    ("1.32", CREATING, None),
    ("1.36", CREATING, None),
];

#[test]
fn an_unknown_container_has_ended_if_it_ran() {
    let (spec, _) = pod();
    let app = spec.find("app").expect("a container");
    for (version, before, ended) in UNKNOWN {
        let rules = version.parse().map(Profile::of).expect("a version").rules();
        let mut known = Known::nothing(&spec);
        known.sandbox(true);
        known.run(&spec, app, RunState::Unknown);
        let before = ContainerStatus {
            restart_count: BEFORE,
            ..status(before)
        };
        known.before.containers = [status(CREATING), before].into_iter().collect();
        let found = known.facts(&spec, &rules).status(false, false).containers[app.index()];
        let restarts = match found.state {
            ContainerState::Terminated(found) => {
                let unknown = TerminatedReason::UnknownAtTermination;
                assert_eq!((found.code, found.reason), (137, unknown), "{version}");
                true
            }
            other => {
                assert_eq!(
                    other,
                    ContainerState::Waiting(Waiting::Created),
                    "{version}"
                );
                false
            }
        };
        let restarts = restarts.then_some(found.restart_count);
        assert_eq!(restarts, ended, "{version}: {before:?}");
    }
}
