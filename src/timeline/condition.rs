//! Conditions over entries: one vocabulary for tests, scenario files and queries.

use super::{Entry, Names};
use crate::kubelet::PodStatus;

/// An entry with what came before it.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The status that the API held before it; `None` before the first one.
    pub before: Option<&'a PodStatus>,
    /// The words behind the entry's indices.
    pub names: Names<'a>,
}

/// Something that an entry of a timeline may be. [`when`](super::when) has the ready-made ones;
/// any closure over a [`Moment`] is one too.
///
/// ```
/// use podclock::kubelet::PodPhase;
/// use podclock::timeline::{Condition, Moment, when};
///
/// let over = when::phase(PodPhase::Succeeded).or(when::phase(PodPhase::Failed));
/// let late = over.and(|moment: &Moment<'_>| moment.entry.at.as_millis() > 60_000);
/// # let _ = late;
/// ```
pub trait Condition {
    /// Whether the entry is that.
    fn holds(&self, moment: &Moment<'_>) -> bool;

    /// Both.
    fn and(self, other: impl Condition) -> impl Condition
    where
        Self: Sized,
    {
        move |moment: &Moment<'_>| self.holds(moment) && other.holds(moment)
    }

    /// One of the two, or both.
    fn or(self, other: impl Condition) -> impl Condition
    where
        Self: Sized,
    {
        move |moment: &Moment<'_>| self.holds(moment) || other.holds(moment)
    }

    /// Every other entry.
    fn not(self) -> impl Condition
    where
        Self: Sized,
    {
        move |moment: &Moment<'_>| !self.holds(moment)
    }
}

impl<F: Fn(&Moment<'_>) -> bool> Condition for F {
    fn holds(&self, moment: &Moment<'_>) -> bool {
        self(moment)
    }
}
