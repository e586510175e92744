//! Any text at all: never a panic, and never silence without a workload.

use podclock::{Profile, Version, manifest};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// The good manifests, and the article's.
static SEEDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut seeds = Vec::new();
    for folder in ["manifests", "seed/printed", "seed/mended"] {
        let entries = fs::read_dir(root.join(folder)).expect("a folder of fixtures");
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        seeds.extend(
            files
                .iter()
                .map(|file| fs::read_to_string(file).expect("a text")),
        );
    }
    seeds
});

/// One way to spoil a text; places count modulo its length.
#[derive(Clone, Debug)]
enum Spoil {
    Flip(usize, u8),
    Cut(usize, usize),
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Insert(usize, &'static str),
}

const PIECES: [&str; 16] = [
    "---\n", "<<: ", "*a", "&a ", "!!int ", "\t", "\"", "'", "{", "]", ": ", "- ", "?", "“", "\0",
    "|\n",
];

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, with)| Spoil::Flip(at, with)),
        (any::<usize>(), 0..40usize).prop_map(|(at, count)| Spoil::Cut(at, count)),
        any::<usize>().prop_map(Spoil::Drop),
        any::<usize>().prop_map(Spoil::Double),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Spoil::Swap(a, b)),
        (any::<usize>(), prop::sample::select(PIECES.to_vec()))
            .prop_map(|(at, piece)| Spoil::Insert(at, piece)),
    ]
}

fn apply(text: &str, spoil: &Spoil) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if bytes.is_empty() {
        return "x".to_owned();
    }
    match *spoil {
        Spoil::Flip(at, with) => {
            let at = at % bytes.len();
            bytes[at] ^= with;
        }
        Spoil::Cut(at, count) => {
            let at = at % bytes.len();
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Spoil::Insert(at, piece) => {
            let at = at % bytes.len();
            bytes.splice(at..at, piece.bytes());
        }
        Spoil::Drop(at) => {
            lines.remove(at % lines.len());
            return lines.concat();
        }
        Spoil::Double(at) => {
            let at = at % lines.len();
            lines.insert(at, lines[at]);
            return lines.concat();
        }
        Spoil::Swap(a, b) => {
            let count = lines.len();
            lines.swap(a % count, b % count);
            return lines.concat();
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hold(text: &str) {
    for version in [
        Version::V1_5,
        Version::minor(7),
        Version::V1_32,
        Version::V1_36,
    ] {
        let checked = manifest::parse(text, &Profile::of(version));
        let error = checked.diagnostics.iter().any(|found| found.is_error());
        assert_eq!(checked.workload.is_none(), error);
        for diagnostic in &checked.diagnostics {
            let shown = diagnostic.snippet("x.yaml", text).to_string();
            assert!(shown.contains("x.yaml"));
            assert!(!diagnostic.display("x.yaml").to_string().is_empty());
        }
        if let Ok(workload) = checked.into_result() {
            assert!(!workload.pods.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoiled_manifests_are_survived(
        seed in any::<prop::sample::Index>(),
        spoils in prop::collection::vec(spoil(), 1..8),
    ) {
        let mut text = SEEDS[seed.index(SEEDS.len())].clone();
        for spoil in &spoils {
            text = apply(&text, spoil);
        }
        hold(&text);
    }

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        hold(&text);
    }

    #[test]
    fn any_yaml_like_text_is_survived(text in "([ \\-:a-c{}\\[\\],&*!|>'\"#?%@\\n\\t.0-9]|kind: Pod\\n|- ){0,200}") {
        hold(&text);
    }
}
