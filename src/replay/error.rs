//! What can be wrong with a recorded scenario on disk.

use crate::sim::ScenarioError;
use std::io;
use std::path::PathBuf;

/// A recorded scenario that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `scenario.yaml` is no scenario.
    #[error("{}: {source}", path.display())]
    Scenario {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ScenarioError,
    },
    /// A trace is malformed.
    #[error("{}: {source}", path.display())]
    Trace {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: TraceError,
    },
}

/// What is wrong with a trace. Entries are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// It is not JSON; the text names line and column.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is JSON, but no array.
    #[error("a trace is an array of entries")]
    NotAList,
    /// An entry is no object.
    #[error("entry {entry} is not an object")]
    NotAnObject {
        /// Which entry.
        entry: usize,
    },
    /// An entry's `t` is missing or no whole number from 0.
    #[error("entry {entry}: `t` must be a whole number of milliseconds, 0 or more")]
    Time {
        /// Which entry.
        entry: usize,
    },
    /// An entry's `t` is before that of the entry in front of it.
    #[error("entry {entry}: `t` is {at}, but the entry before is at {previous}")]
    Backwards {
        /// Which entry.
        entry: usize,
        /// Its time.
        at: u64,
        /// The time before it.
        previous: u64,
    },
    /// An entry's `kind` is missing or none of those that there are.
    #[error("entry {entry}: `kind` must be one of api, runtime, exit, probe, hook, event, status")]
    Kind {
        /// Which entry.
        entry: usize,
    },
}
