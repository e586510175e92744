//! Puts a value together again.

use super::Pack;
use super::packer::{FAR_AWAY, Known};
use crate::time::Time;

/// Reads what a [`Packer`](super::Packer) has written. What is not there reads as zero.
pub struct Unpacker<'a> {
    now: Time,
    words: Bytes<'a>,
    /// What is left of the word at hand, and how many bits that are.
    word: u64,
    left: u32,
    counts: Bytes<'a>,
    times: Bytes<'a>,
    known: Known,
}

impl std::fmt::Debug for Unpacker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

impl<'a> Unpacker<'a> {
    /// Of these bytes, which may go on behind the value.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let now = Time::from_millis(bytes.number());
        let (words, counts) = (bytes.number() as usize, bytes.number());
        let words = bytes.split_off(words.saturating_mul(8));
        let start = bytes.0;
        for _ in 0..counts {
            bytes.number();
        }
        Self {
            now,
            words,
            word: 0,
            left: 0,
            counts: Bytes(start),
            times: bytes,
            known: Known::new(),
        }
    }

    /// See [`Packer::bits`](super::Packer::bits).
    #[inline]
    pub fn bits(&mut self, bits: u32) -> u64 {
        let mask = (1 << bits) - 1;
        if bits <= self.left {
            let value = self.word & mask;
            self.word >>= bits;
            self.left -= bits;
            value
        } else {
            self.over_two_words(bits) & mask
        }
    }

    fn over_two_words(&mut self, bits: u32) -> u64 {
        let next = self.words.word();
        let value = self.word | next << self.left;
        let taken = bits - self.left;
        self.word = next >> taken;
        self.left = 64 - taken;
        value
    }

    /// See [`Packer::number`](super::Packer::number).
    #[inline]
    pub fn number(&mut self) -> u64 {
        match self.bits(2) {
            3 => self.larger_number(),
            small => small,
        }
    }

    /// How long a list is. None is longer than this: whoever reads what no packer has written does not
    /// read for ever.
    #[inline]
    pub fn length(&mut self) -> usize {
        self.number().min(u16::MAX.into()) as usize
    }

    fn larger_number(&mut self) -> u64 {
        match self.bits(2) {
            0 => self.bits(6),
            1 => self.bits(14),
            2 => self.bits(32),
            _ => self.bits(32) | self.bits(32) << 32,
        }
    }

    /// The next moment.
    #[inline]
    pub fn time(&mut self) -> Time {
        let first = self.times.byte();
        if first == FAR_AWAY {
            let at = Time::from_millis(self.times.number());
            self.known.add(at);
            return at;
        }
        if first & 0x10 == 0 {
            return self.known.get(first).unwrap_or(self.now);
        }
        let mut zigzag = u64::from(first & 0xf | (first >> 5 & 3) << 4);
        if first & 0x80 != 0 {
            zigzag |= self.times.number() << 6;
        }
        let away = zigzag >> 1 ^ (zigzag & 1).wrapping_neg();
        let at = Time::from_millis(self.now.as_millis().wrapping_add(away));
        self.known.add(at);
        at
    }

    /// The next moment that there may not be.
    #[inline]
    pub fn some_time(&mut self) -> Option<Time> {
        (self.bits(1) == 1).then(|| self.time())
    }

    /// The next counter's value.
    #[inline]
    pub fn count(&mut self) -> u32 {
        self.counts.number() as u32
    }

    #[inline]
    pub(crate) fn take<T: Pack>(&mut self) -> T {
        T::unpack(self)
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn split_off(&mut self, many: usize) -> Self {
        let (front, rest) = self.0.split_at(many.min(self.0.len()));
        self.0 = rest;
        Self(front)
    }

    #[inline]
    fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        byte
    }

    #[inline]
    fn word(&mut self) -> u64 {
        let Some((word, rest)) = self.0.split_first_chunk() else {
            return 0;
        };
        self.0 = rest;
        u64::from_le_bytes(*word)
    }

    #[inline]
    fn number(&mut self) -> u64 {
        let first = self.byte();
        if first < 0x80 {
            return first.into();
        }
        let (mut value, mut shift) = (u64::from(first & 0x7f), 7);
        loop {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 63 {
                return value;
            }
        }
    }
}
