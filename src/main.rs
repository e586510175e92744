//! quick replay driver (to be replaced)
#![allow(clippy::print_stdout, missing_docs, unreachable_pub)]
use podclock::runtime::Nominal;
use podclock::sim::Scenario;
use podclock::timeline::recorded;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

type ByTime = BTreeMap<u64, Vec<String>>;
fn index(v: &[Value]) -> ByTime {
    let mut m = ByTime::new();
    for e in v {
        let mut e = e.clone();
        sort(&mut e);
        m.entry(e["t"].as_u64().unwrap())
            .or_default()
            .push(e.to_string());
    }
    for l in m.values_mut() {
        l.sort();
    }
    m
}
fn sort(v: &mut Value) {
    if let Value::Object(o) = v {
        o.sort_keys();
        for x in o.values_mut() {
            sort(x)
        }
    }
    if let Value::Array(a) = v {
        for x in a {
            sort(x)
        }
    }
}
fn find(dir: &Path, out: &mut Vec<PathBuf>) {
    if dir.join("scenario.yaml").exists() {
        out.push(dir.into());
        return;
    }
    let mut l: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    l.sort();
    for d in l {
        find(&d, out)
    }
}
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verbose = args.len() == 1 && Path::new(&args[0]).join("scenario.yaml").exists();
    let mut dirs = vec![];
    for a in &args {
        find(Path::new(a), &mut dirs)
    }
    let mut groups: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut bad = vec![];
    for d in &dirs {
        let name = d.file_name().unwrap().to_string_lossy().to_string();
        let group = name.split('-').next().unwrap().to_string();
        let parent = d
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .to_string();
        let key = if name.chars().all(|c| c.is_ascii_digit()) {
            parent
        } else {
            group
        };
        let g = groups.entry(key).or_default();
        g.1 += 1;
        let text = std::fs::read_to_string(d.join("scenario.yaml")).unwrap();
        let s = match Scenario::parse(&text) {
            Ok(s) => s,
            Err(e) => {
                println!("{name}: {e}");
                bad.push(name);
                continue;
            }
        };
        let run = s.model.run(&mut Nominal, s.until);
        if run.livelock {
            println!("{name}: LIVELOCK");
        }
        let ours = index(&recorded(&run.timeline, &s.model.names()));
        let mut best: Option<(u64, ByTime)> = None;
        let mut ok = false;
        for f in std::iter::once("trace.json".to_string())
            .chain((1..20).map(|i| format!("trace.alt{i}.json")))
        {
            let Ok(t) = std::fs::read_to_string(d.join(&f)) else {
                continue;
            };
            let v: Vec<Value> = serde_json::from_str(&t).unwrap();
            let theirs = index(&v);
            if theirs == ours {
                ok = true;
                break;
            }
            let diff = theirs
                .keys()
                .chain(ours.keys())
                .filter(|t| theirs.get(t) != ours.get(t))
                .min()
                .copied()
                .unwrap();
            if best.as_ref().is_none_or(|(b, _)| diff > *b) {
                best = Some((diff, theirs));
            }
        }
        if ok {
            g.0 += 1;
            continue;
        }
        let (t, theirs) = best.unwrap();
        bad.push(name.clone());
        if dirs.len() < 60 || std::env::var("SHOW").is_ok() {
            println!("== {name} at {t}");
            if verbose {
                for (k, l) in ours.range(..t).rev().take(3) {
                    println!("   {k}: {}", l.len());
                    for x in l {
                        println!("      {}", &x[..x.len().min(260)]);
                    }
                }
            }
            let empty = vec![];
            let (a, b) = (
                theirs.get(&t).unwrap_or(&empty),
                ours.get(&t).unwrap_or(&empty),
            );
            let mut bb = b.clone();
            for x in a {
                if let Some(i) = bb.iter().position(|y| y == x) {
                    bb.remove(i);
                } else {
                    println!("  - {}", x);
                }
            }
            for x in bb {
                println!("  + {}", x);
            }
        }
    }
    for (k, (a, b)) in &groups {
        print!("{k} {a}/{b}  ");
    }
    let (a, b) = groups.values().fold((0, 0), |x, y| (x.0 + y.0, x.1 + y.1));
    println!("\nTOTAL {a}/{b}\nbad: {}", bad.join(" "));
}
