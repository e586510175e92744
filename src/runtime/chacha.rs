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
    let (words, _) = seed.as_chunks();
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|place| u32::from_le_bytes(words[place]));
    let mut rows = [CONSTANT, [a, b, c, d], [e, f, g, h], [0; 4]];
    for _ in 0..ROUNDS / 2 {
        rows = mix(rows);
        // Diagonals become columns.
        rows = [rows[0], by_one(rows[1]), by_two(rows[2]), by_three(rows[3])];
        rows = mix(rows);
        // And diagonals again.
        rows = [rows[0], by_three(rows[1]), by_two(rows[2]), by_one(rows[3])];
    }
    let [a, b, c, d] = add(rows[0], CONSTANT).map(u64::from);
    [b << 32 | a, d << 32 | c]
}

/// A quarter round of each column.
#[inline(always)]
fn mix([mut a, mut b, mut c, mut d]: [Row; 4]) -> [Row; 4] {
    a = add(a, b);
    d = xor(d, a).map(|word| word.rotate_left(16));
    c = add(c, d);
    b = xor(b, c).map(|word| word.rotate_left(12));
    a = add(a, b);
    d = xor(d, a).map(|word| word.rotate_left(8));
    c = add(c, d);
    b = xor(b, c).map(|word| word.rotate_left(7));
    [a, b, c, d]
}

#[inline(always)]
const fn add([a, b, c, d]: Row, [e, f, g, h]: Row) -> Row {
    [
        a.wrapping_add(e),
        b.wrapping_add(f),
        c.wrapping_add(g),
        d.wrapping_add(h),
    ]
}

#[inline(always)]
const fn xor([a, b, c, d]: Row, [e, f, g, h]: Row) -> Row {
    [a ^ e, b ^ f, c ^ g, d ^ h]
}

#[inline(always)]
const fn by_one([a, b, c, d]: Row) -> Row {
    [b, c, d, a]
}

#[inline(always)]
const fn by_two([a, b, c, d]: Row) -> Row {
    [c, d, a, b]
}

#[inline(always)]
const fn by_three([a, b, c, d]: Row) -> Row {
    [d, a, b, c]
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
