//! Which line of one timeline is which line of the other.

use super::told::Told;
use crate::time::Time;
use std::collections::BTreeMap;

/// Places in the first and in the second timeline.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Pairs of places: what both sides have, then what only one has; the order is the caller's to make.
///
/// Not a diff of texts: that looks for the longest run of lines in the same order, and so calls a
/// line that has overtaken another one gone and new. Here it has moved.
pub(super) fn pairs(from: &[Told], to: &[Told]) -> Vec<Pair> {
    let mut keys: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, lines) in [from, to].into_iter().enumerate() {
        for (place, told) in lines.iter().enumerate() {
            keys.entry(&told.key).or_default()[side].push(place);
        }
    }
    let mut pairs = Vec::new();
    for [one, two] in keys.into_values() {
        alike(&one, &two, from, to, &mut pairs);
    }
    // At one moment the lines of a side keep their order; what only the first side has comes first.
    pairs.sort_by_key(|&(one, two)| (two.is_some(), two, one));
    pairs
}

/// Pairs lines of one key. As many on both sides: one by one. Otherwise those of the same time go
/// together, and of the others those that are closest, in order.
fn alike(one: &[usize], two: &[usize], from: &[Told], to: &[Told], pairs: &mut Vec<Pair>) {
    if one.len() == two.len() {
        let both = one.iter().zip(two);
        pairs.extend(both.map(|(&one, &two)| (Some(one), Some(two))));
        return;
    }
    let at_one = |place: &usize| from[*place].row.at;
    let at_two = |place: &usize| to[*place].row.at;
    let (mut one_left, mut two_left) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < one.len() && j < two.len() {
        match at_one(&one[i]).cmp(&at_two(&two[j])) {
            std::cmp::Ordering::Less => {
                one_left.push(one[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                two_left.push(two[j]);
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                pairs.push((Some(one[i]), Some(two[j])));
                i += 1;
                j += 1;
            }
        }
    }
    one_left.extend(&one[i..]);
    two_left.extend(&two[j..]);
    let times_one: Vec<Time> = one_left.iter().map(at_one).collect();
    let times_two: Vec<Time> = two_left.iter().map(at_two).collect();
    let met: Vec<(usize, usize)> = if one_left.len() <= two_left.len() {
        closest(&times_one, &times_two)
    } else {
        let swapped = closest(&times_two, &times_one).into_iter();
        swapped.map(|(two, one)| (one, two)).collect()
    };
    for &(one, two) in &met {
        pairs.push((Some(one_left[one]), Some(two_left[two])));
    }
    let single = |left: &[usize], met: Vec<usize>| {
        let places = left.iter().enumerate();
        let unmet = places.filter(move |(index, _)| met.binary_search(index).is_err());
        unmet.map(|(_, &place)| place).collect::<Vec<_>>()
    };
    let (met_one, met_two): (Vec<usize>, Vec<usize>) = met.into_iter().unzip();
    pairs.extend(
        single(&one_left, met_one)
            .into_iter()
            .map(|place| (Some(place), None)),
    );
    pairs.extend(
        single(&two_left, met_two)
            .into_iter()
            .map(|place| (None, Some(place))),
    );
}

/// For each of the fewer times the closest of the others, in order.
fn closest(few: &[Time], many: &[Time]) -> Vec<(usize, usize)> {
    let mut next = 0;
    let mut met = Vec::new();
    for (index, time) in few.iter().enumerate() {
        // As many must be left as are still to be met.
        let last = many.len() - (few.len() - index);
        let distance = |place: usize| {
            let other = many[place];
            time.millis_since(other).max(other.millis_since(*time))
        };
        while next < last && distance(next + 1) < distance(next) {
            next += 1;
        }
        met.push((index, next));
        next += 1;
    }
    met
}

#[cfg(test)]
mod tests {
    use super::closest;
    use crate::time::Time;

    #[test]
    fn each_meets_the_closest_that_is_left() {
        let times = |millis: &[u64]| -> Vec<Time> {
            let times = millis.iter().copied();
            times.map(Time::from_millis).collect()
        };
        type Case<'a> = (&'a [u64], &'a [u64], &'a [(usize, usize)]);
        let cases: [Case<'_>; 4] = [
            (&[20], &[1, 12, 21, 30], &[(0, 2)]),
            (&[20, 22], &[1, 21, 30], &[(0, 1), (1, 2)]),
            (&[90, 91], &[1, 2, 3], &[(0, 1), (1, 2)]),
            (&[], &[1], &[]),
        ];
        for (few, many, wanted) in cases {
            assert_eq!(closest(&times(few), &times(many)), wanted);
        }
    }
}
