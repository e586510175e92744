//! `docs/versions.md` says of each policy and each gate what the code does, and how that is known.
//!
//! `PODCLOCK_BLESS=1 cargo test --test versions` writes the versions anew; the rest is written by hand.

use podclock::{Feature, Profile, Rules, Version};
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/versions.md";
const MARKS: [&str; 4] = [
    "*recorded*",
    "*read in source*",
    "*from documents*",
    "*assumed*",
];

/// The policies with their values, as `Debug` shows them.
fn values(rules: &Rules) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = Vec::new();
    let shown = format!("{rules:#?}");
    for line in shown.lines().filter(|line| line.starts_with("    ")) {
        let field = line.strip_prefix("    ").expect("an indent");
        match (field.split_once(": "), values.last_mut()) {
            (Some((name, value)), _) if !field.starts_with(' ') && name != "}," => {
                values.push((name.to_owned(), value.trim_end_matches(',').to_owned()));
            }
            (_, Some((_, value))) => {
                *value += " ";
                *value += field.trim();
            }
            (_, None) => {}
        }
    }
    values
}

fn versions() -> impl Iterator<Item = Version> {
    (5..=36).map(Version::minor)
}

/// What a policy is by default: `Named`, `Plain` from 1.35 on.
fn of_policies() -> Vec<(String, String)> {
    let names = values(&Profile::default().rules());
    let policy = |index: usize| {
        let mut told = String::new();
        let mut last = String::new();
        for version in versions() {
            let value = values(&Profile::of(version).rules())[index].1.clone();
            if value == last {
                continue;
            }
            let short = value.trim_end_matches(['}', ',', ' ']);
            let short = short.replace("CrashBackoff { ", "");
            if told.is_empty() {
                told = format!("`{short}`");
            } else {
                told += &format!("; `{short}` from {version} on");
            }
            last = value;
        }
        told
    };
    let names = names.into_iter().enumerate();
    names
        .map(|(index, (name, _))| (name, policy(index)))
        .collect()
}

/// A gate's life: off 1.16, on 1.18, locked 1.20, gone 1.24.
fn of_gates() -> Vec<(String, String)> {
    let life = |feature: Feature| {
        let mut told: Vec<String> = Vec::new();
        let mut last = None;
        for version in versions() {
            let stage = feature.stage(version);
            if stage == last {
                continue;
            }
            last = stage;
            let word = match stage {
                None => continue,
                Some(stage) if stage.removed => "gone",
                Some(stage) if stage.locked => "locked",
                Some(stage) if stage.default => "on",
                Some(_) => "off",
            };
            told.push(format!("{word} {version}"));
        }
        told.join(", ")
    };
    let all = Feature::ALL.iter();
    all.map(|&feature| (feature.name().to_owned(), life(feature)))
        .collect()
}

#[test]
fn the_page_of_versions_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let text = fs::read_to_string(&path).expect("the page");
    let mut wanted: Vec<(String, String)> = of_policies();
    wanted.extend(of_gates());
    assert!(wanted.len() > 30, "policies and gates");
    let mut missing: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
    let mut written = String::new();
    let mut section = "";
    for line in text.lines() {
        section = line.strip_prefix("## ").unwrap_or(section);
        let cells: Vec<&str> = line.split(" | ").collect();
        let name = cells[0]
            .strip_prefix("| `")
            .and_then(|cell| cell.strip_suffix('`'));
        let checked = ["Policies", "Feature gates"].contains(&section);
        match name.filter(|_| checked) {
            Some(name) => {
                let (_, versions) = wanted
                    .iter()
                    .find(|(known, _)| known == name)
                    .unwrap_or_else(|| panic!("{PAGE}: there is no {name}"));
                missing.retain(|missing| *missing != name);
                let [_, _, known, rest] = cells[..] else {
                    panic!("{PAGE}: four columns: {line}")
                };
                assert!(MARKS.iter().any(|mark| known.contains(mark)), "{line}");
                written += &format!("| `{name}` | {versions} | {known} | {rest}\n");
            }
            None => {
                written += line;
                written += "\n";
            }
        }
    }
    assert!(missing.is_empty(), "{PAGE} lacks {missing:?}");
    if std::env::var_os("PODCLOCK_BLESS").is_some() {
        fs::write(&path, &written).expect("to write the page");
    } else {
        assert_eq!(text, written, "bless it with PODCLOCK_BLESS=1");
    }
}

/// A kubelet with a gate that its version does not know, or has locked, does not start.
#[test]
fn gates_are_refused_as_a_kubelet_would() {
    for version in versions() {
        for &feature in Feature::ALL {
            for enabled in [false, true] {
                let refused = Profile::of(version).with(feature, enabled).err();
                let told = refused.map(|error| error.to_string()).unwrap_or_default();
                let start = match feature.stage(version) {
                    None => "unrecognized feature gate: ",
                    Some(stage) if stage.removed => "unrecognized feature gate: ",
                    Some(stage) if stage.locked && stage.default != enabled => {
                        "cannot set feature gate "
                    }
                    Some(_) => "",
                };
                assert!(told.starts_with(start), "{version} {feature}: {told}");
                assert_eq!(told.is_empty(), start.is_empty(), "{version} {feature}");
            }
        }
    }
}
