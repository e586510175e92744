//! One area: a file of cases, and what became of each.

use crate::root;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Runs one case. `Err` says in what podclock differs.
pub(crate) type Check = fn(&Value) -> Result<(), String>;

/// A file of cases that has been run.
#[derive(Debug)]
pub(crate) struct Area {
    /// Name of the file, without its ending.
    pub(crate) name: &'static str,
    /// Upstream's file or files.
    pub(crate) upstream: String,
    /// How many cases there are upstream.
    total: usize,
    /// Cases that are run first, in the file's order.
    pub(crate) cases: Vec<Case>,
    /// Why cases are known to fail, by their ids.
    pub(crate) known: BTreeMap<String, String>,
    /// What is wrong with the file itself.
    wrong: Vec<String>,
}

/// One case of upstream's.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) outcome: Outcome,
}

/// What became of a case.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// podclock does something else.
    Failed(String),
    /// Not run, for that reason.
    LeftOut(String),
}

impl Area {
    /// Runs every case of `fixtures/upstream/<name>.yaml`.
    ///
    /// A case without a version of its own gets that of the file.
    pub(crate) fn run(name: &'static str, check: Check) -> Self {
        let path = format!("fixtures/upstream/{name}.yaml");
        let text = fs::read_to_string(root().join(&path)).expect("a file of cases");
        let file: Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
        let upstream = file["upstream"].as_str();
        let total = file["total"].as_u64();
        let mut cases = Vec::new();
        for case in file["cases"].as_sequence().into_iter().flatten() {
            let mut case = case.clone();
            if case["kubernetes"].is_null() {
                case["kubernetes"] = file["kubernetes"].clone();
            }
            let id = case["id"].as_str().unwrap_or_else(|| panic!("{path}: id"));
            let id = id.to_owned();
            let outcome = in_each_version(case, check);
            let outcome = outcome.map_or_else(Outcome::Failed, |()| Outcome::Passed);
            cases.push(Case { id, outcome });
        }
        let (known, mut wrong) = reasons(&file["known"]);
        let (left_out, twice) = reasons(&file["left_out"]);
        wrong.extend(twice);
        cases.extend(left_out.into_iter().map(|(id, reason)| Case {
            id,
            outcome: Outcome::LeftOut(reason),
        }));
        Self {
            name,
            upstream: upstream.expect("the upstream file").to_owned(),
            total: total.expect("a number of cases") as usize,
            cases,
            known: known.into_iter().collect(),
            wrong,
        }
    }

    /// How many cases were run, passed, failed and were left out.
    pub(crate) fn counts(&self) -> [usize; 4] {
        let count = |is: fn(&Outcome) -> bool| {
            let cases = self.cases.iter();
            cases.filter(|case| is(&case.outcome)).count()
        };
        let passed = count(|outcome| matches!(outcome, Outcome::Passed));
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let left_out = count(|outcome| matches!(outcome, Outcome::LeftOut(_)));
        [passed + failed, passed, failed, left_out]
    }

    /// Whatever must not be: a failure that is not known, a known one that is none, a case that is
    /// not accounted for.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = self.wrong.clone();
        let mut seen = BTreeSet::new();
        for Case { id, outcome } in &self.cases {
            let name = self.name;
            if !seen.insert(id) {
                faults.push(format!("{name}: {id} is there twice"));
            }
            match (outcome, self.known.contains_key(id)) {
                (Outcome::Failed(error), false) => faults.push(format!("{name}: {id}: {error}")),
                (Outcome::Passed, true) => {
                    faults.push(format!("{name}: {id} passes: take it out of `known`"));
                }
                (Outcome::LeftOut(_), true) => {
                    faults.push(format!("{name}: {id} is known to fail, and left out"));
                }
                _ => {}
            }
        }
        let strangers = self.known.keys().filter(|id| !seen.contains(id));
        faults.extend(strangers.map(|id| format!("{}: there is no case {id}", self.name)));
        if self.cases.len() != self.total {
            let (name, total, found) = (self.name, self.total, self.cases.len());
            faults.push(format!(
                "{name}: {found} of {total} cases are accounted for"
            ));
        }
        faults
    }
}

/// Runs a case under the rules of each of its versions.
fn in_each_version(mut case: Value, check: Check) -> Result<(), String> {
    let Value::Sequence(versions) = case["kubernetes"].clone() else {
        return check(&case);
    };
    for version in versions {
        let name = version.as_str().unwrap_or_default().to_owned();
        case["kubernetes"] = version;
        check(&case).map_err(|error| format!("in {name}: {error}"))?;
    }
    Ok(())
}

/// Ids with their reasons, in order, and what is wrong with the list.
fn reasons(groups: &Value) -> (Vec<(String, String)>, Vec<String>) {
    let (mut reasons, mut wrong) = (Vec::new(), Vec::new());
    for group in groups.as_sequence().into_iter().flatten() {
        let cases = group["cases"].as_sequence();
        let (Some(reason), Some(cases)) = (group["reason"].as_str(), cases) else {
            wrong.push(format!("not a reason with cases: {group:?}"));
            continue;
        };
        for id in cases.iter().filter_map(Value::as_str) {
            reasons.push((id.to_owned(), reason.to_owned()));
        }
    }
    (reasons, wrong)
}
