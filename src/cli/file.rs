//! Reading files, and what to do when that fails.

use super::input::failure;
use crate::sim::ScenarioError;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// A file that was read, or the standard input.
#[derive(Debug)]
pub(super) struct Text {
    /// As it is shown.
    pub(super) name: String,
    pub(super) text: Arc<str>,
}

/// Reads a file; `-` is the standard input.
pub(super) fn read(file: &str, stdin: &mut dyn Read) -> Result<Text, ScenarioError> {
    let name = if file == "-" { "<stdin>" } else { file };
    let mut bytes = Vec::new();
    let read = match file {
        "-" => stdin.read_to_end(&mut bytes).map(|_| bytes),
        // Some systems open a folder and fail only afterwards, in words of their own.
        _ if Path::new(file).is_dir() => Err(ErrorKind::IsADirectory.into()),
        _ => std::fs::read(file),
    };
    let bytes = read.map_err(|problem| {
        let (message, help) = told(file, &problem);
        failure(name, "", message, Some(help))
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Text {
            name: name.to_owned(),
            text: text.into(),
        }),
        Err(problem) => {
            let (message, help) = not_utf8(&problem);
            Err(failure(name, "", message, Some(help)))
        }
    }
}

/// A problem with a file, and what to do next.
fn told(file: &str, problem: &std::io::Error) -> (String, String) {
    match problem.kind() {
        ErrorKind::NotFound => ("there is no such file".to_owned(), missing(file)),
        ErrorKind::IsADirectory => {
            let message = "this is a folder, not a file".to_owned();
            (message, folder(Path::new(file)))
        }
        ErrorKind::PermissionDenied => (
            "this file may not be read".to_owned(),
            "ask for the permission to read it, or pipe it in and give `-`".to_owned(),
        ),
        _ => (
            format!("cannot be read: {problem}"),
            "give the path of a manifest or a scenario, or `-` for the standard input".to_owned(),
        ),
    }
}

/// How a missing file may have been meant.
fn missing(file: &str) -> String {
    let path = Path::new(file);
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let folder = parent.unwrap_or_else(|| Path::new("."));
    if !folder.is_dir() {
        return format!("there is no folder {} either", folder.display());
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let names = manifests(folder);
    let near = crate::manifest::nearest(
        name.as_deref().unwrap_or_default(),
        names.iter().map(String::as_str),
    );
    match near {
        Some(near) => {
            let meant = parent.map_or_else(|| near.into(), |parent| parent.join(near));
            format!("did you mean `{}`?", meant.display())
        }
        None => "paths count from the folder that podclock is run in; `-` is the standard input"
            .to_owned(),
    }
}

/// What to give instead of a folder.
fn folder(folder: &Path) -> String {
    match manifests(folder).as_slice() {
        [] => "there is no .yaml, .yml or .json file in it".to_owned(),
        [only] => format!("give `{}`", folder.join(only).display()),
        [first, ..] => format!(
            "give its files: `{}` and so on",
            folder.join(first).display()
        ),
    }
}

/// Names of a folder's files that look like manifests, sorted.
fn manifests(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            [".yaml", ".yml", ".json"]
                .iter()
                .any(|end| name.ends_with(end))
        })
        .collect();
    names.sort();
    names
}

/// Bytes that are no text.
fn not_utf8(problem: &std::string::FromUtf8Error) -> (String, String) {
    let bytes = problem.as_bytes();
    let valid = problem.utf8_error().valid_up_to();
    let line = bytes[..valid].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let message = format!("not UTF-8 text (line {line}, byte {valid} of the file)");
    let help = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16: save it as UTF-8",
        [0x1f, 0x8b, ..] => "it is compressed: unpack it first",
        _ => "save it as UTF-8",
    };
    (message, help.to_owned())
}

#[cfg(test)]
mod tests {
    use super::told;
    use std::io::{Error, ErrorKind};

    /// As root no file is unreadable, so there is none to try.
    #[test]
    fn what_may_not_be_read_and_what_is_broken() {
        let say = |kind| told("web.yaml", &Error::from(kind));
        let (message, help) = say(ErrorKind::PermissionDenied);
        assert_eq!(message, "this file may not be read");
        assert!(help.contains("permission"), "{help}");
        let (message, help) = say(ErrorKind::TimedOut);
        assert!(message.starts_with("cannot be read: "), "{message}");
        assert!(help.contains("`-`"), "{help}");
    }
}
