//! What only names something, moments long past and numbers that count up, gets the same names in
//! all states with the same future.

use super::packer::{Kind, Packer};
use crate::kubelet::Memory;
use crate::spec::ContainerId;
use crate::time::Time;
use smallvec::SmallVec;
use std::hash::Hasher;

/// A number that counts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Runs of a container: which comes first counts, and which is the very first.
    Runs(ContainerId),
    /// Restart counts: whether there were any. No decision asks for one but the next count (CSTAT-2),
    /// and no two statuses of one container differ in that alone.
    Restarts,
    /// Attempts to start a container: how many there were counts, up to as many as the runtime looks
    /// back; and from then on how many more there are.
    Attempts(ContainerId),
    /// Sandboxes, as runs.
    Sandboxes,
    /// Attempts to make one, as those to start a container.
    SandboxCalls,
    /// One whose value counts.
    Exact,
}

impl Counter {
    /// Its place among those whose values are compared.
    #[inline]
    const fn index(self) -> Option<usize> {
        match self {
            Self::Exact | Self::Restarts => None,
            Self::Sandboxes => Some(0),
            Self::SandboxCalls => Some(1),
            Self::Runs(id) => Some(2 + 2 * id.index()),
            Self::Attempts(id) => Some(3 + 2 * id.index()),
        }
    }
}

/// What a moment decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Something, for as long as it is in the state.
    Always,
    /// Something until it is that many milliseconds old; after that only its order to others counts.
    For(u64),
    /// The same, but after that nothing. Whether two statuses show the same one is no question by then:
    /// what shows another moment shows another run, too.
    Shown(u64),
    /// Only which of several comes first that last like this.
    Created,
    /// Something while it is to come. How long it has been past says nothing.
    UntilPast,
    /// Nothing but whether it has come: one that has might as well have come a millisecond ago.
    UntilCome,
    /// Only when a ticker with that period ticks; a period of 0 is not known.
    Ticker(u64),
}

impl Lasts {
    /// Only its order to others.
    pub const ORDER: Self = Self::For(0);
}

/// A moment late enough that all that matters of the past fits before it; a whole second.
const PRESENT: u64 = 100 * 24 * 60 * 60_000;

/// Moments from here on, and before twice as far, fit into 31 bits.
const NEAR: u64 = PRESENT - (1 << 30);

/// The values of each counter.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(Vec<Seen>);

/// The values of one counter, as far as they are near the first.
#[derive(Clone, Copy, Debug)]
struct Seen {
    from: u32,
    /// Which there are, counted from there.
    near: u64,
    /// Whether there are others.
    far: bool,
}

impl Seen {
    const NONE: Self = Self {
        from: 0,
        near: 0,
        far: false,
    };
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    #[inline]
    pub(super) fn add(&mut self, counter: Counter, value: u32) {
        let Some(index) = counter.index() else {
            return;
        };
        if index >= self.0.len() {
            self.0.resize(index + 1, Seen::NONE);
        }
        let seen = &mut self.0[index];
        if seen.near == 0 {
            seen.from = value.saturating_sub(31);
        }
        match value.wrapping_sub(seen.from) {
            near @ 0..64 => seen.near |= 1 << near,
            _ => seen.far = true,
        }
    }

    /// The least value of a counter, and how many others are less than this one.
    #[inline]
    fn rank(&self, packed: &Packer, counter: Counter, value: u32) -> (u32, u32) {
        let index = counter.index().unwrap_or(0);
        let Seen { from, near, far } = self.0.get(index).copied().unwrap_or(Seen::NONE);
        if far {
            return rank(packed, counter, value);
        }
        let least = from + near.trailing_zeros();
        let below = near & ((1 << value.wrapping_sub(from)) - 1);
        let rank = if below == 0 { 0 } else { below.count_ones() };
        (least, rank)
    }
}

/// The same where values are far apart.
#[cold]
fn rank(packed: &Packer, counter: Counter, value: u32) -> (u32, u32) {
    let (mut least, mut less) = (value, SmallVec::<[u32; 16]>::new());
    for &(other, known) in &packed.counts {
        if other == counter && known < value && !less.contains(&known) {
            least = least.min(known);
            less.push(known);
        }
    }
    for &(other, known) in &packed.counts {
        if other == counter {
            least = least.min(known);
        }
    }
    (least, less.len() as u32)
}

/// The names of the moments and counters of a [`Packer`], in its order.
///
/// Moments are shifted, what is long past keeps only its order, and counters start over.
#[derive(Clone, Debug, Default)]
pub struct Names {
    now: u64,
    times: Vec<u64>,
    counts: Vec<u32>,
}

impl Names {
    /// Of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What now is called.
    #[must_use]
    pub const fn now(&self) -> Time {
        Time::from_millis(self.now)
    }

    /// Names what a packer holds. All moments are shifted by the same whole seconds, in which the API's
    /// times are; none is where something is to be done at a moment that is `fixed`.
    pub fn name(&mut self, packed: &mut Packer, fixed: bool, memory: Memory) {
        packed.close();
        packed.order.name();
        packed.created.name();
        let now = packed.now;
        let shift = match fixed {
            true => 0,
            false => PRESENT.wrapping_sub(now.whole_second().as_millis()),
        };
        let shifted = |at: Time| at.as_millis().wrapping_add(shift);
        self.now = shifted(now);
        let name = |&(at, kind): &(Time, Kind)| match kind {
            Kind::Order => packed.order.of(at).unwrap_or_else(|| shifted(at)),
            Kind::Created => packed.created.of(at).unwrap_or_else(|| shifted(at)),
            Kind::Past => 0,
            Kind::Distance => shifted(at),
            Kind::ToCome => shifted(at.max(now)),
        };
        self.times.clear();
        self.times.extend(packed.times.iter().map(name));

        let packed = &*packed;
        let name = |&(counter, value): &(Counter, u32)| match counter {
            Counter::Exact => value,
            Counter::Restarts => value.min(1),
            Counter::Attempts(_) | Counter::SandboxCalls => match memory.attempts {
                Some(attempts) => {
                    let (least, _) = packed.values.rank(packed, counter, value);
                    value - least + least.min(attempts)
                }
                None => value,
            },
            Counter::Runs(_) | Counter::Sandboxes => {
                let (least, rank) = packed.values.rank(packed, counter, value);
                rank + u32::from(least > 0)
            }
        };
        self.counts.clear();
        self.counts.extend(packed.counts.iter().map(name));
    }

    /// Takes the value in, with these names.
    pub fn hash(&self, packed: &Packer, into: &mut impl Hasher) {
        for &word in &packed.words {
            into.write_u64(word);
        }
        let code = |time: u64| match time {
            NEAR.. if time - NEAR < 1 << 31 => Some((time - NEAR) as u32),
            0..0x4000_0000 => Some(time as u32 | 1 << 31),
            _ => None,
        };
        let mut pairs = self.times.chunks_exact(2);
        for pair in &mut pairs {
            if let (Some(one), Some(two)) = (code(pair[0]), code(pair[1])) {
                into.write_u64(u64::from(one) << 32 | u64::from(two));
            } else {
                into.write_u64(u64::MAX);
                into.write_u64(pair[0]);
                into.write_u64(pair[1]);
            }
        }
        if let [last] = *pairs.remainder() {
            into.write_u64(last);
        }
        let mut fours = self.counts.chunks_exact(4);
        for four in &mut fours {
            let large = four.iter().any(|&count| count >= 0x7fff);
            let word = |all: u64, &count: &u32| all << 16 | u64::from(count);
            if large {
                into.write_u64(u64::MAX);
                four.iter().for_each(|&count| into.write_u64(count.into()));
            } else {
                into.write_u64(four.iter().fold(0, word));
            }
        }
        for &count in fours.remainder() {
            into.write_u64(count.into());
        }
    }

    /// The value as bytes, with these names.
    pub fn write(&self, packed: &Packer, into: &mut Vec<u8>) {
        let times = self.times.iter().map(|&at| Time::from_millis(at));
        let now = Time::from_millis(self.now);
        packed.encode(now, times, self.counts.iter().copied(), into);
    }
}

/// What is older than anything that decides something keeps its order and its small distances.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// The oldest moment that still decides something: the present at the latest, for what comes next
    /// may come in the same second as what came last.
    alive: Time,
    /// Each of the others once, in order, with its name.
    names: Vec<(Time, u64)>,
}

impl Order {
    pub(super) const fn new() -> Self {
        Self {
            alive: Time::START,
            names: Vec::new(),
        }
    }

    pub(super) fn begin(&mut self, now: Time) {
        self.alive = now;
        self.names.clear();
    }

    /// Takes note of a moment that decides something.
    #[inline]
    pub(super) fn keep(&mut self, at: Time) {
        self.alive = self.alive.min(at);
    }

    /// Whether a moment is no older than what still decides something, but for less than a second: what
    /// statuses show is cut to that.
    #[inline]
    fn is_alive(&self, at: Time) -> bool {
        at >= self.alive.whole_second()
    }

    /// Takes note of one that may be. There are few of them, and most come several times.
    #[inline]
    pub(super) fn add(&mut self, at: Time) {
        let later = self
            .names
            .iter()
            .rev()
            .take_while(|&&(known, _)| known > at);
        let place = self.names.len() - later.count();
        if place == 0 || self.names[place - 1].0 != at {
            self.names.insert(place, (at, 0));
        }
    }

    /// Names those that decide nothing any more.
    fn name(&mut self) {
        let (mut second, mut rank) = (0, 0);
        let mut known: Option<Time> = None;
        let alive = self.alive.whole_second();
        for (at, name) in self.names.iter_mut().take_while(|(at, _)| *at < alive) {
            // Of two moments the kubelet asks which comes first, and of statuses, whose times are
            // cut to the second, whether they show the same one.
            let whole = at.whole_second();
            if known.is_some_and(|known| known != whole) {
                second += 1000;
                rank = 0;
            }
            known = Some(whole);
            rank += u64::from(*at != whole);
            *name = second + rank;
        }
    }

    /// The name of a moment that decides nothing any more.
    #[inline]
    fn of(&self, at: Time) -> Option<u64> {
        if self.is_alive(at) {
            return None;
        }
        let found = self.names.iter().find(|&&(known, _)| known == at);
        Some(found.map_or(0, |&(_, name)| name))
    }
}
