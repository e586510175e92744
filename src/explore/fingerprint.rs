//! 128 bits that stand for a world.

use std::hash::{Hash, Hasher};

/// Two odd constants without structure: the first digits of the fractional parts of √2 and √3.
const MULTIPLIERS: [u64; 2] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b];

/// A hash of 128 bits, the same on every machine.
///
/// Two lanes of folded multiplication. Of ten million values no two are expected to collide but
/// with a chance of 10⁻²⁵.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u64; 2]);

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

impl Fingerprint {
    /// Of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(MULTIPLIERS)
    }

    /// All that has been taken in.
    #[must_use]
    pub fn value(self) -> u128 {
        let Self([one, two]) = self;
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

    /// Of one value.
    #[must_use]
    pub fn of(value: &impl Hash) -> u128 {
        let mut fingerprint = Self::new();
        value.hash(&mut fingerprint);
        fingerprint.value()
    }

    fn mix(&mut self, word: u64) {
        for (lane, multiplier) in self.0.iter_mut().zip(MULTIPLIERS) {
            let wide = u128::from(*lane ^ word) * u128::from(multiplier);
            // The lower half alone would be lost where one factor is zero.
            *lane = ((wide as u64) ^ ((wide >> 64) as u64)).wrapping_add(word.rotate_left(23));
        }
    }
}

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        self.value() as u64
    }

    fn write(&mut self, bytes: &[u8]) {
        self.mix(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(value.into());
    }

    fn write_u16(&mut self, value: u16) {
        self.mix(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_i32(&mut self, value: i32) {
        self.mix(value as u32 as u64);
    }

    fn write_i64(&mut self, value: i64) {
        self.mix(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.mix(value as u64);
    }
}
