//! `docs/conformance.md`: how podclock stands against recordings and upstream's tables.

use crate::area::{Area, Outcome};
use crate::recordings::Score;
use std::collections::BTreeMap;
use std::fmt::Write;

const HEAD: &str = "\
# Conformance

Generated: `PODCLOCK_BLESS=1 cargo test --test upstream` writes this page, and that test fails when it is not current.

## Recordings of real kubelets

What kubelets did in the scenarios under `fixtures/recorded/`, to the millisecond. *Equal* is equal to a recording entry by
entry; *reordered* is equal only if what happens at one instant happens in another order than podclock's own; *differs* is
neither. `fixtures/recorded/expected.txt` names the latter two one by one, with reasons. Where a recording and a table of
upstream's disagree, the recording is right.

";

const TABLES: &str = "
## Upstream's own tests

Cases of the test tables in the Kubernetes repository, turned into facts and expected results (`fixtures/upstream/`). Each is
run by `tests/upstream/` against podclock's functions or a whole run, under the rules of the version that the table belongs
to. *Known failing* are cases in which podclock does something else, *left out* are cases that are not run; below the table
is why.

";

/// The page.
pub(crate) fn write(scores: &BTreeMap<(String, String), Score>, areas: &[Area]) -> String {
    let mut page = HEAD.to_owned();
    recordings(&mut page, scores).expect("a string");
    page += TABLES;
    tables(&mut page, areas).expect("a string");
    for area in areas {
        reasons(&mut page, area).expect("a string");
    }
    page
}

fn recordings(page: &mut String, scores: &BTreeMap<(String, String), Score>) -> std::fmt::Result {
    writeln!(
        page,
        "| folder | group | scenarios | equal | reordered | differs |"
    )?;
    writeln!(page, "|---|---|---:|---:|---:|---:|")?;
    let mut total = Score::default();
    let mut places: Vec<&str> = scores.keys().map(|(place, _)| place.as_str()).collect();
    places.dedup();
    for place in places {
        let groups = scores.iter().filter(|((of, _), _)| of == place);
        let mut sum = Score::default();
        for (_, score) in groups.clone() {
            sum += *score;
        }
        row(page, &format!("`{place}`"), "all", sum)?;
        for ((_, group), score) in groups.filter(|((_, group), _)| !group.is_empty()) {
            row(page, "", group, *score)?;
        }
        total += sum;
    }
    row(page, "**all**", "", total)
}

fn row(page: &mut String, folder: &str, group: &str, score: Score) -> std::fmt::Result {
    let (all, equal) = (score.scenarios(), score.equal);
    let (reordered, differs) = (score.reordered, score.differs);
    writeln!(
        page,
        "| {folder} | {group} | {all} | {equal} | {reordered} | {differs} |"
    )
}

fn tables(page: &mut String, areas: &[Area]) -> std::fmt::Result {
    writeln!(
        page,
        "| area | upstream | run | passing | known failing | left out |"
    )?;
    writeln!(page, "|---|---|---:|---:|---:|---:|")?;
    let mut totals = [0; 4];
    for area in areas {
        let counts = area.counts();
        let [run, passed, failed, left_out] = counts;
        let (name, upstream) = (area.name, &area.upstream);
        writeln!(
            page,
            "| {name} | `{upstream}` | {run} | {passed} | {failed} | {left_out} |"
        )?;
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
    }
    let [run, passed, failed, left_out] = totals;
    writeln!(
        page,
        "| **all** | | {run} | {passed} | {failed} | {left_out} |"
    )
}

/// Cases that do not pass, by the reason.
fn reasons(page: &mut String, area: &Area) -> std::fmt::Result {
    let mut groups: [Vec<(&str, Vec<&str>)>; 2] = Default::default();
    for case in &area.cases {
        let (group, reason) = match &case.outcome {
            Outcome::Passed => continue,
            Outcome::Failed(error) => (0, area.known.get(&case.id).unwrap_or(error)),
            Outcome::LeftOut(reason) => (1, reason),
        };
        let group = &mut groups[group];
        match group.iter_mut().find(|(known, _)| known == reason) {
            Some((_, ids)) => ids.push(&case.id),
            None => group.push((reason, vec![&case.id])),
        }
    }
    if groups.iter().all(Vec::is_empty) {
        return Ok(());
    }
    writeln!(page, "\n### {}\n", area.name)?;
    for (title, groups) in ["Known failing", "Left out"].iter().zip(groups) {
        for (reason, ids) in groups {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            let (count, ids) = (ids.len(), ids.join(", "));
            writeln!(page, "- {title}, {count}: {reason}. {ids}")?;
        }
    }
    Ok(())
}
