//! Puts a value together again.

use super::Pack;
use super::packer::KNOWN;
use crate::time::Time;
use smallvec::SmallVec;

/// Reads what a [`Packer`](super::Packer) has written. What is not there reads as zero.
#[derive(Clone, Debug)]
pub struct Unpacker {
    now: Time,
    words: SmallVec<[u64; 16]>,
    /// How many bits have been read.
    bits: usize,
    times: SmallVec<[Time; 32]>,
    next_time: usize,
    counts: SmallVec<[u32; 32]>,
    next_count: usize,
}

impl Unpacker {
    /// Of these bytes, which may go on behind the value.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let now = Time::from_millis(bytes.number());
        let [words, counts, times] = [(); 3].map(|()| bytes.number());
        let mut known: SmallVec<[Time; KNOWN]> = SmallVec::new();
        let word = |nth| match nth + 1 == words {
            true => bytes.number(),
            false => bytes.word(),
        };
        let words = (0..words).map(word).collect();
        let counts = (0..counts).map(|_| bytes.number() as u32).collect();
        let times = (0..times).map(|_| bytes.time(now, &mut known)).collect();
        Self {
            now,
            words,
            bits: 0,
            times,
            next_time: 0,
            counts,
            next_count: 0,
        }
    }

    /// The moment from which the others were counted.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// See [`Packer::bits`](super::Packer::bits).
    #[inline]
    pub fn bits(&mut self, bits: u32) -> u64 {
        let (place, from) = (self.bits / 64, (self.bits % 64) as u32);
        self.bits += bits as usize;
        let word = |place: usize| self.words.get(place).copied().unwrap_or(0);
        let mut value = word(place) >> from;
        if from + bits > 64 {
            value |= word(place + 1) << (64 - from);
        }
        match bits {
            64 => value,
            _ => value & ((1 << bits) - 1),
        }
    }

    /// See [`Packer::number`](super::Packer::number).
    #[inline]
    pub fn number(&mut self) -> u64 {
        match self.bits(2) {
            0 => self.bits(2),
            1 => self.bits(6),
            2 => self.bits(14),
            _ => self.bits(64),
        }
    }

    /// The next moment.
    #[inline]
    pub fn time(&mut self) -> Time {
        let at = self.times.get(self.next_time).copied();
        self.next_time += 1;
        at.unwrap_or(self.now)
    }

    /// The next moment that there may not be.
    #[inline]
    pub fn some_time(&mut self) -> Option<Time> {
        (self.bits(1) == 1).then(|| self.time())
    }

    /// The next counter's value.
    #[inline]
    pub fn count(&mut self) -> u32 {
        let count = self.counts.get(self.next_count).copied();
        self.next_count += 1;
        count.unwrap_or(0)
    }

    #[inline]
    pub(crate) fn take<T: Pack>(&mut self) -> T {
        T::unpack(self)
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    #[inline]
    fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        byte
    }

    fn word(&mut self) -> u64 {
        let Some((word, rest)) = self.0.split_first_chunk() else {
            return 0;
        };
        self.0 = rest;
        u64::from_le_bytes(*word)
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 63 {
                return value;
            }
        }
    }

    #[inline]
    fn time(&mut self, now: Time, known: &mut SmallVec<[Time; KNOWN]>) -> Time {
        let first = self.byte();
        if first & 0x10 == 0 {
            return known.get(usize::from(first)).copied().unwrap_or(now);
        }
        let mut zigzag = u64::from(first & 0xf | (first >> 5 & 3) << 4);
        if first & 0x80 != 0 {
            zigzag |= self.number() << 6;
        }
        let away = zigzag >> 1 ^ (zigzag & 1).wrapping_neg();
        let at = Time::from_millis(now.as_millis().wrapping_add(away));
        if known.len() < KNOWN {
            known.push(at);
        }
        at
    }
}
