//! Each entry of `docs/upstream-oddities.md` is recorded, met by podclock, and shown by the command
//! beside it.
#![cfg(feature = "cli")]

use podclock::cli;
use podclock::replay::{Verdict, replay_all};
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One entry: its title, its recording, its command, and the beginnings of lines that the command
/// prints, in order.
struct Oddity {
    title: String,
    recorded: String,
    command: String,
    lines: Vec<String>,
}

fn oddities() -> Vec<Oddity> {
    let text = fs::read_to_string(root().join("docs/upstream-oddities.md")).expect("the page");
    let sections = text.split("\n## ").skip(1);
    let oddity = |section: &str| {
        let title = section.lines().next().unwrap_or_default().to_owned();
        assert!(section.contains("\n*Why:* "), "{title}: no reason");
        assert!(section.contains(".go"), "{title}: no file of upstream");
        assert!(section.contains("\n*Versions:* 1."), "{title}: no versions");
        let recorded = section
            .lines()
            .find_map(|line| line.strip_prefix("*Recorded:* `")?.strip_suffix('`'))
            .unwrap_or_else(|| panic!("{title}: no recording"))
            .to_owned();
        let block = section.split("```text\n$ ").nth(1);
        let block = block.and_then(|block| block.split("\n```").next());
        let mut lines = block.expect("a command and lines").lines();
        let command = lines.next().unwrap_or_default().to_owned();
        let lines = lines.map(str::to_owned).collect();
        Oddity {
            title,
            recorded,
            command,
            lines,
        }
    };
    sections.map(oddity).collect()
}

#[test]
fn podclock_does_what_was_recorded() {
    let oddities = oddities();
    assert!(oddities.len() > 10, "the page is read");
    let folders: Vec<_> = oddities
        .iter()
        .map(|oddity| root().join(&oddity.recorded))
        .collect();
    for replayed in replay_all(&folders) {
        let same = matches!(replayed.verdict, Ok(Verdict::Same { .. }));
        assert!(same, "{}: not the same", replayed.folder.display());
    }
}

#[test]
fn the_commands_show_them() {
    std::env::set_current_dir(root()).expect("the crate's folder");
    for oddity in oddities() {
        let Oddity { title, command, .. } = &oddity;
        let scenario = format!("{}/scenario.yaml", oddity.recorded);
        assert!(command.contains(&scenario), "{title}: another scenario");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let _ = cli::run(
            command.split(' '),
            &mut std::io::empty(),
            &mut out,
            &mut err,
        );
        let text = String::from_utf8(out).expect("UTF-8");
        let text = anstream::adapter::strip_str(&text).to_string();
        let mut shown = text.lines();
        assert!(!oddity.lines.is_empty(), "{title}: no lines");
        for line in &oddity.lines {
            let found = shown.any(|shown| shown.starts_with(line.as_str()));
            assert!(found, "{title}: not shown, or not here:\n{line}\n\n{text}");
        }
    }
}

#[test]
fn the_explorer_finds_them_by_itself() {
    std::env::set_current_dir(root()).expect("the crate's folder");
    let text = fs::read_to_string("docs/upstream-oddities.md").expect("the page");
    let found = text
        .lines()
        .filter_map(|line| line.strip_prefix("*Found by:* "));
    let mut count = 0;
    for line in found {
        let parts: Vec<&str> = line.split('`').collect();
        let ["", command, ", as ", property, ""] = parts[..] else {
            panic!("not a command and a property: {line}");
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = cli::run(
            command.split(' '),
            &mut std::io::empty(),
            &mut out,
            &mut err,
        );
        assert_eq!(exit, cli::Exit::Failed, "{command}");
        let text = String::from_utf8(out).expect("UTF-8");
        let broken = format!("BROKEN    {property} ");
        assert!(text.contains(&broken), "{command}:\n{text}");
        count += 1;
    }
    assert_eq!(count, 4);
}
