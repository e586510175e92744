//! Names: labels, subdomains, ports, condition types.

use crate::manifest::path::Path;
use crate::manifest::report::Report;

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const QUALIFIED_FORM: &str = "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

const HEADER: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

/// A DNS label, such as a container's name.
pub(in crate::manifest) fn label(text: &str, path: &Path<'_>, report: &mut Report<'_>) {
    if text.len() > 63 {
        report.invalid(path, text, "must be no more than 63 characters");
    }
    if !is_label(text) {
        report.invalid(path, text, LABEL).help_if(mend(text));
    }
}

/// A DNS subdomain, such as a pod's name; `limit` is 253 but for kinds that append to it.
pub(in crate::manifest) fn subdomain(
    text: &str,
    limit: usize,
    path: &Path<'_>,
    report: &mut Report<'_>,
) {
    if text.len() > limit {
        let detail = format!("must be no more than {limit} characters");
        report.invalid(path, text, &detail);
    }
    if !is_subdomain(text) {
        report.invalid(path, text, SUBDOMAIN).help_if(mend(text));
    }
}

/// What usually is behind a name with a wrong character.
fn mend(text: &str) -> Option<String> {
    if let Some(bare) = text.strip_suffix(',') {
        return Some(format!(
            "the comma is part of the name, YAML has none at the end of a line: write {}",
            bare.to_lowercase()
        ));
    }
    let mended = text.to_lowercase().replace(['_', ' '], "-");
    (mended != text && is_subdomain(&mended)).then(|| format!("write {mended}"))
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// A port's name: one message for each rule that it breaks (VAL-10).
pub(super) fn port(
    text: &str,
    path: &Path<'_>,
    report: &mut Report<'_>,
    help: Option<&str>,
) -> bool {
    let mut details = Vec::new();
    if text.len() > 15 {
        details.push("must be no more than 15 characters");
    }
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || !text.bytes().all(known) {
        details.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        details.push("must contain at least one letter (a-z)");
    }
    if text.contains("--") {
        details.push("must not contain consecutive hyphens");
    }
    if text.starts_with('-') || text.ends_with('-') {
        details.push("must not begin or end with a hyphen");
    }
    for detail in &details {
        report
            .invalid(path, text, detail)
            .help_if(help.map(str::to_owned));
    }
    details.is_empty()
}

/// A port's number (VAL-9).
pub(super) fn port_number(number: i64, path: &Path<'_>, report: &mut Report<'_>) {
    if !(1..=65535).contains(&number) {
        report.invalid(path, number, "must be between 1 and 65535, inclusive");
    }
}

/// An HTTP header's name (VAL-12).
pub(super) fn header(text: &str, path: &Path<'_>, report: &mut Report<'_>) {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.is_empty() || !text.bytes().all(known) {
        report.invalid(path, text, HEADER);
    }
}

/// A name with an optional prefix, such as a condition's type (VAL-54).
pub(super) fn qualified(text: &str, path: &Path<'_>, report: &mut Report<'_>) {
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                report.invalid(path, text, "prefix part must be non-empty");
            } else if !is_subdomain(prefix) {
                report.invalid(path, text, &format!("prefix part {SUBDOMAIN}"));
            }
            name
        }
        _ => {
            report.invalid(path, text, QUALIFIED_FORM);
            return;
        }
    };
    if name.is_empty() {
        report.invalid(path, text, "name part must be non-empty");
    } else if name.len() > 63 {
        report.invalid(path, text, "name part must be no more than 63 characters");
    }
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let outer = |text: &str| {
        let ends = [text.as_bytes().first(), text.as_bytes().last()];
        ends.into_iter()
            .all(|byte| byte.is_some_and(u8::is_ascii_alphanumeric))
    };
    if !name.bytes().all(inner) || !outer(name) {
        report.invalid(path, text, &format!("name part {QUALIFIED}"));
    }
}
