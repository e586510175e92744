//! A timeline as lines that can be compared with another one's.

use super::{Names, Row, Timeline};
use crate::kubelet::{ContainerFact, Event};
use crate::profile::Rules;
use crate::time::Time;
use crate::timeline::recorded;
use crate::timeline::row::Tone;
use crate::timeline::text::Teller;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A line, and what makes it the same as another one.
pub(super) struct Told {
    pub(super) row: Row,
    /// Its text in the words of the first side.
    pub(super) plain: String,
    /// Lines of the same key say the same.
    pub(super) key: String,
    /// Whether [`Timeline::rows`] leaves it out.
    pub(super) detail: bool,
}

/// Every entry in words, nothing folded. `rules` are those of the first side.
pub(super) fn lines(timeline: &Timeline, names: &Names<'_>, rules: &Rules) -> Vec<Told> {
    let plain_names = Names { rules, ..*names };
    let mut own = Teller::new(*names, false);
    let mut plain = Teller::new(plain_names, false);
    let mut starts: BTreeMap<String, u32> = BTreeMap::new();
    // Versions differ in the order of things inside an instant, so a start counts from the next on.
    // What is said of the pod belongs to a run too: to the restarts so far, of whatever container.
    let mut now: Vec<String> = Vec::new();
    let mut last = Time::START;
    let mut status = BTreeMap::new();
    let mut told = Vec::new();
    for entry in timeline.entries() {
        if entry.at > last {
            last = entry.at;
            for name in now.drain(..) {
                *starts.entry(name).or_default() += 1;
            }
        }
        if let Event::Container(event) = &entry.event
            && event.fact == ContainerFact::Start
        {
            now.push(names.container(event.run.container).to_owned());
            if event.attempt > 0 {
                now.push("pod".to_owned());
            }
        }
        let mut tell = |row: Row, plain: String, detail: bool| {
            let run = starts.get(&row.subject).copied().unwrap_or(0);
            let key = format!("{} {run} {detail} {}", row.subject, shape(&plain));
            told.push(Told {
                row,
                plain,
                key,
                detail,
            });
        };
        let rows = own.lines(entry);
        let silent = rows.is_empty();
        for (row, plain) in rows.into_iter().zip(plain.lines(entry)) {
            tell(row, plain.text, false);
        }
        let Value::Object(fields) = recorded::one(entry, &plain_names) else {
            continue;
        };
        let mut detail = |subject: &str, text: String| {
            let row = Row {
                at: entry.at,
                subject: subject.to_owned(),
                tone: Tone::Call,
                text: text.clone(),
            };
            tell(row, text, true);
        };
        if let Some(now) = fields.get("status") {
            let now = leaves(now);
            for (subject, text) in changed(&status, &now) {
                detail(&subject, text);
            }
            status = now;
        } else if silent {
            let subject = fields.get("container").and_then(Value::as_str);
            detail(subject.unwrap_or("pod"), words(&fields));
        }
    }
    told
}

/// A text with every length and point of time taken out.
fn shape(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            shape.push(' ');
        }
        let bare = word.trim_matches(|c: char| "(),;.".contains(c));
        let time = bare.starts_with(|c: char| c.is_ascii_digit())
            && bare.ends_with(['s', 'm', 'h']) | bare.contains(':')
            && bare.bytes().all(|byte| b"0123456789.:hms".contains(&byte));
        shape.push_str(if time { "#" } else { word });
    }
    shape
}

/// An entry that no line for people tells.
fn words(fields: &Map<String, Value>) -> String {
    let left_out = ["t", "container"];
    let told = fields
        .iter()
        .filter(|(name, _)| !left_out.contains(&name.as_str()));
    let word = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("kind" | "op" | "what" | "image" | "note" | "result", Value::String(text)) => text.clone(),
        _ => format!("{name} {value}"),
    };
    told.map(word).collect::<Vec<_>>().join(" ")
}

/// A status, leaf by leaf, by subject and path; without the times of runs, which the runs tell.
type Leaves = BTreeMap<(String, String), String>;

fn leaves(status: &Value) -> Leaves {
    let mut found = Leaves::new();
    let Value::Object(fields) = status else {
        return found;
    };
    for (name, value) in fields {
        match value {
            Value::Array(containers) => {
                for container in containers {
                    let subject = container.get("name").and_then(Value::as_str);
                    collect(subject.unwrap_or("pod"), "", container, &mut found);
                }
            }
            value => collect("pod", name, value, &mut found),
        }
    }
    found
}

fn collect(subject: &str, path: &str, value: &Value, found: &mut Leaves) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if ["startedAt", "finishedAt"].contains(&name.as_str()) {
                    continue;
                }
                let dot = if path.is_empty() { "" } else { "." };
                collect(subject, &format!("{path}{dot}{name}"), value, found);
            }
        }
        value => {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            found.insert((subject.to_owned(), path.to_owned()), text);
        }
    }
}

fn changed(before: &Leaves, now: &Leaves) -> Vec<(String, String)> {
    let mut changes = Vec::new();
    for ((subject, path), value) in now {
        if before.get(&(subject.clone(), path.clone())) != Some(value) {
            changes.push((subject.clone(), format!("status.{path}: {value}")));
        }
    }
    for (subject, path) in before.keys() {
        if !now.contains_key(&(subject.clone(), path.clone())) {
            changes.push((subject.clone(), format!("status.{path} gone")));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn times_are_taken_out_and_nothing_else() {
        for (text, wanted) in [
            (
                "TERM sent, KILL follows after 30s",
                "TERM sent, KILL follows after #",
            ),
            (
                "exited with code 143, 500ms after TERM",
                "exited with code 143, # after TERM",
            ),
            (
                "process started again (restart 2)",
                "process started again (restart 2)",
            ),
            (
                "Terminating: deletionTimestamp 01:30.000 (grace 1m30s)",
                "Terminating: deletionTimestamp # (grace #",
            ),
            ("Pulling image \"app:1\"", "Pulling image \"app:1\""),
        ] {
            assert_eq!(shape(text), wanted);
        }
    }
}
