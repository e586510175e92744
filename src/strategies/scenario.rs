//! Whole scenarios.

use super::action::{self, ActionPlan};
use super::attempt::{attempts, sandbox};
use super::faults::{self, FaultsPlan};
use super::fragment::{ScenarioFile, list, map};
use super::pod;
use super::profile::{self, ProfilePlan};
use super::shape::Shape;
use super::time::phases;
use crate::kubelet::Phases;
use crate::manifest::{self, ManifestError};
use crate::profile::{Profile, Version};
use crate::runtime::{Attempt, SandboxPlan};
use crate::sim::pod_object;
use proptest::prelude::*;
use serde::Serialize;
use serde_yaml::{Mapping, Value};

/// All of a scenario but its pod.
#[derive(Clone, Debug)]
struct Around {
    profile: ProfilePlan,
    phases: Phases,
    until: u64,
    sandbox: Vec<SandboxPlan>,
    images: Vec<String>,
    containers: Vec<(String, Vec<Attempt>)>,
    actions: Vec<ActionPlan>,
    faults: Option<FaultsPlan>,
}

/// Scenarios of everything that podclock simulates: any pod of [`pod`](super::pod) under
/// Kubernetes 1.36 or 1.32 and some gates, any script, any actions (updates too), any phases of
/// the kubelet's loops.
pub fn scenario() -> impl Strategy<Value = ScenarioFile> {
    drawn(Just(None))
}

/// The same with a fault menu and actions at open moments, which a seed or a
/// [`trace`](super::trace) decides about.
///
/// ```
/// use podclock::runtime::{Nominal, Replayed, Seeded};
/// use podclock::strategies;
/// use proptest::prelude::*;
///
/// let drawn = (strategies::faulty_scenario(), any::<u64>(), strategies::trace());
/// proptest!(ProptestConfig::with_cases(20), |((file, seed, trace) in drawn)| {
///     let scenario = file.read().expect("it is valid");
///     prop_assert_eq!(scenario.run(&mut Nominal).violations(), []);
///     prop_assert_eq!(scenario.run(&mut Seeded(seed)).violations(), []);
///     prop_assert_eq!(scenario.run(&mut Replayed::new(trace)).violations(), []);
/// });
/// ```
pub fn faulty_scenario() -> impl Strategy<Value = ScenarioFile> {
    drawn(faults::plan().prop_map(Some))
}

fn drawn(faults: impl Strategy<Value = Option<FaultsPlan>>) -> impl Strategy<Value = ScenarioFile> {
    (
        profile::plan(),
        pod::plan(),
        phases(),
        20..=180u64,
        sandbox(),
        action::plans(120),
        faults,
    )
        .prop_map(|(profile, pod, phases, until, sandbox, actions, faults)| {
            let value = pod.value(&profile.profile);
            let all = || pod.containers(&profile.profile);
            let present = all().filter(|(_, _, plan)| plan.present);
            let containers = all().map(|(name, place, plan)| (name, plan.attempts(place)));
            let around = Around {
                phases,
                until,
                sandbox,
                images: present.map(|(name, ..)| format!("img-{name}:1")).collect(),
                containers: containers.collect(),
                actions,
                faults,
                profile: profile.clone(),
            };
            around.file(value)
        })
}

/// Scenarios around the first pod of a manifest: its containers do anything, and anything is done
/// to it. The nodes run that version with its default gates.
///
/// # Errors
///
/// The manifest is not valid.
///
/// ```
/// use podclock::runtime::Nominal;
/// use podclock::{Version, strategies};
/// use proptest::prelude::*;
///
/// let web = include_str!("../../fixtures/manifests/pod-probes.yaml");
/// let scenarios = strategies::scenario_around(web, Version::V1_36)?;
/// proptest!(ProptestConfig::with_cases(20), |(file in scenarios)| {
///     let run = file.read().expect("it is valid").run(&mut Nominal);
///     prop_assert!(!run.livelock);
/// });
/// # Ok::<(), podclock::manifest::ManifestError>(())
/// ```
pub fn scenario_around(
    manifest: &str,
    version: Version,
) -> Result<impl Strategy<Value = ScenarioFile> + use<>, ManifestError> {
    let workload = manifest::parse(manifest, &Profile::of(version)).into_result()?;
    let template = &workload.pods[0];
    let spec = &template.spec;
    let object = pod_object(manifest, template).unwrap_or_default();
    let names: Vec<String> = spec.containers.iter().map(|c| c.name.to_string()).collect();
    let ends = spec
        .ids()
        .map(|id| spec.is_init(id) && !spec.is_sidecar(id));
    let scripts: Vec<_> = ends.map(attempts).collect();
    let drawn = (
        phases(),
        20..=180u64,
        sandbox(),
        scripts,
        action::plans(120),
    );
    Ok(
        drawn.prop_map(move |(phases, until, sandbox, scripts, actions)| {
            let around = Around {
                profile: ProfilePlan::of(version),
                phases,
                until,
                sandbox,
                images: Vec::new(),
                containers: names.iter().cloned().zip(scripts).collect(),
                actions,
                faults: None,
            };
            around.file(object.clone())
        }),
    )
}

impl Around {
    fn file(self, pod: Value) -> ScenarioFile {
        let shape = Shape::of_value(&pod);
        let containers = self.containers.iter();
        let containers: Mapping = containers
            .filter(|(_, attempts)| !attempts.is_empty())
            .map(|(name, attempts)| (name.as_str().into(), value(attempts)))
            .collect();
        let containers = (!containers.is_empty()).then_some(Value::Mapping(containers));
        let script = map([
            (
                "images",
                list(self.images.into_iter().map(Value::from).collect()),
            ),
            (
                "sandbox",
                Some(value(&self.sandbox)).filter(|_| !self.sandbox.is_empty()),
            ),
            ("containers", containers),
        ]);
        let has_script = script.as_mapping().is_some_and(|script| !script.is_empty());
        let actions = self.actions.iter();
        let actions = actions.filter_map(|action| action.value(&shape)).collect();
        let faults = self.faults.map(|faults| faults.value(&pod));
        ScenarioFile::new(&map([
            ("kubelet", Some(self.profile.version())),
            ("until", Some(self.until.into())),
            ("phase", profile::phase(self.phases)),
            ("gates", self.profile.gates()),
            ("crash_loop_max", self.profile.crash_loop_max()),
            ("pod", Some(pod)),
            ("script", has_script.then_some(script)),
            ("actions", list(actions)),
            ("faults", faults),
        ]))
    }
}

fn value(written: &impl Serialize) -> Value {
    serde_yaml::to_value(written).unwrap_or_default()
}
