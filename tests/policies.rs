//! Every policy of `Rules` matters: for each of its variants a fixture under `fixtures/policies/`
//! runs otherwise with it than with another one.
//!
//! A fixture is a scenario. Comments on top of it say how to compare: `# podclock diff …`, as many
//! as it takes. Its name is that of the policy, and may go on behind a `+`. Each comparison must
//! show a difference, which is kept as a snapshot; and the one policy, all others left alone, must
//! make one by itself.
#![cfg(feature = "cli")]

use podclock::cli::{self, Exit};
use podclock::runtime::Nominal;
use podclock::sim::Scenario;
use podclock::{Feature, Profile, Rules, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FOLDER: &str = "fixtures/policies";

/// One comparison of a fixture.
struct Comparison {
    policy: String,
    file: String,
    text: String,
    args: Vec<String>,
    name: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn comparisons() -> Vec<Comparison> {
    let entries = fs::read_dir(root().join(FOLDER)).expect("the fixtures");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("a name"))
        .collect();
    names.sort();
    let mut all = Vec::new();
    for name in names {
        let file = format!("{FOLDER}/{name}");
        let text = fs::read_to_string(root().join(&file)).expect("a fixture");
        let stem = name.strip_suffix(".yaml").expect("a scenario");
        let policy = stem.split('+').next().expect("a name");
        let lines = text.lines();
        let commands = lines.filter_map(|line| line.strip_prefix("# podclock diff "));
        let before = all.len();
        for (number, command) in commands.enumerate() {
            all.push(Comparison {
                policy: policy.to_owned(),
                file: file.clone(),
                text: text.clone(),
                args: command.split_whitespace().map(str::to_owned).collect(),
                name: format!("policy-{stem}-{}", number + 1),
            });
        }
        assert!(all.len() > before, "{file}: `# podclock diff …` is missing");
    }
    all
}

/// A side of a comparison.
struct Side {
    version: Version,
    gates: Vec<(Feature, bool)>,
}

impl Side {
    fn scenario(&self, comparison: &Comparison) -> Result<Scenario, String> {
        let Comparison { file, text, .. } = comparison;
        let (version, gates) = (Some(self.version), &self.gates);
        Scenario::parse_under(Path::new(file), text, version, gates)
            .map_err(|error| error.to_string())
    }

    /// Its rules, for a scenario that cannot be read under them too.
    fn rules(&self, crash_loop_max: Option<u32>) -> Rules {
        let mut profile = Profile::of(self.version);
        for &(feature, enabled) in &self.gates {
            profile = profile.with(feature, enabled).expect("a gate");
        }
        match crash_loop_max {
            Some(seconds) => profile.with_crash_loop_max(seconds).rules(),
            None => profile.rules(),
        }
    }
}

impl Comparison {
    /// Before and after.
    fn sides(&self) -> [Side; 2] {
        let value = |flag: &str| {
            let at = self.args.iter().position(|arg| arg == flag)?;
            Some(self.args[at + 1].as_str())
        };
        let version = |text: &str| text.parse::<Version>().expect("a version");
        let to = value("--to").map_or(Version::V1_36, version);
        let from = value("--from").map_or(to, version);
        let gates = |flag: &str| {
            let pairs = self.args.windows(2).filter(|pair| pair[0] == flag);
            let gate = |pair: &[String]| {
                let (name, enabled) = pair[1].split_once('=').expect("NAME=true");
                let feature = name.parse().expect("a gate");
                (feature, enabled.parse().expect("true or false"))
            };
            pairs.map(gate).collect()
        };
        [
            Side {
                version: from,
                gates: gates("--from-gate"),
            },
            Side {
                version: to,
                gates: gates("--to-gate"),
            },
        ]
    }

    fn crash_loop_max(&self) -> Option<u32> {
        let line = self
            .text
            .lines()
            .find_map(|line| line.strip_prefix("crash_loop_max: "));
        line.map(|seconds| seconds.parse().expect("seconds"))
    }
}

/// Every policy: how to take one rule from another version, and how to show it. A field that is
/// not here makes the test fail.
macro_rules! policies {
    ($($field:ident)+) => {
        fn take(policy: &str, rules: &Rules, from: &Rules) -> Option<Rules> {
            let mut rules = rules.clone();
            match policy {
                $(stringify!($field) => rules.$field = from.$field,)+
                _ => return None,
            }
            Some(rules)
        }

        fn value(policy: &str, rules: &Rules) -> Option<String> {
            match policy {
                $(stringify!($field) => Some(format!("{:?}", rules.$field)),)+
                _ => None,
            }
        }
    };
}

policies! {
    start_text image_present probe_error relist instant_calls shortened_deletion sandbox_condition
    backoff_retry crash_backoff last_state restart_all status_after_restart restart_scope sidecar_probes
    phase_gate exec_timeout when_deleted
}

#[test]
fn differences_of_policies() {
    std::env::set_current_dir(root()).expect("the crate's folder");
    for comparison in comparisons() {
        let args = ["podclock", "diff"].map(str::to_owned).into_iter();
        let args = args.chain(comparison.args.iter().cloned());
        let args = args.chain([comparison.file.clone()]);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = cli::run(args, &mut std::io::empty(), &mut out, &mut err);
        let text = String::from_utf8([err, out].concat()).expect("UTF-8");
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(exit, Exit::Failed, "{}: {text}", comparison.name);
        insta::assert_snapshot!(comparison.name, text);
    }
}

/// Among all differences of two versions it may be another policy that shows. So each is changed
/// alone, in the older rules or in the newer ones.
#[test]
fn each_policy_makes_a_difference_alone() {
    let mut faults = Vec::new();
    for comparison in comparisons() {
        let sides = comparison.sides();
        let max = comparison.crash_loop_max();
        let rules = sides.each_ref().map(|side| side.rules(max));
        let policy = &comparison.policy;
        let alone = [(0, 1), (1, 0)].into_iter().any(|(own, other)| {
            let Ok(scenario) = sides[own].scenario(&comparison) else {
                return false;
            };
            let changed = take(policy, &rules[own], &rules[other]);
            let changed = changed.unwrap_or_else(|| panic!("{policy} is no policy"));
            let run = |rules: &Rules| {
                let model = scenario.model.clone().with_rules(rules.clone());
                model.run(&mut Nominal, scenario.until).timeline
            };
            !run(&rules[own]).diff(&run(&changed)).is_same()
        });
        if !alone {
            faults.push(format!(
                "{}: {policy} alone changes nothing",
                comparison.name
            ));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The fields of `Rules` with their types.
type Fields = Vec<(String, String)>;

/// The fields of `Rules`, and the enums with their variants, from the source.
fn source() -> (Fields, BTreeMap<String, Vec<String>>) {
    let text = fs::read_to_string(root().join("src/profile/rules.rs")).expect("the source");
    let (mut fields, mut enums) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
    let mut inside = String::new();
    for line in text.lines() {
        let head = line
            .strip_prefix("pub enum ")
            .or_else(|| line.strip_prefix("pub struct "));
        if let Some(head) = head {
            inside = head.trim_end_matches(" {").to_owned();
            if line.starts_with("pub enum") {
                enums.insert(inside.clone(), Vec::new());
            }
        } else if line == "}" {
            inside.clear();
        } else if inside == "Rules" {
            let field = line.trim().strip_prefix("pub ");
            if let Some((name, kind)) = field.and_then(|field| field.split_once(": ")) {
                fields.push((name.to_owned(), kind.trim_end_matches(',').to_owned()));
            }
        } else if let Some(variants) = enums.get_mut(&inside) {
            let line = line.trim();
            if line.starts_with(|c: char| c.is_ascii_uppercase()) {
                variants.push(line.trim_end_matches(',').to_owned());
            }
        }
    }
    (fields, enums)
}

/// Every profile with at most two gates switched.
fn profiles() -> Vec<Profile> {
    let mut all = Vec::new();
    for minor in 5..=36 {
        let plain = Profile::of(Version::minor(minor));
        let mut switched = vec![plain];
        for _ in 0..2 {
            for profile in switched.clone() {
                for &feature in Feature::ALL {
                    for enabled in [false, true] {
                        let other = profile.clone().with(feature, enabled);
                        switched.extend(
                            other
                                .ok()
                                .filter(|other| other.enabled(feature) != profile.enabled(feature)),
                        );
                    }
                }
            }
            switched.dedup();
        }
        all.extend(switched);
    }
    all
}

#[test]
fn every_variant_of_every_policy_has_a_fixture() {
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for comparison in comparisons() {
        let max = comparison.crash_loop_max();
        let policy = &comparison.policy;
        let values = comparison
            .sides()
            .map(|side| value(policy, &side.rules(max)));
        let [one, two] = values.map(|value| value.expect("a policy"));
        assert_ne!(one, two, "{}: {policy} is the same", comparison.name);
        let shown = shown.entry(policy.clone()).or_default();
        shown.extend([one, two]);
    }
    let (fields, enums) = source();
    assert!(fields.len() > 10 && enums.len() > 10, "the source is read");
    let profiles: Vec<Rules> = profiles().iter().map(Profile::rules).collect();
    let mut faults = Vec::new();
    for (field, kind) in &fields {
        let nothing = BTreeSet::new();
        let shown = shown.get(field).unwrap_or(&nothing);
        let reached: BTreeSet<String> = profiles
            .iter()
            .map(|rules| value(field, rules).unwrap_or_else(|| panic!("{field} is new here")))
            .collect();
        let all = enums.get(kind).cloned().unwrap_or_default();
        for variant in &all {
            if !reached.contains(variant) {
                faults.push(format!("{field}: no profile comes to {variant}"));
            }
        }
        for variant in reached.iter().chain(&all) {
            if !shown.contains(variant) {
                faults.push(format!("{field}: no fixture for {variant}"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
