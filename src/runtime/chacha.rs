//! ChaCha8: the first words of a stream, and no more of it.
//!
//! A choice takes a word or two of a stream that is its own. Generators that have the next four
//! blocks ready would throw nearly all of their work away.

/// One row of the state.
type Row = [u32; 4];

const ROUNDS: usize = 8;

/// "expand 32-byte k"
const CONSTANT: Row = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// The first 16 bytes of the stream with that seed.
pub(super) fn first_words(seed: &[u8; 32]) -> [u64; 2] {
    let word = |place: usize| {
        let bytes = &seed[place * 4..place * 4 + 4];
        bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
    };
    let key = |row: usize| [0, 1, 2, 3].map(|place| word(row * 4 + place));
    let mut rows = [CONSTANT, key(0), key(1), [0; 4]];
    for _ in 0..ROUNDS / 2 {
        mix(&mut rows);
        turn(&mut rows, [1, 2, 3]);
        mix(&mut rows);
        turn(&mut rows, [3, 2, 1]);
    }
    let [a, b, c, d] = add(rows[0], CONSTANT).map(u64::from);
    [b << 32 | a, d << 32 | c]
}

/// A quarter round of each column.
fn mix([a, b, c, d]: &mut [Row; 4]) {
    *a = add(*a, *b);
    *d = xor(*d, *a).map(|word| word.rotate_left(16));
    *c = add(*c, *d);
    *b = xor(*b, *c).map(|word| word.rotate_left(12));
    *a = add(*a, *b);
    *d = xor(*d, *a).map(|word| word.rotate_left(8));
    *c = add(*c, *d);
    *b = xor(*b, *c).map(|word| word.rotate_left(7));
}

/// Turns every row but the first by so many places, so that diagonals become columns, or columns
/// diagonals.
fn turn([_, b, c, d]: &mut [Row; 4], [by_b, by_c, by_d]: [usize; 3]) {
    b.rotate_left(by_b);
    c.rotate_left(by_c);
    d.rotate_left(by_d);
}

fn add(a: Row, b: Row) -> Row {
    std::array::from_fn(|place| a[place].wrapping_add(b[place]))
}

fn xor(a: Row, b: Row) -> Row {
    std::array::from_fn(|place| a[place] ^ b[place])
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    #[test]
    fn words_are_those_of_the_usual_generator() {
        for step in 0..200_u8 {
            let seed = std::array::from_fn(|place| (place as u8).wrapping_mul(step) ^ step);
            let mut usual = ChaCha8Rng::from_seed(seed);
            let words = [usual.next_u64(), usual.next_u64()];
            assert_eq!(super::first_words(&seed), words);
        }
    }
}
