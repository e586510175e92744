//! Comparing two traces, instant by instant.

use super::entry::Entry;

/// What both sides hold at one instant.
pub(super) struct Pair<'a> {
    pub(super) at: u64,
    pub(super) recorded: &'a [Entry],
    pub(super) own: &'a [Entry],
}

impl Pair<'_> {
    /// Whether both hold the same entries, in whatever order.
    pub(super) fn same(&self) -> bool {
        let Self { recorded, own, .. } = self;
        recorded.len() == own.len() && (recorded == own || leftovers(recorded, own).is_empty())
    }
}

/// The entries of the first list that have no partner of their own in the second.
pub(super) fn leftovers<'a>(entries: &'a [Entry], others: &[Entry]) -> Vec<&'a Entry> {
    let mut taken = vec![false; others.len()];
    let mut left = Vec::new();
    for entry in entries {
        let partner = others
            .iter()
            .zip(&taken)
            .position(|(other, &taken)| !taken && other == entry);
        match partner {
            Some(index) => taken[index] = true,
            None => left.push(entry),
        }
    }
    left
}

/// All instants of two traces, in order.
pub(super) fn pairs<'a>(
    mut recorded: &'a [Entry],
    mut own: &'a [Entry],
) -> impl Iterator<Item = Pair<'a>> {
    std::iter::from_fn(move || {
        let next = [recorded.first(), own.first()];
        let at = next.into_iter().flatten().map(Entry::at).min()?;
        Some(Pair {
            at,
            recorded: take(&mut recorded, at),
            own: take(&mut own, at),
        })
    })
}

fn take<'a>(entries: &mut &'a [Entry], at: u64) -> &'a [Entry] {
    let end = entries.partition_point(|entry| entry.at() <= at);
    let (now, later) = entries.split_at(end);
    *entries = later;
    now
}

/// The first instant at which two traces differ.
pub(super) fn first_difference(recorded: &[Entry], own: &[Entry]) -> Option<u64> {
    if recorded == own {
        return None;
    }
    let mut pairs = pairs(recorded, own);
    pairs.find(|pair| !pair.same()).map(|pair| pair.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(entries: &[(u64, &str)]) -> Vec<Entry> {
        let entries = entries.iter();
        entries
            .map(|(t, op)| Entry::own(json!({"t": t, "kind": "api", "op": op})))
            .collect()
    }

    #[test]
    fn the_order_inside_an_instant_does_not_count() {
        let one = trace(&[(0, "a"), (5, "b"), (5, "c"), (5, "b")]);
        let other = trace(&[(0, "a"), (5, "c"), (5, "b"), (5, "b")]);
        assert_eq!(first_difference(&one, &other), None);
    }

    #[test]
    fn the_order_of_fields_does_not_count() {
        let one = [Entry::own(json!({"t": 0, "a": {"x": 1, "y": 2}}))];
        let other = [Entry::own(json!({"a": {"y": 2, "x": 1}, "t": 0}))];
        assert_eq!(first_difference(&one, &other), None);
    }

    #[test]
    fn how_often_an_entry_comes_counts() {
        let one = trace(&[(5, "b"), (5, "c"), (5, "b")]);
        let other = trace(&[(5, "b"), (5, "c"), (5, "c")]);
        assert_eq!(first_difference(&one, &other), Some(5));
    }

    #[test]
    fn an_instant_that_one_side_lacks_is_a_difference() {
        let one = trace(&[(0, "a"), (5, "b"), (9, "c")]);
        assert_eq!(first_difference(&one, &one[..2]), Some(9));
        assert_eq!(first_difference(&one[..1], &one), Some(5));
        assert_eq!(first_difference(&[], &[]), None);
    }

    #[test]
    fn a_millisecond_is_a_difference() {
        let one = trace(&[(0, "a"), (5, "b")]);
        let other = trace(&[(0, "a"), (4, "b")]);
        assert_eq!(first_difference(&one, &other), Some(4));
    }
}
