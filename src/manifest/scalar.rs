//! What a plain YAML scalar means.
//!
//! The API server reads YAML 1.1: a bare `yes` is a boolean and `0644` is octal. podclock does the
//! same, so that its type errors are the API server's.

use serde_yaml::{Number, Value};

/// The value of a scalar without quotes and without tag.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// The value of a scalar with one of YAML's own tags, such as `!!str`; `None` if it does not fit.
pub(super) fn tagged(tag: &str, text: &str) -> Option<Value> {
    let value = plain(text);
    match tag {
        "str" | "binary" | "timestamp" => Some(Value::String(text.to_owned())),
        "null" => value.is_null().then_some(value),
        "bool" => value.is_bool().then_some(value),
        "int" => (value.is_i64() || value.is_u64()).then_some(value),
        "float" => value.is_number().then_some(value),
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| float(&plain))
}

fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust would take one more sign here, YAML does not.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        let value = i64::try_from(-i128::from(size)).ok()?;
        return Some(Number::from(value));
    }
    Some(Number::from(size))
}

fn float(text: &str) -> Option<Number> {
    let unsigned = text.trim_start_matches(['+', '-']);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            let infinite = if text.starts_with('-') {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            };
            return Some(Number::from(infinite));
        }
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(Number::from(f64::NAN)),
        _ => {}
    }
    let floaty =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    let has_digit = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit || !unsigned.bytes().all(floaty) {
        return None;
    }
    text.parse::<f64>().ok().map(Number::from)
}
