//! One document: which kind it is and whether the version serves it.

use super::controller::{self, controller};
use super::decode::Fields;
use super::path::Path;
use super::pod::bare_pod;
use super::report::Report;
use super::schema::Type;
use super::suggest::{did_you_mean, nearest};
use super::{Severity, check, schema};
use crate::profile::{Profile, Served};
use crate::spec::{Kind, PodTemplate};
use serde_yaml::Value;
use std::sync::Arc;

const KINDS: [Kind; 8] = [
    Kind::Pod,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
];

/// Reads an object and adds what makes pods in it.
pub(super) fn object(
    value: &Value,
    path: &Path<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
    pods: &mut Vec<PodTemplate>,
) {
    if value.is_null() {
        return;
    }
    if !value.is_mapping() {
        let made = report.add(Severity::Error, path, "not a Kubernetes object");
        made.help("an object is a map with apiVersion, kind, metadata and spec");
        return;
    }
    let fields = Fields::of(value);
    let kind_path = path.field("kind");
    let Some(name) = fields.text("kind").filter(|kind| !kind.is_empty()) else {
        if let Some(kind) = fields.get("kind") {
            check::value_of_type(Type::Text, kind, "TypeMeta", &kind_path, report);
        }
        let made = report.required(&kind_path, "Object 'Kind' is missing");
        made.help("say what the object is, for instance kind: Pod");
        return;
    };
    let api = fields.text("apiVersion").filter(|api| !api.is_empty());
    if name == "List" && api.as_deref().is_none_or(|api| api == "v1") {
        check::object(&schema::LIST, value, path, report);
        let items = path.field("items");
        for (index, item) in fields.list("items").iter().enumerate() {
            object(item, &items.index(index), profile, report, pods);
        }
        return;
    }
    let Some(kind) = KINDS.into_iter().find(|kind| kind.name() == name) else {
        other_kind(&name, api.as_deref(), &kind_path, report);
        return;
    };
    let api = api_version(kind, api, path, profile, report);
    check::object(controller::object(kind), value, path, report);
    let template = if kind == Kind::Pod {
        bare_pod(value, &[], path, profile, report).map(|spec| PodTemplate {
            kind,
            name: spec.name.clone(),
            replicas: 1,
            spec: Arc::new(spec),
        })
    } else {
        controller(kind, &api, value, path, profile, report)
    };
    pods.extend(template);
}

/// The object's `apiVersion`, with a word about one that is missing or not served.
fn api_version(
    kind: Kind,
    api: Option<String>,
    path: &Path<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) -> String {
    let path = path.field("apiVersion");
    let version = profile.version();
    let newest = profile.newest_api(kind.name());
    let Some(api) = api else {
        let made = report.required(&path, "apiVersion not set");
        let help = newest.map(|api| format!("in Kubernetes {version} write apiVersion: {api}"));
        made.help_if(help);
        return newest.unwrap_or("v1").to_owned();
    };
    let name = kind.name();
    let use_newest = || match newest {
        Some(newest) => format!("use apiVersion: {newest}"),
        None => format!("Kubernetes {version} has no {name}"),
    };
    let help = match profile.served(&api, name) {
        Served::Yes => return api,
        Served::Until(until) => {
            let before = until.before();
            format!(
                "it was removed in Kubernetes {until}: {}, or simulate {before} or older",
                use_newest()
            )
        }
        Served::From(from) => format!("it came with Kubernetes {from}: {}", use_newest()),
        Served::Never => use_newest(),
    };
    let message = format!("no matches for kind {name:?} in version {api:?}");
    report.add(Severity::Error, &path, message).help(help);
    api
}

/// Kinds that make no pods are left alone, unless the name looks like a slip of the pen.
fn other_kind(name: &str, api: Option<&str>, path: &Path<'_>, report: &mut Report<'_>) {
    const KNOWN: [&str; 3] = ["PodList", "PodGroup", "JobSet"];
    let names = KINDS.iter().map(|kind| kind.name());
    let meant = nearest(name, names).filter(|_| !KNOWN.contains(&name));
    if let Some(meant) = meant {
        let api = api.unwrap_or_default();
        let message = format!("no matches for kind {name:?} in version {api:?}");
        let made = report.add(Severity::Error, path, message);
        made.help(did_you_mean(meant));
        return;
    }
    let message = format!("{name} is not simulated");
    report.add(Severity::Note, path, message);
}
