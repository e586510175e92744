//! The exact result of a sweep, or of a part of one: as a value, and as a file, schema 1.

use super::args::{Seeds, Shard};
use super::runs::{Found, Seen};
use crate::cli::Exit;
use crate::cli::input::Job;
use crate::measure::{self, Distribution, Measure, Subject, Tally};
use crate::spec::ContainerId;
use crate::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

/// The number of this format.
pub(super) const SCHEMA: u32 = 1;
pub(super) const KIND: &str = "sweep-part";

/// A sweep's result, or one shard's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) schema: u32,
    pub(super) kind: String,
    /// The version of this program.
    pub(super) podclock: String,
    /// A fingerprint of the file and of all that was made of it.
    pub(super) input: String,
    pub(super) file: String,
    /// The command that shows one run again, without its seed.
    pub(super) again: String,
    pub(super) seeds: Seeds,
    pub(super) shard: Shard,
    pub(super) pods: Vec<PodPart>,
}

/// One pod's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PodPart {
    pub(super) title: String,
    pub(super) pod: String,
    pub(super) namespace: String,
    pub(super) kubelet: String,
    /// Milliseconds.
    pub(super) until: u64,
    pub(super) containers: Vec<String>,
    pub(super) runs: u64,
    /// Invariants that were broken.
    pub(super) broken: BTreeMap<String, Seen>,
    /// Runs with a moment that did not end.
    pub(super) livelocks: Seen,
    pub(super) measures: Vec<Row>,
}

/// One measure of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) measure: String,
    /// Index of a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) container: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) restart: Option<u8>,
    /// In how many runs it occurred.
    pub(super) runs: u64,
    /// Milliseconds, and how often.
    pub(super) counts: Vec<(u64, u64)>,
}

impl PodPart {
    pub(super) fn new(job: &Job, found: &Found) -> Self {
        let scenario = &job.scenario;
        let pod = scenario.model.names().pod;
        let can_be = measure::ALL.iter().flat_map(|one| one.subjects(pod));
        let occurred = found.tally.iter().map(|(subject, _)| subject);
        let subjects: BTreeSet<Subject> = can_be.chain(occurred).collect();
        let broken = found.broken.iter();
        Self {
            title: job.title.clone(),
            pod: pod.name.to_string(),
            namespace: pod.namespace.to_string(),
            kubelet: scenario.profile.version().to_string(),
            until: Span::from(scenario.until).millis(),
            containers: pod
                .containers
                .iter()
                .map(|one| one.name.to_string())
                .collect(),
            runs: found.tally.runs(),
            broken: broken
                .map(|(name, seen)| ((*name).to_owned(), seen.clone()))
                .collect(),
            livelocks: found.livelocks.clone(),
            measures: subjects
                .into_iter()
                .map(|subject| Row::new(subject, found.tally.get(subject)))
                .collect(),
        }
    }

    /// What was measured, in order. Empty distributions are of what could have been.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Subject, Distribution)> {
        self.measures.iter().filter_map(Row::read)
    }

    pub(super) fn container(&self, subject: Subject) -> Option<&str> {
        let id = subject.container?;
        self.containers.get(id.index()).map(String::as_str)
    }

    fn merge(&mut self, other: &Self) {
        let mut tally = Tally::from_parts(self.runs, self.rows());
        tally.merge(&Tally::from_parts(other.runs, other.rows()));
        self.runs = tally.runs();
        let rows = tally
            .iter()
            .map(|(subject, all)| Row::new(subject, Some(all)));
        self.measures = rows.collect();
        for (name, seen) in &other.broken {
            self.broken.entry(name.clone()).or_default().merge(seen);
        }
        self.livelocks.merge(&other.livelocks);
    }

    /// Whether it is the same pod under the same conditions, whatever came of it.
    fn is_like(&self, other: &Self) -> bool {
        let of = |part: &Self| {
            let Self {
                title,
                pod,
                namespace,
                kubelet,
                until,
                containers,
                ..
            } = part.clone();
            (title, pod, namespace, kubelet, until, containers)
        };
        of(self) == of(other)
    }
}

impl Row {
    fn new(subject: Subject, all: Option<&Distribution>) -> Self {
        Self {
            measure: subject.measure.name().to_owned(),
            container: subject.container.map(|id| id.0),
            restart: subject.restart,
            runs: all.map_or(0, Distribution::runs),
            counts: all.into_iter().flat_map(Distribution::iter).collect(),
        }
    }

    fn read(&self) -> Option<(Subject, Distribution)> {
        let subject = Subject {
            measure: self.measure.parse::<Measure>().ok()?,
            container: self.container.map(ContainerId),
            restart: self.restart,
        };
        let counts = self.counts.iter().copied();
        Some((subject, Distribution::from_parts(self.runs, counts)))
    }
}

impl Part {
    /// As a file.
    pub(super) fn json(&self) -> io::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }

    pub(super) fn exit(&self) -> Exit {
        let bad = |pod: &PodPart| !pod.broken.is_empty() || pod.livelocks.runs > 0;
        match self.pods.iter().any(bad) {
            true => Exit::Failed,
            false => Exit::Fine,
        }
    }

    /// The command that shows the run of a seed.
    pub(super) fn command(&self, seed: u64) -> String {
        format!("{} --seed {seed}", self.again)
    }
}

/// A fingerprint of a text and of the models that it came to: 64 bits of FNV-1a.
pub(super) fn fingerprint(text: &str, jobs: &[Job]) -> String {
    let models = jobs.iter().map(|job| {
        let scenario = &job.scenario;
        format!(
            "{:?} {:?} {:?}",
            scenario.model, scenario.until, scenario.placed
        )
    });
    let models: Vec<String> = models.collect();
    let texts = std::iter::once(text).chain(models.iter().map(String::as_str));
    let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Reads parts and puts them together.
pub(super) fn merge(paths: &[PathBuf]) -> Result<Part, String> {
    let mut parts = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|problem| format!("{name}: {problem}"))?;
        let part = read(&text).map_err(|problem| format!("{name}: {problem}"))?;
        parts.push((name, part));
    }
    let Some((first, model)) = parts.first().cloned() else {
        return Err("there are no parts".to_owned());
    };
    for (name, part) in &parts {
        if let Some(differs) = difference(&model, part) {
            return Err(format!(
                "{name} is a part of another sweep than {first}: {differs}"
            ));
        }
    }
    parts.sort_by_key(|(_, part)| part.shard.index);
    for pair in parts.windows(2) {
        let [(one, a), (other, b)] = pair else {
            continue;
        };
        if a.shard == b.shard {
            return Err(format!("{one} and {other} are both shard {}", a.shard));
        }
    }
    let of = model.shard.of;
    let has = |index: &u64| parts.iter().any(|(_, part)| part.shard.index == *index);
    let missing: Vec<String> = (0..of)
        .filter(|index| !has(index))
        .take(5)
        .map(|index| Shard { index, of }.to_string())
        .collect();
    if !missing.is_empty() {
        let count = of - parts.len() as u64;
        let more = match count > 5 {
            true => format!(", and {} more", count - 5),
            false => String::new(),
        };
        return Err(format!("missing: shard {}{more}", missing.join(", ")));
    }
    let mut parts = parts.into_iter().map(|(_, part)| part);
    let Some(mut whole) = parts.next() else {
        return Err("there are no parts".to_owned());
    };
    whole.shard = Shard::default();
    for part in parts {
        for (pod, more) in whole.pods.iter_mut().zip(&part.pods) {
            pod.merge(more);
        }
    }
    Ok(whole)
}

fn read(text: &str) -> Result<Part, String> {
    let part: Part =
        serde_json::from_str(text).map_err(|problem| format!("no part of a sweep: {problem}"))?;
    if part.kind != KIND {
        return Err("no part of a sweep".to_owned());
    }
    if part.schema != SCHEMA {
        return Err(format!("schema {}, and this is for {SCHEMA}", part.schema));
    }
    let Shard { index, of } = part.shard;
    if index >= of || part.seeds.from >= part.seeds.to {
        return Err(format!("no shard {} of seeds {}", part.shard, part.seeds));
    }
    let runs = part.seeds.dealt(part.shard).len();
    for pod in &part.pods {
        if pod.runs != runs {
            return Err(format!("{} runs, and the shard has {runs} seeds", pod.runs));
        }
        if pod.rows().count() != pod.measures.len() {
            return Err("a measure that podclock does not know".to_owned());
        }
    }
    Ok(part)
}

/// In what two parts are not of one sweep.
fn difference(one: &Part, other: &Part) -> Option<String> {
    let differ = |what: &str, a: &dyn std::fmt::Display, b: &dyn std::fmt::Display| {
        let (a, b) = (a.to_string(), b.to_string());
        (a != b).then(|| format!("{what} {b} and {a}"))
    };
    let pods = one.pods.len() == other.pods.len()
        && one.pods.iter().zip(&other.pods).all(|(a, b)| a.is_like(b));
    differ("podclock", &one.podclock, &other.podclock)
        .or_else(|| differ("the command", &one.again, &other.again))
        .or_else(|| differ("seeds", &one.seeds, &other.seeds))
        .or_else(|| differ("shards of", &one.shard.of, &other.shard.of))
        .or_else(|| differ("fingerprints of the input", &one.input, &other.input))
        .or_else(|| (!pods).then(|| "other pods".to_owned()))
}
