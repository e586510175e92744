//! One pod or pod template: decode, gate, default, validate, build.

use super::build::{self, Identity};
use super::decode::{self, Fields};
use super::path::Path;
use super::report::Report;
use super::schema::POD;
use super::spots::Spots;
use super::validate::{Home, name};
use super::{Diagnostic, check, default, gate, legacy, raw, validate};
use crate::profile::Profile;
use crate::spec::{Kind, PodSpec};
use serde_yaml::Value;

/// Reads a pod that has been parsed as YAML already.
///
/// `value` is a v1 Pod; `path` stands before every field path. `previous` is the revision before:
/// the new spec's table of images begins with its table, so that image indices stay stable.
/// `spots` gives positions where the value comes straight from a text.
pub(crate) fn pod(
    value: &Value,
    profile: &Profile,
    previous: Option<&PodSpec>,
    path: &Path<'_>,
    spots: Option<&Spots>,
) -> (Option<PodSpec>, Vec<Diagnostic>) {
    let mut report = Report::new(0, spots);
    check::object(&POD, value, path, &mut report);
    let images = previous.map_or(&[][..], |previous| &previous.images);
    let spec = bare_pod(value, images, path, profile, &mut report);
    let spec = spec.filter(|_| !report.has_errors());
    (spec, report.into_diagnostics())
}

/// A v1 Pod whose fields have been checked.
pub(super) fn bare_pod(
    value: &Value,
    images: &[Box<str>],
    path: &Path<'_>,
    profile: &Profile,
    report: &mut Report<'_>,
) -> Option<PodSpec> {
    let fields = Fields::of(value);
    let meta_path = path.field("metadata");
    let meta = decode::meta(fields.object("metadata"));
    legacy::annotations(fields.object("metadata"), &meta_path, None, report);
    let name = object_name(&meta, 253, &meta_path, report);
    let identity = identity(&meta, name);
    let source = Template {
        fields: fields.object("spec"),
        meta: &meta,
        meta_path: &meta_path,
        path: &path.field("spec"),
        kind: Kind::Pod,
    };
    source.read(&identity, images, profile, report)
}

/// The name of an object, or one made from `generateName` as the API server would.
pub(super) fn object_name(
    meta: &raw::Meta,
    limit: usize,
    path: &Path<'_>,
    report: &mut Report<'_>,
) -> String {
    namespace(meta, path, report);
    let text = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    if let Some(name) = text(&meta.name) {
        name::subdomain(&name, limit, &path.field("name"), report);
        return name;
    }
    if let Some(prefix) = text(&meta.generate_name) {
        // The API server appends five random characters; the same ones make runs comparable.
        let name = format!("{prefix}00000");
        name::subdomain(&name, limit, &path.field("generateName"), report);
        return name;
    }
    report.required(&path.field("name"), "name or generateName is required");
    String::new()
}

fn namespace(meta: &raw::Meta, path: &Path<'_>, report: &mut Report<'_>) {
    if let Some(namespace) = meta.namespace.as_deref().filter(|text| !text.is_empty()) {
        name::label(namespace, &path.field("namespace"), report);
    }
}

/// Namespace and uid of an object, with what stands for them where there is none.
pub(super) fn identity(meta: &raw::Meta, name: String) -> Identity {
    let or = |field: &Option<String>, default: &str| {
        let text = field.as_deref().filter(|text| !text.is_empty());
        text.unwrap_or(default).to_owned()
    };
    Identity {
        name,
        namespace: or(&meta.namespace, "default"),
        uid: or(&meta.uid, PodSpec::DEFAULT_UID),
    }
}

/// A pod spec with its metadata, in a pod or in a controller's template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) meta: &'a raw::Meta,
    pub(super) meta_path: &'a Path<'a>,
    pub(super) path: &'a Path<'a>,
    pub(super) kind: Kind,
}

impl Template<'_> {
    /// The spec, unless something in the document is an error.
    pub(super) fn read(
        &self,
        identity: &Identity,
        images: &[Box<str>],
        profile: &Profile,
        report: &mut Report<'_>,
    ) -> Option<PodSpec> {
        let mut spec = decode::spec(self.fields);
        let (meta, path) = (self.meta_path, self.path);
        let key = legacy::init_containers(self.meta, &mut spec, meta, path, profile, report);
        let annotations = meta.field("annotations");
        let init = match key {
            Some(key) => annotations.key(key),
            None => path.field("initContainers"),
        };
        gate::spec(&mut spec, path, &init, profile, report);
        default::spec(&mut spec);
        let home = Home {
            spec: path,
            init: &init,
            kind: self.kind,
        };
        validate::spec(&spec, home, profile, report);
        if report.has_errors() {
            return None;
        }
        build::pod(identity, &spec, images, path, report)
    }
}
