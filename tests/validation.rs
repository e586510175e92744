//! Upstream's own validation tables, case by case (`fixtures/upstream/validation.yaml`).

use podclock::manifest::Diagnostic;
use podclock::{Profile, manifest};
use serde_yaml::{Mapping, Value};

const FIXTURE: &str = include_str!("../fixtures/upstream/validation.yaml");

/// How many cases upstream's tables have, as far as they were read.
const UPSTREAM: usize = 167;

/// Type and field of an error, as upstream's tables name them.
fn named(diagnostic: &Diagnostic) -> (String, String) {
    let kinds = [
        ("Required value", "Required"),
        ("Invalid value", "Invalid"),
        ("Unsupported value", "NotSupported"),
        ("Forbidden", "Forbidden"),
        ("Duplicate value", "Duplicate"),
        ("Not found", "NotFound"),
        ("Too many", "TooMany"),
    ];
    let mut kinds = kinds.into_iter();
    let kind = kinds.find(|(text, _)| diagnostic.message.starts_with(text));
    let kind = kind.map_or("?", |(_, kind)| kind);
    (kind.to_owned(), diagnostic.path.clone())
}

fn check(case: &Value) -> Result<(), String> {
    let text = |field: &str| case[field].as_str().unwrap_or_default();
    let version = text("kubernetes").parse().map_err(|_| "no version")?;
    let mut pod = Mapping::new();
    pod.insert("apiVersion".into(), "v1".into());
    pod.insert("kind".into(), "Pod".into());
    pod.insert(
        "metadata".into(),
        serde_yaml::from_str("{name: case}").map_err(|_| "yaml")?,
    );
    pod.insert("spec".into(), case["spec"].clone());
    let yaml = serde_yaml::to_string(&pod).map_err(|error| error.to_string())?;
    let checked = manifest::parse(&yaml, &Profile::of(version));
    let errors = checked.diagnostics.iter().filter(|found| found.is_error());
    let mut found: Vec<(String, String)> = errors.map(named).collect();
    if case["refused"].as_bool() == Some(true) {
        return if found.is_empty() {
            Err("accepted".to_owned())
        } else {
            Ok(())
        };
    }
    let entry = |error: &Value| {
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        (text("type"), text("field"))
    };
    let list = case["errors"].as_sequence().ok_or("no errors")?;
    let mut wanted: Vec<(String, String)> = list.iter().map(entry).collect();
    found.sort();
    wanted.sort();
    if found == wanted {
        Ok(())
    } else {
        Err(format!("wanted {wanted:?}, found {found:?}"))
    }
}

#[test]
fn upstream_cases_come_out_alike() {
    let fixture: Value = serde_yaml::from_str(FIXTURE).expect("YAML");
    let cases = fixture["cases"].as_sequence().expect("cases");
    let left_out = fixture["left_out"].as_sequence().expect("cases left out");
    assert!(left_out.iter().all(|case| case["reason"].is_string()));
    assert_eq!(
        cases.len() + left_out.len(),
        UPSTREAM,
        "no case is dropped silently"
    );
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let error = check(case).err()?;
            Some(format!(
                "{}: {error}",
                case["id"].as_str().unwrap_or_default()
            ))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
