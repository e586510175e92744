//! `podclock replay`: what it prints, and its exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CASE: &str = "fixtures/recorded/kubelet-1.32/corpus/live-never";

fn replay(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_podclock"))
        .arg("replay")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// A copy of a scenario whose trace has been changed.
fn copy(name: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let read = |file: &str| fs::read_to_string(root.join(CASE).join(file)).expect("a file");
    fs::write(folder.join("scenario.yaml"), read("scenario.yaml")).expect("a copy");
    fs::write(folder.join("trace.json"), change(&read("trace.json"))).expect("a copy");
    folder
}

#[test]
fn the_same_is_0() {
    let output = replay(&[CASE]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    insta::assert_snapshot!(text(&output.stdout), @r"
    fixtures/recorded/kubelet-1.32/corpus
      live             1/1
    1 scenario: 1 the same, 0 different
    ");
}

#[test]
fn a_difference_is_1_and_shown_from_both_sides() {
    let folder = copy("live-changed", |trace| {
        trace.replace(r#""code":143"#, r#""code":144"#)
    });
    let output = replay(&[folder.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].ends_with("live-changed differs at 15.000 s (- trace.json, + podclock)"));
    let wanted = [
        "       15.000  probe   end a#0 liveness failure",
        "  -    15.000  exit    exit a#0 code=144 signal=TERM",
        "  +    15.000  exit    exit a#0 code=143 signal=TERM",
        "1 scenario: 0 the same, 1 different",
    ];
    for line in wanted {
        assert!(lines.contains(&line), "{line:?} is missing in\n{shown}");
    }
}

#[test]
fn what_only_another_order_makes_the_same_is_1_and_counted_apart() {
    let output = replay(&["fixtures/recorded/kubelet-1.32/corpus/tie-whole-seconds"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout), @r"
    fixtures/recorded/kubelet-1.32/corpus
      tie              0/1  ~tie-whole-seconds
    1 scenario: 0 the same, 1 (~) only in another order of one instant, 0 different
    ");
}

#[test]
fn bad_input_is_2() {
    for (args, told) in [
        (&["nowhere"][..], "error: nowhere: "),
        (&["src"], "error: no recorded scenario there"),
        (&[CASE, "--only", "nothing"], "error: no scenario has that"),
    ] {
        let output = replay(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(text(&output.stdout), "", "{args:?}");
        assert!(text(&output.stderr).starts_with(told), "{args:?}");
    }
    let folder = copy("live-malformed", |trace| {
        trace.replacen("\"t\":0", "\"t\":-1", 1)
    });
    let output = replay(&[folder.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("trace.json: entry 1: `t` must be"));
    assert!(text(&output.stdout).ends_with("1 scenario: 0 the same, 0 different, 1 unreadable\n"));
}

#[test]
fn json_has_a_line_per_scenario_and_one_for_all() {
    let output = replay(&[
        "fixtures/recorded/kubelet-1.32",
        "--only",
        "live",
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert_eq!(shown.lines().count(), 29);
    assert_eq!(
        shown.lines().last(),
        Some(
            r#"{"schema":1,"kind":"summary","scenarios":28,"same":28,"reordered":0,"different":0,"unreadable":0}"#
        )
    );
}
