//! What few steps ask for.
//!
//! How long ago a container ended, and for how long its back-off has been kept, is asked for in one
//! place: when a sync would start it again (BACK-3). When garbage is collected next (TIME-19) decides
//! something where there is garbage and the collection comes before anything else. Until then all of
//! this only goes on with time, and tells apart, by the hundred, worlds that are otherwise the same. So
//! a search keeps it apart: what a step does to all else it does in all of these worlds, as long as it
//! does not ask; and where it does, in all in which the answer is the same.

use super::Pod;
use super::ages::{Age, Extent};
use super::backoff::{Backoff, BackoffLimits, Judgement, RESET_AFTER};
use super::canonical::Horizons;
use super::gc::collection_after;
use super::runtime_status::{Exit, RunId};
use super::state::{HOUSEKEEPING_PERIOD, PodState};
use crate::spec::{ContainerId, ImageId};
use crate::time::Time;
use smallvec::SmallVec;
use std::hash::Hasher;

/// The back-offs of a pod's containers, how long ago these ended, and when the next garbage collection
/// comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crashes {
    /// By container.
    pub(super) entries: SmallVec<[Option<Entry>; 2]>,
    /// How long ago: of each newest exit that somebody knows of. From [`longest`] on they are all the
    /// same.
    pub(super) ends: SmallVec<[Age; 4]>,
    /// How many milliseconds the next collection is away, where there is one.
    pub(super) collection: Option<u16>,
}

/// A back-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// In milliseconds.
    pub(super) delay: u32,
    /// For how long it has been kept as it is.
    pub(super) age: Age,
    pub(super) image: ImageId,
}

/// Whether a container may start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(super) image: ImageId,
    /// The run by whose end it is judged, and when that came.
    pub(super) run: RunId,
    pub(super) finished: Time,
}

/// What a step does with the back-offs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BackoffUse {
    /// It asks, and raises the container's where the answer is yes.
    Start(Question),
    /// It forgets all of them.
    Forgotten,
}

/// An end that is known after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// One of those that were known before, by its place.
    Known(u16),
    /// It came in this step.
    New,
    /// It is long past.
    Old,
}

/// For how long a start may be judged by an end: longest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Counts {
    /// For as long as there is no later one.
    Always,
    /// For the delay of this container's back-off as it is: it has been started again, so the next time
    /// that it is raised there is a later end.
    Delayed(ContainerId),
    /// Nobody will ask for it.
    Never,
}

/// A [`Question`] in all worlds that differ in their crashes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) container: ContainerId,
    pub(super) image: ImageId,
    pub(super) end: End,
}

/// The answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It starts.
    Starts,
    /// It does not, before so many milliseconds have passed.
    Waits { delay: u32, rest: u32 },
}

/// What a step does to the crashes of all worlds that differ in them alone, and give the same
/// answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Passage {
    /// Milliseconds.
    pub(super) elapsed: u64,
    pub(super) asked: SmallVec<[Asked; 1]>,
    /// Whether all back-offs are forgotten in it, or nobody asks for them after it.
    pub(super) forgets: bool,
    pub(super) ends: SmallVec<[(End, Counts); 4]>,
    pub(super) collection: Collection,
}

/// When the next garbage collection comes, after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Collection {
    /// When it would have come without it.
    Kept,
    /// In so many milliseconds, or it does not stand apart.
    In(Option<u16>),
}

/// What counts of a world when a back-off is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Frame {
    pub(super) now: Time,
    pub(super) housekeeping: Time,
}

impl Frame {
    /// Of a state at the end of its last step.
    pub(crate) const fn at_rest(state: &PodState) -> Self {
        Self::of(state, state.now)
    }

    pub(crate) const fn now(self) -> Time {
        self.now
    }

    /// The same where the present is called otherwise.
    pub(crate) const fn rebased(self, from: Time, to: Time) -> Self {
        Self {
            now: self.now.moved(from, to),
            housekeeping: self.housekeeping.moved(from, to),
        }
    }

    pub(super) const fn of(state: &PodState, now: Time) -> Self {
        Self {
            now,
            housekeeping: state.loops.sync,
        }
    }
}

impl Pod<'_> {
    /// How long ago an end still counts: until the longest back-off is over. Whether the end is too
    /// late for the back-off (BACK-2) is no question for longer: housekeeping drops that less than
    /// two seconds after such an end.
    pub(super) fn longest(&self) -> u32 {
        let longest = self.rules.crash_backoff.max;
        longest.max(HOUSEKEEPING_PERIOD as u32)
    }

    /// Whether housekeeping has forgotten a back-off.
    fn forgets(&self, entry: &Backoff, frame: Frame) -> bool {
        entry.forgotten_at(frame.housekeeping, self.pace) <= frame.now
    }

    /// What a start comes to, judged by the container's end (BACK-3).
    pub(super) fn judge(&self, entry: Option<Backoff>, ended: Time, frame: Frame) -> Judgement {
        let limits = BackoffLimits::crash(self.rules.crash_backoff);
        let entry = entry.filter(|entry| !self.forgets(entry, frame));
        Backoff::judge(entry, ended, frame.now, limits)
    }
}

/// The newest runs that ended which somebody knows of, in the order in which [`Crashes`] has them, and
/// for how long they count.
pub(crate) fn newest_ended(state: &PodState) -> SmallVec<[(RunId, Counts); 4]> {
    let exits = state.newest_exits();
    exits.map(|(run, _, counts)| (run, counts)).collect()
}

impl Crashes {
    /// Those of a state.
    pub(crate) fn take(&mut self, state: &PodState, horizons: &Horizons<'_>) {
        let (machine, frame) = (&horizons.machine, Frame::at_rest(state));
        let age = |at: Time| frame.now.millis_since(at);
        let starts = !state.starts_no_more();
        self.entries.clear();
        for slot in &state.slots {
            let counts = |entry: &Backoff| starts && !machine.forgets(entry, frame);
            let entry = slot.backoff.filter(counts);
            self.entries
                .push(entry.zip(slot.backoff_image).map(|(entry, image)| Entry {
                    delay: entry.delay,
                    age: Age::fixed(age(entry.updated) as u32),
                    image,
                }));
        }
        let longest = machine.longest();
        self.ends.clear();
        for (_, exit, counts) in state.newest_exits() {
            let ago = age(exit.ended);
            let counts = ago < self.counts_for(counts, longest).into();
            let ago = if counts { ago as u32 } else { longest };
            self.ends.push(Age::fixed(ago));
        }
        self.collection = machine.next_collection(state);
    }

    /// Puts them into a state that is otherwise whole.
    pub(crate) fn put(&self, state: &mut PodState) {
        let now = state.now;
        let moment = |age: Age| now.minus_millis(age.millis.into());
        for (slot, entry) in state.slots.iter_mut().zip(&self.entries) {
            slot.backoff = entry.map(|entry| Backoff {
                delay: entry.delay,
                updated: moment(entry.age),
            });
            slot.backoff_image = entry.map(|entry| entry.image);
        }
        let exits = state.known_mut().flat_map(|known| known.newest_exits_mut());
        for (exit, &age) in exits.zip(&self.ends) {
            exit.ended = moment(age);
        }
        if let Some(away) = self.collection {
            state.loops.gc = now.plus_millis(away.into());
        }
    }

    /// Whether the next garbage collection comes within so many milliseconds.
    pub(crate) fn collects_within(&self, elapsed: u64) -> bool {
        self.collection
            .is_some_and(|away| u64::from(away) <= elapsed)
    }

    pub(crate) fn hash(&self, into: &mut impl Hasher) {
        for entry in &self.entries {
            into.write_u64(entry.map_or(0, |Entry { delay, age, image }| {
                // Housekeeping forgets it before its age has so many bits.
                let age = u64::from(age.millis) | 1 << 23;
                u64::from(delay) << 32 | u64::from(image.0) << 24 | age
            }));
        }
        for pair in self.ends.chunks(2) {
            let word = pair
                .iter()
                .fold(0, |word, &end| word << 32 | u64::from(end.millis));
            into.write_u64(word);
        }
        if let Some(away) = self.collection {
            into.write_u64(away.into());
        }
    }

    /// As bytes.
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        into.push(self.entries.len() as u8);
        for entry in &self.entries {
            match entry {
                None => into.push(u8::MAX),
                Some(Entry { delay, age, image }) => {
                    into.push(image.0);
                    write_millis(*delay, into);
                    write_millis(age.millis, into);
                }
            }
        }
        into.push(self.ends.len() as u8);
        for &end in &self.ends {
            write_millis(end.millis, into);
        }
        write_number(self.collection.map_or(0, |away| u64::from(away) + 1), into);
    }

    /// Reads what has been written, and leaves what follows.
    pub(crate) fn read(&mut self, bytes: &mut &[u8]) {
        self.entries.clear();
        for _ in 0..read_byte(bytes) {
            let entry = match read_byte(bytes) {
                u8::MAX => None,
                image => Some(Entry {
                    image: ImageId(image),
                    delay: read_millis(bytes),
                    age: Age::fixed(read_millis(bytes)),
                }),
            };
            self.entries.push(entry);
        }
        self.ends.clear();
        for _ in 0..read_byte(bytes) {
            self.ends.push(Age::fixed(read_millis(bytes)));
        }
        self.collection = read_number(bytes).checked_sub(1).map(|away| away as u16);
    }

    /// For how long an end counts, in milliseconds.
    fn counts_for(&self, counts: Counts, longest: u32) -> u32 {
        match counts {
            Counts::Always => longest,
            Counts::Delayed(id) => {
                let entry = self.entries.get(id.index()).copied().flatten();
                entry.map_or(0, |entry| entry.delay.max(HOUSEKEEPING_PERIOD as u32))
            }
            Counts::Never => 0,
        }
    }

    /// How long ago an end is, at the end of a step of so many milliseconds.
    fn age(&self, end: End, elapsed: u64, longest: u32, extent: &mut Extent) -> Age {
        match end {
            End::Known(place) => {
                let past = Age::fixed(longest);
                let age = self.ends.get(usize::from(place));
                let age = age.map(|age| age.later(elapsed));
                let age = age.filter(|&age| !extent.is_over(age, longest - 1));
                age.unwrap_or(past)
            }
            End::New => Age::fixed(0),
            End::Old => Age::fixed(longest),
        }
    }

    /// The back-offs of so many milliseconds later.
    pub(super) fn wait(&self, elapsed: u64, into: &mut Self) {
        let entries = self.entries.iter();
        into.entries.clear();
        into.entries.extend(entries.map(|entry| {
            entry.map(|entry| Entry {
                age: entry.age.later(elapsed),
                ..entry
            })
        }));
    }

    /// Asks them, at the end of a passage to these from those before it; and raises a back-off where
    /// the answer is that the container starts.
    pub(super) fn ask(
        &mut self,
        asked: &Asked,
        (before, elapsed): (&Self, u64),
        machine: &Pod<'_>,
        frame: Frame,
        extent: &mut Extent,
    ) -> Answer {
        let frame = Frame {
            now: frame.now.plus_millis(elapsed),
            ..frame
        };
        let ago = |age: Age| frame.now.minus_millis(age.millis.into());
        let ended = before.age(asked.end, elapsed, machine.longest(), extent);
        let Some(place) = self.entries.get_mut(asked.container.index()) else {
            return Answer::Starts;
        };
        let entry = place.filter(|entry| entry.image == asked.image);
        if let Some(entry) = entry {
            entry.narrow(ended, extent);
        }
        let entry = entry.map(|entry| Backoff {
            delay: entry.delay,
            updated: ago(entry.age),
        });
        match machine.judge(entry, ago(ended), frame) {
            Judgement::Waits { delay, ends } => {
                if ended.moves {
                    extent.end_here();
                }
                Answer::Waits {
                    delay,
                    rest: ends.millis_since(frame.now) as u32,
                }
            }
            Judgement::Starts(next) => {
                *place = Some(Entry {
                    delay: next.delay,
                    age: Age::fixed(0),
                    image: asked.image,
                });
                Answer::Starts
            }
        }
    }

    /// What a step makes of them, in a world that was so, and is then so.
    pub(crate) fn pass(
        &self,
        passage: &Passage,
        machine: &Pod<'_>,
        (before, after): (Frame, Frame),
        extent: &mut Extent,
        into: &mut Self,
    ) {
        let elapsed = passage.elapsed;
        self.wait(elapsed, into);
        for asked in &passage.asked {
            into.ask(asked, (self, elapsed), machine, before, extent);
        }
        if passage.forgets {
            into.entries.fill(None);
        }
        for place in &mut into.entries {
            let Some(Entry { delay, age, .. }) = *place else {
                continue;
            };
            if extent.is_over(age, RESET_AFTER) {
                extent.end_here();
                let updated = after.now.minus_millis(age.millis.into());
                if machine.forgets(&Backoff { delay, updated }, after) {
                    *place = None;
                }
            }
        }
        let longest = machine.longest();
        into.ends.clear();
        for &(end, counts) in &passage.ends {
            let age = self.age(end, elapsed, longest, extent);
            let most = into.counts_for(counts, longest);
            let counts = most > 0 && !extent.is_over(age, most - 1);
            into.ends
                .push(if counts { age } else { Age::fixed(longest) });
        }
        into.collection = match passage.collection {
            Collection::Kept => self.collection.map(|away| collection_after(away, elapsed)),
            Collection::In(away) => away,
        };
    }
}

impl Entry {
    /// Narrows an extent to where the same is said of an end.
    fn narrow(&self, ended: Age, extent: &mut Extent) {
        // Up to this age it is not forgotten, nor does it say nothing about the end (BACK-2).
        if extent.is_over(self.age, RESET_AFTER) {
            extent.end_here();
        }
        // Whether the delay is over.
        extent.is_over(ended, self.delay.saturating_sub(1));
    }
}

impl Passage {
    /// What a step did to the crashes of a world: from those with the newest runs that were known to have
    /// ended before it, its beginning, what it did with the back-offs, and its outcome.
    pub(crate) fn new(
        (crashes, before): (&Crashes, &[(RunId, Counts)]),
        from: Time,
        uses: &[BackoffUse],
        (machine, state): (&Pod<'_>, &PodState),
    ) -> Self {
        let now = state.now;
        let end = |run: RunId, finished: Time| {
            let known = before
                .iter()
                .enumerate()
                .filter(|(_, (known, _))| *known == run);
            // Of several who know of it, whoever keeps it for longest.
            match known.min_by_key(|&(_, &(_, counts))| counts) {
                Some((place, &(_, Counts::Always | Counts::Delayed(_)))) => {
                    End::Known(place as u16)
                }
                _ if finished >= from => End::New,
                _ => End::Old,
            }
        };
        let end_after = |(run, exit, counts): (RunId, &Exit, Counts)| match counts {
            Counts::Never => (End::Old, counts),
            Counts::Always | Counts::Delayed(_) => (end(run, exit.finished), counts),
        };
        let collection = match (crashes.collection, machine.next_collection(state)) {
            (Some(_), Some(_)) => Collection::Kept,
            (_, after) => Collection::In(after),
        };
        let mut passage = Self {
            elapsed: now.millis_since(from),
            asked: SmallVec::new(),
            forgets: false,
            ends: state.newest_exits().map(end_after).collect(),
            collection,
        };
        for used in uses {
            match *used {
                BackoffUse::Forgotten => passage.forgets = true,
                BackoffUse::Start(question) => {
                    // A process that has just ended, or begun, starts no container in the same step.
                    debug_assert!(!passage.forgets, "a forgotten back-off is asked for");
                    passage.asked.push(Asked {
                        container: question.run.container,
                        image: question.image,
                        end: end(question.run, question.finished),
                    });
                }
            }
        }
        passage.forgets |= state.starts_no_more();
        passage
    }

    /// Milliseconds.
    pub(crate) const fn elapsed(&self) -> u64 {
        self.elapsed
    }

    /// Whether it asks anything.
    pub(crate) fn asks(&self) -> bool {
        !self.asked.is_empty()
    }
}

/// Whole seconds take fewer bytes.
fn write_millis(millis: u32, into: &mut Vec<u8>) {
    let number = match millis % 1000 {
        0 => (millis / 1000) << 1,
        _ => millis << 1 | 1,
    };
    write_number(number.into(), into);
}

fn read_millis(bytes: &mut &[u8]) -> u32 {
    let number = read_number(bytes) as u32;
    let unit = if number & 1 == 1 { 1 } else { 1000 };
    (number >> 1).saturating_mul(unit)
}

/// Seven bits a byte, the lowest first.
#[inline]
pub(crate) fn write_number(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Reads it, and leaves what follows. What is not there reads as zero.
#[inline]
pub(crate) fn read_number(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = read_byte(bytes);
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 56 {
            return value;
        }
    }
}

#[inline]
fn read_byte(bytes: &mut &[u8]) -> u8 {
    let Some((&first, rest)) = bytes.split_first() else {
        return 0;
    };
    *bytes = rest;
    first
}
