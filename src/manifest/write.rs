//! Values as YAML.

use serde_yaml::Value;

/// A value as a text that [`documents`](super::documents) reads as the same value.
pub(crate) fn write(value: &Value) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_again() {
        let words = [
            "yes", "on", "1.5", "1.5s", "a b", "a: b", "ü\n\"\\", "", "- x", "img-a:1",
        ];
        let map = |fields: Vec<(&str, Value)>| {
            let fields = fields.into_iter();
            let fields = fields.map(|(name, value)| (Value::from(name), value));
            Value::Mapping(fields.collect())
        };
        let list = |values: Vec<Value>| Value::Sequence(values);
        let value = map(vec![
            ("words", list(words.into_iter().map(Value::from).collect())),
            (
                "nested",
                map(vec![("x", list(vec![map(vec![("y", 1.into())])]))]),
            ),
            ("none", map(Vec::new())),
            ("truth", true.into()),
        ]);
        let (documents, problem) = crate::manifest::documents(&write(&value));
        assert!(problem.is_none());
        assert_eq!(documents[0].value, value);
    }
}
