//! What the compiler does not hold: who may import whom, names that must not occur, sizes, ids of
//! rules, and fixtures that nothing reads. All of it is data at the top of its test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the repository.
struct File {
    /// Its path from the root, with slashes.
    path: String,
    text: String,
}

impl File {
    /// Its module: `kubelet` for `src/kubelet/kill.rs`, `time` for `src/time.rs`.
    fn module(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let end = path.find(['/', '.']).unwrap_or(path.len());
        &path[..end]
    }

    /// Its lines that are not comments, with their numbers; what follows `//` is cut off.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter_map(|(index, line)| {
            let line = line.split(" // ").next().unwrap_or(line);
            let comment = line.trim_start().starts_with("//");
            (!comment).then_some((index + 1, line))
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file at or below `place` whose name has one of the endings; none: every file.
fn files(place: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    let mut open = vec![root().join(place)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let name = relative(&path);
        if !path.is_file() || !(endings.is_empty() || endings.iter().any(|end| name.ends_with(end)))
        {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        found.push(File { path: name, text });
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("a path in here");
    path.to_str().expect("a name").replace('\\', "/")
}

fn sources() -> Vec<File> {
    let found = files("src", &[".rs"]);
    assert!(found.len() > 50, "the sources are there");
    found
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a text holds a name as a word of its own.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].bytes().next_back();
        let after = text[start + name.len()..].bytes().next();
        let inside = |end: Option<u8>, edge: Option<u8>| {
            end.is_some_and(is_word) && edge.is_some_and(is_word)
        };
        !inside(before, name.bytes().next()) && !inside(after, name.bytes().next_back())
    })
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Each module with those that it may import. Whatever is not here may import nothing, and must
/// not exist.
const IMPORTS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("spec", &["time"]),
    ("profile", &["spec", "time"]),
    ("manifest", &["profile", "spec", "time"]),
    ("kubelet", &["profile", "spec", "time"]),
    ("runtime", &["kubelet", "spec", "time"]),
    (
        "timeline",
        &["kubelet", "profile", "runtime", "spec", "time"],
    ),
    ("measure", &["kubelet", "spec", "time", "timeline"]),
    (
        "sim",
        &[
            "kubelet", "manifest", "profile", "runtime", "spec", "time", "timeline",
        ],
    ),
    (
        "explore",
        &[
            "kubelet", "manifest", "measure", "profile", "runtime", "sim", "spec", "time",
            "timeline",
        ],
    ),
    ("replay", &["runtime", "sim", "time", "timeline"]),
    (
        "cli",
        &[
            "explore", "kubelet", "manifest", "measure", "profile", "replay", "runtime", "sim",
            "spec", "time", "timeline",
        ],
    ),
    (
        "strategies",
        &[
            "kubelet", "manifest", "profile", "runtime", "sim", "spec", "time", "timeline",
        ],
    ),
    ("lib", &["profile", "time"]),
    ("main", &[]),
];

#[test]
fn modules_import_only_what_is_below_them() {
    let mut faults = Vec::new();
    for file in sources() {
        let module = file.module();
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{}: module {module} is not in IMPORTS", file.path));
            continue;
        };
        let mut only_for_docs = false;
        for (number, line) in file.code() {
            if line.trim() == "#[cfg(doc)]" {
                only_for_docs = true;
                continue;
            }
            if std::mem::take(&mut only_for_docs) {
                continue;
            }
            for (start, _) in line.match_indices("crate::") {
                if line[..start].bytes().next_back().is_some_and(is_word) {
                    continue;
                }
                let rest = &line[start + "crate::".len()..];
                let end = rest.bytes().position(|byte| !is_word(byte));
                let target = match &rest[..end.unwrap_or(rest.len())] {
                    "Span" | "Time" => "time",
                    "Feature" | "Profile" | "Rules" | "Version" => "profile",
                    other => other,
                };
                if target != module && !allowed.contains(&target) {
                    let path = &file.path;
                    faults.push(format!("{path}:{number}: {module} imports `{target}`"));
                }
            }
        }
    }
    none(&faults);
}

/// A name that must not occur, where, where it may nevertheless, and why not.
struct Forbidden {
    names: &'static [&'static str],
    under: &'static str,
    except: &'static [&'static str],
    because: &'static str,
}

const FORBIDDEN: &[Forbidden] = &[
    Forbidden {
        names: &["Instant", "SystemTime", "UNIX_EPOCH", "thread::sleep"],
        under: "src/",
        except: &["src/cli/around.rs", "src/cli/progress.rs"],
        because: "the only clock is the virtual one",
    },
    Forbidden {
        names: &["HashMap", "HashSet", "RandomState"],
        under: "src/",
        except: &[],
        because: "their order changes from run to run",
    },
    Forbidden {
        names: &["rand", "rand_core", "rand_chacha", "ChaCha8Rng"],
        under: "src/",
        except: &["src/runtime/choices.rs"],
        because: "all that is random is a choice",
    },
    Forbidden {
        names: &["f32", "f64"],
        under: "src/",
        except: &[
            "src/manifest/",
            "src/runtime/window.rs",
            "src/sim/scenario/",
            "src/time.rs",
        ],
        because: "only the reading of a text may meet one",
    },
    Forbidden {
        names: &["Version", "Profile", "Feature"],
        under: "src/",
        except: &[
            "src/cli/",
            "src/lib.rs",
            "src/manifest/",
            "src/profile/",
            "src/sim/scenario",
            "src/strategies/",
        ],
        because: "below the profile there are only named policies",
    },
    Forbidden {
        names: &["std::fs", "std::env", "std::net", "std::process"],
        under: "src/",
        except: &[
            "src/cli/",
            "src/main.rs",
            "src/replay/",
            "src/sim/scenario/",
        ],
        because: "only what reads files does I/O",
    },
    Forbidden {
        names: &[
            "std::thread",
            "Mutex",
            "RwLock",
            "OnceLock",
            "thread_local!",
            "static mut",
        ],
        under: "src/",
        except: &[
            "src/cli/",
            "src/explore/cores.rs",
            "src/explore/crew.rs",
            "src/explore/expand.rs",
            "src/explore/numbers.rs",
            "src/explore/settle.rs",
            "src/explore/shelves.rs",
            "src/explore/visited.rs",
            "src/replay/batch.rs",
        ],
        because: "a run is a value, on one thread",
    },
    Forbidden {
        names: &[
            "String",
            "format!",
            "println!",
            "eprintln!",
            "write!",
            "serde",
            "serde_json",
            "unwrap()",
            "expect(",
            "panic!",
            "unreachable!",
        ],
        under: "src/kubelet/",
        except: &[],
        because: "the machine has no words, and is total",
    },
    Forbidden {
        names: &["unwrap()", "todo!", "unimplemented!"],
        under: "src/replay/",
        except: &[],
        because: "what comes from a file may be anything",
    },
];

/// A file's code up to its unit tests.
fn without_tests(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.code()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
}

#[test]
fn forbidden_names_do_not_occur() {
    let mut faults = Vec::new();
    let sources = sources();
    for forbidden in FORBIDDEN {
        let under = |file: &&File| {
            let except = forbidden.except.iter();
            file.path.starts_with(forbidden.under)
                && !except.clone().any(|path| file.path.starts_with(path))
        };
        for file in sources.iter().filter(under) {
            for (number, line) in without_tests(file) {
                for name in forbidden.names {
                    if has_word(line, name) {
                        let (path, because) = (&file.path, forbidden.because);
                        faults.push(format!("{path}:{number}: `{name}`: {because}"));
                    }
                }
            }
        }
    }
    none(&faults);
}

/// How long a source file may get.
const LINES: usize = 800;

#[test]
fn files_are_short() {
    let places = ["src", "tests", "benches", "docs/examples"];
    let all = places
        .iter()
        .flat_map(|place| match root().join(place).is_dir() {
            true => files(place, &[".rs"]),
            false => Vec::new(),
        });
    let long = all.filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > LINES).then(|| format!("{}: {lines} lines, more than {LINES}", file.path))
    });
    none(&long.collect::<Vec<_>>());
}

/// Places where people write: all that is committed but what was recorded or generated.
fn written() -> Vec<File> {
    let rust = ["src", "tests", "benches"];
    let mut all: Vec<File> = rust
        .iter()
        .filter(|place| root().join(place).is_dir())
        .flat_map(|place| files(place, &[".rs"]))
        .collect();
    for place in ["docs", ".ci"] {
        all.extend(files(place, &[]));
    }
    for place in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Cargo.toml"] {
        all.extend(files(place, &[]));
    }
    all.extend(files("fixtures", &[".md", ".txt"]));
    all
}

#[test]
fn no_file_knows_a_machine() {
    // Put together here, so that this file is clean too.
    let roots = ["tmp", "work", "home", "root", "Users"].map(|name| format!("/{name}/"));
    let mut faults = Vec::new();
    for file in written() {
        for (index, line) in file.text.lines().enumerate() {
            for root in &roots {
                let mut starts = line.match_indices(root.as_str());
                // A path from some root, not the middle of a path or of an address.
                let absolute = starts.any(|(start, _)| {
                    let before = line[..start].bytes().next_back();
                    !before.is_some_and(|byte| is_word(byte) || b".}~-)".contains(&byte))
                });
                if absolute {
                    let (path, number) = (&file.path, index + 1);
                    faults.push(format!("{path}:{number}: a path that starts with {root}"));
                }
            }
        }
    }
    none(&faults);
}

/// Words that look like the id of a rule, and are none.
const NO_RULES: &[&str] = &["UTF", "ISO", "RFC", "SHA", "MIT", "BSD"];

/// All words like `PROBE-22` in a line.
fn ids(line: &str) -> impl Iterator<Item = &str> {
    let word = |byte: char| !(byte.is_ascii_alphanumeric() || byte == '-' || byte == '_');
    line.split(word).filter(|word| {
        word.split_once('-').is_some_and(|(area, number)| {
            area.len() > 1
                && area.bytes().all(|byte| byte.is_ascii_uppercase())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

#[test]
fn rules_that_are_cited_exist() {
    let list = fs::read_to_string(root().join("fixtures/rules.txt")).expect("the list");
    let known: BTreeSet<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(known.contains("PROBE-22") && known.len() > 500);
    let mut faults = Vec::new();
    let mut cited = 0;
    for file in written() {
        if file.path == "fixtures/rules.txt" {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            for id in ids(line) {
                let area = id.split('-').next().unwrap_or(id);
                cited += 1;
                if !known.contains(id) && !NO_RULES.contains(&area) {
                    let (path, number) = (&file.path, index + 1);
                    faults.push(format!("{path}:{number}: there is no rule {id}"));
                }
            }
        }
    }
    assert!(cited > 300, "citations are found");
    none(&faults);
}

#[test]
fn every_fixture_is_read_by_something() {
    let mut readers = files("tests", &[".rs"]);
    readers.extend(sources());
    readers.extend(files(".ci", &[]));
    if root().join("benches").is_dir() {
        readers.extend(files("benches", &[".rs"]));
    }
    let mut faults = Vec::new();
    for entry in fs::read_dir(root().join("fixtures")).expect("the fixtures") {
        let path = relative(&entry.expect("an entry").path());
        let name = path.trim_start_matches("fixtures/");
        let (quoted, below) = (format!("\"{name}\""), format!("\"{name}/"));
        let read = readers.iter().any(|reader| {
            let text = &reader.text;
            text.contains(&path) || text.contains(&quoted) || text.contains(&below)
        });
        if !read {
            faults.push(format!("{path}: nothing reads it"));
        }
    }
    none(&faults);
}

#[test]
fn recorded_scenarios_are_whole() {
    let mut faults = Vec::new();
    let mut traces = 0;
    for folder in podclock::replay::find(&root().join("fixtures/recorded")).expect("recordings") {
        let entries = fs::read_dir(&folder).expect("a folder");
        for entry in entries {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.expect("a name");
            traces += usize::from(name == "trace.json");
            let alternative = name.starts_with("trace.alt") && name.ends_with(".json");
            if !alternative && name != "scenario.yaml" && name != "trace.json" {
                faults.push(format!("{}: not part of a recording", relative(&path)));
            }
        }
    }
    assert!(traces > 900, "every scenario has a trace");
    none(&faults);
}
