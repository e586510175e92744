//! Files to runs: a manifest's pods, or a scenario.

use super::args::{DeleteAt, RunArgs};
use crate::kubelet::Loops;
use crate::kubelet::{Token, Verb};
use crate::manifest::{self, Diagnostic};
use crate::profile::Profile;
use crate::runtime::{ChoicePoint, Choices, Seeded, Window};
use crate::sim::{Action, FileErrors, Model, Scenario, ScenarioError};
use crate::spec::{Kind, PodTemplate, RestartPolicy};
use crate::time::Time;
use std::io::Read;
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

/// Reads a file, or the standard input.
pub(super) fn jobs(
    file: &str,
    args: &RunArgs,
    profile: &Profile,
    stdin: &mut dyn Read,
) -> Result<Vec<Job>, ScenarioError> {
    let name = if file == "-" { "<stdin>" } else { file };
    let text = read(file, stdin).map_err(|problem| failure(name, "", problem.to_string(), None))?;
    if is_scenario(&text) {
        return scenario(name, text, args);
    }
    let checked = manifest::parse(&text, profile);
    let Some(workload) = checked.workload else {
        return Err(ScenarioError {
            files: vec![FileErrors {
                name: name.to_owned(),
                text,
                diagnostics: checked.diagnostics,
            }],
        });
    };
    let pods: Vec<_> = workload.pods.iter().map(|pod| &*pod.spec).collect();
    if let Some(unknown) = args.apps.unknown(&pods) {
        let message = format!(
            "no container {:?} in this manifest, which an option names",
            unknown.name
        );
        return Err(failure(name, &text, message, Some(unknown.help)));
    }
    let text: Arc<str> = text.into();
    let mut warnings = checked.diagnostics;
    let pods = workload.pods.iter();
    Ok(pods
        .map(|template| Job {
            file: name.to_owned(),
            text: Arc::clone(&text),
            title: title(template),
            scenario: nominal(template, args, profile, std::mem::take(&mut warnings)),
        })
        .collect())
}

fn read(file: &str, stdin: &mut dyn Read) -> std::io::Result<String> {
    if file == "-" {
        let mut text = String::new();
        stdin.read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
}

fn failure(name: &str, text: &str, message: String, help: Option<String>) -> ScenarioError {
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
fn is_scenario(text: &str) -> bool {
    let (documents, _) = manifest::documents(text);
    documents.first().is_some_and(|document| {
        let has = |field: &str| document.value.get(field).is_some();
        let object = has("kind") || has("apiVersion");
        let fields = ["until", "pod", "manifest", "script", "actions", "expect"];
        !object && fields.into_iter().any(has)
    })
}

fn scenario(name: &str, text: String, args: &RunArgs) -> Result<Vec<Job>, ScenarioError> {
    let given = [
        ("--kubelet", args.kubelet.is_some()),
        ("--feature-gate", !args.feature_gate.is_empty()),
        ("--delete-at", args.delete_at.is_some()),
        ("--grace", args.grace.is_some()),
        ("an option about containers", args.apps.any()),
    ];
    if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
        let message = format!("{option} is for manifests");
        let help = "a scenario says all of this itself".to_owned();
        return Err(failure(name, &text, message, Some(help)));
    }
    let mut scenario = Scenario::parse_from(Path::new(name), &text)?;
    if let Some(length) = args.length {
        scenario.until = length.duration();
    }
    Ok(vec![Job {
        file: name.to_owned(),
        text: text.into(),
        title: format!("scenario {}", scenario.name),
        scenario,
    }])
}

fn title(template: &PodTemplate) -> String {
    let name = &template.spec.name;
    match template.kind {
        Kind::Pod => format!("Pod {name}"),
        kind => format!("Pod {name}, one of {} {}'s", kind.name(), template.name),
    }
}

/// A pod with nominal applications, deleted after a while.
fn nominal(
    template: &PodTemplate,
    args: &RunArgs,
    profile: &Profile,
    warnings: Vec<Diagnostic>,
) -> Scenario {
    const WHILE: Duration = Duration::from_secs(60);
    const LONG: Duration = Duration::from_secs(120);
    // From the last process' end to the object's.
    const AFTERMATH: Duration = Duration::from_secs(15);
    let spec = &template.spec;
    let ends = spec.restart_policy != RestartPolicy::Always;
    let delete_at = match (args.delete_at, args.length) {
        (Some(DeleteAt::Never), _) | (None, Some(_)) => None,
        (Some(DeleteAt::At(at)), _) => Some(at.duration()),
        (None, None) => (!ends).then_some(WHILE),
    };
    let grace = args
        .grace
        .unwrap_or(spec.termination_grace)
        .max(0)
        .unsigned_abs();
    let until = match (args.length, delete_at) {
        (Some(length), _) => length.duration(),
        (None, Some(at)) => at.saturating_add(Duration::from_secs(grace)) + AFTERMATH,
        (None, None) => LONG,
    };
    let mut model = Model::new(Arc::clone(spec), profile.rules(), args.apps.apps(spec));
    if let Some(at) = delete_at {
        model = model.at(at, Action::Delete { grace: args.grace });
    }
    if let Some(seed) = args.seed {
        model = model.loops(random_loops(seed));
    }
    Scenario {
        name: template.name.to_string(),
        profile: profile.clone(),
        model,
        until,
        expectations: Vec::new(),
        warnings,
    }
}

/// The kubelet has been up for any time when a pod comes, so its loops stand anywhere.
///
/// The place for the kubelet's other dice, once the machine asks for them: the random wait before
/// a probe worker's first probe after a kubelet start (PROBE-2), the jitter of the sync period and
/// of the error back-off (section 7 of the rules).
fn random_loops(seed: u64) -> Loops {
    let default = Loops::default();
    let place = |aspect: u8, period: u64| {
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
        Time::from_millis(Seeded(seed).place(point, window))
    };
    Loops {
        relist: place(16, 1000),
        sync: place(17, 1000),
        status: place(18, 10_000),
        gc: place(19, 60_000),
        ..default
    }
}
