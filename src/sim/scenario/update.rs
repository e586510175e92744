//! Updates of the pod, as the API server takes or refuses them (VAL-60).
//!
//! Source: `pkg/apis/core/validation/validation.go: ValidatePodUpdate`.

use super::file::Action;
use crate::manifest::{self, Diagnostic, Path, documents, strategic_merge};
use crate::profile::Profile;
use crate::spec::{Kind, PodSpec, PodTemplate};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pod and what updates make of it.
#[derive(Debug)]
pub(super) struct Revisions {
    all: Vec<Arc<PodSpec>>,
    object: Value,
}

impl Revisions {
    pub(super) fn new(first: Arc<PodSpec>, object: Value) -> Self {
        Self {
            all: vec![first],
            object,
        }
    }

    pub(super) fn first(&self) -> &Arc<PodSpec> {
        &self.all[0]
    }

    pub(super) fn newest(&self) -> &Arc<PodSpec> {
        &self.all[self.all.len() - 1]
    }

    pub(super) fn into_all(self) -> Vec<Arc<PodSpec>> {
        self.all
    }

    /// The revision that a patch makes, or the server's words of refusal.
    pub(super) fn update(&mut self, patch: &Value, profile: &Profile) -> Result<u8, String> {
        let merged = strategic_merge(&self.object, patch);
        let old = self.newest();
        let (spec, found) = manifest::pod(&merged, profile, Some(old), &Path::ROOT, None);
        let errors: Vec<Diagnostic> = found.into_iter().filter(Diagnostic::is_error).collect();
        if let Some(words) = errors.iter().find_map(go_words) {
            return Err(words);
        }
        let mut problems: Vec<String> = errors.iter().map(told).collect();
        if let Some(spec) = &spec {
            problems.extend(refusal(old, spec, &self.object, &merged));
        }
        let name = &old.name;
        let revision = u8::try_from(self.all.len()).ok();
        match (problems.as_slice(), spec, revision) {
            ([], Some(spec), Some(revision)) => {
                self.object = merged;
                self.all.push(Arc::new(spec));
                Ok(revision)
            }
            ([one], ..) => Err(format!("Pod \"{name}\" is invalid: {one}")),
            (many, ..) => Err(format!("Pod \"{name}\" is invalid: [{}]", many.join(", "))),
        }
    }
}

/// What comes of each update, by the place of its action: an update patches what those before it in
/// time have made of the pod, wherever in the file they stand.
pub(super) fn in_time(
    actions: &[Action],
    revisions: &mut Revisions,
    profile: &Profile,
) -> BTreeMap<usize, Result<u8, String>> {
    let updates = actions.iter().enumerate();
    let updates =
        updates.filter_map(|(index, action)| Some((index, action.at, action.update.as_ref()?)));
    let mut updates: Vec<_> = updates.collect();
    updates.sort_by_key(|&(_, at, _)| at);
    let made = updates.into_iter();
    made.map(|(index, _, patch)| (index, revisions.update(patch, profile)))
        .collect()
}

fn told(diagnostic: &Diagnostic) -> String {
    format!("{}: {}", diagnostic.path, diagnostic.message)
}

/// A value of the wrong type is refused by the decoder, which names the whole way to it.
fn go_words(diagnostic: &Diagnostic) -> Option<String> {
    let rest = diagnostic.message.strip_prefix("cannot unmarshal ")?;
    let (found, rest) = rest.split_once(" into ")?;
    let (_, wanted) = rest.rsplit_once(" of type ")?;
    // Go names map keys like fields, and leaves out where in a list it is.
    let mut path = String::from("Pod");
    for step in diagnostic.path.split(['.', '[', ']']) {
        if !step.is_empty() && !step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push('.');
            path.push_str(step);
        }
    }
    Some(format!(
        "json: cannot unmarshal {found} into Go struct field {path} of type {wanted}"
    ))
}

const FORBIDDEN: &str = "spec: Forbidden: pod updates may not change fields other than \
    `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
    `spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Why the new revision is refused although it is a valid pod. The listing of differences, which
/// the server appends in Go's notation, is left out.
fn refusal(old: &PodSpec, new: &PodSpec, old_object: &Value, object: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let names = |spec: &PodSpec| -> Vec<Box<str>> {
        spec.containers
            .iter()
            .map(|container| container.name.clone())
            .collect()
    };
    if old.name != new.name {
        let name = &new.name;
        problems.push(format!(
            "metadata.name: Invalid value: {name:?}: field is immutable"
        ));
    }
    if names(old) != names(new) || old.init_count != new.init_count {
        let list = if old.init_count == new.init_count {
            "containers"
        } else {
            "initContainers"
        };
        problems.push(format!(
            "spec.{list}: Forbidden: pod updates may not add or remove containers"
        ));
        return problems;
    }
    let mut masked = new.clone();
    masked.images.clone_from(&old.images);
    masked.active_deadline = old.active_deadline;
    for (new, old) in masked.containers.iter_mut().zip(&old.containers) {
        new.image = old.image;
    }
    if old.termination_grace < 0 && new.termination_grace == 1 {
        masked.termination_grace = old.termination_grace;
    }
    let mut same = old.clone();
    same.namespace.clone_from(&masked.namespace);
    same.uid.clone_from(&masked.uid);
    if masked != same || unmodelled(old_object) != unmodelled(object) {
        problems.push(FORBIDDEN.to_owned());
    }
    problems
}

/// What stands in a pod's spec that no timeline depends on, and that may not change either.
fn unmodelled(object: &Value) -> Value {
    const POD: [&str; 5] = [
        "restartPolicy",
        "terminationGracePeriodSeconds",
        "activeDeadlineSeconds",
        "readinessGates",
        "tolerations",
    ];
    const CONTAINER: [&str; 8] = [
        "image",
        "imagePullPolicy",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "restartPolicy",
        "restartPolicyRules",
    ];
    let mut spec = object.get("spec").cloned().unwrap_or(Value::Null);
    let Some(fields) = spec.as_mapping_mut() else {
        return spec;
    };
    without(fields, &POD);
    for list in ["containers", "initContainers"] {
        let containers = fields.get_mut(list).and_then(Value::as_sequence_mut);
        for container in containers.into_iter().flatten() {
            if let Some(fields) = container.as_mapping_mut() {
                without(fields, &CONTAINER);
            }
        }
    }
    spec
}

fn without(fields: &mut Mapping, names: &[&str]) {
    for name in names {
        fields.shift_remove(*name);
    }
}

/// The v1 Pod that a manifest's template makes: what updates patch.
pub(crate) fn object(text: &str, template: &PodTemplate) -> Option<Value> {
    let (documents, _) = documents(text);
    let mut objects = documents
        .iter()
        .flat_map(|document| match document.value.get("items") {
            Some(Value::Sequence(items)) => items.iter().collect(),
            _ => vec![&document.value],
        });
    let object = objects.find(|object| {
        let kind = object.get("kind").and_then(Value::as_str);
        let name = object.get("metadata").and_then(|meta| meta.get("name"));
        let name = name.and_then(Value::as_str);
        kind == Some(template.kind.name()) && name.is_none_or(|name| *name == *template.name)
    })?;
    let inner = match template.kind {
        Kind::Pod => return Some(object.clone()),
        Kind::CronJob => object
            .get("spec")?
            .get("jobTemplate")?
            .get("spec")?
            .get("template")?,
        _ => object.get("spec")?.get("template")?,
    };
    let mut pod = inner.as_mapping()?.clone();
    pod.insert("apiVersion".into(), "v1".into());
    pod.insert("kind".into(), "Pod".into());
    let meta = pod.get("metadata").and_then(Value::as_mapping);
    let mut meta = meta.cloned().unwrap_or_default();
    meta.insert("name".into(), (*template.spec.name).into());
    meta.insert("namespace".into(), (*template.spec.namespace).into());
    meta.insert("uid".into(), (*template.spec.uid).into());
    pod.insert("metadata".into(), Value::Mapping(meta));
    Some(Value::Mapping(pod))
}
