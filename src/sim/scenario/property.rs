//! `properties:` of a scenario file.

use super::check;
use super::held::{Held, at_most};
use super::source::Source;
use super::statement::Statement;
use crate::manifest::Path;
use crate::sim::Property;
use crate::spec::PodSpec;
use crate::time::Span;
use serde::Deserialize;

/// Something that is claimed of every run, or of some run: exactly one of `always`, `sometimes`,
/// `never`, `settles`, `within`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Property"))]
pub(super) struct PropertyFile {
    /// What it is called; by default what it says.
    pub(super) name: Option<String>,
    /// This holds at every moment of every run.
    pub(super) always: Option<Held>,
    /// There is a run in which this holds at some moment.
    pub(super) sometimes: Option<Held>,
    /// This happens in no run.
    pub(super) never: Option<Statement>,
    /// This holds wherever a run ends; with `at_most` it is never untrue for longer than that at a
    /// stretch, either.
    pub(super) settles: Option<Held>,
    /// For `settles`: the longest stretch without it.
    pub(super) at_most: Option<Span>,
    /// After the one comes the other, and not too late.
    pub(super) within: Option<Within>,
}

/// After each `from` comes a `to`, and not too late.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Within {
    /// What it is counted from.
    pub(super) from: Statement,
    /// What must come.
    pub(super) to: Statement,
    /// How much later at most.
    pub(super) at_most: Span,
}

impl PropertyFile {
    /// The claims that it makes, by their words.
    fn claims(&self) -> Vec<&'static str> {
        let all = [
            ("always", self.always.is_some()),
            ("sometimes", self.sometimes.is_some()),
            ("never", self.never.is_some()),
            ("settles", self.settles.is_some()),
            ("within", self.within.is_some()),
        ];
        let given = all.into_iter().filter(|(_, given)| *given);
        given.map(|(word, _)| word).collect()
    }

    fn told(&self) -> String {
        if let Some(held) = &self.always {
            return format!("always: {}", held.told());
        }
        if let Some(held) = &self.sometimes {
            return format!("sometimes: {}", held.told());
        }
        if let Some(statement) = &self.never {
            return format!("never: {}", statement.subject());
        }
        if let Some(held) = &self.settles {
            return format!("settles{}: {}", at_most(self.at_most), held.told());
        }
        self.within.as_ref().map_or_else(String::new, |within| {
            let (from, to) = (within.from.subject(), within.to.subject());
            format!("within {}: from \"{from}\" to \"{to}\"", within.at_most)
        })
    }

    /// The property; `None` if it makes no sense, which [`check_all`] has found.
    fn property(&self) -> Option<Property> {
        let name = self.name.clone().unwrap_or_else(|| self.told());
        if let Some(held) = &self.always {
            return Some(Property::always(&name, held.holds()?));
        }
        if let Some(held) = &self.sometimes {
            return Some(Property::sometimes(&name, held.holds()?));
        }
        if let Some(statement) = &self.never {
            return Some(Property::never(&name, statement.condition()));
        }
        if let Some(held) = &self.settles {
            let holds = held.holds()?;
            return Some(match self.at_most {
                None => Property::settles(&name, holds),
                Some(most) => Property::settles_within(&name, holds, most.duration()),
            });
        }
        let Within { from, to, at_most } = self.within.as_ref()?;
        let (from, to) = (from.condition(), to.condition());
        Some(Property::within(&name, from, to, at_most.duration()))
    }
}

/// The properties of a file that has been checked.
pub(super) fn of(files: &[PropertyFile]) -> Vec<Property> {
    files.iter().filter_map(PropertyFile::property).collect()
}

/// Checks what the types do not rule out.
pub(super) fn check_all(files: &[PropertyFile], pod: &PodSpec, source: &mut Source) {
    let list = Path::ROOT.field("properties");
    for (index, file) in files.iter().enumerate() {
        let path = list.index(index);
        match file.claims().as_slice() {
            [_] => {}
            [] => source.error(
                &path,
                "nothing is claimed: one of `always`, `sometimes`, `never`, `settles`, `within` is \
                 needed",
            ),
            [_, second, ..] => {
                let help = "write one property for each".to_owned();
                source.key_error(
                    &path.field(second),
                    "one property claims one thing",
                    Some(help),
                );
            }
        }
        if file.at_most.is_some() && file.settles.is_none() {
            let message = "`at_most` goes with `settles`; that of `within` stands inside it";
            source.key_error(&path.field("at_most"), message, None);
        }
        let held = [
            ("always", &file.always),
            ("sometimes", &file.sometimes),
            ("settles", &file.settles),
        ];
        for (word, held) in held {
            if let Some(held) = held {
                check_held(held, pod, &path.field(word), source);
            }
        }
        if let Some(statement) = &file.never {
            check::moment(statement, pod, &path.field("never"), source);
        }
        if let Some(within) = &file.within {
            let path = path.field("within");
            check::moment(&within.from, pod, &path.field("from"), source);
            check::moment(&within.to, pod, &path.field("to"), source);
        }
    }
}

fn check_held(held: &Held, pod: &PodSpec, path: &Path<'_>, source: &mut Source) {
    for statement in held.statements() {
        check::moment(statement, pod, path, source);
    }
    if let Some(statement) = held.happens() {
        let message = format!(
            "`{}` says what happens, and what holds at a moment must stand here",
            statement.word()
        );
        let help = "`never` and `within` take what happens; `phase`, `state`, `condition`, `ready`, \
                    `unready`, `started`, `deleted` and `gone` say what holds";
        source.key_error(path, message, Some(help.to_owned()));
    }
}
