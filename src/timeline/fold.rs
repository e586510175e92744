//! What repeats is told once, and then how often.

use super::row::Row;
use crate::spec::{ContainerId, ProbeKind};
use crate::time::Time;
use std::collections::BTreeMap;

/// Things that repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stream {
    /// A container's probe.
    Probe(ContainerId, ProbeKind),
    /// Events of one reason, and of one probe where they are about probes.
    Event(Option<ContainerId>, &'static str, Option<ProbeKind>),
    /// Failed pulls.
    Pull,
}

#[derive(Clone, Debug)]
struct Repeated {
    key: String,
    many: String,
    first: Row,
    last: Row,
    since: Time,
    count: u32,
}

/// What is being repeated.
#[derive(Clone, Debug, Default)]
pub(super) struct Fold(BTreeMap<Stream, Repeated>);

impl Fold {
    /// Takes one more line and gives those that can be told now. The first of equal lines is told,
    /// the second only if no third comes.
    pub(super) fn add(&mut self, stream: Stream, row: Row, key: String, many: &str) -> Vec<Row> {
        if let Some(known) = self.0.get_mut(&stream).filter(|known| known.key == key) {
            if known.count == 0 {
                known.since = row.at;
                known.first = row.clone();
            }
            known.count += 1;
            known.last = row;
            return Vec::new();
        }
        let repeated = Repeated {
            key,
            many: many.to_owned(),
            first: row.clone(),
            last: row.clone(),
            since: row.at,
            count: 0,
        };
        let before = self.0.insert(stream, repeated);
        let mut rows: Vec<Row> = before.into_iter().flat_map(Repeated::rows).collect();
        rows.push(row);
        rows
    }

    /// A new run of a container begins: its probes are told anew.
    pub(super) fn forget_run(&mut self, container: ContainerId) {
        for (stream, repeated) in &mut self.0 {
            if matches!(stream, Stream::Probe(of, _) if *of == container) {
                // No result is called this, so the next one differs.
                repeated.key.clear();
            }
        }
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        self.0.into_values().flat_map(Repeated::rows).collect()
    }
}

impl Repeated {
    fn rows(self) -> Vec<Row> {
        match self.count {
            0 => Vec::new(),
            1 => vec![self.first],
            count => {
                let text = format!("… {count} {} since {}", self.many, self.since);
                vec![Row { text, ..self.last }]
            }
        }
    }
}
