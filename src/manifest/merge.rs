//! Strategic merge, as `kubectl patch` does it on pods.

use serde_yaml::{Mapping, Value};

/// Merges a patch into a pod and gives the result.
///
/// Maps merge and a null deletes. Lists of containers merge by `name`, conditions by `type`, other
/// lists are replaced. `$patch: delete` removes the list element or map that it stands in,
/// `$patch: replace` takes the patch instead of merging.
pub(crate) fn strategic_merge(base: &Value, patch: &Value) -> Value {
    match (base, patch) {
        (Value::Mapping(base), Value::Mapping(patch)) => Value::Mapping(maps(base, patch)),
        (_, Value::Mapping(patch)) => Value::Mapping(maps(&Mapping::new(), patch)),
        _ => patch.clone(),
    }
}

const DIRECTIVE: &str = "$patch";

fn directive(map: &Mapping) -> Option<&str> {
    map.get(DIRECTIVE).and_then(Value::as_str)
}

fn maps(base: &Mapping, patch: &Mapping) -> Mapping {
    let mut merged = match directive(patch) {
        Some("delete") => return Mapping::new(),
        Some("replace") => Mapping::new(),
        _ => base.clone(),
    };
    for (key, value) in patch {
        let name = key.as_str().unwrap_or_default();
        if name == DIRECTIVE {
            continue;
        }
        if value.is_null() {
            merged.shift_remove(key);
            continue;
        }
        let old = merged.get(key).cloned().unwrap_or(Value::Null);
        let new = match (merge_key(name), &old, value) {
            (Some(by), Value::Sequence(old), Value::Sequence(new)) => {
                Value::Sequence(lists(old, new, by))
            }
            (Some(by), _, Value::Sequence(new)) => Value::Sequence(lists(&[], new, by)),
            _ => strategic_merge(&old, value),
        };
        merged.insert(key.clone(), new);
    }
    merged
}

/// The field by which elements of a list are told apart.
fn merge_key(list: &str) -> Option<&'static str> {
    match list {
        "containers" | "initContainers" | "ephemeralContainers" => Some("name"),
        "conditions" => Some("type"),
        _ => None,
    }
}

fn lists(base: &[Value], patch: &[Value], by: &str) -> Vec<Value> {
    let directive_of = |value: &Value| value.as_mapping().and_then(directive).map(str::to_owned);
    // An element that is nothing but `$patch: replace` speaks for the whole list.
    let whole = |value: &Value| {
        directive_of(value).as_deref() == Some("replace") && value.get(by).is_none()
    };
    let mut merged: Vec<Value> = if patch.iter().any(whole) {
        Vec::new()
    } else {
        base.to_vec()
    };
    for element in patch.iter().filter(|element| !whole(element)) {
        let same = |other: &Value| element.get(by).is_some() && other.get(by) == element.get(by);
        let at = merged.iter().position(same);
        match (at, directive_of(element).as_deref()) {
            (Some(at), Some("delete")) => {
                merged.remove(at);
            }
            (None, Some("delete")) => {}
            (Some(at), _) => merged[at] = strategic_merge(&merged[at], element),
            (None, _) => merged.push(strategic_merge(&Value::Null, element)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::strategic_merge;
    use crate::manifest::path::Path;
    use crate::manifest::pod::pod;
    use crate::profile::Profile;
    use serde_yaml::Value;

    #[test]
    fn cases_come_out_as_written() {
        let cases = include_str!("../../fixtures/merge/cases.yaml");
        let cases: Vec<Value> = serde_yaml::from_str(cases).expect("YAML");
        for case in cases {
            let merged = strategic_merge(&case["base"], &case["patch"]);
            assert_eq!(merged, case["result"], "{:?}", case["case"]);
        }
    }

    #[test]
    fn images_keep_their_indices_over_revisions() {
        let base = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [\
            {name: a, image: 'a:1'}, {name: b, image: 'b:1'}]}}";
        let base: Value = serde_yaml::from_str(base).expect("YAML");
        let patch = "{spec: {containers: [{name: a, image: 'a:2'}, {name: b, image: 'a:1'}]}}";
        let patch: Value = serde_yaml::from_str(patch).expect("YAML");
        let profile = Profile::default();
        let place = Path::ROOT;
        let place = place.field("revisions");
        let (first, _) = pod(&base, &profile, None, &place, None);
        let first = first.expect("a spec");
        let changed = strategic_merge(&base, &patch);
        let (second, found) = pod(&changed, &profile, Some(&first), &place, None);
        let second = second.expect("a spec");
        assert_eq!(found, []);
        let images: Vec<&str> = second.images.iter().map(|image| &**image).collect();
        assert_eq!(images, ["a:1", "b:1", "a:2"]);
        let used: Vec<u8> = second
            .containers
            .iter()
            .map(|container| container.image.0)
            .collect();
        assert_eq!(used, [2, 0]);

        let patch: Value = serde_yaml::from_str("{spec: {containers: 1}}").expect("YAML");
        let broken = strategic_merge(&base, &patch);
        let (none, found) = pod(&broken, &profile, Some(&first), &place, None);
        assert_eq!(none, None);
        assert_eq!(found[0].path, "revisions.spec.containers");
    }
}
