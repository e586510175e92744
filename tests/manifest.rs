//! Every manifest under `fixtures/`: what is said about it, and what becomes of it.

use podclock::spec::Workload;
use podclock::{Profile, Version, manifest};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The YAML and JSON files of a folder, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(folder);
    let entries = fs::read_dir(&folder).expect("a folder of fixtures");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{folder:?} holds fixtures");
    files
}

/// Profiles that a fixture is read under: those that its first line names, else the newest version.
/// `1.36+Gate` is a version with a gate switched on.
fn profiles(text: &str) -> Vec<(String, Profile)> {
    let first = text.lines().next().unwrap_or_default();
    let list = first.strip_prefix("# kubernetes: ").unwrap_or("1.36");
    let profile = |name: &str| {
        let mut parts = name.split('+');
        let version = parts.next().and_then(|version| version.parse().ok());
        let mut profile = Profile::of(version.expect("a version"));
        for gate in parts {
            let feature = gate.parse().expect("a gate");
            profile = profile.with(feature, true).expect("a gate of the version");
        }
        (name.to_owned(), profile)
    };
    list.split_whitespace().map(profile).collect()
}

/// Everything that reading a text comes to, for a snapshot.
fn reading(file: &Path, text: &str, profiles: &[(String, Profile)]) -> String {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    let mut shown = String::new();
    for (version, profile) in profiles {
        let checked = manifest::parse(text, profile);
        writeln!(shown, "=== Kubernetes {version}").expect("a string");
        for diagnostic in &checked.diagnostics {
            write!(shown, "{}", diagnostic.snippet(name, text)).expect("a string");
        }
        if let Some(workload) = &checked.workload {
            describe(workload, &mut shown);
        }
    }
    shown
}

fn describe(workload: &Workload, shown: &mut String) {
    for template in &workload.pods {
        let (kind, name) = (template.kind.name(), &template.name);
        let spec = &template.spec;
        let mut line = |text: String| writeln!(shown, "{text}").expect("a string");
        line(format!("{kind} {name} x{}", template.replicas));
        line(format!(
            "  pod {}/{} {}: {:?}, grace {}, deadline {:?}, gates {:?}",
            spec.namespace,
            spec.name,
            spec.uid,
            spec.restart_policy,
            spec.termination_grace,
            spec.active_deadline,
            spec.readiness_gates
        ));
        for id in spec.ids() {
            let container = spec.container(id);
            let role = match (spec.is_init(id), spec.is_sidecar(id)) {
                (_, true) => "sidecar",
                (true, false) => "init",
                (false, _) => "container",
            };
            let (name, image) = (&container.name, spec.image(container.image));
            let pull = container.pull_policy;
            line(format!("  {role} {name}: {image} {pull:?}"));
            if let Some(policy) = container.restart_policy {
                line(format!("    restart {policy:?}"));
            }
            for rule in &container.restart_rules {
                line(format!("    {rule:?}"));
            }
            for (what, probe) in [
                ("startup", &container.startup),
                ("readiness", &container.readiness),
                ("liveness", &container.liveness),
            ] {
                if let Some(probe) = probe {
                    line(format!("    {what} {probe:?}"));
                }
            }
            if let Some(hook) = &container.post_start {
                line(format!("    postStart {hook:?}"));
            }
            if let Some(hook) = &container.pre_stop {
                line(format!("    preStop {hook:?}"));
            }
            if let Some(signal) = &container.stop_signal {
                line(format!("    stop signal {}", signal.0));
            }
        }
    }
}

fn snapshot(folder: &str, profiles: impl Fn(&str) -> Vec<(String, Profile)>) {
    for file in files(folder) {
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let name = format!("{}-{stem}", folder.replace('/', "-"));
        let text = fs::read_to_string(&file).expect("a fixture");
        let reading = reading(&file, &text, &profiles(&text));
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, reading);
        });
    }
}

/// Every profile of every file of a folder gives a workload.
fn all_good(folder: &str) {
    for file in files(folder) {
        let text = fs::read_to_string(&file).expect("a fixture");
        for (version, profile) in profiles(&text) {
            let checked = manifest::parse(&text, &profile);
            let found = &checked.diagnostics;
            assert!(
                checked.workload.is_some(),
                "{file:?} under {version}: {found:?}"
            );
        }
    }
}

#[test]
fn good_manifests_become_specs() {
    all_good("manifests");
    snapshot("manifests", profiles);
}

#[test]
fn broken_manifests_are_explained() {
    for file in files("broken") {
        let text = fs::read_to_string(&file).expect("a fixture");
        let found = |(_, profile): &(String, Profile)| {
            let checked = manifest::parse(&text, profile);
            !checked.diagnostics.is_empty()
        };
        assert!(profiles(&text).iter().any(found), "{file:?} is not broken");
    }
    snapshot("broken", profiles);
}

#[test]
fn the_articles_manifests_as_printed() {
    // As printed they have no line that names versions.
    let both = |version: Version| (version.to_string(), Profile::of(version));
    snapshot("seed/printed", |_| {
        vec![both(Version::V1_5), both(Version::V1_36)]
    });
}

#[test]
fn the_articles_manifests_mended() {
    all_good("seed/mended");
    snapshot("seed/mended", profiles);
}
