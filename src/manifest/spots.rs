//! Where everything in a document is.

use super::Position;
use super::path::{Path, Step};

/// Where a value is, and everything in it.
#[derive(Clone, Debug)]
pub(crate) struct Spots {
    pub(super) at: Position,
    pub(super) key: Option<Position>,
    pub(super) inner: Inner,
}

/// What a place holds.
#[derive(Clone, Debug)]
pub(super) enum Inner {
    Scalar,
    List(Vec<Spots>),
    Map(Vec<(String, Spots)>),
}

impl Spots {
    /// Where to point for the value at `path`: a scalar itself, a map or list by its name. What is
    /// not there is blamed on the nearest thing around it.
    pub(crate) fn value(&self, path: &Path<'_>) -> Option<Position> {
        let spot = self.nearest(path).0;
        Some(match (&spot.inner, spot.key) {
            (Inner::List(_) | Inner::Map(_), Some(key)) => key,
            _ => spot.at,
        })
    }

    /// Where to point for the name of the field at `path`.
    pub(crate) fn key(&self, path: &Path<'_>) -> Option<Position> {
        let (spot, found) = self.nearest(path);
        if found {
            return Some(spot.key.unwrap_or(spot.at));
        }
        self.value(path)
    }

    fn nearest(&self, path: &Path<'_>) -> (&Self, bool) {
        let mut spot = self;
        for step in path.steps() {
            let next = match (&spot.inner, step) {
                (Inner::List(items), Step::Index(index)) => items.get(index),
                (Inner::Map(entries), Step::Field(name) | Step::Key(name)) => {
                    let mut entries = entries.iter().rev();
                    entries.find(|(key, _)| key == name).map(|(_, spot)| spot)
                }
                _ => None,
            };
            let Some(next) = next else {
                return (spot, false);
            };
            spot = next;
        }
        (spot, true)
    }

    /// How deep it nests.
    pub(super) fn depth(&self) -> usize {
        match &self.inner {
            Inner::Scalar => 0,
            Inner::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Inner::Map(entries) => {
                1 + entries
                    .iter()
                    .map(|(_, spot)| spot.depth())
                    .max()
                    .unwrap_or(0)
            }
        }
    }
}
