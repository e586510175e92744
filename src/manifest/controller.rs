//! Controllers around a pod template.

use super::check::int;
use super::decode::{self, Fields};
use super::path::Path;
use super::pod::{Template, identity, object_name};
use super::report::Report;
use super::schema::{self, Object};
use super::{Severity, legacy, raw};
use crate::profile::Profile;
use crate::spec::{Kind, PodTemplate};
use serde_yaml::Value;
use std::sync::Arc;

/// The schema of a kind.
pub(super) const fn object(kind: Kind) -> &'static Object {
    match kind {
        Kind::Pod => &schema::POD,
        Kind::Deployment => &schema::DEPLOYMENT,
        Kind::ReplicaSet => &schema::REPLICA_SET,
        Kind::ReplicationController => &schema::REPLICATION_CONTROLLER,
        Kind::StatefulSet => &schema::STATEFUL_SET,
        Kind::DaemonSet => &schema::DAEMON_SET,
        Kind::Job => &schema::JOB,
        Kind::CronJob => &schema::CRON_JOB,
    }
}

/// Reads a controller whose fields have been checked. `api` is its `apiVersion`.
pub(super) fn controller(
    kind: Kind,
    api: &str,
    value: &Value,
    path: &Path<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) -> Option<PodTemplate> {
    let fields = Fields::of(value);
    let meta_path = path.field("metadata");
    let meta = decode::meta(fields.object("metadata"));
    // A cron job's name gets eleven characters more for each job.
    let limit = if kind == Kind::CronJob { 52 } else { 253 };
    let name = object_name(&meta, limit, &meta_path, report);
    let owner = Some(kind.name());
    legacy::annotations(fields.object("metadata"), &meta_path, owner, report);
    let outer = path.field("spec");
    let job_template = outer.field("jobTemplate");
    let job_spec = job_template.field("spec");
    let (spec, path) = if kind == Kind::CronJob {
        let job = fields.object("spec").object("jobTemplate");
        (job.object("spec"), job_spec)
    } else {
        (fields.object("spec"), outer)
    };
    let replicas = replicas(kind, spec, &path, report);
    let template = spec.object("template");
    let template_path = path.field("template");
    let template_meta = decode::meta(template.object("metadata"));
    let metadata = template_path.field("metadata");
    legacy::annotations(template.object("metadata"), &metadata, None, report);
    selector(kind, api, spec, &template_meta, &path, report);
    if kind == Kind::Deployment {
        strategy(spec, &path, report);
    }
    let pods = identity(&raw::Meta { uid: None, ..meta }, pod_name(kind, &name));
    let source = Template {
        fields: template.object("spec"),
        meta: &template_meta,
        meta_path: &metadata,
        path: &template_path.field("spec"),
        kind,
    };
    let spec = source.read(&pods, &[], profile, report)?;
    Some(PodTemplate {
        kind,
        name: name.into(),
        replicas,
        spec: Arc::new(spec),
    })
}

/// What a controller's first pod is called here; real names have random parts.
fn pod_name(kind: Kind, name: &str) -> String {
    match kind {
        Kind::StatefulSet => format!("{name}-0"),
        _ => name.to_owned(),
    }
}

fn replicas(kind: Kind, spec: Fields<'_>, path: &Path<'_>, report: &mut Report<'_>) -> i32 {
    let fields: &[&str] = match kind {
        Kind::Pod | Kind::DaemonSet => return 1,
        Kind::Job | Kind::CronJob => &["parallelism", "completions"],
        _ => &["replicas"],
    };
    let mut least = None;
    for field in fields {
        let Some(number) = spec.int(field) else {
            continue;
        };
        if number < 0 {
            let path = path.field(field);
            report.invalid(&path, number, "must be greater than or equal to 0");
        }
        // A job runs no more pods at once than it still has completions to go.
        least = Some(least.map_or(number, |least: i64| least.min(number)));
    }
    i32::try_from(least.unwrap_or(1)).unwrap_or(i32::MAX)
}

/// The selector must be there and select the template's pods.
fn selector(
    kind: Kind,
    api: &str,
    spec: Fields<'_>,
    template: &raw::Meta,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    let labels = match kind {
        // A job makes its own.
        Kind::Pod | Kind::Job | Kind::CronJob => return,
        Kind::ReplicationController => spec.text_map("selector"),
        _ => spec.object("selector").text_map("matchLabels"),
    };
    let selector_path = path.field("selector");
    let expressions = !spec.object("selector").list("matchExpressions").is_empty();
    let given = spec.get("selector").is_some();
    if !given {
        //= OLD-3
        let defaulted = Profile::defaults_selector(api);
        if !defaulted {
            let made = report.required(&selector_path, "");
            made.help("name the template's labels: selector: {matchLabels: {…}}");
        } else if template.labels.is_empty() {
            report.required(&selector_path, "");
        }
        return;
    }
    if labels.is_empty() && !expressions {
        let kind = kind.name().to_lowercase();
        let detail = format!("empty selector is invalid for {kind}");
        let message = format!("Invalid value: {{}}: {detail}");
        report.add(Severity::Error, &selector_path, message);
        return;
    }
    let missing: Vec<String> = labels
        .iter()
        .filter(|label| !template.labels.contains(label))
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    if !missing.is_empty() {
        let path = path.field("template");
        let path = path.field("metadata");
        let path = path.field("labels");
        let mut labels: Vec<String> = template
            .labels
            .iter()
            .map(|(key, value)| format!("{key:?}:{value:?}"))
            .collect();
        labels.sort();
        let message = format!(
            "Invalid value: map[string]string{{{}}}: `selector` does not match template `labels`",
            labels.join(", ")
        );
        let made = report.add(Severity::Error, &path, message);
        let missing = missing.join(", ");
        made.help(format!("the selector asks for {missing}"));
    }
}

/// A Deployment's strategy, as far as it can be refused (DEP-2, DEP-8).
fn strategy(spec: Fields<'_>, path: &Path<'_>, report: &mut Report<'_>) {
    let strategy = spec.object("strategy");
    let path_of = path.field("strategy");
    let rolling_path = path_of.field("rollingUpdate");
    match strategy.text("type").as_deref() {
        None | Some("" | "RollingUpdate") => {
            let rolling = strategy.object("rollingUpdate");
            let zero = |field| {
                rolling.get(field).is_some_and(|value| {
                    int(value) == Some(0) || matches!(value.as_str(), Some("0%"))
                })
            };
            //= DEP-2
            if zero("maxUnavailable") && zero("maxSurge") {
                let path = rolling_path.field("maxUnavailable");
                report.invalid(&path, 0, "may not be 0 when `maxSurge` is 0");
            }
        }
        Some("Recreate") => {
            if strategy.get("rollingUpdate").is_some() {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                report.forbidden(&rolling_path, detail);
            }
        }
        Some(other) => {
            let path = path_of.field("type");
            report.unsupported(&path, other, &["Recreate", "RollingUpdate"]);
        }
    }
    let ready = spec.int("minReadySeconds").unwrap_or(0);
    if ready < 0 {
        let path = path.field("minReadySeconds");
        report.invalid(&path, ready, "must be greater than or equal to 0");
    }
    //= DEP-8
    if let Some(deadline) = spec.int("progressDeadlineSeconds") {
        let path = path.field("progressDeadlineSeconds");
        if deadline < 0 {
            report.invalid(&path, deadline, "must be greater than or equal to 0");
        }
        if deadline <= ready {
            report.invalid(&path, deadline, "must be greater than minReadySeconds");
        }
    }
}
