//! Questions about how long things take, each with the little that may go wrong for it.

use super::Scenario;
use super::usual::{map, set, text, words};
use crate::spec::{Container, ContainerId, Handler, PodSpec, Probe, ProbeKind};
use serde_yaml::{Mapping, Value};

/// A question about how long things take in a pod whose manifest says nothing about what goes
/// wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Until it is ready: nothing goes wrong.
    Start,
    /// Once it hangs: any liveness probe may time out.
    Hang,
    /// Once it is not fit for traffic: any readiness probe may fail.
    Readiness,
    /// Once it is deleted, at any moment: containers may ignore TERM, and preStop hooks hang.
    Delete,
    /// Once a container crashes, at any moment.
    Crash,
    /// While a container starts: any startup probe may fail.
    Startup,
}

impl Question {
    /// Every question.
    pub const ALL: [Self; 6] = [
        Self::Start,
        Self::Hang,
        Self::Readiness,
        Self::Delete,
        Self::Crash,
        Self::Startup,
    ];

    /// How many faults it takes for the longest answer. `restarts`: how many crashes of one
    /// container are looked at.
    #[must_use]
    pub fn faults(self, pod: &PodSpec, restarts: u32) -> u32 {
        let row = |kind: ProbeKind| {
            let containers = pod.containers.iter();
            let probes = containers.filter_map(move |container| container.probe(kind));
            probes.map(|probe: &Probe| probe.failure_threshold).max()
        };
        match self {
            Self::Start => 0,
            Self::Hang => row(ProbeKind::Liveness).unwrap_or(0),
            // What has become unready is probed again at once (PROBE-70), and if that succeeds before
            // the status is written, nobody sees it.
            Self::Readiness => row(ProbeKind::Readiness).map_or(0, |row| row + 1),
            Self::Startup => row(ProbeKind::Startup).unwrap_or(0),
            Self::Crash => restarts,
            Self::Delete => {
                let faults = |container: &Container| 1 + u32::from(has_hook(container));
                1 + lasting(pod)
                    .map(|id| faults(pod.container(id)))
                    .sum::<u32>()
            }
        }
    }

    /// The menu; `None` where the pod has nothing that the question is about.
    fn menu(self, pod: &PodSpec) -> Option<Value> {
        let probes = |kind: ProbeKind, word: &str, fault: &str| {
            let probed = lasting(pod).filter(|&id| pod.container(id).probe(kind).is_some());
            let containers: Vec<(&str, Value)> = probed
                .map(|id| {
                    let menu = map([("probes", map([(word, words([fault]))]))]);
                    (&*pod.container(id).name, menu)
                })
                .collect();
            (!containers.is_empty()).then(|| map([("containers", map(containers))]))
        };
        match self {
            Self::Start => Some(map([])),
            Self::Hang => probes(ProbeKind::Liveness, "liveness", "hang"),
            Self::Readiness => probes(ProbeKind::Readiness, "readiness", "failure"),
            Self::Startup => probes(ProbeKind::Startup, "startup", "failure"),
            Self::Crash => {
                let exit = || map([("exit", Value::Sequence(vec![Value::from(1)]))]);
                let containers = lasting(pod).map(|id| (&*pod.container(id).name, exit()));
                Some(map([("containers", map(containers))]))
            }
            Self::Delete => {
                let containers = lasting(pod).map(|id| {
                    let container = pod.container(id);
                    let mut menu = Mapping::new();
                    set(&mut menu, "on_term", words(["ignore"]));
                    if has_hook(container) {
                        set(&mut menu, "pre_stop", words(["hang"]));
                    }
                    (&*container.name, Value::Mapping(menu))
                });
                let delete = map([("delete", map([]))]);
                Some(map([
                    ("containers", map(containers)),
                    ("actions", Value::Sequence(vec![delete])),
                ]))
            }
        }
    }
}

/// Containers that go on for as long as the pod does.
fn lasting(pod: &PodSpec) -> impl Iterator<Item = ContainerId> {
    pod.ids()
        .filter(|&id| !pod.is_init(id) || pod.is_sidecar(id))
}

fn has_hook(container: &Container) -> bool {
    container.pre_stop.as_ref().is_some_and(Handler::is_asked)
}

impl Scenario {
    /// The text of a scenario like that of [`Scenario::usual`], in which only that may go wrong
    /// which a question is about; `None` where the pod has nothing of the kind.
    #[must_use]
    pub fn asked(usual: &str, pod: &PodSpec, question: Question) -> Option<String> {
        let (mut documents, _) = crate::manifest::documents(usual);
        let Some(Value::Mapping(mut file)) = documents.pop().map(|document| document.value) else {
            return None;
        };
        file.remove("faults");
        let menu = question.menu(pod)?;
        if menu != map([]) {
            file.insert(text("faults"), menu);
        }
        Some(crate::manifest::write(&Value::Mapping(file)))
    }
}
