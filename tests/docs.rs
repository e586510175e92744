//! The README and the guide show what the program really does.
//!
//! A `console` block begins with `$ podclock …` or `$ cargo run --release -- …`; the rest of it is
//! what the program prints. A `yaml` block behind `<!-- file: … -->` is that file. With
//! `PODCLOCK_BLESS=1` both are rewritten instead.
#![cfg(feature = "cli")]

use podclock::cli;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let guide = fs::read_dir(root().join("docs/guide")).expect("the guide");
    let mut files: Vec<PathBuf> = guide.map(|entry| entry.expect("an entry").path()).collect();
    files.push(root().join("README.md"));
    files.sort();
    files
}

/// What the program prints, stderr first, without colours. Paths are those of the command.
fn output(command: &str) -> String {
    let words = command
        .strip_prefix("cargo run --release -- ")
        .or_else(|| command.strip_prefix("podclock "))
        .unwrap_or_else(|| panic!("not a command of podclock: {command}"));
    let args = std::iter::once("podclock").chain(words.split_whitespace());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    std::env::set_current_dir(root()).expect("the crate's folder");
    let _ = cli::run(args, &mut std::io::empty(), &mut out, &mut err);
    let text = String::from_utf8([err, out].concat()).expect("UTF-8");
    anstream::adapter::strip_str(&text).to_string()
}

/// The document with every checked block as it must be.
fn checked(text: &str) -> String {
    let mut written = String::new();
    let mut lines = text.lines();
    let mut file = None;
    while let Some(line) = lines.next() {
        written += line;
        written += "\n";
        let name = line
            .strip_prefix("<!-- file: ")
            .and_then(|rest| rest.strip_suffix(" -->"));
        if name.is_some() {
            file = name;
            continue;
        }
        let mut body = Vec::new();
        if line.starts_with("```") && line.len() > 3 {
            body.extend(lines.by_ref().take_while(|line| *line != "```"));
        } else {
            continue;
        }
        match (line, file.take()) {
            ("```yaml", Some(file)) => {
                written += &fs::read_to_string(root().join(file)).expect("the file shown");
            }
            ("```console", _) => {
                let command = body[0].strip_prefix("$ ").expect("a command");
                written += &format!("$ {command}\n{}", output(command));
            }
            _ => {
                for line in body {
                    written += line;
                    written += "\n";
                }
            }
        }
        written += "```\n";
    }
    written
}

#[test]
fn documents_show_what_happens() {
    for file in documents() {
        let text = fs::read_to_string(&file).expect("a document");
        let wanted = checked(&text);
        if std::env::var_os("PODCLOCK_BLESS").is_some() {
            fs::write(&file, &wanted).expect("to write the document");
        } else {
            assert_eq!(
                text,
                wanted,
                "{}: bless it with PODCLOCK_BLESS=1",
                file.display()
            );
        }
    }
}

#[test]
fn the_schema_is_current() {
    let file = root().join("docs/scenario.schema.json");
    let wanted = output("podclock schema");
    if std::env::var_os("PODCLOCK_BLESS").is_some() {
        fs::write(&file, &wanted).expect("to write the schema");
    }
    let text = fs::read_to_string(&file).expect("the schema");
    assert_eq!(text, wanted, "bless it with PODCLOCK_BLESS=1");
}
