//! Two summaries side by side.

use super::text::distance;
use crate::time::Time;
use crate::timeline::Summary;

/// One line: what, before, after, and the difference in words.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) difference: String,
}

pub(super) fn lines(from: &Summary, to: &Summary) -> Vec<Line> {
    let (before, after) = (from.to_string(), to.to_string());
    let mut lines: Vec<Line> = Vec::new();
    for (side, text) in [&before, &after].into_iter().enumerate() {
        for line in text.lines() {
            let (what, value) = line.split_once(' ').unwrap_or((line, ""));
            // A pod that is gone on one side has a phase on the other: two lines.
            let index = lines.iter().position(|line| line.what == what);
            let index = index.unwrap_or_else(|| {
                lines.push(Line {
                    what: what.to_owned(),
                    from: "-".to_owned(),
                    to: "-".to_owned(),
                    difference: String::new(),
                });
                lines.len() - 1
            });
            let value = value.trim_start().to_owned();
            if side == 0 {
                lines[index].from = value;
            } else {
                lines[index].to = value;
            }
        }
    }
    for line in &mut lines {
        line.difference = if line.from == line.to {
            "the same".to_owned()
        } else {
            difference(&line.what, from, to)
        };
    }
    lines
}

/// What is different, where one number says it.
fn difference(what: &str, from: &Summary, to: &Summary) -> String {
    let restarts = |summary: &Summary| {
        summary
            .restarts
            .iter()
            .map(|(_, count)| count)
            .sum::<usize>()
    };
    match what {
        "ready" => match (from.ready, to.ready) {
            (Some(one), Some(two)) if one != two => distance(one, two),
            _ => match (from.unready, to.unready) {
                (Some(one), Some(two)) if one != two => format!("its end {}", distance(one, two)),
                _ => String::new(),
            },
        },
        "restarts" => count(restarts(from), restarts(to)),
        "TERM" => signals(&from.term, &to.term),
        "KILL" => signals(&from.kill, &to.kill),
        "gone" => match (from.gone, to.gone) {
            (Some(one), Some(two)) if one != two => distance(one, two),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn count(from: usize, to: usize) -> String {
    match to.cmp(&from) {
        std::cmp::Ordering::Less => format!("{} fewer", from - to),
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!("{} more", to - from),
    }
}

/// As many signals, all later or earlier by the same: that; otherwise how many more.
fn signals(from: &[(String, Time)], to: &[(String, Time)]) -> String {
    if from.len() != to.len() {
        return count(from.len(), to.len());
    }
    let pairs = from.iter().zip(to);
    let mut shifts: Vec<String> = pairs
        .filter(|(one, two)| one.0 == two.0 && one.1 != two.1)
        .map(|(one, two)| distance(one.1, two.1))
        .collect();
    shifts.dedup();
    match shifts.as_slice() {
        [only] => only.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_shifts() {
        assert_eq!(count(2, 5), "3 more");
        assert_eq!(count(5, 2), "3 fewer");
        let at = |millis| vec![("a".to_owned(), Time::from_millis(millis))];
        assert_eq!(signals(&at(1000), &at(1500)), "0.5s later");
        assert_eq!(signals(&at(1000), &[]), "1 fewer");
    }
}
