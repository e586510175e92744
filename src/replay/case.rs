//! One recorded scenario on disk.

use super::compare;
use super::difference::Difference;
use super::entry::Entry;
use super::error::ReplayError;
use super::orders;
use super::recording::Recording;
use crate::runtime::Nominal;
use crate::sim::Scenario;
use crate::timeline::recorded;
use std::fs;
use std::path::{Path, PathBuf};

/// The file that makes a folder a recorded scenario.
pub(super) const SCENARIO: &str = "scenario.yaml";

/// A scenario with what the real kubelet did in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scenario.
    pub scenario: Scenario,
    /// What was recorded: `trace.json`, then the alternatives by their numbers. Never empty.
    pub recordings: Vec<Recording>,
}

/// What comes of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry is the same as in one of the recordings.
    Same {
        /// Which one: 0 for `trace.json`, otherwise the place among the alternatives.
        alternative: usize,
    },
    /// Every entry is the same as in one of the recordings, if what happens at one instant happens
    /// in another order than podclock's own.
    Reordered {
        /// Which one: 0 for `trace.json`, otherwise the place among the alternatives.
        alternative: usize,
    },
    /// The run is like none of the recordings.
    Differs(Box<Difference>),
}

impl Case {
    /// Reads a recorded scenario: the folder's `scenario.yaml`, `trace.json` and, where there are
    /// any, `trace.alt1.json` and so on.
    ///
    /// # Errors
    ///
    /// A file is missing or malformed; the error names it and the place in it.
    pub fn read(folder: &Path) -> Result<Self, ReplayError> {
        let path = folder.join(SCENARIO);
        let scenario = Scenario::parse(&text(&path)?)
            .map_err(|source| ReplayError::Scenario { path, source })?;
        let mut recordings = vec![recording(folder, "trace.json")?];
        for file in alternatives(folder)? {
            recordings.push(recording(folder, &file)?);
        }
        Ok(Self {
            scenario,
            recordings,
        })
    }

    /// Runs the scenario and compares it with its recordings: they are equal if at every
    /// millisecond both have the same entries, in whatever order.
    #[must_use]
    pub fn replay(&self) -> Verdict {
        let Scenario { model, until, .. } = &self.scenario;
        let run = model.run(&mut Nominal, *until);
        let values = recorded(&run.timeline, &model.names());
        let own: Vec<Entry> = values.into_iter().map(Entry::own).collect();
        let mut closest = None;
        for (alternative, recording) in self.recordings.iter().enumerate() {
            let Some(at) = compare::first_difference(recording.entries(), &own) else {
                return Verdict::Same { alternative };
            };
            if closest.is_none_or(|(latest, _)| at > latest) {
                closest = Some((at, recording));
            }
        }
        let some_order = self
            .recordings
            .iter()
            .position(|recording| orders::lead_to(model, *until, recording));
        if let Some(alternative) = some_order {
            return Verdict::Reordered { alternative };
        }
        let mut difference = match closest {
            Some((at, recording)) => Difference::at(recording, &own, at),
            None => return Verdict::Same { alternative: 0 },
        };
        difference.livelock = run.livelock;
        Verdict::Differs(Box::new(difference))
    }
}

fn text(path: &Path) -> Result<String, ReplayError> {
    fs::read_to_string(path).map_err(|source| ReplayError::Read {
        path: path.to_owned(),
        source,
    })
}

fn recording(folder: &Path, file: &str) -> Result<Recording, ReplayError> {
    let path = folder.join(file);
    let text = text(&path)?;
    Recording::parse(file, &text).map_err(|source| ReplayError::Trace { path, source })
}

/// The alternatives beside `trace.json`, by their numbers.
fn alternatives(folder: &Path) -> Result<Vec<String>, ReplayError> {
    let mut found: Vec<(u32, String)> = entries(folder)?
        .iter()
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let number = name.strip_prefix("trace.alt")?.strip_suffix(".json")?;
            Some((number.parse().ok()?, name.to_owned()))
        })
        .collect();
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// What is in a folder, sorted.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReplayError> {
    let failed = |source| ReplayError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort_unstable();
    Ok(paths)
}
