//! States taken apart into few bits, and put together again.
//!
//! A search keeps worlds by the million and compares them by what they say. Both are made from the
//! same parts: plain values, moments, and counters. Moments and counters stand apart, because two
//! states with the same future may differ in them ([`Names`]).

mod fixed;
mod names;
mod packer;
mod plain;
mod unpacker;

pub use names::{Counter, Lasts, Names};
pub use packer::Packer;
pub use unpacker::Unpacker;

/// What can be taken apart and put together again by itself.
pub(crate) trait Pack: Sized {
    fn pack(&self, to: &mut Packer);
    fn unpack(from: &mut Unpacker<'_>) -> Self;
}
