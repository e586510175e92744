//! The pod that is measured: three containers with one probe each, every 10 s.

use podclock::runtime::Script;
use podclock::sim::Model;
use podclock::{Profile, manifest};
use std::sync::Arc;

/// Its manifest.
pub(crate) const MANIFEST: &str = include_str!("pod.yaml");

/// The pod with a runtime in which all goes well and takes no time.
#[allow(dead_code, reason = "not every bench runs it")]
pub(crate) fn model() -> Model {
    let profile = Profile::default();
    let checked = manifest::parse(MANIFEST, &profile);
    let workload = checked.into_result().expect("a manifest");
    let spec = Arc::clone(&workload.pods[0].spec);
    Model::new(spec, profile.rules(), Script::new())
}
