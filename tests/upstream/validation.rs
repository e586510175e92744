//! The API server's validation.

use podclock::manifest::Diagnostic;
use podclock::{Profile, manifest};
use serde_yaml::{Mapping, Value};

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

/// All errors that a manifest has, by type and field.
pub(crate) fn check(case: &Value) -> Result<(), String> {
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
