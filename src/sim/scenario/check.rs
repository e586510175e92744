//! What the types of a scenario file do not rule out.

use super::faults;
use super::file::File;
use super::property;
use super::source::Source;
use super::statement::Statement;
use crate::manifest::{Path, did_you_mean, nearest};
use crate::spec::PodSpec;

/// Checks that need nothing but the file.
pub(super) fn shape(file: &File, source: &mut Source) {
    // Where an action could not be read, those behind it have other places than they seem to.
    if source.has_errors() {
        return;
    }
    let actions = Path::ROOT.field("actions");
    for (index, action) in file.actions.iter().enumerate() {
        let help = "write one action for each, with the same time";
        one_thing(&action.verbs(), &actions.index(index), help, source);
    }
    let faults = Path::ROOT.field("faults");
    let actions = faults.field("actions");
    for (index, action) in file.faults.actions.iter().enumerate() {
        let help = "write one action for each";
        one_thing(&action.verbs(), &actions.index(index), help, source);
    }
    let script = Path::ROOT.field("script");
    let containers = script.field("containers");
    for (name, attempts) in &file.script.containers {
        let path = containers.field(name);
        for (index, attempt) in attempts.iter().enumerate() {
            let path = path.index(index);
            let probes = path.field("probes");
            for (kind, pieces) in &attempt.probes {
                let path = probes.field(kind.name());
                pieces_in_order(pieces, &path, source);
            }
        }
    }
}

fn one_thing(verbs: &[&'static str], path: &Path<'_>, help: &str, source: &mut Source) {
    match verbs {
        [_] => {}
        [] => source.error(
            path,
            "nothing to do: one of `delete`, `condition`, `update`, `restart_kubelet` is needed",
        ),
        [_, second, ..] => {
            let help = Some(help.to_owned());
            source.key_error(&path.field(second), "one action does one thing", help);
        }
    }
}

fn pieces_in_order(pieces: &[crate::runtime::ProbePiece], path: &Path<'_>, source: &mut Source) {
    let mut last = crate::Span::ZERO;
    for (index, piece) in pieces.iter().enumerate() {
        let path = path.index(index);
        match piece.until {
            None if index + 1 < pieces.len() => {
                source.error(
                    &path,
                    "only the last piece may lack `until`: those behind it never come",
                );
                return;
            }
            Some(until) if until <= last && index > 0 => {
                let path = path.field("until");
                source.error(
                    &path,
                    "ends before it begins: `until` must grow from piece to piece",
                );
            }
            Some(until) => last = until,
            None => {}
        }
    }
}

/// Checks that names are those of the pod's containers and probes.
pub(super) fn against_pod(file: &File, pod: &PodSpec, source: &mut Source) {
    let script = Path::ROOT.field("script");
    let containers = script.field("containers");
    for name in file.script.containers.keys() {
        let path = containers.field(name);
        container(name, pod, &path, true, source);
    }
    faults::check(&file.faults, pod, source);
    if source.has_errors() {
        return;
    }
    let expect = Path::ROOT.field("expect");
    for (index, statement) in file.expect.iter().enumerate() {
        statement_names(statement, pod, &expect.index(index), source);
    }
    property::check_all(&file.properties, pod, source);
}

fn statement_names(statement: &Statement, pod: &PodSpec, path: &Path<'_>, source: &mut Source) {
    let path = path.field(statement.word());
    if let Some(name) = statement.container() {
        container(name, pod, &path.field("container"), false, source);
    }
    if let Some(problem) = statement.contradiction() {
        source.key_error(&path, problem, None);
    }
    for (name, edge) in statement.edges() {
        moment(edge, pod, &path.field(name), source);
    }
    if let Statement::Between(between) = statement {
        for (name, end) in [("from", &between.from), ("to", &between.to)] {
            moment(end, pod, &path.field(name), source);
        }
    }
}

/// A statement that stands for the moment at which it comes first.
pub(super) fn moment(statement: &Statement, pod: &PodSpec, path: &Path<'_>, source: &mut Source) {
    statement_names(statement, pod, path, source);
    if matches!(statement, Statement::Between(_)) || statement.counts() {
        let problem = "one moment must stand here, without how often it comes";
        source.key_error(path, problem, None);
    }
}

pub(super) fn container(
    name: &str,
    pod: &PodSpec,
    path: &Path<'_>,
    key: bool,
    source: &mut Source,
) {
    if pod.find(name).is_some() {
        return;
    }
    let names: Vec<&str> = pod
        .containers
        .iter()
        .map(|container| &*container.name)
        .collect();
    let help = match nearest(name, names.iter().copied()) {
        Some(meant) => did_you_mean(meant),
        None => format!("its containers are {}", names.join(", ")),
    };
    let message = format!("the pod has no container {name:?}");
    if key {
        source.key_error(path, message, Some(help));
    } else {
        source.error(path, message);
        if let Some(made) = source.found.last_mut() {
            made.help = Some(help);
        }
    }
}
