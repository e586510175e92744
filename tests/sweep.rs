//! `podclock sweep` and `podclock merge`: what they print, and that nothing but the seeds decides it.

use podclock::cli::{self, Exit};
use podclock::timeline::wire::Line;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const WEB: &str = "fixtures/cli-questions/web.yaml";
const MENU: &str = "fixtures/scenarios/fault-menu.yaml";

struct Outcome {
    exit: Exit,
    out: String,
    err: String,
}

fn podclock(args: &[&str]) -> Outcome {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).expect("the crate's folder");
    let args = std::iter::once("podclock").chain(args.iter().copied());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::run(args, &mut std::io::empty(), &mut out, &mut err);
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("UTF-8");
        anstream::adapter::strip_str(&text).to_string()
    };
    Outcome {
        exit,
        out: text(out),
        err: text(err),
    }
}

fn shown(outcome: &Outcome) -> String {
    let Outcome { exit, out, err } = outcome;
    format!("exit {}\n--- stdout\n{out}--- stderr\n{err}", exit.code())
}

/// A folder for parts, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("podclock-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        let path = self.0.join(name);
        path.to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_printed() {
    for (name, args) in [
        ("faults", &[WEB, "--seeds", "0..300"][..]),
        (
            "hangs",
            &[
                WEB,
                "--no-faults",
                "--hangs-after",
                "30s",
                "--delete-at",
                "3m",
                "--seeds",
                "0..300",
            ],
        ),
        ("menu", &[MENU, "--seeds", "5..105"]),
        ("json", &[MENU, "--seeds", "5..105", "--format", "json"]),
    ] {
        let outcome = podclock(&[&["sweep"], args].concat());
        assert_eq!(outcome.exit, Exit::Fine, "{name}: {}", outcome.err);
        insta::assert_snapshot!(format!("sweep-{name}"), shown(&outcome));
    }
}

#[test]
fn threads_and_shards_change_nothing() {
    let folder = Folder::new("shards");
    for (file, format) in [(WEB, "text"), (MENU, "json")] {
        let sweep = ["sweep", file, "--seeds", "3..403", "--format", format];
        let whole = podclock(&[&sweep[..], &["--threads", "1"]].concat());
        assert_eq!(whole.exit, Exit::Fine, "{}", whole.err);
        let threads = podclock(&[&sweep[..], &["--threads", "3"]].concat());
        assert_eq!(threads.out, whole.out);
        for of in [1, 2, 7] {
            let mut parts = Vec::new();
            for index in (0..of).rev() {
                let (shard, part) = (format!("{index}/{of}"), folder.file(&index.to_string()));
                let more = ["--shard", &shard, "--out", &part, "--threads", "2"];
                let outcome = podclock(&[&sweep[..], &more].concat());
                assert_eq!((outcome.exit, &*outcome.out), (Exit::Fine, ""));
                parts.push(part);
            }
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let merge = [&["merge", "--format", format], &parts[..]].concat();
            let merged = podclock(&merge);
            assert_eq!(merged.exit, Exit::Fine, "{}", merged.err);
            assert_eq!(merged.out, whole.out, "{of} shards of {file}");
        }
    }
}

/// The only length of a measure of the pod.
fn single(part: &Value, measure: &str) -> Option<u64> {
    let rows = part["pods"][0]["measures"].as_array().expect("measures");
    let row = rows.iter().find(|row| row["measure"] == measure);
    row.and_then(|row| row["counts"][0][0].as_u64())
}

#[test]
fn each_run_can_be_shown_again() {
    let folder = Folder::new("again");
    let path = folder.file("part");
    let loops = "fixtures/scenarios/slow-shutdown.yaml";
    let flags = ["--ignores-term=app", "--kubelet", "1.34"];
    for (file, flags) in [(WEB, &flags[..]), (MENU, &[]), (loops, &[])] {
        let mut different = std::collections::BTreeSet::new();
        for seed in 0..25_u64 {
            let seeds = format!("--seeds={seed}..{}", seed + 1);
            let sweep = [&["sweep", "--out", &path, file, &seeds], flags].concat();
            let outcome = podclock(&sweep);
            assert_eq!(outcome.exit, Exit::Fine, "{}", outcome.err);
            let part = fs::read_to_string(&path).expect("a part");
            let part: Value = serde_json::from_str(&part).expect("JSON");
            let command = part["again"].as_str().expect("a command");
            let words: Vec<&str> = command.split(' ').skip(1).collect();
            let seed = seed.to_string();
            let more = ["--seed", &seed, "--format", "json"];
            let run = podclock(&[&words[..], &more].concat());
            assert!(run.exit < Exit::Usage, "{command}: {}", run.err);
            let lines = run.out.lines().map(serde_json::from_str);
            let lines: Vec<Line> = lines.map(|line| line.expect("a line")).collect();
            let Some(Line::Summary(told)) = lines.last() else {
                panic!("{command}: no summary");
            };
            assert_eq!(
                single(&part, "created-to-ready"),
                told.ready,
                "{command} {seed}"
            );
            let deleted = lines.iter().find_map(|line| match line {
                Line::Api(fact) => {
                    let is = |field, value| fact.fields.get(field).is_some_and(|it| it == value);
                    (is("op", "delete") && is("note", "user")).then_some(fact.t)
                }
                _ => None,
            });
            let took = told.gone.zip(deleted).map(|(gone, deleted)| gone - deleted);
            assert_eq!(single(&part, "delete-to-gone"), took, "{command} {seed}");
            different.insert((told.ready, took));
        }
        assert!(different.len() > 5, "{file}: seeds differ");
    }
}

#[test]
fn parts_that_do_not_fit() {
    let folder = Folder::new("parts");
    let part = |name: &str, more: &[&str]| {
        let path = folder.file(name);
        let outcome = podclock(&[&["sweep", "--out", &path], more].concat());
        assert_eq!(outcome.exit, Exit::Fine, "{}", outcome.err);
        path
    };
    let of = |name, seeds, shard| part(name, &[WEB, "--seeds", seeds, "--shard", shard]);
    let (a, b) = (of("a", "0..20", "0/2"), of("b", "0..20", "1/2"));
    let (seeds, third) = (of("seeds", "0..21", "1/2"), of("third", "0..20", "1/3"));
    let flags = part(
        "flags",
        &[WEB, "--seeds", "0..20", "--shard", "1/2", "--ideal"],
    );
    let changed = |name: &str, path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(path).expect("a part");
        assert!(text.contains(from), "{from} in {text}");
        let path = folder.file(name);
        fs::write(&path, text.replacen(from, to, 1)).expect("a part");
        path
    };
    let input = changed("input", &b, "\"input\":\"", "\"input\":\"f");
    let schema = changed("schema", &b, "\"schema\":1", "\"schema\":2");
    let runs = changed("runs", &b, "\"runs\":10", "\"runs\":9");
    for (parts, wanted) in [
        (&[&a][..], "missing: shard 1/2"),
        (&[&b], "missing: shard 0/2"),
        (&[&a, &b, &a], "are both shard 0/2"),
        (&[&a, &seeds], "of another sweep"),
        (&[&a, &third], "shards of 3 and 2"),
        (&[&a, &flags], "the command"),
        (&[&a, &input], "fingerprints of the input"),
        (&[&a, &schema], "schema 2, and this is for 1"),
        (&[&a, &runs], "9 runs, and the shard has 10 seeds"),
        (&[&a, &WEB.to_owned()], "no part of a sweep"),
        (&[&a, &"no-such-file".to_owned()], "no-such-file: "),
    ] {
        let parts = parts.iter().map(|part| part.as_str());
        let args: Vec<&str> = std::iter::once("merge").chain(parts).collect();
        let outcome = podclock(&args);
        assert_eq!((outcome.exit, &*outcome.out), (Exit::Usage, ""), "{wanted}");
        assert!(outcome.err.contains(wanted), "{wanted}: {}", outcome.err);
    }
    let found = r#""broken":{"one-run-at-a-time":{"runs":2,"first":[7,9]}}"#;
    let broken = changed("broken", &b, "\"broken\":{}", found);
    let outcome = podclock(&["merge", &a, &broken]);
    assert_eq!(outcome.exit, Exit::Failed);
    let told = format!(
        "invariant one-run-at-a-time broken in 2 runs, first shown by\n  podclock run {WEB} --faults --seed 7\n"
    );
    assert!(outcome.out.contains(&told), "{}", outcome.out);
}

#[test]
fn wrong_arguments() {
    for (args, wanted) in [
        (&["sweep", WEB, "--seeds", "9..9"][..], "no seeds"),
        (&["sweep", WEB, "--seeds", "9"], "write FROM..TO"),
        (&["sweep", WEB, "--seed", "9"], "--seeds FROM..TO"),
        (&["sweep", WEB, "--shard", "0/2"], "--out"),
        (
            &["sweep", WEB, "--shard", "2/2", "--out", "x"],
            "the last is 7/8",
        ),
        (
            &["sweep", WEB, "--faults", "--no-faults"],
            "exclude each other",
        ),
        (&["sweep", MENU, "--faults"], "--faults is for manifests"),
        (&["sweep", "no-such-file"], "there is no such file"),
        (&["merge"], "PART"),
    ] {
        let outcome = podclock(args);
        assert_eq!((outcome.exit, &*outcome.out), (Exit::Usage, ""), "{args:?}");
        assert!(outcome.err.contains(wanted), "{args:?}: {}", outcome.err);
    }
}

#[test]
fn the_job_that_sweeps_is_read_and_runs() {
    let job = "fixtures/sweep/indexed-job.yaml";
    let outcome = podclock(&["run", job]);
    assert_eq!((outcome.exit, &*outcome.err), (Exit::Fine, ""));
    assert!(
        outcome.out.contains("one of Job sweep's"),
        "{}",
        outcome.out
    );
    // What it is told to do is what the program understands.
    let text = fs::read_to_string(job).expect("a fixture");
    let command = text.lines().skip_while(|line| !line.ends_with("command:"));
    let words = command
        .skip(1)
        .map_while(|line| line.trim().strip_prefix("- "));
    let words: Vec<String> = words
        .skip(1)
        .map(|word| word.replace("$(JOB_COMPLETION_INDEX)", "0"))
        .map(|word| word.replace("10000000", "10").replace("/in/web.yaml", WEB))
        .collect();
    let folder = Folder::new("job");
    let words = words
        .iter()
        .map(|word| word.replace("/parts", &folder.file("")));
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = podclock(&words);
    assert_eq!((outcome.exit, &*outcome.err), (Exit::Fine, ""), "{words:?}");
    assert!(fs::exists(folder.file("0.json")).expect("a folder"));
}
