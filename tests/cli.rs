//! The program from the outside: what it prints, and how it ends.
#![cfg(feature = "cli")]

use podclock::cli::{self, Exit};
use podclock::timeline::wire::Line;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

struct Outcome {
    exit: Exit,
    out: String,
    err: String,
}

fn podclock_with(stdin: &str, args: &[&str]) -> Outcome {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).expect("the crate's folder");
    let args = std::iter::once("podclock").chain(args.iter().copied());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::run(args, &mut stdin.as_bytes(), &mut out, &mut err);
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

fn podclock(args: &[&str]) -> Outcome {
    podclock_with("", args)
}

/// Everything about an outcome, for a snapshot.
fn shown(outcome: &Outcome) -> String {
    let Outcome { exit, out, err } = outcome;
    format!("exit {}\n--- stdout\n{out}--- stderr\n{err}", exit.code())
}

fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let entries = entries.expect("a folder of fixtures");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("UTF-8");
    let mut names: Vec<String> = entries
        .map(|entry| name(entry.expect("an entry")))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

fn snapshots(group: &str, folder: &str, more: &[&str]) {
    for file in files(folder) {
        let stem = Path::new(&file).file_stem().and_then(|stem| stem.to_str());
        let args = [&["run", file.as_str()], more].concat();
        let name = format!("run-{group}-{}", stem.expect("a name"));
        insta::assert_snapshot!(name, shown(&podclock(&args)));
    }
}

#[test]
fn the_seed_articles_manifests() {
    for file in files("fixtures/seed/mended") {
        let text = fs::read_to_string(&file).expect("a fixture");
        let first = text.lines().next().unwrap_or_default();
        let versions = first.strip_prefix("# kubernetes: ").unwrap_or("1.36");
        let version = versions.split_whitespace().last().expect("a version");
        let stem = Path::new(&file).file_stem().and_then(|stem| stem.to_str());
        let name = format!("run-seed-{}", stem.expect("a name"));
        let outcome = podclock(&["run", &file, "--kubelet", version]);
        assert_eq!(outcome.exit, Exit::Fine, "{file}: {}", outcome.err);
        insta::assert_snapshot!(name, shown(&outcome));
    }
}

#[test]
fn scenarios() {
    snapshots("scenario", "fixtures/scenarios", &[]);
}

#[test]
fn wrong_input() {
    snapshots("wrong", "fixtures/cli", &[]);
}

#[test]
fn questions_about_a_manifest() {
    let file = "fixtures/cli-questions/web.yaml";
    let questions: [(&str, &[&str]); 10] = [
        ("ideal", &["--ideal", "--hangs-after", "30s"]),
        ("starts-slowly", &["--starts-in", "25s"]),
        ("not-ready", &["--not-ready-until", "app=30"]),
        ("hangs", &["--hangs-after", "30s", "--delete-at", "2m"]),
        (
            "crashes",
            &["--exits-after", "app=5s", "--exit-code", "3", "--for", "3m"],
        ),
        ("ignores-term", &["--ignores-term=app", "--grace", "10"]),
        ("hooks", &["--pre-stop-takes", "25s", "--stops-in", "8s"]),
        ("no-image", &["--pull-fails=app", "--for", "1m"]),
        ("older", &["--kubelet", "1.32"]),
        ("random", &["--seed", "7"]),
    ];
    for (name, flags) in questions {
        let args = [&["run", file], flags].concat();
        let outcome = podclock(&args);
        assert_eq!(outcome.exit, Exit::Fine, "{name}: {}", outcome.err);
        insta::assert_snapshot!(format!("run-question-{name}"), shown(&outcome));
        assert_eq!(podclock(&args).out, outcome.out, "{name}: the same twice");
    }
}

#[test]
fn differences() {
    let web = "fixtures/cli-questions/web.yaml";
    let minimal = "fixtures/manifests/pod-minimal.yaml";
    let old = "fixtures/manifests/apps-v1beta1.yaml";
    let loops = "fixtures/scenarios/crash-loop.yaml";
    let gate = "PLEGOnDemandRelist=false";
    let questions: [(&str, &[&str], Exit); 9] = [
        (
            "crash-loop",
            &[
                "--from",
                "1.32",
                minimal,
                "--exits-after",
                "3s",
                "--for",
                "90s",
            ],
            Exit::Failed,
        ),
        (
            "ignored",
            &["--from", "1.27", "--to", "1.30", web],
            Exit::Failed,
        ),
        (
            "refused",
            &["--from", "1.15", "--to", "1.16", old],
            Exit::Failed,
        ),
        (
            "accepted",
            &["--from", "1.36", "--to", "1.15", old],
            Exit::Failed,
        ),
        (
            "gate",
            &["--to-gate", gate, web, "--hangs-after", "30s"],
            Exit::Failed,
        ),
        ("scenario", &["--from", "1.34", loops], Exit::Failed),
        (
            "same",
            &["--from", "1.29", "--to", "1.30", web, minimal],
            Exit::Fine,
        ),
        (
            "random",
            &["--from", "1.32", web, "--seed", "3"],
            Exit::Failed,
        ),
        (
            "details",
            &["--from", "1.35", "--details", "--format", "json", minimal],
            Exit::Failed,
        ),
    ];
    for (name, flags, exit) in questions {
        let args = [&["diff"], flags].concat();
        let outcome = podclock(&args);
        assert_eq!(outcome.exit, exit, "{name}: {}", outcome.err);
        insta::assert_snapshot!(format!("diff-{name}"), shown(&outcome));
    }
    let json = podclock(&[
        "diff", "--from", "1.32", "--format", "json", web, old, loops,
    ]);
    for line in json.out.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(value["kind"].is_string(), "{line}");
    }
}

#[test]
fn nothing_to_compare() {
    let minimal = "fixtures/manifests/pod-minimal.yaml";
    let gate = "StartupProbe=false";
    for (args, wanted) in [
        (&["diff", minimal][..], "before and after are the same"),
        (
            &["diff", minimal, "--from", "1.32", "--to", "1.32"],
            "before and after are the same",
        ),
        (
            &["diff", minimal, "--to-gate", "SidecarContainers=false"],
            "cannot set feature gate SidecarContainers to false",
        ),
        (&["diff", minimal, "--to-gate", gate], "always on"),
        (
            &["diff", minimal, "--from", "1.5", "--from-gate", gate],
            "unrecognized feature gate: StartupProbe (it came with Kubernetes 1.16, this is 1.5)",
        ),
        (
            &[
                "diff",
                "fixtures/scenarios/crash-loop.yaml",
                "--from",
                "1.5",
                "--grace",
                "3",
            ],
            "--grace is for manifests",
        ),
        (
            &["diff", "fixtures/broken/no-name.yaml", "--from", "1.32"],
            "metadata.name",
        ),
    ] {
        let outcome = podclock(args);
        assert_eq!(outcome.exit, Exit::Usage, "{args:?}: {}", outcome.out);
        assert!(outcome.err.contains(wanted), "{args:?}: {}", outcome.err);
    }
}

#[test]
fn files_that_cannot_be_read() {
    let folder = std::env::temp_dir().join(format!("podclock-{}", std::process::id()));
    fs::create_dir_all(folder.join("empty")).expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let latin = file("latin.yaml", b"kind: Pod\nmetadata: {name: caf\xe9}\n");
    let utf16 = file("utf16.yaml", b"\xff\xfek\0i\0");
    let zipped = file("zipped.yaml", b"\x1f\x8b\x08\0");
    let empty = folder.join("empty").to_str().expect("UTF-8").to_owned();
    let manifests = "fixtures/manifests";
    for (file, message, help) in [
        (
            "nope.yaml",
            "there is no such file",
            "`-` is the standard input",
        ),
        (
            "fixtures/manifests/pod-minimal.yml",
            "there is no such file",
            "did you mean `fixtures/manifests/pod-minimal.yaml`?",
        ),
        (
            "no/such/web.yaml",
            "there is no such file",
            "there is no folder no/such either",
        ),
        (
            manifests,
            "this is a folder",
            "give its files: `fixtures/manifests/anchors.yaml`",
        ),
        (
            &empty,
            "this is a folder",
            "there is no .yaml, .yml or .json file in it",
        ),
        (
            &latin,
            "not UTF-8 text (line 2, byte 30",
            "save it as UTF-8",
        ),
        (&utf16, "not UTF-8 text (line 1, byte 0", "it is UTF-16"),
        (&zipped, "not UTF-8 text", "unpack it first"),
    ] {
        for command in [&["run"][..], &["diff", "--from", "1.32"]] {
            let outcome = podclock(&[command, &[file]].concat());
            assert_eq!(outcome.exit, Exit::Usage, "{file}");
            let told = format!("error: {message}");
            assert!(outcome.err.starts_with(&told), "{file}: {}", outcome.err);
            assert!(outcome.err.contains(help), "{file}: {}", outcome.err);
            assert!(outcome.err.contains(file), "{file}: {}", outcome.err);
        }
    }
    fs::remove_dir_all(&folder).expect("to tidy up");
}

#[test]
fn exit_codes() {
    let fine = "fixtures/scenarios/crash-loop.yaml";
    assert_eq!(podclock(&["run", fine]).exit, Exit::Fine);
    let wrong = fs::read_to_string(fine)
        .expect("a fixture")
        .replace("at_least: 4", "never: true");
    let outcome = podclock_with(&wrong, &["run", "-"]);
    assert_eq!(outcome.exit, Exit::Failed);
    assert!(outcome.err.contains("<stdin>:15:3"), "{}", outcome.err);
    for args in [
        &["run"][..],
        &["run", "no-such-file.yaml"],
        &["run", fine, "--kubelet", "1.99"],
        &["run", fine, "--ignores-term"],
        &["run", fine, "--feature-gate", "SidecarContainer=true"],
        &[
            "run",
            "fixtures/manifests/pod-minimal.yaml",
            "--hangs-after",
            "none=3s",
        ],
        &["walk"],
    ] {
        let outcome = podclock(args);
        assert_eq!(outcome.exit, Exit::Usage, "{args:?}: {}", outcome.err);
        assert!(!outcome.err.is_empty(), "{args:?}");
    }
    assert_eq!(podclock(&["--help"]).exit, Exit::Fine);
}

#[test]
fn wrong_files_do_not_stop_the_others() {
    let outcome = podclock(&[
        "run",
        "no-such-file.yaml",
        "fixtures/scenarios/crash-loop.yaml",
    ]);
    assert_eq!(outcome.exit, Exit::Usage);
    assert!(outcome.out.contains("scenario crash-loop"));
}

#[test]
fn json_lines_can_be_read_back() {
    for file in files("fixtures/scenarios") {
        let outcome = podclock(&["run", "--format", "json", &file]);
        let lines: Vec<&str> = outcome.out.lines().collect();
        assert!(lines[0].contains("\"schema\":1"), "{}", lines[0]);
        for line in &lines {
            let read: Line = serde_json::from_str(line).expect("a line");
            assert_eq!(serde_json::to_string(&read).expect("JSON"), **line);
        }
        assert!(matches!(
            serde_json::from_str(lines[lines.len() - 1]).expect("a line"),
            Line::Summary(_)
        ));
    }
}

/// A text with a piece of it cut out, doubled, or replaced.
fn mangled(text: &str, at: usize, length: usize, what: &str) -> String {
    let from = (0..=at % (text.len() + 1))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    let rest = &text[from..];
    let until = (0..=length.min(rest.len()))
        .rev()
        .find(|&at| rest.is_char_boundary(at));
    let (cut, rest) = rest.split_at(until.unwrap_or(0));
    let what = if what == "twice" {
        format!("{cut}{cut}")
    } else {
        what.to_owned()
    };
    format!("{}{what}{rest}", &text[..from])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mangled_scenarios_never_panic(
        which in 0_usize..4,
        cuts in prop::collection::vec((any::<usize>(), 0_usize..40, prop::sample::select(vec![
            "", "twice", "{", "}", "[", "-1", "null", ": ", "\n", "1e400", "99999999999h", "ignore",
            "&a", "*a", "\"", "'", "!!str", "true", "0.0000001", "- ", "999999999999999999999",
        ])), 1..4),
    ) {
        let files = files("fixtures/scenarios");
        let mut text = fs::read_to_string(&files[which % files.len()]).expect("a fixture");
        for (at, length, what) in cuts {
            text = mangled(&text, at, length, what);
        }
        // A mangled length of the run may be years: read it, and run only what is short.
        if let Ok(scenario) = podclock::sim::Scenario::parse(&text)
            && scenario.until.as_secs() < 1000
        {
            let run = scenario.run(&mut podclock::runtime::Nominal);
            let _ = scenario.failures(&run.timeline);
            let _ = run.timeline.to_string();
        }
    }
}

#[test]
fn explorations() {
    let folder = |name: &str| format!("fixtures/explore/{name}.yaml");
    let [plain, sidecar, own] = ["plain", "sidecar", "post-start"].map(folder);
    let (plain, sidecar, own) = (plain.as_str(), sidecar.as_str(), own.as_str());
    let questions: [(&str, &[&str], Exit); 10] = [
        ("nothing", &[plain, "--faults", "0"], Exit::Fine),
        ("manifest", &[plain, "--faults", "1"], Exit::Failed),
        (
            "older",
            &[sidecar, "--kubelet", "1.32", "--faults", "1"],
            Exit::Failed,
        ),
        ("own", &[own], Exit::Failed),
        (
            "seconds",
            &[
                own,
                "--instants",
                "seconds",
                "--faults",
                "1",
                "--until",
                "20",
            ],
            Exit::Failed,
        ),
        (
            "bounded",
            &[
                plain,
                "--until",
                "1m",
                "--depth",
                "20",
                "--without",
                "oddities",
            ],
            Exit::Bounded,
        ),
        (
            "without",
            &[plain, "--without", "all", "--states", "100"],
            Exit::Bounded,
        ),
        ("ideal", &[plain, "--ideal", "--faults", "1"], Exit::Failed),
        ("typo", &[plain, "--without", "gone-in-tim"], Exit::Usage),
        ("version", &[own, "--kubelet", "1.32"], Exit::Usage),
    ];
    for (name, flags, exit) in questions {
        let args = [&["explore"], flags].concat();
        let outcome = podclock(&args);
        assert_eq!(outcome.exit, exit, "{name}: {}", outcome.err);
        insta::assert_snapshot!(format!("explore-{name}"), shown(&outcome));
        let again = podclock(&[&args[..], &["--threads", "1"]].concat());
        assert_eq!(again.out, outcome.out, "{name}: on one thread");
    }
}

#[test]
fn explorations_are_saved() {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/explored");
    let file = "fixtures/explore/post-start.yaml";
    let outcome = podclock(&["explore", file, "--save", folder]);
    let commands = outcome.out.lines();
    let mut saved: Vec<&str> = commands
        .filter_map(|line| line.trim().strip_prefix("podclock run "))
        .collect();
    saved.sort_unstable();
    assert!(saved.len() > 3, "{}", outcome.out);
    for file in saved {
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str());
        let run = podclock(&["run", file]);
        assert_eq!(run.exit, Exit::Fine, "{}", run.err);
        insta::assert_snapshot!(format!("explored-{}", stem.expect("a name")), run.out);
        let seeded = podclock(&["run", file, "--seed", "1"]);
        assert_eq!(seeded.exit, Exit::Usage);
        assert!(
            seeded.err.contains("--seed does not go with"),
            "{}",
            seeded.err
        );
    }
}

#[test]
fn bounds_of_a_manifest() {
    let file = "fixtures/cli-questions/checked.yaml";
    let ideal = ["bounds", file, "--ideal", "--restarts", "1"];
    let outcome = podclock(&ideal);
    insta::assert_snapshot!("bounds-ideal", shown(&outcome));
    let json = podclock(&[&ideal[..], &["--format", "json"]].concat());
    insta::assert_snapshot!("bounds-json", shown(&json));
    let bounded = podclock(&["bounds", file, "--states", "2000"]);
    insta::assert_snapshot!("bounds-bounded", shown(&bounded));
}

/// Each length is that of a run which can be shown.
#[test]
fn bounds_are_those_of_runs() {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/bounds");
    let file = "fixtures/cli-questions/checked.yaml";
    let outcome = podclock(&[
        "bounds",
        file,
        "--ideal",
        "--restarts",
        "1",
        "--save",
        folder,
    ]);
    assert!(outcome.out.contains("podclock run"), "{}", outcome.out);
    let longest = format!("{folder}/checked-delete-to-gone-greatest.yaml");
    let run = podclock(&["run", &longest]);
    let told = |text: &str, from: &str| {
        let line = text.lines().find(|line| line.starts_with(from));
        line.unwrap_or_default().to_owned()
    };
    let bound = told(&outcome.out, "delete → gone");
    let longest = bound.split_whitespace().last().unwrap_or_default();
    let gone = told(&run.out, "gone ");
    assert!(
        gone.contains(&format!(", {longest} after the delete")),
        "{bound}: {gone}"
    );
}
