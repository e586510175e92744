//! Lengths of time.

use crate::kubelet::Phases;
use crate::time::Span;
use proptest::prelude::*;

/// Up to that many seconds: to the millisecond, or, so that things fall on one instant, whole.
pub(super) fn span(seconds: u64) -> impl Strategy<Value = Span> {
    let whole = (0..=seconds).prop_map(|seconds| seconds * 1000);
    prop_oneof![1 => whole, 3 => 0..=seconds * 1000].prop_map(Span::from_millis)
}

/// Usually one value, which everything shrinks to, and otherwise any of a range.
pub(super) fn around<T>(nominal: T, range: std::ops::RangeInclusive<T>) -> impl Strategy<Value = T>
where
    T: Clone + std::fmt::Debug,
    std::ops::RangeInclusive<T>: Strategy<Value = T>,
{
    prop_oneof![1 => Just(nominal), 2 => range]
}

/// When the kubelet's loops tick first; shrinks to the phases that hold where nothing is said.
///
/// ```
/// use podclock::strategies::phases;
/// use proptest::prelude::*;
///
/// proptest!(|(phases in phases())| {
///     prop_assert!(phases.relist < 1000 && phases.sync < 1000);
/// });
/// ```
pub fn phases() -> impl Strategy<Value = Phases> {
    let nominal = Phases::default();
    let drawn = (0..1000u64, 0..1000u64, 0..10_000u64, 0..60_000u64).prop_map(
        |(relist, sync, status, gc)| Phases {
            relist,
            sync,
            status,
            gc,
        },
    );
    prop_oneof![1 => Just(nominal), 2 => drawn]
}
