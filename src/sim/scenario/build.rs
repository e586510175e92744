//! A scenario file as written to a [`Scenario`].

use super::error::{FileErrors, ScenarioError, error};
use super::expectation;
use super::file::{File, Jitter, SetCondition, Timing};
use super::source::Source;
use super::{Placed, Scenario, check, faults, property, tracked, update};
use crate::kubelet::{Loops, Phases};
use crate::manifest::{self, Path, did_you_mean, nearest};
use crate::profile::{Feature, Profile, Version};
use crate::runtime::Script;
use crate::sim::{Action, Model};
use crate::spec::{PodSpec, PodTemplate};
use crate::time::Span;
use serde_yaml::Value;
use std::sync::Arc;

/// Another profile than a scenario's own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Under<'a> {
    /// Instead of the scenario's version.
    pub(super) version: Option<Version>,
    /// On top of the scenario's gates.
    pub(super) gates: &'a [(Feature, bool)],
}

/// Reads a scenario; `folder` is where its manifest is looked for.
pub(super) fn scenario(
    name: &str,
    text: &str,
    folder: Option<&std::path::Path>,
    under: Under<'_>,
) -> Result<Scenario, ScenarioError> {
    let mut source = Source::read(name, text)?;
    let (file, found) = tracked::read::<File>(&source.value, &source.spots);
    source.found.extend(found);
    let Some(file) = file else {
        return Err(source.into_error());
    };
    let profile = profile(&file, under, &mut source);
    let misspelt = source.meant("until");
    if file.until.is_none() && source.value.get("until").is_none() && !misspelt {
        let help = Some("say how long to run, for instance until: 2m".to_owned());
        source.key_error(&Path::ROOT.field("until"), "`until` is missing", help);
    }
    let pod = pod(&file, folder, &profile, &mut source);
    check::shape(&file, &mut source);
    let Some((pod, object)) = pod else {
        return Err(source.into_error());
    };
    check::against_pod(&file, &pod, &mut source);
    let expectations = expectation::of(&file.expect, &source.spots);
    let properties = property::of(&file.properties);
    let choices = file.choices.map(|choices| choices.0);
    let script = Script::from_parts(file.script.sandbox, file.script.containers);
    let mut script = script.with_pulls(file.script.pulls, &pod);
    let mut revisions = update::Revisions::new(Arc::new(pod), object.clone());
    let mut conditions: Vec<String> = gates(revisions.newest());
    let mut updates = update::in_time(&file.actions, &mut revisions, &profile);
    let mut actions = Vec::new();
    for (index, action) in file.actions.iter().enumerate() {
        let at = action.at.duration();
        if let Some(delete) = &action.delete {
            let grace = delete.grace;
            actions.push((at, Action::Delete { grace }));
        }
        if let Some(set) = &action.condition {
            match condition_action(&mut conditions, set) {
                Some(action) => actions.push((at, action)),
                None => source.error(
                    &Path::ROOT.field("actions").index(index),
                    TOO_MANY_CONDITIONS,
                ),
            }
        }
        if let Some(restart) = &action.restart_kubelet {
            actions.push((at, Action::StopKubelet));
            let down = restart.down.duration();
            actions.push((at.saturating_add(down), Action::StartKubelet));
        }
        if action.update.is_some() {
            let Some(updated) = updates.remove(&index) else {
                continue;
            };
            actions.push((at, update_action(updated, &mut script)));
        }
    }
    let open = faults::open(
        &file.faults,
        &file.actions,
        &mut conditions,
        &mut revisions,
        &profile,
        &mut script,
        &mut source,
    );
    faults::check_pulls(&file.faults, revisions.newest(), &mut source);
    if source.has_errors() {
        return Err(source.into_error());
    }
    let has_faults = !file.faults.is_empty();
    let first = Arc::clone(revisions.first());
    let mut model = match has_faults {
        true => {
            let faults = faults::runtime(&file.faults, script, revisions.newest());
            Model::new(first, profile.rules(), faults)
        }
        false => Model::new(first, profile.rules(), script),
    };
    model.revisions = revisions.into_all();
    model.conditions = conditions;
    for (at, action) in actions {
        model = model.at(at, action);
    }
    for (action, then) in open {
        model = model.open(action);
        if let Some((after, action)) = then {
            model = model.then(after, action);
        }
    }
    if file.timing == Timing::Ideal {
        model = model.ideal();
    }
    if file.jitter == Jitter::Open {
        model = model.open_jitter();
    }
    let images: Vec<&str> = file.script.images.iter().map(String::as_str).collect();
    Ok(Scenario {
        name: source
            .written("name")
            .or(file.name)
            .unwrap_or_else(|| stem(name)),
        profile,
        model: model.loops(loops(&file.phase)).with_images(&images),
        until: file.until.unwrap_or_default().duration(),
        expectations,
        has_faults,
        placed: Placed {
            relist: file.phase.pleg.is_some(),
            sync: file.phase.sync.is_some(),
            status: file.phase.status.is_some(),
            gc: file.phase.gc.is_some(),
        },
        properties,
        choices,
        object,
        warnings: source.sorted(),
    })
}

/// A file's name without folder and ending.
fn stem(name: &str) -> String {
    let stem = std::path::Path::new(name).file_stem();
    stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn loops(phase: &super::file::Phase) -> Loops {
    let default = Phases::default();
    let or = |span: Option<Span>, default| span.map_or(default, Span::millis);
    Loops::new(Phases {
        relist: or(phase.pleg, default.relist),
        sync: or(phase.sync, default.sync),
        status: or(phase.status, default.status),
        gc: or(phase.gc, default.gc),
    })
}

fn profile(file: &File, under: Under<'_>, source: &mut Source) -> Profile {
    let mut profile = Profile::default();
    if let Some(text) = &file.kubelet {
        match text.parse::<Version>() {
            Ok(version) => profile = Profile::of(version),
            Err(problem) => source.error(&Path::ROOT.field("kubelet"), problem.to_string()),
        }
    }
    if let Some(version) = under.version {
        profile = Profile::of(version);
    }
    let gates = Path::ROOT.field("gates");
    for (name, &enabled) in &file.gates {
        let path = gates.field(name);
        let Ok(feature) = name.parse::<Feature>() else {
            let names = Feature::ALL.iter().map(|feature| feature.name());
            let help = nearest(name, names).map(did_you_mean);
            let message = "not a feature gate that changes a pod's life";
            source.key_error(&path, message, help);
            continue;
        };
        match profile.clone().with(feature, enabled) {
            Ok(switched) => profile = switched,
            Err(problem) => source.key_error(&path, problem.to_string(), None),
        }
    }
    for &(feature, enabled) in under.gates {
        match profile.clone().with(feature, enabled) {
            Ok(switched) => profile = switched,
            Err(problem) => source.found.push(error("", None, problem.to_string())),
        }
    }
    match file.crash_loop_max {
        Some(0) => {
            source.error(&Path::ROOT.field("crash_loop_max"), "must be at least 1");
            profile
        }
        Some(seconds) => profile.with_crash_loop_max(seconds),
        None => profile,
    }
}

fn gates(pod: &PodSpec) -> Vec<String> {
    let gates = pod.readiness_gates.iter();
    gates.map(ToString::to_string).collect()
}

pub(super) const TOO_MANY_CONDITIONS: &str = "more condition types than podclock simulates";

pub(super) fn condition_action(known: &mut Vec<String>, set: &SetCondition) -> Option<Action> {
    let condition = condition_index(known, &set.r#type)?;
    let status = set.status.into();
    Some(Action::SetCondition { condition, status })
}

/// An update that the API server takes, or refuses in these words.
pub(super) fn update_action(updated: Result<u8, String>, script: &mut Script) -> Action {
    match updated {
        Ok(revision) => Action::Update { revision },
        Err(words) => Action::RefusedUpdate {
            error: script.add_text(words),
        },
    }
}

fn condition_index(known: &mut Vec<String>, wanted: &str) -> Option<u8> {
    let found = known.iter().position(|kind| kind == wanted);
    let index = found.unwrap_or_else(|| {
        known.push(wanted.to_owned());
        known.len() - 1
    });
    u8::try_from(index).ok()
}

/// The pod, with the object that updates change.
fn pod(
    file: &File,
    folder: Option<&std::path::Path>,
    profile: &Profile,
    source: &mut Source,
) -> Option<(PodSpec, Value)> {
    let path = Path::ROOT.field("pod");
    match (&file.pod, &file.manifest) {
        (None, None) => {
            let given = |field: &str| source.value.get(field).is_some();
            let misspelt = source.meant("pod") || source.meant("manifest");
            if !given("pod") && !given("manifest") && !misspelt {
                let help =
                    Some("write the pod under `pod:`, or name a file: `manifest:`".to_owned());
                source.key_error(&path, "there is no pod", help);
            }
            None
        }
        (Some(pod), None) => {
            let (spec, found) = manifest::pod(pod, profile, None, &path, Some(&source.spots));
            source.found.extend(found);
            Some((spec?, pod.clone()))
        }
        (name, Some(manifest)) => {
            let name = match name {
                None => None,
                Some(Value::String(name)) => Some(name.as_str()),
                Some(_) => {
                    let help = "next to `manifest`, `pod` is the name of one of its pods";
                    source.key_error(&path, "two pods", Some(help.to_owned()));
                    return None;
                }
            };
            from_manifest(manifest, name, folder, profile, source)
        }
    }
}

fn from_manifest(
    manifest: &str,
    name: Option<&str>,
    folder: Option<&std::path::Path>,
    profile: &Profile,
    source: &mut Source,
) -> Option<(PodSpec, Value)> {
    let path = Path::ROOT.field("manifest");
    let Some(folder) = folder else {
        source.error(
            &path,
            "this scenario was not read from a file, so there is no file next to it",
        );
        return None;
    };
    let file = folder.join(manifest);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(problem) => {
            source.error(&path, format!("{}: {problem}", file.display()));
            return None;
        }
    };
    let checked = manifest::parse(&text, profile);
    let Some(workload) = checked.workload else {
        source.elsewhere = Some(FileErrors {
            name: file.display().to_string(),
            text,
            diagnostics: checked.diagnostics,
        });
        return None;
    };
    let Some(template) = choose(&workload.pods, name) else {
        let all: Vec<&str> = workload.pods.iter().map(|pod| &*pod.name).collect();
        let (place, message) = match name {
            Some(name) => ("pod", format!("{manifest} has no pod named {name:?}")),
            None => ("manifest", format!("{manifest} has several pods")),
        };
        let help = Some(format!("choose one with `pod: NAME`: {}", all.join(", ")));
        source.key_error(&Path::ROOT.field(place), message, help);
        return None;
    };
    // Updates patch a v1 Pod: the template as one.
    match update::object(&text, template) {
        Some(object) => Some(((*template.spec).clone(), object)),
        None => {
            source
                .found
                .push(error("manifest", source.spots.value(&path), "no pod in it"));
            None
        }
    }
}

fn choose<'a>(pods: &'a [PodTemplate], name: Option<&str>) -> Option<&'a PodTemplate> {
    match (pods, name) {
        ([only], None) => Some(only),
        (_, None) => None,
        (pods, Some(name)) => pods.iter().find(|pod| &*pod.name == name),
    }
}
