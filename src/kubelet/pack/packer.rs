//! Takes a value apart.

use super::Pack;
use super::names::{Counter, Lasts};
use crate::time::Time;
use smallvec::SmallVec;

/// The parts of a value: plain values as bits, moments, and counters, each in the order in which
/// they were met.
#[derive(Clone, Debug, Default)]
pub struct Packer {
    pub(super) words: Vec<u64>,
    /// What is not in `words` yet, from its lowest bit on.
    waiting: u64,
    /// How many bits of it there are.
    filled: u32,
    pub(super) times: Vec<(Time, Lasts)>,
    pub(super) counts: Vec<(Counter, u32)>,
}

impl Packer {
    /// Of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what it holds, and keeps its memory.
    pub fn clear(&mut self) {
        self.words.clear();
        self.waiting = 0;
        self.filled = 0;
        self.times.clear();
        self.counts.clear();
    }

    /// A value that fits into so many bits, at most 64.
    #[inline]
    pub fn bits(&mut self, value: u64, bits: u32) {
        self.waiting |= value << self.filled;
        self.filled += bits;
        if self.filled >= 64 {
            self.words.push(self.waiting);
            self.filled -= 64;
            // What did not fit; a shift by all 64 bits would not shift at all.
            self.waiting = match bits - self.filled {
                64 => 0,
                taken => value >> taken,
            };
        }
    }

    /// A number that is small as a rule.
    #[inline]
    pub fn number(&mut self, value: u64) {
        match value {
            0..4 => self.bits(value << 2, 4),
            4..64 => self.bits(value << 2 | 1, 8),
            64..0x4000 => self.bits(value << 2 | 2, 16),
            _ => {
                self.bits(3, 2);
                self.bits(value, 64);
            }
        }
    }

    /// A moment.
    #[inline]
    pub fn time(&mut self, at: Time, lasts: Lasts) {
        self.times.push((at, lasts));
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

    /// As bytes, with its own moments and counters; the first moment that was packed is its present.
    /// The plain values have been closed.
    pub fn write(&self, into: &mut Vec<u8>) {
        let times = self.times.iter().map(|&(at, _)| at);
        let counts = self.counts.iter().map(|&(_, count)| count);
        let now = times.clone().next().unwrap_or(Time::START);
        self.encode(now, times, counts, into);
    }

    /// As bytes: behind `now` the plain values, the counters, and the moments as distances from it.
    pub(super) fn encode(
        &self,
        now: Time,
        times: impl ExactSizeIterator<Item = Time>,
        counts: impl ExactSizeIterator<Item = u32>,
        into: &mut Vec<u8>,
    ) {
        write_number(now.as_millis(), into);
        for many in [self.words.len(), counts.len(), times.len()] {
            write_number(many as u64, into);
        }
        if let Some((last, words)) = self.words.split_last() {
            for word in words {
                into.extend_from_slice(&word.to_le_bytes());
            }
            write_number(*last, into);
        }
        for count in counts {
            write_number(count.into(), into);
        }
        let mut known: SmallVec<[Time; KNOWN]> = SmallVec::new();
        for at in times {
            match known.iter().position(|&known| known == at) {
                Some(place) => into.push(place as u8),
                None => {
                    let away = at.as_millis().wrapping_sub(now.as_millis()) as i64;
                    write_distance((away << 1 ^ away >> 63) as u64, into);
                    if known.len() < KNOWN {
                        known.push(at);
                    }
                }
            }
        }
    }
}

/// So many different moments are written once only: a byte below this says that one comes again.
pub(super) const KNOWN: usize = 16;

/// Seven bits a byte, the lowest first.
fn write_number(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Six bits in the first byte, whose fifth bit says that this is no moment known before.
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
