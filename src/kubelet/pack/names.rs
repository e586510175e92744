//! What only names something, moments long past and numbers that count up, gets the same names in
//! all states with the same future.

use super::packer::Packer;
use crate::kubelet::Memory;
use crate::spec::ContainerId;
use crate::time::Time;
use smallvec::SmallVec;
use std::hash::Hasher;

/// A number that counts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Runs of a container.
    Runs(ContainerId),
    /// Its restart count.
    Restarts(ContainerId),
    /// Attempts to start it.
    Attempts(ContainerId),
    /// Sandboxes.
    Sandboxes,
    /// Attempts to make one.
    SandboxCalls,
    /// One whose value counts.
    Exact,
}

impl Counter {
    const fn index(self) -> usize {
        match self {
            Self::Sandboxes => 0,
            Self::SandboxCalls => 1,
            Self::Exact => 2,
            Self::Runs(id) => 3 + 3 * id.index(),
            Self::Restarts(id) => 4 + 3 * id.index(),
            Self::Attempts(id) => 5 + 3 * id.index(),
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

/// A moment late enough that all that matters of the past fits before it; a multiple of
/// every cycle.
const PRESENT: u64 = 100 * 24 * 60 * 60_000;

/// Moments from here on, and before twice as far, fit into 31 bits.
const NEAR: u64 = PRESENT - (1 << 30);

/// The values of one counter.
#[derive(Clone, Copy, Debug)]
struct Values {
    least: u32,
    /// Which there are, counted from the least.
    near: u64,
    /// Whether there are others.
    far: bool,
}

impl Values {
    const NONE: Self = Self {
        least: u32::MAX,
        near: 0,
        far: false,
    };
}

/// The names of the moments and counters of a [`Packer`], in its order.
///
/// Moments are shifted, what is long past keeps only its order, and counters start over.
#[derive(Clone, Debug, Default)]
pub struct Names {
    times: Vec<u64>,
    counts: Vec<u32>,
    values: Vec<Values>,
}

impl Names {
    /// Of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what a packer holds. After `cycle` milliseconds every loop ticks at the same moments
    /// again; `None`: something is to be done at a moment that is fixed, and no moment is shifted.
    pub fn name(&mut self, packed: &mut Packer, now: Time, cycle: Option<u64>, memory: Memory) {
        packed.close();
        self.name_times(packed, now, cycle);
        self.name_counts(packed, memory);
    }

    fn name_times(&mut self, packed: &Packer, now: Time, cycle: Option<u64>) {
        let just_past = Time::from_millis(now.as_millis().saturating_sub(1));
        // The oldest moment that still decides something.
        let mut alive = now;
        let mut past: SmallVec<[Time; 16]> = SmallVec::new();
        for &(at, lasts) in &packed.times {
            let matters = match lasts {
                Lasts::Always => at,
                Lasts::UntilCome => at.max(just_past),
                Lasts::UntilPast | Lasts::Ticker(_) => continue,
                Lasts::For(millis) if now.millis_since(at) < millis => at,
                Lasts::For(_) => {
                    past.push(at);
                    continue;
                }
            };
            alive = alive.min(matters);
        }
        let alive = alive.whole_second();
        let long_past = LongPast::new(past, alive);
        let now_millis = now.as_millis();
        let shift = match cycle {
            None => 0,
            Some(cycle) => PRESENT.wrapping_sub(now_millis - now_millis % cycle),
        };
        let shifted = |at: Time| at.as_millis().wrapping_add(shift);
        let name = |&(at, lasts): &(Time, Lasts)| match lasts {
            Lasts::For(_) if at < alive => long_past.name(at),
            Lasts::Always | Lasts::For(_) => shifted(at),
            Lasts::UntilPast => shifted(at.max(now)),
            Lasts::UntilCome => shifted(at.max(just_past)),
            Lasts::Ticker(period) => shifted(last_tick(at, period, now)),
        };
        self.times.clear();
        self.times.extend(packed.times.iter().map(name));
    }

    fn name_counts(&mut self, packed: &Packer, memory: Memory) {
        self.values.clear();
        for &(counter, value) in &packed.counts {
            let index = counter.index();
            if index >= self.values.len() {
                self.values.resize(index + 1, Values::NONE);
            }
            let values = &mut self.values[index];
            values.least = values.least.min(value);
        }
        for &(counter, value) in &packed.counts {
            let values = &mut self.values[counter.index()];
            match value - values.least {
                near @ 0..64 => values.near |= 1 << near,
                _ => values.far = true,
            }
        }
        let values = &self.values;
        let name = |&(counter, value): &(Counter, u32)| {
            let Values { least, near, far } = values[counter.index()];
            match counter {
                Counter::Exact => value,
                // How many there were counts, up to as many as the runtime looks back; and from then
                // on how many more there are.
                Counter::Attempts(_) | Counter::SandboxCalls => match memory.attempts {
                    Some(attempts) => value - least + least.min(attempts),
                    None => value,
                },
                // A count may go on from the API's own, which lags behind: how many it lags counts.
                Counter::Restarts(_) => value - least + u32::from(least > 0),
                // Which comes first counts, and which is the very first.
                Counter::Runs(_) | Counter::Sandboxes => {
                    let rank = match far {
                        false => (near & ((1 << (value - least)) - 1)).count_ones(),
                        true => rank(packed, counter, value),
                    };
                    rank + u32::from(least > 0)
                }
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
        for &time in &self.times {
            match time {
                NEAR.. if time - NEAR < 1 << 31 => into.write_u32((time - NEAR) as u32),
                0..0x4000_0000 => into.write_u32(time as u32 | 1 << 31),
                _ => {
                    into.write_u32(u32::MAX);
                    into.write_u64(time);
                }
            }
        }
        for &count in &self.counts {
            match u16::try_from(count) {
                Ok(count) if count < u16::MAX => into.write_u16(count),
                _ => {
                    into.write_u16(u16::MAX);
                    into.write_u32(count);
                }
            }
        }
    }

    /// The value as bytes, with these names; the first moment that was packed is its present.
    pub fn write(&self, packed: &Packer, into: &mut Vec<u8>) {
        let times = self.times.iter().map(|&at| Time::from_millis(at));
        let now = times.clone().next().unwrap_or(Time::START);
        packed.encode(now, times, self.counts.iter().copied(), into);
    }
}

/// How many different values of a counter are less than this one.
fn rank(packed: &Packer, counter: Counter, value: u32) -> u32 {
    let mut less: SmallVec<[u32; 16]> = SmallVec::new();
    for &(other, known) in &packed.counts {
        if other == counter && known < value && !less.contains(&known) {
            less.push(known);
        }
    }
    less.len() as u32
}

/// What is older than anything that decides something keeps its order and its small distances.
struct LongPast(SmallVec<[(Time, u64); 16]>);

impl LongPast {
    fn new(mut past: SmallVec<[Time; 16]>, alive: Time) -> Self {
        past.retain(|at| *at < alive);
        past.sort_unstable();
        past.dedup();
        let mut names = SmallVec::new();
        let (mut second, mut rank) = (0, 0);
        let mut known: Option<Time> = None;
        for at in past {
            // Of two moments the kubelet asks which comes first, and of statuses, whose times are
            // cut to the second, whether they show the same one.
            let whole = at.whole_second();
            if known.is_some_and(|known| known != whole) {
                second += 1000;
                rank = 0;
            }
            known = Some(whole);
            rank += u64::from(at != whole);
            names.push((at, second + rank));
        }
        Self(names)
    }

    fn name(&self, at: Time) -> u64 {
        let place = self.0.binary_search_by_key(&at, |&(at, _)| at);
        place.map_or(0, |place| self.0[place].1)
    }
}

/// The last tick of a ticker before now: what has just been made does not tick at once.
fn last_tick(anchor: Time, period: u64, now: Time) -> Time {
    let since = now.millis_since(anchor).saturating_sub(1);
    match period {
        0 => anchor,
        period if since < period => anchor,
        period => anchor.plus_millis(since - since % period),
    }
}
