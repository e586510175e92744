//! Init containers in an annotation, as Kubernetes 1.3 to 1.7 had them (OLD-1, OLD-2).

use super::path::Path;
use super::report::Report;
use super::schema::{CONTAINER, Type};
use super::suggest::nearest;
use super::{Severity, check, decode, locate, raw};
use crate::profile::{InitSource, Profile};

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
    near_misses(meta, meta_path, report);
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

/// Warns of the annotations on an object whose pods come from a template.
pub(super) fn outside_template(
    meta: &raw::Meta,
    meta_path: &Path<'_>,
    kind: &str,
    report: &mut Report<'_>,
) {
    near_misses(meta, meta_path, report);
    let annotations = meta_path.field("annotations");
    for (key, _) in &meta.annotations {
        if KEYS.contains(&key.as_str()) {
            let message = format!("has no effect here: this is the {kind}'s own metadata");
            let made = report.warning(&annotations.key(key), message);
            made.help("pods get the annotations of spec.template.metadata");
        }
    }
}

/// Warns of annotation names that are almost the one for init containers.
fn near_misses(meta: &raw::Meta, meta_path: &Path<'_>, report: &mut Report<'_>) {
    let annotations = meta_path.field("annotations");
    for (key, _) in &meta.annotations {
        warn_near_miss(key, &annotations.key(key), report);
    }
}

/// Warns of one annotation name if it is almost the one for init containers.
pub(super) fn warn_near_miss(key: &str, path: &Path<'_>, report: &mut Report<'_>) {
    if KEYS.contains(&key) || !key.to_ascii_lowercase().contains("init-container") {
        return;
    }
    // The status comes back under a name of its own.
    if key.ends_with("init-container-statuses") {
        return;
    }
    let spelled = key.to_ascii_lowercase().replace("k8s.io", "kubernetes.io");
    if let Some(meant) = nearest(&spelled, KEYS) {
        let made = report.warning(path, "no Kubernetes version knows this annotation");
        made.help(super::suggest::did_you_mean(meant));
    }
}

fn containers(json: &str, path: &Path<'_>, report: &mut Report<'_>) -> Option<Vec<raw::Container>> {
    let (documents, problem) = locate::documents(json);
    if let Some(problem) = problem {
        let message = format!("the annotation is no JSON list: {}", problem.message);
        report.add(Severity::Error, path, message);
        return None;
    }
    let value = documents.into_iter().next().map(|document| document.value);
    let Some(serde_yaml::Value::Sequence(items)) = value else {
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
        containers.push(decode::container(decode::Fields::of(item)));
    }
    Some(containers)
}
