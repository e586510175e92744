//! How many recordings are met, by group: from the folders and the list of what is not met, which
//! `tests/conformance.rs` holds to be true.

use crate::root;
use std::collections::BTreeMap;
use std::fs;
use std::ops::AddAssign;

/// How many scenarios of a group are met, and how.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    /// Equal to a recording.
    pub(crate) equal: usize,
    /// Equal to one in another order of one instant.
    pub(crate) reordered: usize,
    /// Like none.
    pub(crate) differs: usize,
}

impl Score {
    pub(crate) const fn scenarios(self) -> usize {
        self.equal + self.reordered + self.differs
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.equal += other.equal;
        self.reordered += other.reordered;
        self.differs += other.differs;
    }
}

/// Scores by folder and group: the first word of a scenario's name, or none where names are
/// numbers.
pub(crate) fn scores() -> BTreeMap<(String, String), Score> {
    let recorded = root().join("fixtures/recorded");
    let list = fs::read_to_string(recorded.join("expected.txt")).expect("the list");
    let unmet: BTreeMap<&str, &str> = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .collect();
    let mut scores: BTreeMap<(String, String), Score> = BTreeMap::new();
    for folder in podclock::replay::find(&recorded).expect("recordings") {
        let path = folder.strip_prefix(&recorded).expect("a folder in");
        let path = path.to_str().expect("a name").replace('\\', "/");
        let (place, name) = path.rsplit_once('/').expect("a scenario in a folder");
        let word = name.split('-').next().unwrap_or(name);
        let numbered = word.bytes().all(|byte| byte.is_ascii_digit());
        let group = if numbered { "" } else { word };
        let score = match unmet.get(path.as_str()).copied() {
            None => Score {
                equal: 1,
                ..Score::default()
            },
            Some(kind) if kind.starts_with("reordered") => Score {
                reordered: 1,
                ..Score::default()
            },
            Some(_) => Score {
                differs: 1,
                ..Score::default()
            },
        };
        *scores
            .entry((place.to_owned(), group.to_owned()))
            .or_default() += score;
    }
    scores
}
