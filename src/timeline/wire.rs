//! Timelines as JSON Lines, schema 1.
//!
//! One object per line. The first is of kind `run` and carries `"schema": 1`; the last is of kind
//! `summary`; between them stand the entries in order, with the fields that the recordings of the
//! real kubelet have (`fixtures/recorded/README.md`) and `seq` and `cause` on top. Every line can
//! be read back into a [`Line`] and written again without a difference.

use super::recorded;
use super::{Entry, Names, Summary, Timeline};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The number of this format. It grows when a reader of the old one would be misled.
pub const SCHEMA: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Line {
    /// The first: what was run.
    Run(Head),
    /// To the object at the API server, or to the kubelet's process.
    Api(Fact),
    /// To the sandbox, an image or a container.
    Runtime(Fact),
    /// A process ended.
    Exit(Fact),
    /// A probe began or ended.
    Probe(Fact),
    /// A hook began or ended.
    Hook(Fact),
    /// A Kubernetes Event.
    Event(Fact),
    /// The API holds a new status.
    Status(Fact),
    /// The last: what it came to.
    Summary(Tail),
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`SCHEMA`]
    pub schema: u32,
    /// The file, `-` for stdin.
    pub file: String,
    /// The pod's name.
    pub pod: String,
    /// Its namespace.
    pub namespace: String,
    /// The Kubernetes version.
    pub kubelet: String,
    /// The seed, in a random run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How long the run is, in milliseconds.
    pub until: u64,
}

/// One entry. Times are in milliseconds since the pod's creation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Fact {
    /// When.
    pub t: u64,
    /// Its place in the timeline.
    pub seq: u32,
    /// The entry that led to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<u32>,
    /// Everything else, by name.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// What a run came to. Times are in milliseconds since the pod's creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tail {
    /// When the pod was first Ready.
    pub ready: Option<u64>,
    /// When it was gone from the API.
    pub gone: Option<u64>,
    /// Its phase at the end.
    pub phase: String,
    /// Restarts by container.
    pub restarts: Map<String, Value>,
    /// TERM, by container and time.
    pub term: Vec<Signal>,
    /// KILL, by container and time.
    pub kill: Vec<Signal>,
    /// Expectations of the scenario that were not met, with what was seen instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

/// A signal to a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// When.
    pub t: u64,
    /// To which container.
    pub container: String,
}

impl Timeline {
    /// Its entries as lines; without the first and the last line, which are the caller's to make.
    ///
    /// Empty for a timeline that no model has written.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let names = self.names();
        let entries = self.entries().iter();
        entries.filter_map(move |entry| line(entry, names.as_ref()?))
    }
}

fn line(entry: &Entry, names: &Names<'_>) -> Option<Line> {
    let Value::Object(mut fields) = recorded::one(entry, names) else {
        return None;
    };
    fields.shift_remove("t");
    let kind = fields.shift_remove("kind")?;
    let fact = Fact {
        t: entry.at.as_millis(),
        seq: entry.seq,
        cause: entry.cause,
        fields,
    };
    Some(match kind.as_str()? {
        "api" => Line::Api(fact),
        "runtime" => Line::Runtime(fact),
        "exit" => Line::Exit(fact),
        "probe" => Line::Probe(fact),
        "hook" => Line::Hook(fact),
        "event" => Line::Event(fact),
        _ => Line::Status(fact),
    })
}

impl From<&Summary> for Tail {
    fn from(summary: &Summary) -> Self {
        let signals = |signals: &[(String, Time)]| {
            let signals = signals.iter().map(|(container, at)| Signal {
                t: at.as_millis(),
                container: container.clone(),
            });
            signals.collect()
        };
        let restarts = summary.restarts.iter();
        Self {
            ready: summary.ready.map(Time::as_millis),
            gone: summary.gone.map(Time::as_millis),
            phase: summary.phase.name().to_owned(),
            restarts: restarts
                .map(|(name, count)| (name.clone(), Value::from(*count)))
                .collect(),
            term: signals(&summary.term),
            kill: signals(&summary.kill),
            failures: Vec::new(),
        }
    }
}
