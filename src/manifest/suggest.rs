//! Names that were probably meant.

/// The candidate nearest to `word`, if one is near enough to be worth showing.
///
/// Letter case does not count, so `prestop` is as near to `preStop` as can be.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = fold(word);
    // A third of the letters may be wrong, at least one; in short words that is plenty.
    let limit = (word.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &fold(candidate)), candidate))
        .filter(|&(distance, candidate)| distance <= limit && distance < candidate.len())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// `(did you mean ...)` for help texts.
pub(crate) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// Lower case, without the separators of other naming styles; long words are cut, they match
/// nothing anyway.
fn fold(word: &str) -> Vec<char> {
    word.chars()
        .filter(|char| !matches!(char, '-' | '_' | ' '))
        .take(80)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Edits between two words: insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &char) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &other) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(char != other))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && char == b[j - 1] && a[i - 1] == other {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last[b.len()]
}
