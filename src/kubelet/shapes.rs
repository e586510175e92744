//! Crashes that differ only in how long a back-off has been kept.

use super::Pod;
use super::ages::{Age, Extent};
use super::crashes::{Crashes, Entry};
use crate::spec::ImageId;
use smallvec::SmallVec;

/// Crashes, but for how long the first back-off has been kept, in whole seconds. All of one shape
/// that a core has are a line of worlds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// What the age of that back-off has beyond whole seconds.
    beyond: u16,
    /// The delay of each, its image, and its age.
    entries: SmallVec<[Option<(u32, ImageId, Distance)>; 2]>,
    ends: SmallVec<[Distance; 4]>,
    collection: Option<u16>,
}

/// An age in a [`Shape`], in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Distance {
    /// By so much it is longer ago than the first back-off was raised: while a container runs, both
    /// grow.
    Before(u32),
    /// It came after that, so long ago: of a container that waits to be started again it is the back-off
    /// that may be of any age.
    Ago(u32),
    /// It is long past.
    Past,
}

impl Crashes {
    /// For how long the first back-off has been kept, if there is one.
    fn first(&self) -> Option<Age> {
        self.entries.iter().flatten().next().map(|entry| entry.age)
    }

    /// Their shape, and their place among those of that shape: the age of the first back-off in whole
    /// seconds, and whether that is another everywhere in the extent.
    pub(crate) fn shape(&self, machine: &Pod<'_>, extent: &mut Extent) -> (Shape, u16, bool) {
        let longest = machine.longest();
        let first = self.first().unwrap_or(Age::fixed(0));
        let mut distance = |age: Age| {
            let (came_after, moves) = match extent.differ_by_more(first, age, 0) {
                true => (true, age.moves),
                false => (false, age.moves != first.moves),
            };
            if moves {
                extent.end_here();
            }
            match came_after {
                true => Distance::Ago(age.millis),
                false => Distance::Before(age.millis - first.millis),
            }
        };
        let entries = self.entries.iter();
        let entries = entries
            .map(|entry| entry.map(|Entry { delay, age, image }| (delay, image, distance(age))));
        let entries = entries.collect();
        let ends = self.ends.iter();
        let ends = ends.map(|&end| match end.millis >= longest {
            true => Distance::Past,
            false => distance(end),
        });
        let shape = Shape {
            beyond: (first.millis % 1000) as u16,
            entries,
            ends: ends.collect(),
            collection: self.collection,
        };
        (shape, (first.millis / 1000) as u16, first.moves)
    }
}

impl Shape {
    /// Whether there is a back-off, and so more than one place.
    pub(crate) fn is_line(&self) -> bool {
        self.entries.iter().any(Option::is_some)
    }

    /// The crashes at a place of that shape, and the extent around it.
    pub(crate) fn at(&self, seconds: u16, machine: &Pod<'_>, into: &mut Crashes) -> Extent {
        let first = u32::from(seconds) * 1000 + u32::from(self.beyond);
        let moves = self.is_line();
        let longest = machine.longest();
        let age = |distance: &Distance| match *distance {
            Distance::Before(before) => Age {
                millis: first + before,
                moves,
            },
            Distance::Ago(millis) => Age::fixed(millis),
            Distance::Past => Age::fixed(longest),
        };
        into.entries.clear();
        let entries = self.entries.iter();
        into.entries.extend(entries.map(|entry| {
            let (delay, image, distance) = entry.as_ref()?;
            Some(Entry {
                delay: *delay,
                age: age(distance),
                image: *image,
            })
        }));
        into.ends.clear();
        into.ends.extend(self.ends.iter().map(age));
        into.collection = self.collection;
        Extent::around(first)
    }

    /// From which place on the extent reaches, and to which.
    pub(crate) fn reach(&self, extent: Extent) -> (u16, u16) {
        extent.seconds(self.beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::super::crashes::{
        Answer, Asked, Collection, Counts, Crashes, End, Entry, Frame, Passage,
    };
    use super::super::{Pace, Pod, Turns};
    use super::{Age, Extent, Shape};
    use crate::profile::{Profile, Rules};
    use crate::spec::{ContainerId, ImageId};
    use crate::time::Time;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn machine(rules: &Rules, pace: Pace) -> Pod<'_> {
        Pod {
            revisions: &[],
            rules,
            turns: Turns::default(),
            pace,
        }
    }

    /// Ages that lie where something changes, or anywhere.
    fn age() -> impl Strategy<Value = u32> {
        let second = prop_oneof![
            0_u32..40,
            Just(300),
            295_u32..305,
            Just(600),
            597_u32..603,
            0_u32..650
        ];
        let beyond = prop_oneof![Just(0_u32), Just(1), Just(400), Just(999)];
        (second, beyond).prop_map(|(second, beyond)| second * 1000 + beyond)
    }

    fn crashes() -> impl Strategy<Value = Crashes> {
        let delay = prop_oneof![Just(10_000_u32), Just(20_000), Just(160_000), Just(300_000)];
        let entry = (delay, age(), 0_u8..2).prop_map(|(delay, age, image)| Entry {
            delay,
            age: Age::fixed(age),
            image: ImageId(image),
        });
        let entries = vec(prop::option::weighted(0.8, entry), 1..3);
        let ends = vec(age().prop_map(|age| Age::fixed(age.min(300_000))), 1..4);
        let collection = prop::option::of(0_u16..60_000);
        let all = (entries, ends, collection);
        all.prop_map(|(entries, ends, collection)| Crashes {
            entries: entries.into_iter().collect(),
            ends: ends.into_iter().collect(),
            collection,
        })
    }

    fn end() -> impl Strategy<Value = End> {
        prop_oneof![
            4 => (0_u16..3).prop_map(End::Known),
            1 => Just(End::New),
            1 => Just(End::Old),
        ]
    }

    fn passage() -> impl Strategy<Value = Passage> {
        let asked = (0_u8..2, 0_u8..2, end());
        let asked = asked.prop_map(|(container, image, end)| Asked {
            container: ContainerId(container),
            image: ImageId(image),
            end,
        });
        let elapsed = prop_oneof![age(), 0_u32..9000].prop_map(u64::from);
        let forgets = prop::bool::weighted(0.1);
        let counts = prop_oneof![
            Just(Counts::Always),
            (0_u8..2).prop_map(|id| Counts::Delayed(ContainerId(id))),
            Just(Counts::Never),
        ];
        let ends = vec((end(), counts), 0..4);
        let collection = prop_oneof![
            Just(Collection::Kept),
            prop::option::of(0_u16..60_000).prop_map(Collection::In),
        ];
        let all = (elapsed, vec(asked, 0..3), forgets, ends, collection);
        all.prop_map(|(elapsed, asked, forgets, ends, collection)| Passage {
            elapsed,
            asked: asked.into_iter().collect(),
            forgets,
            ends: ends.into_iter().collect(),
            collection,
        })
    }

    /// What a step comes to at a place of a line: its answers, and the line and the place it leads to.
    fn step(
        (line, place): (&Shape, u16),
        passage: &Passage,
        machine: &Pod<'_>,
    ) -> ((Vec<Answer>, Shape), (u16, bool), Extent) {
        let now = Time::from_millis(10_000_000);
        let frame = |now| Frame {
            now,
            housekeeping: Time::from_millis(137),
        };
        let mut crashes = Crashes::default();
        let mut extent = line.at(place, machine, &mut crashes);
        let mut later = Crashes::default();
        crashes.wait(passage.elapsed, &mut later);
        let before = (&crashes, passage.elapsed);
        let ask = |asked| later.ask(asked, before, machine, frame(now), &mut extent);
        let answers = passage.asked.iter().map(ask).collect();
        let frames = (frame(now), frame(now.plus_millis(passage.elapsed)));
        crashes.pass(passage, machine, frames, &mut extent, &mut later);
        let (shape, to, moves) = later.shape(machine, &mut extent);
        ((answers, shape), (to, moves), extent)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 20_000,
            rng_seed: prop::test_runner::RngSeed::Fixed(0),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// In the whole stretch that a step is said to be the same in, it is.
        #[test]
        fn a_step_is_the_same_in_its_stretch(
            crashes in crashes(),
            passage in passage(),
            ticking in any::<bool>(),
        ) {
            let rules = Profile::default().rules();
            let pace = if ticking { Pace::Ticking } else { Pace::AtOnce };
            let machine = machine(&rules, pace);
            let (line, place, _) = crashes.shape(&machine, &mut Extent::default());
            let mut again = Crashes::default();
            line.at(place, &machine, &mut again);
            let millis = |crashes: &Crashes| {
                let entries = crashes.entries.iter();
                let entries = entries.map(|entry| entry.map(|it| (it.delay, it.age.millis, it.image)));
                let ends = crashes.ends.iter().map(|end| end.millis);
                (entries.collect::<Vec<_>>(), ends.collect::<Vec<_>>())
            };
            prop_assert_eq!(millis(&again), millis(&crashes));

            let (same, (to, moves), extent) = step((&line, place), &passage, &machine);
            let (from, until) = match line.is_line() {
                true => line.reach(extent),
                false => (place, place),
            };
            prop_assert!((from..=until).contains(&place));
            for other in from..=until.min(700) {
                let (others, (other_to, _), _) = step((&line, other), &passage, &machine);
                prop_assert_eq!(&others, &same, "at {}", other);
                let away = i32::from(other) - i32::from(place);
                let expected = i32::from(to) + if moves { away } else { 0 };
                prop_assert_eq!(i32::from(other_to), expected, "at {}", other);
            }
        }
    }
}
