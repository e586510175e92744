//! The JSON Schema of scenario files.

use super::Scenario;
use super::file::File;
use schemars::Schema;
use serde_json::{Value, json};

impl Scenario {
    /// The JSON Schema of scenario files, for editors that complete and check them.
    ///
    /// ```
    /// let schema = podclock::sim::Scenario::json_schema();
    /// assert_eq!(schema["title"], "podclock scenario");
    /// ```
    #[must_use]
    pub fn json_schema() -> Value {
        let mut schema = schemars::schema_for!(File).to_value();
        schema["required"] = json!(["until"]);
        schema["anyOf"] = json!([{"required": ["pod"]}, {"required": ["manifest"]}]);
        schema
    }
}

/// A fault may be a bare word.
pub(super) fn allow_bare(schema: &mut Schema) {
    let Some(Value::Array(forms)) = schema.get_mut("oneOf") else {
        return;
    };
    let mut words = Vec::new();
    for form in forms.iter_mut() {
        let Some(Value::Object(fields)) = form.get_mut("properties") else {
            continue;
        };
        for (word, inner) in fields {
            words.push(word.clone());
            *inner = json!({"anyOf": [inner.take(), {"type": "null"}]});
        }
    }
    forms.push(json!({"enum": words}));
}

/// A statement may be a bare word, and so may what stands behind its name.
pub(super) fn allow_words(schema: &mut Schema) {
    let Some(Value::Array(forms)) = schema.get_mut("oneOf") else {
        return;
    };
    let mut words = Vec::new();
    for form in forms.iter_mut() {
        let Some(Value::Object(fields)) = form.get_mut("properties") else {
            continue;
        };
        for (word, inner) in fields {
            if word != "between" {
                words.push(word.clone());
                *inner = json!({"anyOf": [inner.take(), {"type": ["string", "null"]}]});
            }
        }
    }
    forms.push(json!({"enum": words}));
}
