//! Init containers in an annotation, as Kubernetes 1.3 to 1.7 had them (OLD-1, OLD-2).

use super::decode::Fields;
use super::path::Path;
use super::report::Report;
use super::schema::{CONTAINER, Type};
use super::suggest::nearest;
use super::validate::{self, name};
use super::{Severity, check, decode, locate, raw};
use crate::profile::{InitSource, Profile};
use serde_yaml::Value;

/// The annotation of 1.4 and later, then the one of 1.3. The later one wins.
const KEYS: [&str; 2] = [
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
];

/// Puts a pod's init containers where the version looks for them. Gives the annotation they come
/// from, if they do.
pub(super) fn init_containers(
    meta: &raw::Meta,
    spec: &mut raw::Spec,
    meta_path: &Path<'_>,
    spec_path: &Path<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) -> Option<&'static str> {
    let source = profile.init_source();
    if source == InitSource::Annotation && !spec.init_containers.is_empty() {
        let version = profile.version();
        let path = spec_path.field("initContainers");
        let message = format!("ignored by Kubernetes {version}: the field came with 1.6");
        let made = report.warning(&path, message);
        made.help(format!(
            "write them as JSON into the annotation {}",
            KEYS[0]
        ));
        spec.init_containers.clear();
    }
    let annotations = meta_path.field("annotations");
    let find = |key: &&'static str| meta.annotations.iter().find(|(found, _)| found == key);
    let key = KEYS.into_iter().find(|key| find(key).is_some())?;
    let (_, json) = find(&key)?;
    let path = annotations.key(key);
    if source == InitSource::Field {
        let version = profile.version();
        let message = format!(
            "ignored by Kubernetes {version}: init containers in an annotation went with 1.8"
        );
        let made = report.warning(&path, message);
        made.help("write them under spec.initContainers");
        return None;
    }
    if !spec.init_containers.is_empty() {
        let field = spec_path.field("initContainers");
        let message = format!("overridden by the annotation {key}");
        report.warning(&field, message);
    }
    spec.init_containers = containers(json, &path, report)?;
    Some(key)
}

/// Warns of annotations that look right and do nothing: those on an object whose pods come from a
/// template (`owner`), and those with a name that is only almost right.
pub(super) fn annotations(
    fields: Fields<'_>,
    meta_path: &Path<'_>,
    owner: Option<&str>,
    report: &mut Report<'_>,
) {
    let annotations = meta_path.field("annotations");
    for (key, value) in fields.entries("annotations") {
        let path = annotations.key(key);
        let known = KEYS.contains(&key);
        let meant = if known { None } else { near_miss(key) };
        if let Some(meant) = meant {
            let made = report.warning(&path, "no Kubernetes version knows this annotation");
            let place = match owner {
                Some(_) => ", under spec.template.metadata",
                None => "",
            };
            made.help(format!("did you mean `{meant}`{place}?"));
        } else if let (true, Some(kind)) = (known, owner) {
            let message = format!("has no effect here: this is the {kind}'s own metadata");
            let made = report.warning(&path, message);
            made.help("pods get the annotations of spec.template.metadata");
        }
        // Written as a list it is no annotation, but the mistakes inside are worth telling.
        if known || meant.is_some() {
            names(value, &path, report);
        }
    }
}

fn names(value: &Value, path: &Path<'_>, report: &mut Report<'_>) {
    for (index, item) in value.as_sequence().into_iter().flatten().enumerate() {
        let path = path.index(index);
        let text = |field: &str| item.get(field).and_then(Value::as_str);
        if let Some(name) = text("name") {
            name::label(name, &path.field("name"), report);
        }
        if let Some(image) = text("image") {
            validate::image_comma(image, &path.field("image"), report);
        }
    }
}

/// The annotation that was meant by a name that is almost it.
fn near_miss(key: &str) -> Option<&'static str> {
    let lower = key.to_ascii_lowercase();
    // The status comes back under a name of its own.
    if !lower.contains("init-container") || lower.ends_with("init-container-statuses") {
        return None;
    }
    nearest(&lower.replace("k8s.io", "kubernetes.io"), KEYS)
}

fn containers(json: &str, path: &Path<'_>, report: &mut Report<'_>) -> Option<Vec<raw::Container>> {
    let (documents, problem) = locate::documents(json);
    if let Some(problem) = problem {
        let message = format!("the annotation is no JSON list: {}", problem.message);
        report.add(Severity::Error, path, message);
        return None;
    }
    let value = documents.into_iter().next().map(|document| document.value);
    let Some(Value::Sequence(items)) = value else {
        let made = report.add(Severity::Error, path, "the annotation is no JSON list");
        made.help("write a list of containers: [{\"name\": …, \"image\": …}]");
        return None;
    };
    let mut containers = Vec::new();
    for (index, item) in items.iter().enumerate() {
        check::value_of_type(
            Type::Object(&CONTAINER),
            item,
            "Pod",
            &path.index(index),
            report,
        );
        containers.push(decode::container(Fields::of(item)));
    }
    Some(containers)
}
