//! YAML or JSON text to a checked [`Workload`], with every diagnostic.
//!
//! A text goes through these stages; none of them stops at the first mistake:
//!
//! 1. `locate` reads YAML events into values, within fixed budgets, and keeps the place of each.
//! 2. `check` holds field names and types against the API's `schema`.
//! 3. `decode` takes what touches a pod's life; `legacy` adds init containers from annotations.
//! 4. `gate` drops what the version does not have.
//! 5. `default` and `validate` do what the API server does, in its words (DEF-*, VAL-*).
//! 6. `build` makes the spec that the machines read.
//!
//! ```
//! use podclock::{manifest, Profile};
//!
//! let text = "
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers:
//!   - name: app
//!     image: example.com/app:1
//!     lifecycle:
//!       prestop: {sleep: {seconds: 5}}
//! ";
//! let error = manifest::parse(text, &Profile::default()).into_result().unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "10:7: error: spec.containers[0].lifecycle.prestop: unknown field (did you mean `preStop`?)"
//! );
//! ```

mod build;
mod check;
mod controller;
mod decode;
mod default;
mod diagnostic;
mod document;
mod gate;
mod legacy;
mod locate;
mod merge;
mod path;
mod pod;
mod raw;
mod reader;
mod report;
mod scalar;
mod schema;
mod snippet;
mod spots;
mod suggest;
mod text;
mod validate;
mod write;

pub(crate) use {
    locate::{Problem, documents},
    merge::strategic_merge,
    path::Path,
    pod::pod,
    spots::Spots,
    suggest::{did_you_mean, nearest},
    write::write,
};

pub use diagnostic::{Diagnostic, Line, ManifestError, Position, Severity};
pub use snippet::Snippet;
pub use text::Checked;

use crate::profile::Profile;
#[cfg(doc)]
use crate::spec::Workload;

/// Reads a manifest: one or more documents in YAML or JSON.
///
/// Pods and templates of controllers make up the workload; objects of other kinds are noted and
/// left out, empty documents are skipped. There is a workload only if no diagnostic is an error.
/// Diagnostics come in the order of the text.
///
/// The text may be anything at all: budgets on its size, depth and aliases hold before anything is
/// built from it.
///
/// ```
/// use podclock::{manifest, Profile};
///
/// let text = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
///     "spec": {"containers": [{"name": "app", "image": "example.com/app:1"}]}}"#;
/// let workload = manifest::parse(text, &Profile::default()).into_result()?;
/// assert_eq!(workload.pods[0].spec.termination_grace, 30);
/// # Ok::<(), manifest::ManifestError>(())
/// ```
#[must_use]
pub fn parse(text: &str, profile: &Profile) -> Checked {
    text::parse(text, profile)
}
