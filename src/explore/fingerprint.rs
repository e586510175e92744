//! 128 bits that stand for a world.

use std::hash::Hasher;

/// Two odd constants without structure: the first digits of the fractional parts of √2 and √3.
const MULTIPLIERS: [u64; 2] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b];

/// A hash of 128 bits, the same on every machine.
///
/// Two lanes of folded multiplication. Of ten million values no two are expected to collide but
/// with a chance of 10⁻²⁵.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    lanes: [u64; 2],
    /// What has not been mixed in yet, from its lowest bit on.
    waiting: u64,
    /// How many bits of it there are.
    bits: u32,
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

impl Fingerprint {
    /// Of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lanes: MULTIPLIERS,
            waiting: 0,
            bits: 0,
        }
    }

    /// All that has been taken in.
    #[must_use]
    pub fn value(mut self) -> u128 {
        self.mix(self.waiting ^ u64::from(self.bits) << 56);
        let [one, two] = self.lanes;
        let fold = |value: u64, with: u64| {
            let wide = u128::from(value) * u128::from(with);
            (wide as u64) ^ ((wide >> 64) as u64)
        };
        let (one, two) = (
            fold(one ^ two.rotate_left(32), MULTIPLIERS[1]) ^ one,
            fold(two ^ one.rotate_left(17), MULTIPLIERS[0]) ^ two,
        );
        u128::from(one) << 64 | u128::from(two)
    }

    /// Takes in so many bits of a value. Small values share a word: which values come one after the
    /// other follows from those before them, so that no two lists of values look alike.
    #[inline]
    fn take(&mut self, value: u64, bits: u32) {
        if self.bits + bits > 64 {
            self.mix(self.waiting);
            self.waiting = 0;
            self.bits = 0;
        }
        self.waiting |= value << self.bits;
        self.bits += bits;
        if self.bits == 64 {
            self.mix(self.waiting);
            self.waiting = 0;
            self.bits = 0;
        }
    }

    #[inline]
    fn mix(&mut self, word: u64) {
        for (lane, multiplier) in self.lanes.iter_mut().zip(MULTIPLIERS) {
            let wide = u128::from(*lane ^ word) * u128::from(multiplier);
            // A factor of zero would lose the word.
            *lane = ((wide as u64) ^ ((wide >> 64) as u64)).wrapping_add(word.rotate_left(23));
        }
    }
}

/// A value in two halves, the lower one first.
pub(super) const fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// A value of two halves.
pub(super) const fn whole([low, high]: [u64; 2]) -> u128 {
    (high as u128) << 64 | low as u128
}

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        self.value() as u64
    }

    fn write(&mut self, bytes: &[u8]) {
        self.take(bytes.len() as u64, 64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.take(u64::from_le_bytes(word), 64);
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.take(value.into(), 8);
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.take(value.into(), 16);
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.take(value.into(), 32);
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        match self.bits {
            0 => self.mix(value),
            _ => self.take(value, 64),
        }
    }

    #[inline]
    fn write_i32(&mut self, value: i32) {
        self.take(u64::from(value as u32), 32);
    }

    #[inline]
    fn write_i64(&mut self, value: i64) {
        self.take(value as u64, 64);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.take(value as u64, 64);
    }

    /// The variant of an enum: those here have fewer than 256.
    #[inline]
    fn write_isize(&mut self, value: isize) {
        match u8::try_from(value) {
            Ok(small) if small < u8::MAX => self.take(small.into(), 8),
            _ => {
                self.take(u8::MAX.into(), 8);
                self.take(value as u64, 64);
            }
        }
    }
}
