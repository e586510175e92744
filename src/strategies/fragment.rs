//! What is drawn as text.

use crate::sim::{Scenario, ScenarioError};
use serde_yaml::{Mapping, Value};
use std::fmt;

/// A piece of a manifest: prints as YAML.
#[derive(Clone, PartialEq)]
pub struct Fragment(pub(super) Value);

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.0))
    }
}

impl fmt::Debug for Fragment {
    /// The same on lines of its own, for a failing test to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// A scenario as its file would have it.
#[derive(Clone, PartialEq, Eq)]
pub struct ScenarioFile(String);

impl ScenarioFile {
    pub(super) fn new(value: &Value) -> Self {
        Self(text(value))
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The scenario in it.
    ///
    /// # Errors
    ///
    /// None are known: what is drawn is valid. One would be a mistake of podclock's.
    pub fn read(&self) -> Result<Scenario, ScenarioError> {
        Scenario::parse(&self.0)
    }
}

impl fmt::Display for ScenarioFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ScenarioFile {
    /// The same on lines of its own, for a failing test to print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

fn text(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value in block style. Kubernetes reads YAML 1.1, where `yes` is no text: whatever might
/// be taken for something else is quoted.
fn block(value: &Value, indent: usize, text: &mut String) {
    let line = |text: &mut String| {
        if !text.is_empty() && !text.ends_with("- ") {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
        }
    };
    match value {
        Value::Mapping(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                line(text);
                scalar(name, text);
                text.push(':');
                match value {
                    Value::Mapping(inner) if !inner.is_empty() => block(value, indent + 2, text),
                    Value::Sequence(inner) if !inner.is_empty() => block(value, indent, text),
                    value => {
                        text.push(' ');
                        scalar(value, text);
                    }
                }
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for item in items {
                line(text);
                text.push_str("- ");
                block(item, indent + 2, text);
            }
        }
        value => scalar(value, text),
    }
}

fn scalar(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(word) if is_plain(word) => text.push_str(word),
        Value::String(word) => quoted(word, text),
        Value::Sequence(_) => text.push_str("[]"),
        Value::Mapping(_) => text.push_str("{}"),
        Value::Tagged(tagged) => scalar(&tagged.value, text),
    }
}

/// Whether a text can stand without quotes: names, images and lengths of time.
fn is_plain(word: &str) -> bool {
    const OTHERS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let letter = |byte: u8| byte.is_ascii_alphabetic();
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    let name = word.bytes().next().is_some_and(letter)
        && word.bytes().all(part)
        && !word.ends_with(':')
        && !OTHERS.contains(&word.to_ascii_lowercase().as_str());
    let length = word.ends_with(['h', 'm', 's'])
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".hms".contains(&byte));
    name || length
}

fn quoted(word: &str, text: &mut String) {
    text.push('"');
    for letter in word.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            other => text.push_str(&format!("\\U{:08x}", u32::from(other))),
        }
    }
    text.push('"');
}

/// A map of these fields; those without a value are left out.
pub(super) fn map<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields.into_iter();
    let given = given.filter_map(|(name, value)| Some((Value::from(name), value?)));
    Value::Mapping(given.collect::<Mapping>())
}

/// A list, unless it is empty.
pub(super) fn list(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Sequence(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        let words = [
            "yes", "on", "1.5", "1.5s", "a b", "a: b", "ü\n\"\\", "", "- x", "img-a:1",
        ];
        let words: Vec<Value> = words.into_iter().map(Value::from).collect();
        let value = map([
            ("words", list(words)),
            (
                "nested",
                Some(map([("x", list(vec![map([("y", Some(1.into()))])]))])),
            ),
            ("none", Some(map([]))),
            ("truth", Some(true.into())),
        ]);
        let (documents, problem) = crate::manifest::documents(&text(&value));
        assert!(problem.is_none());
        assert_eq!(documents[0].value, value);
    }
}
