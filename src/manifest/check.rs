//! Field names and types against the [`super::schema`]: what the API server's strict decoding does.

use super::path::{Path, Step};
use super::report::Report;
use super::schema::{Object, Type};
use super::suggest::{did_you_mean, nearest};
use serde_yaml::{Mapping, Value};

/// Reports every unknown field and every value of the wrong type.
pub(super) fn object(object: &Object, value: &Value, path: &Path<'_>, report: &mut Report<'_>) {
    match value {
        Value::Mapping(map) => fields(object, map, path, report),
        Value::Null => {}
        _ => {
            let outer = path.last().map_or("", step_name);
            wrong_type(
                "",
                outer,
                &format!("v1.{}", object.name),
                value,
                path,
                report,
            );
        }
    }
}

fn fields(object: &Object, map: &Mapping, path: &Path<'_>, report: &mut Report<'_>) {
    for (key, value) in map {
        if report.is_full() {
            return;
        }
        let Value::String(name) = key else {
            report.at_key(path, "a field name must be a text");
            continue;
        };
        let path = path.field(name);
        if let Some(r#type) = object.field(name) {
            value_of_type(r#type, value, object.name, &path, report);
            continue;
        }
        let names = object.fields.iter().map(|(field, _)| *field);
        let meant = nearest(name, names).filter(|meant| !map.contains_key(meant));
        let made = report.at_key(&path, "unknown field");
        made.help_if(meant.map(did_you_mean));
        // Look on as if the name had been right: the next mistake may be inside.
        if let Some(meant) = meant {
            if let Some(r#type) = object.field(meant) {
                value_of_type(r#type, value, object.name, &path, report);
            }
            if let Some((parent, _)) = path.parent() {
                report.unread(&parent.field(meant));
            }
        }
    }
}

/// `owner` is the Go type that the value is a field of.
pub(super) fn value_of_type(
    r#type: Type,
    value: &Value,
    owner: &str,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    let fits = match (r#type, value) {
        (Type::Any, _) | (_, Value::Null) => return,
        (Type::Object(inner), Value::Mapping(map)) => return fields(inner, map, path, report),
        (Type::List(inner), Value::Sequence(items)) => {
            for (index, item) in items.iter().enumerate() {
                value_of_type(*inner, item, owner, &path.index(index), report);
            }
            return;
        }
        (Type::Map(inner), Value::Mapping(map)) => {
            for (key, value) in map {
                if let Value::String(key) = key {
                    value_of_type(*inner, value, owner, &path.key(key), report);
                }
            }
            return;
        }
        (Type::Text, Value::String(text)) => return curly(text, path, report),
        (Type::IntOrText, Value::String(text)) => return curly(text, path, report),
        (Type::Bool, Value::Bool(_)) | (Type::Quantity, Value::Number(_) | Value::String(_)) => {
            true
        }
        (Type::Int32 | Type::IntOrText, Value::Number(_)) => {
            int(value).is_some_and(|number| i32::try_from(number).is_ok())
        }
        (Type::Int64, Value::Number(_)) => int(value).is_some(),
        _ => false,
    };
    if !fits {
        let name = field_name(path);
        wrong_type(owner, &name, &r#type.go_name(), value, path, report);
    }
}

/// A whole number of 64 bits; `10.0` is one, as it is in JSON once Go has written it.
pub(super) fn int(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let float = value.as_f64().filter(|_| value.is_f64())?;
    // Beyond this a float no longer names one whole number.
    let exact = float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0;
    exact.then_some(float as i64)
}

/// The nearest field name on the way down, which is what Go's errors name.
fn field_name(path: &Path<'_>) -> String {
    let steps = path.steps();
    let mut names = steps.iter().rev().filter_map(|step| match step {
        Step::Field(name) => Some((*name).to_owned()),
        Step::Key(_) | Step::Index(_) => None,
    });
    names.next().unwrap_or_default()
}

const fn step_name<'a>(step: Step<'a>) -> &'a str {
    match step {
        Step::Field(name) | Step::Key(name) => name,
        Step::Index(_) => "items",
    }
}

fn wrong_type(
    owner: &str,
    field: &str,
    wanted: &str,
    value: &Value,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        // Go names a number only where it is a number that does not fit.
        Value::Number(number) if wanted.starts_with("int") => format!("number {number}"),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Sequence(_) => "array".to_owned(),
        Value::Mapping(_) | Value::Tagged(_) => "object".to_owned(),
    };
    let place = match (owner, field) {
        ("", "") => "value".to_owned(),
        ("", field) => format!("Go struct field {field}"),
        (owner, field) => format!("Go struct field {owner}.{field}"),
    };
    report.unread(path);
    let help = type_help(wanted, value, path);
    let message = format!("cannot unmarshal {found} into {place} of type {wanted}");
    let made = report.add(super::Severity::Error, path, message);
    made.help_if(help);
}

fn type_help(wanted: &str, value: &Value, path: &Path<'_>) -> Option<String> {
    match value {
        Value::Bool(bool) if wanted == "string" => Some(format!(
            "YAML reads this as the boolean {bool}: put it in quotes to make it a text"
        )),
        Value::Number(_) if wanted == "string" => {
            Some("put it in quotes to make it a text".to_owned())
        }
        Value::String(text) if wanted.starts_with("int") && text.trim().parse::<i64>().is_ok() => {
            Some(format!("write the number without quotes: {}", text.trim()))
        }
        Value::String(text) if wanted.starts_with("int") => {
            let digits = text.trim_end_matches('s');
            let whole = digits.len() < text.len() && digits.parse::<i64>().is_ok();
            whole.then(|| format!("write whole seconds without a unit: {digits}"))
        }
        Value::String(text) if wanted.starts_with("[]") && !text.is_empty() => {
            Some("write a list, even for one element: [ … ]".to_owned())
        }
        Value::Sequence(_) | Value::Mapping(_) if matches!(path.last(), Some(Step::Key(_))) => {
            let annotation =
                path.steps().iter().rev().nth(1).is_some_and(
                    |step| matches!(step, Step::Field(name) if *name == "annotations"),
                );
            annotation.then(|| {
                "the value of an annotation is a text: write the list as JSON in single quotes"
                    .to_owned()
            })
        }
        Value::Mapping(_) if wanted.starts_with("[]") => {
            Some("this is a list: begin each element with `- `".to_owned())
        }
        Value::Sequence(items) if items.len() == 1 && !wanted.starts_with("map") => {
            Some("this is one value, not a list: leave out the `- ` or the brackets".to_owned())
        }
        _ => None,
    }
}

/// Word processors turn quotes into curly ones, which YAML takes for ordinary characters.
fn curly(text: &str, path: &Path<'_>, report: &mut Report<'_>) {
    const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '‚'];
    if !text.starts_with(CURLY) || !text.ends_with(CURLY) {
        return;
    }
    let bare = text.trim_matches(CURLY);
    let made = report.warning(path, format!("the value is {text}, with its curly quotes"));
    made.help(format!(
        "curly quotes are ordinary characters to YAML: write \"{bare}\" if they were to quote"
    ));
}
