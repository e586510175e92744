//! The parts in which two JSON values differ.

use serde_json::Value;

/// One part that differs.
pub(super) struct Part<'a> {
    /// Where: `status.containers[app].state.reason`.
    pub(super) path: String,
    /// What the recording has there.
    pub(super) recorded: Option<&'a Value>,
    /// What podclock has there.
    pub(super) own: Option<&'a Value>,
}

/// The smallest parts in which two values differ, in the order of the first.
pub(super) fn differing<'a>(recorded: &'a Value, own: &'a Value) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    walk(String::new(), Some(recorded), Some(own), &mut parts);
    parts
}

fn walk<'a>(
    path: String,
    recorded: Option<&'a Value>,
    own: Option<&'a Value>,
    parts: &mut Vec<Part<'a>>,
) {
    if recorded == own {
        return;
    }
    match (recorded, own) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let added = other.keys().filter(|key| !one.contains_key(*key));
            for key in one.keys().chain(added) {
                let dot = if path.is_empty() { "" } else { "." };
                let path = format!("{path}{dot}{key}");
                walk(path, one.get(key), other.get(key), parts);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                let (one, other) = (one.get(index), other.get(index));
                let name = one.or(other).and_then(|item| item.get("name"));
                let name = name.and_then(Value::as_str);
                let name = name.map_or_else(|| index.to_string(), str::to_owned);
                walk(format!("{path}[{name}]"), one, other, parts);
            }
        }
        _ => parts.push(Part {
            path,
            recorded,
            own,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_named() {
        let one = json!({"status": {"phase": "Running", "containers": [{"name": "a", "state": {"code": 1}}]}});
        let other = json!({"status": {"phase": "Running", "containers": [{"name": "a", "state": {"code": 2}}, {"name": "b"}]}});
        let parts = differing(&one, &other);
        let told: Vec<_> = parts
            .iter()
            .map(|part| {
                let text = |value: Option<&Value>| value.map(Value::to_string);
                (part.path.as_str(), text(part.recorded), text(part.own))
            })
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("status.containers[a].state.code", some("1"), some("2")),
                ("status.containers[b]", None, some(r#"{"name":"b"}"#)),
            ]
        );
    }
}
