//! Files to searches: a scenario, or the usual one of each pod of a manifest.

use super::super::file::Text;
use super::super::input::{failure, for_manifests, is_scenario, title};
use crate::manifest::{self, Diagnostic};
use crate::profile::{Feature, Profile, Version};
use crate::sim::{FileErrors, Scenario, ScenarioError};
use std::path::Path;
use std::sync::Arc;

/// One pod to be searched.
#[derive(Debug)]
pub(in crate::cli) struct Job {
    /// The file as it was named.
    pub(in crate::cli) file: String,
    /// Its text.
    pub(in crate::cli) from: Arc<str>,
    pub(in crate::cli) title: String,
    /// Whether the file is a manifest.
    pub(in crate::cli) of_manifest: bool,
    /// The scenario's text; that of a manifest is made here.
    pub(in crate::cli) text: Arc<str>,
    pub(in crate::cli) scenario: Scenario,
    pub(in crate::cli) warnings: Vec<Diagnostic>,
}

/// What the arguments say about every pod.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Given<'a> {
    pub(in crate::cli) kubelet: Option<Version>,
    pub(in crate::cli) feature_gate: &'a [(Feature, bool)],
    pub(in crate::cli) ideal: bool,
}

pub(in crate::cli) fn jobs(args: Given<'_>, text: &Text) -> Result<Vec<Job>, ScenarioError> {
    let Text { name, text } = text;
    if is_scenario(text) {
        let given = [
            ("--kubelet", args.kubelet.is_some()),
            ("--feature-gate", !args.feature_gate.is_empty()),
        ];
        if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(for_manifests(name, text, option));
        }
        let mut scenario = Scenario::parse_from(Path::new(name), text)?;
        let warnings = std::mem::take(&mut scenario.warnings);
        if args.ideal {
            scenario.model = scenario.model.ideal();
        }
        return Ok(vec![Job {
            file: name.clone(),
            from: Arc::clone(text),
            of_manifest: false,
            title: format!("scenario {}", scenario.name),
            text: Arc::clone(text),
            scenario,
            warnings,
        }]);
    }
    let mut profile = args.kubelet.map_or_else(Profile::default, Profile::of);
    for &(feature, enabled) in args.feature_gate {
        profile = match profile.with(feature, enabled) {
            Ok(profile) => profile,
            Err(problem) => return Err(failure(name, text, problem.to_string(), None)),
        };
    }
    let checked = manifest::parse(text, &profile);
    let Some(workload) = checked.workload else {
        return Err(ScenarioError {
            files: vec![FileErrors {
                name: name.clone(),
                text: text.to_string(),
                diagnostics: checked.diagnostics,
            }],
        });
    };
    let mut warnings = checked.diagnostics;
    let pods = workload.pods.iter();
    pods.map(|template| {
        let written = Scenario::usual(text, template, profile.version(), args.feature_gate);
        let Some(written) = written else {
            return Err(failure(name, text, "no pod in it".to_owned(), None));
        };
        let written: Arc<str> = written.into();
        let mut scenario = Scenario::parse_from(Path::new(name), &written)?;
        if args.ideal {
            scenario.model = scenario.model.ideal();
        }
        Ok(Job {
            file: name.clone(),
            from: Arc::clone(text),
            of_manifest: true,
            title: title(template),
            scenario,
            text: written,
            warnings: std::mem::take(&mut warnings),
        })
    })
    .collect()
}
