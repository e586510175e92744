//! When something whose moment is open may happen.

use crate::runtime::Opening;
use crate::time::Time;
use smallvec::SmallVec;

/// Which moments of an open window a search tries.
///
/// Time is dense, and a search can try finitely many moments. What is tried decides what a search
/// without findings says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Instants {
    /// As soon as possible, just before whatever comes next otherwise, and at its very moment. Says
    /// something about each order of things that can come about, and about the shortest and longest
    /// distances; not about every moment in between.
    #[default]
    Corners,
    /// At every whole second. Complete where everything else happens at whole seconds too: of a
    /// timed system with whole constants, whole moments reach all that can be reached.
    EverySecond,
}

/// What may happen before what comes next: an open thing, by its index, with its moment.
pub(super) type Candidates = SmallVec<[(usize, Time); 8]>;

impl Instants {
    /// All that is tried between now and the next certain thing, whose own moment is tried too: ties
    /// go both ways.
    pub(super) fn of(self, next: Option<Time>, open: &[Opening]) -> Candidates {
        let mut found = Candidates::new();
        for (index, opening) in open.iter().enumerate() {
            // At its last moment it happens anyway.
            let certain = |at: Time| opening.until.is_some_and(|until| at >= until);
            let own = found.len();
            let mut add = |at: Time| {
                let late = certain(at) || next.is_some_and(|next| at > next);
                let known = || found[own..].last().is_some_and(|&(_, known)| known >= at);
                if at >= opening.from && !late && !known() {
                    found.push((index, at));
                }
            };
            match (self, next) {
                (Self::Corners, None) => add(opening.from),
                (Self::Corners, Some(next)) => {
                    add(opening.from);
                    add(Time::from_millis(next.as_millis().saturating_sub(1)));
                    add(next);
                }
                (Self::EverySecond, next) => {
                    let mut at = opening.from.whole_second();
                    if at < opening.from {
                        at = at.plus_millis(1000);
                    }
                    add(at);
                    while next.is_some_and(|next| at < next) {
                        at = at.plus_millis(1000);
                        add(at);
                    }
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Instants;
    use crate::runtime::Opening;
    use crate::time::Time;

    /// Whatever ends of itself before the next certain thing does not happen after its end.
    #[test]
    fn nothing_happens_after_its_end() {
        let opening = Opening {
            from: Time::from_millis(1000),
            until: Some(Time::from_millis(2500)),
        };
        let next = Some(Time::from_millis(4000));
        let moments = |instants: Instants| {
            let found = instants.of(next, &[opening]);
            let found = found.into_iter().map(|(_, at)| at.as_millis());
            found.collect::<Vec<_>>()
        };
        assert_eq!(moments(Instants::Corners), [1000]);
        assert_eq!(moments(Instants::EverySecond), [1000, 2000]);
    }
}
