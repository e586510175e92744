//! Files to runs: a manifest's pods, or a scenario.

use super::args::{DeleteAt, PodFlags};
use super::file::Text;
use crate::kubelet::Loops;
use crate::kubelet::{Token, Verb};
use crate::manifest::{self, Diagnostic};
use crate::profile::{Feature, Profile, Version};
use crate::runtime::{ChoicePoint, Choices, Faults, Nominal, Replayed, Seeded, Window};
use crate::sim::{Action, FileErrors, Model, Placed, Scenario, ScenarioError};
use crate::spec::{Kind, PodTemplate, PullPolicy, RestartPolicy};
use crate::time::Time;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// One pod to be run.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) file: String,
    pub(super) text: Arc<str>,
    pub(super) title: String,
    pub(super) scenario: Scenario,
}

impl Job {
    /// The model where the kubelet's loops stand as this seed has it.
    pub(super) fn drawn(&self, model: Model, seed: u64) -> Model {
        let loops = random_loops(seed, model.first_ticks(), self.scenario.placed);
        model.loops(loops)
    }
}

/// The pods of a text under a profile: the version, if one is asked for, with gates switched.
pub(super) fn jobs(
    text: &Text,
    flags: &PodFlags,
    version: Option<Version>,
    gates: &[(Feature, bool)],
) -> Result<Vec<Job>, ScenarioError> {
    let mut jobs = unplaced(text, flags, version, gates)?;
    if let Some(seed) = flags.seed {
        for job in &mut jobs {
            job.scenario.model = job.drawn(job.scenario.model.clone(), seed);
        }
    }
    Ok(jobs)
}

fn unplaced(
    text: &Text,
    flags: &PodFlags,
    version: Option<Version>,
    gates: &[(Feature, bool)],
) -> Result<Vec<Job>, ScenarioError> {
    let Text { name, text } = text;
    if is_scenario(text) {
        return scenario(name, text, flags, version, gates);
    }
    let mut profile = version.map_or_else(Profile::default, Profile::of);
    for &(feature, enabled) in gates {
        profile = match profile.with(feature, enabled) {
            Ok(profile) => profile,
            Err(problem) => return Err(failure(name, text, problem.to_string(), None)),
        };
    }
    let checked = manifest::parse(text, &profile);
    let Some(workload) = checked.workload else {
        return Err(ScenarioError {
            files: vec![FileErrors {
                name: name.clone(),
                text: text.to_string(),
                diagnostics: checked.diagnostics,
            }],
        });
    };
    let pods: Vec<_> = workload.pods.iter().map(|pod| &*pod.spec).collect();
    if let Some(unknown) = flags.apps.unknown(&pods) {
        let message = format!(
            "no container {:?} in this manifest, which an option names",
            unknown.name
        );
        return Err(failure(name, text, message, Some(unknown.help)));
    }
    let mut warnings = checked.diagnostics;
    let pods = workload.pods.iter();
    Ok(pods
        .map(|template| Job {
            file: name.clone(),
            text: Arc::clone(text),
            title: title(template),
            scenario: nominal(template, flags, &profile, std::mem::take(&mut warnings)),
        })
        .collect())
}

/// What is wrong with a file as a whole.
pub(super) fn failure(
    name: &str,
    text: &str,
    message: String,
    help: Option<String>,
) -> ScenarioError {
    ScenarioError {
        files: vec![FileErrors {
            name: name.to_owned(),
            text: text.to_owned(),
            diagnostics: vec![Diagnostic {
                severity: manifest::Severity::Error,
                path: String::new(),
                message,
                position: None,
                help,
                document: 0,
            }],
        }],
    }
}

/// A scenario has none of what every Kubernetes object has, and one of its own fields.
pub(super) fn is_scenario(text: &str) -> bool {
    let (documents, _) = manifest::documents(text);
    documents.first().is_some_and(|document| {
        let has = |field: &str| document.value.get(field).is_some();
        let object = has("kind") || has("apiVersion");
        let fields = [
            "until", "pod", "manifest", "script", "actions", "faults", "expect",
        ];
        !object && fields.into_iter().any(has)
    })
}

/// The version that a scenario is for, if it is one and says so.
pub(super) fn own_version(text: &Text) -> Option<Version> {
    if !is_scenario(&text.text) {
        return None;
    }
    let (documents, _) = manifest::documents(&text.text);
    let version = documents.first()?.value.get("kubelet")?.as_str()?;
    version.parse().ok()
}

fn scenario(
    name: &str,
    text: &Arc<str>,
    flags: &PodFlags,
    version: Option<Version>,
    gates: &[(Feature, bool)],
) -> Result<Vec<Job>, ScenarioError> {
    let given = [
        ("--delete-at", flags.delete_at.is_some()),
        ("--grace", flags.grace.is_some()),
        ("--faults", flags.faults),
        ("an option about containers", flags.apps.any()),
    ];
    if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
        return Err(for_manifests(name, text, option));
    }
    let mut scenario = Scenario::parse_under(Path::new(name), text, version, gates)?;
    if scenario.choices.is_some() && flags.seed.is_some() {
        let message = "--seed does not go with `choices:`, which say all that is left open";
        return Err(failure(name, text, message.to_owned(), None));
    }
    if let Some(length) = flags.length {
        scenario.until = length.duration();
    }
    if flags.ideal {
        scenario.model = scenario.model.ideal();
    }
    Ok(vec![Job {
        file: name.to_owned(),
        text: Arc::clone(text),
        title: format!("scenario {}", scenario.name),
        scenario,
    }])
}

/// Who decides what is left open in a run: the scenario itself, a seed, or nobody.
pub(super) fn choices(scenario: &Scenario, seed: Option<u64>) -> Box<dyn Choices> {
    match (&scenario.choices, seed) {
        (Some(trace), _) => Box::new(Replayed::new(trace.clone()).without_latencies()),
        (None, Some(seed)) => Box::new(Seeded(seed)),
        (None, None) => Box::new(Nominal),
    }
}

/// An option that a scenario leaves no room for.
pub(super) fn for_manifests(name: &str, text: &str, option: &str) -> ScenarioError {
    let message = format!("{option} is for manifests");
    let help = "a scenario says all of this itself".to_owned();
    failure(name, text, message, Some(help))
}

pub(super) fn title(template: &PodTemplate) -> String {
    let name = &template.spec.name;
    match template.kind {
        Kind::Pod => format!("Pod {name}"),
        kind => format!("Pod {name}, one of {} {}'s", kind.name(), template.name),
    }
}

/// A pod with nominal applications, deleted after a while.
fn nominal(
    template: &PodTemplate,
    flags: &PodFlags,
    profile: &Profile,
    warnings: Vec<Diagnostic>,
) -> Scenario {
    const WHILE: Duration = Duration::from_secs(60);
    const LONG: Duration = Duration::from_secs(120);
    // From the last process' end to the object's.
    const AFTERMATH: Duration = Duration::from_secs(15);
    let spec = &template.spec;
    let ends = spec.restart_policy != RestartPolicy::Always;
    let delete_at = match (flags.delete_at, flags.length) {
        (Some(DeleteAt::Never), _) | (None, Some(_)) => None,
        (Some(DeleteAt::At(at)), _) => Some(at.duration()),
        (None, None) => (!ends).then_some(WHILE),
    };
    let grace = flags
        .grace
        .unwrap_or(spec.termination_grace)
        .max(0)
        .unsigned_abs();
    let until = match (flags.length, delete_at) {
        (Some(length), _) => length.duration(),
        (None, Some(at)) => at.saturating_add(Duration::from_secs(grace)) + AFTERMATH,
        (None, None) => LONG,
    };
    let (first, apps) = (Arc::clone(spec), flags.apps.apps(spec));
    let mut model = match flags.faults {
        true => Model::new(first, profile.rules(), Faults::usual(apps, spec)),
        false => Model::new(first, profile.rules(), apps),
    };
    // Whoever writes `imagePullPolicy: Never` has put the image on the node.
    let never = spec.containers.iter();
    let never = never.filter(|container| container.pull_policy == PullPolicy::Never);
    let images: Vec<&str> = never.map(|container| spec.image(container.image)).collect();
    model = model.with_images(&images);
    if let Some(at) = delete_at {
        model = model.at(at, Action::Delete { grace: flags.grace });
    }
    if flags.ideal {
        model = model.ideal();
    }
    Scenario {
        name: template.name.to_string(),
        profile: profile.clone(),
        model,
        until,
        expectations: Vec::new(),
        has_faults: flags.faults,
        placed: Placed::default(),
        properties: Vec::new(),
        choices: None,
        object: serde_yaml::Value::Null,
        warnings,
    }
}

/// The kubelet has been up for any time when a pod comes, so its loops stand anywhere.
///
/// The place for the kubelet's other dice, once the machine asks for them: the random wait before
/// a probe worker's first probe after a kubelet start (PROBE-2), the jitter of the sync period and
/// of the error back-off (section 7 of the rules).
fn random_loops(seed: u64, known: Loops, placed: Placed) -> Loops {
    let place = |placed: bool, known: Time, aspect: u8, period: u64| {
        if placed {
            return known;
        }
        let token = Token {
            container: None,
            verb: Verb::RunSandbox,
            ordinal: 0,
        };
        let point = ChoicePoint {
            token,
            at: Time::START,
            aspect,
        };
        let window = Window {
            earliest: 1,
            latest: period,
        };
        Time::from_millis(Seeded(seed).place(point, window).earliest)
    };
    Loops {
        relist: place(placed.relist, known.relist, 16, 1000),
        sync: place(placed.sync, known.sync, 17, 1000),
        status: place(placed.status, known.status, 18, 10_000),
        gc: place(placed.gc, known.gc, 19, 60_000),
        ..known
    }
}
