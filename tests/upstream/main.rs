//! Upstream's own test tables, case by case, and the page that counts them.
//!
//! Each area is one file, `fixtures/upstream/<area>.yaml`, and one row of [`AREAS`]:
//!
//! ```yaml
//! upstream: pkg/kubelet/kubelet_pods_test.go   # where the cases come from
//! total: 94                                    # how many there are
//! kubernetes: '1.36'                           # whose rules hold, where a case does not say;
//!                                              # of several versions, a case must hold in each
//! cases: [{id: …, …}]                          # what is run
//! known: [{reason: …, cases: [id, …]}]         # of these, which podclock fails, and why
//! left_out: [{reason: …, cases: [id, …]}]      # what is not run, and why
//! ```
//!
//! Cases that are run and cases that are left out add up to `total`. With `PODCLOCK_BLESS=1`
//! `docs/conformance.md` is written anew.

mod actions;
mod area;
mod backoff;
mod conditions;
mod container;
mod deadline;
mod helpers;
mod invariant;
mod manager;
mod page;
mod phase;
mod recordings;
mod restart;
mod scenario;
mod state;
mod status;
mod sync;
mod termination;
mod validation;
mod words;

use area::{Area, Check};
use std::fs;
use std::path::Path;

/// Every area, with what runs one of its cases.
const AREAS: &[(&str, Check)] = &[
    ("active-deadline-and-defaults", deadline::check),
    ("api-status", status::check),
    ("backoff", backoff::check),
    ("compute-pod-actions", actions::check),
    ("crashloop-status", status::check),
    ("kuberuntime-container", container::check),
    ("kuberuntime-helpers", helpers::check),
    ("pod-phase", phase::check),
    ("restart-decision", restart::check),
    ("status-conditions", conditions::check),
    ("status-manager", manager::check),
    ("sync-pod", sync::check),
    ("termination-order", termination::check),
    ("e2e-container-probe", scenario::check),
    ("e2e-init-and-restart-policy", scenario::check),
    ("e2e-lifecycle-hook", scenario::check),
    ("e2e-mutable-probes", scenario::check),
    ("e2e-node-container-lifecycle", scenario::check),
    ("e2e-node-restart-backoff", scenario::check),
    ("e2e-pods", scenario::check),
    ("e2e-pods-extended", scenario::check),
    ("lifecycle-handlers", scenario::check),
    ("prober-results", scenario::check),
    ("prober-worker", scenario::check),
    ("registry-graceful-delete", scenario::check),
    ("validation", validation::check),
];

const PAGE: &str = "docs/conformance.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn upstream_cases_come_out_alike() {
    let areas: Vec<Area> = AREAS
        .iter()
        .map(|(name, check)| Area::run(name, *check))
        .collect();
    let faults: Vec<String> = areas.iter().flat_map(Area::faults).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));

    let wanted = page::write(&recordings::scores(), &areas);
    if std::env::var_os("PODCLOCK_BLESS").is_some() {
        fs::write(root().join(PAGE), &wanted).expect("to write the page");
    }
    let text = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
    assert_eq!(text, wanted, "bless {PAGE} with PODCLOCK_BLESS=1");
}

#[test]
fn every_file_of_cases_is_run() {
    let folder = root().join("fixtures/upstream");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    files.sort_unstable();
    let mut areas: Vec<&str> = AREAS.iter().map(|&(name, _)| name).collect();
    areas.sort_unstable();
    assert_eq!(areas, files);
}
