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

/// How a scenario fails to be met at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Some other order of what happens at one instant leads to a recording.
    Reordered,
    /// Nothing that was tried leads to one.
    Differs,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Reordered => "reordered",
            Self::Differs => "differs",
        }
    }
}

/// What a list says: scenarios that are known not to be met at once, how, and why; and the comment
/// on top.
struct Expected {
    head: String,
    lines: BTreeMap<String, (Kind, String)>,
}

impl Expected {
    fn parse(list: &str) -> Self {
        let mut expected = Self {
            head: String::new(),
            lines: BTreeMap::new(),
        };
        for line in list.lines() {
            if line.starts_with('#') || line.is_empty() {
                expected.head.push_str(line);
                expected.head.push('\n');
                continue;
            }
            let mut parts = line.splitn(3, ": ");
            let mut next = || parts.next().expect("`scenario: kind: reason`");
            let (name, kind, reason) = (next(), next(), next());
            let kind = match kind {
                "reordered" => Kind::Reordered,
                "differs" => Kind::Differs,
                other => panic!("{name}: `{other}` is neither `reordered` nor `differs`"),
            };
            let line = (kind, reason.to_owned());
            let before = expected.lines.insert(name.to_owned(), line);
            assert_eq!(before, None, "{name} is listed twice");
        }
        expected
    }

    fn write(&self, found: &BTreeMap<String, (Kind, String)>) -> String {
        let mut list = self.head.clone();
        for (name, (kind, _)) in found {
            let known = self.lines.get(name).filter(|(known, _)| known == kind);
            let reason = known.map_or(UNEXPLAINED, |(_, reason)| reason.as_str());
            writeln!(list, "{name}: {}: {reason}", kind.name()).expect("a string");
        }
        list
    }
}

/// Every scenario that is not met at once, by its path under `fixtures/recorded`, with the
/// difference if there is one.
fn unmet(recorded: &Path) -> BTreeMap<String, (Kind, String)> {
    let folders = find(recorded).expect("recordings");
    assert!(folders.len() > 900, "all recordings are there");
    let mut unmet = BTreeMap::new();
    for replayed in replay_all(&folders) {
        let name = replayed.folder.strip_prefix(recorded).expect("a folder in");
        let name = name.to_str().expect("a name").replace('\\', "/");
        let found = match replayed.verdict {
            Ok(Verdict::Same { .. }) => continue,
            Ok(Verdict::Reordered { .. }) => (Kind::Reordered, String::new()),
            Ok(Verdict::Differs(difference)) => (Kind::Differs, difference.to_string()),
            Err(error) => panic!("{error}"),
        };
        unmet.insert(name, found);
    }
    unmet
}

#[test]
fn recordings_are_met_exactly() {
    let unmet = unmet(&root().join("fixtures/recorded"));
    let list = fs::read_to_string(root().join(LIST)).expect("the list");
    let expected = Expected::parse(&list);
    if std::env::var_os("PODCLOCK_UPDATE").is_some() {
        fs::write(root().join(LIST), expected.write(&unmet)).expect("the list is written");
        return;
    }
    let mut told = String::new();
    let listed = |name: &str| expected.lines.get(name).map(|&(kind, _)| kind);
    let new = unmet
        .iter()
        .filter(|(name, (kind, _))| listed(name) != Some(*kind));
    for (index, (name, (kind, difference))) in new.enumerate() {
        let kind = kind.name();
        writeln!(told, "{name} {kind}, and is not in {LIST} as that").expect("a string");
        if index < SHOWN {
            writeln!(told, "{difference}").expect("a string");
        }
    }
    for (name, (kind, _)) in &expected.lines {
        if !unmet.contains_key(name) {
            let kind = kind.name();
            writeln!(
                told,
                "{name} is in {LIST} ({kind}), but is met or gone: take it out"
            )
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
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert!(names.is_sorted());
}
