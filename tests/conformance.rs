//! The recordings under `fixtures/recorded/`: podclock does what the real kubelet did, but for the
//! scenarios that `expected.txt` names.
//!
//! `PODCLOCK_UPDATE=1 cargo test --test conformance` writes that list anew; a new line there wants
//! a reason.

use podclock::replay::{Verdict, find, replay_all};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = "fixtures/recorded/expected.txt";

/// The reason of a line that nobody has looked into.
const UNEXPLAINED: &str = "not looked into";

/// How many differences are shown in full.
const SHOWN: usize = 5;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a list says: scenarios that are known to differ, with the reason, and the comment on top.
struct Expected {
    head: String,
    reasons: BTreeMap<String, String>,
}

impl Expected {
    fn parse(list: &str) -> Self {
        let mut expected = Self {
            head: String::new(),
            reasons: BTreeMap::new(),
        };
        for line in list.lines() {
            if line.starts_with('#') || line.is_empty() {
                expected.head.push_str(line);
                expected.head.push('\n');
                continue;
            }
            let (name, reason) = line.split_once(": ").expect("`scenario: reason`");
            let before = expected.reasons.insert(name.to_owned(), reason.to_owned());
            assert_eq!(before, None, "{name} is listed twice");
        }
        expected
    }

    fn write(&self, differing: &BTreeMap<String, String>) -> String {
        let mut list = self.head.clone();
        for name in differing.keys() {
            let reason = self.reasons.get(name).map_or(UNEXPLAINED, String::as_str);
            writeln!(list, "{name}: {reason}").expect("a string");
        }
        list
    }
}

/// Every scenario that differs, by its path under `fixtures/recorded`, with the difference.
fn differing(recorded: &Path) -> BTreeMap<String, String> {
    let folders = find(recorded).expect("recordings");
    assert!(folders.len() > 900, "all recordings are there");
    let mut differing = BTreeMap::new();
    for replayed in replay_all(&folders) {
        let name = replayed.folder.strip_prefix(recorded).expect("a folder in");
        let name = name.to_str().expect("a name").replace('\\', "/");
        match replayed.verdict {
            Ok(Verdict::Same { .. } | Verdict::Reordered { .. }) => {}
            Ok(Verdict::Differs(difference)) => {
                differing.insert(name, difference.to_string());
            }
            Err(error) => panic!("{error}"),
        }
    }
    differing
}

#[test]
fn recordings_are_met_exactly() {
    let differing = differing(&root().join("fixtures/recorded"));
    let list = fs::read_to_string(root().join(LIST)).expect("the list");
    let expected = Expected::parse(&list);
    if std::env::var_os("PODCLOCK_UPDATE").is_some() {
        fs::write(root().join(LIST), expected.write(&differing)).expect("the list is written");
        return;
    }
    let mut told = String::new();
    let new = differing
        .iter()
        .filter(|(name, _)| !expected.reasons.contains_key(*name));
    for (index, (name, difference)) in new.enumerate() {
        writeln!(told, "{name} differs, and is not in {LIST}").expect("a string");
        if index < SHOWN {
            writeln!(told, "{difference}").expect("a string");
        }
    }
    for name in expected.reasons.keys() {
        if !differing.contains_key(name) {
            writeln!(told, "{name} is in {LIST}, but is met or gone: take it out")
                .expect("a string");
        }
    }
    assert!(told.is_empty(), "\n{told}");
}

#[test]
fn the_list_is_in_order() {
    let list = fs::read_to_string(root().join(LIST)).expect("the list");
    let names: Vec<&str> = list
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    assert!(names.is_sorted());
}
