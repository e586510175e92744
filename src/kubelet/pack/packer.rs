//! Takes a value apart.

use super::Pack;
use super::names::{Counter, Lasts, Order, Values};
use crate::time::Time;

/// The parts of a value: plain values as bits, moments, and counters, each in the order in which
/// they were met.
#[derive(Clone, Debug)]
pub struct Packer {
    pub(super) words: Vec<u64>,
    /// What is not in `words` yet, from its lowest bit on.
    waiting: u64,
    /// How many bits of it there are, fewer than 64.
    filled: u32,
    pub(super) now: Time,
    just_past: Time,
    pub(super) times: Vec<(Time, Kind)>,
    pub(super) order: Order,
    /// Of what lasts like [`Lasts::Created`].
    pub(super) created: Order,
    pub(super) counts: Vec<(Counter, u32)>,
    pub(super) values: Values,
}

/// How a moment is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By its distance from now.
    Distance,
    /// In the same way, unless it is long past.
    Order,
    /// In the same way, unless it came before this second.
    Created,
    /// As all others that nobody will ask for.
    Past,
    /// As the present, where it is past.
    ToCome,
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}

impl Packer {
    /// Of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            words: Vec::new(),
            waiting: 0,
            filled: 0,
            now: Time::START,
            just_past: Time::START,
            times: Vec::new(),
            order: Order::new(),
            created: Order::new(),
            counts: Vec::new(),
            values: Values::default(),
        }
    }

    /// Forgets what it holds, and takes up a value of this moment.
    pub fn begin(&mut self, now: Time) {
        self.words.clear();
        self.waiting = 0;
        self.filled = 0;
        self.now = now;
        self.just_past = Time::from_millis(now.as_millis().saturating_sub(1));
        self.times.clear();
        self.order.begin(now);
        self.created.begin(now);
        self.counts.clear();
        self.values.clear();
    }

    /// A value that fits into so many bits, fewer than 64.
    #[inline]
    pub fn bits(&mut self, value: u64, bits: u32) {
        let filled = self.filled + bits;
        self.waiting |= value << self.filled;
        if filled < 64 {
            self.filled = filled;
        } else {
            self.next_word(value, bits);
        }
    }

    fn next_word(&mut self, value: u64, bits: u32) {
        self.words.push(self.waiting);
        let taken = 64 - self.filled;
        // A shift by all 64 bits would not shift at all.
        self.waiting = if taken == 64 { 0 } else { value >> taken };
        self.filled = bits - taken;
    }

    /// A number that is 0, 1, or 2 as a rule: two bits.
    #[inline]
    pub fn number(&mut self, value: u64) {
        if value < 3 {
            self.bits(value, 2);
        } else {
            self.larger_number(value);
        }
    }

    /// How large it is, and its bits.
    fn larger_number(&mut self, value: u64) {
        match value {
            0..64 => self.bits(value << 4 | 3, 10),
            64..0x4000 => self.bits(value << 4 | 7, 18),
            0x4000..0x1_0000_0000 => self.bits(value << 4 | 11, 36),
            _ => {
                self.bits(15, 4);
                self.bits(value & 0xffff_ffff, 32);
                self.bits(value >> 32, 32);
            }
        }
    }

    /// A moment.
    #[inline]
    pub fn time(&mut self, at: Time, lasts: Lasts) {
        let (at, kind) = match lasts {
            Lasts::Always => {
                self.order.keep(at);
                (at, Kind::Distance)
            }
            Lasts::UntilCome => {
                let at = at.max(self.just_past);
                self.order.keep(at);
                (at, Kind::Distance)
            }
            Lasts::UntilPast => (at, Kind::ToCome),
            Lasts::Ticker(period) => (last_tick(at, period, self.now), Kind::Distance),
            Lasts::For(millis) => {
                match self.now.millis_since(at) < millis {
                    true => self.order.keep(at),
                    false => self.order.add(at),
                }
                (at, Kind::Order)
            }
            // A status shows it cut to the second: both last equally long.
            Lasts::Shown(millis)
                if millis > 0
                    && self.now.millis_since(at.whole_second()) < millis.saturating_add(1000) =>
            {
                self.order.keep(at);
                (at, Kind::Distance)
            }
            Lasts::Shown(_) => (at, Kind::Past),
            Lasts::Created => {
                self.created.add(at);
                (at, Kind::Created)
            }
        };
        self.times.push((at, kind));
    }

    /// A moment that there may not be.
    #[inline]
    pub fn some_time(&mut self, at: Option<Time>, lasts: Lasts) {
        self.bits(u64::from(at.is_some()), 1);
        if let Some(at) = at {
            self.time(at, lasts);
        }
    }

    /// A counter's value.
    #[inline]
    pub fn count(&mut self, counter: Counter, value: u32) {
        self.values.add(counter, value);
        self.counts.push((counter, value));
    }

    /// A value that holds no moment whose meaning depends on where it stands.
    #[inline]
    pub(crate) fn put(&mut self, value: &impl Pack) {
        value.pack(self);
    }

    /// Ends the plain values: the last word is filled up.
    pub(super) fn close(&mut self) {
        if self.filled > 0 {
            self.words.push(self.waiting);
            self.waiting = 0;
            self.filled = 0;
        }
    }

    /// As bytes, with its own moments and counters. The plain values have been closed.
    pub fn write(&self, into: &mut Vec<u8>) {
        let times = self.times.iter().map(|&(at, _)| at);
        let counts = self.counts.iter().map(|&(_, count)| count);
        self.encode(self.now, times, counts, into);
    }

    /// As bytes: behind `now` how long the first two parts are, the plain values, the counters, and
    /// the moments as distances from now.
    pub(super) fn encode(
        &self,
        now: Time,
        times: impl Iterator<Item = Time>,
        counts: impl ExactSizeIterator<Item = u32>,
        into: &mut Vec<u8>,
    ) {
        into.reserve(16 + 8 * self.words.len() + 10 * (self.times.len() + self.counts.len()));
        write_number(now.as_millis(), into);
        write_number(self.words.len() as u64, into);
        write_number(counts.len() as u64, into);
        for word in &self.words {
            into.extend_from_slice(&word.to_le_bytes());
        }
        for count in counts {
            write_number(count.into(), into);
        }
        let mut known = Known::new();
        for at in times {
            if let Some(place) = known.find(at) {
                into.push(place);
                continue;
            }
            let away = at.as_millis().wrapping_sub(now.as_millis()) as i64;
            match away {
                ..=FAR => {
                    into.push(FAR_AWAY);
                    write_number(at.as_millis(), into);
                }
                _ => write_distance((away << 1 ^ away >> 63) as u64, into),
            }
            known.add(at);
        }
    }
}

/// Names of moments long past are small numbers; as distances they would be large. So what is so far
/// away is written as it is …
const FAR: i64 = -(1 << 31);

/// … behind this byte.
pub(super) const FAR_AWAY: u8 = 0x20;

/// Moments that have been written: so many of them only as a number when they come again.
pub(super) struct Known {
    times: [Time; Self::MOST],
    many: usize,
}

impl Known {
    /// A byte below this says that a moment comes again.
    const MOST: usize = 16;

    pub(super) const fn new() -> Self {
        Self {
            times: [Time::START; Self::MOST],
            many: 0,
        }
    }

    #[inline]
    fn find(&self, at: Time) -> Option<u8> {
        let place = self.times[..self.many].iter().position(|&it| it == at)?;
        Some(place as u8)
    }

    #[inline]
    pub(super) fn get(&self, place: u8) -> Option<Time> {
        self.times[..self.many].get(usize::from(place)).copied()
    }

    #[inline]
    pub(super) fn add(&mut self, at: Time) {
        if let Some(place) = self.times.get_mut(self.many) {
            *place = at;
            self.many += 1;
        }
    }
}

/// The last tick of a ticker before now: what has just been made does not tick at once.
#[inline]
fn last_tick(anchor: Time, period: u64, now: Time) -> Time {
    let since = now.millis_since(anchor).saturating_sub(1);
    match period {
        0 => anchor,
        period if since < period => anchor,
        period => anchor.plus_millis(since - since % period),
    }
}

/// Seven bits a byte, the lowest first.
#[inline]
fn write_number(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Six bits in the first byte, whose fifth bit says that this is no moment known before.
#[inline]
fn write_distance(value: u64, into: &mut Vec<u8>) {
    let first = value as u8 & 0xf | 0x10 | (value as u8 >> 4 & 3) << 5;
    match value >> 6 {
        0 => into.push(first),
        more => {
            into.push(first | 0x80);
            write_number(more, into);
        }
    }
}
