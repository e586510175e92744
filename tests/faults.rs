//! Fault menus: every alternative is offered, is taken when picked, and changes the run.
#![cfg(feature = "cli")]

use podclock::kubelet::{Request, Token, Verb};
use podclock::profile::Profile;
use podclock::runtime::{
    Answer, Call, ChoicePoint, Choices, Exit, Faults, NOMINAL_WEIGHT, Nominal, Runtime, Script,
    Seeded, Window,
};
use podclock::sim::{Action, Model, OpenAction, Run, Scenario};
use podclock::spec::{ContainerId, PodSpec, ProbeKind};
use podclock::{Time, manifest};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a choice is about: a container's verb, or an open action by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Call(Option<ContainerId>, Verb),
    Action(u32),
}

impl About {
    const fn of(point: ChoicePoint) -> Self {
        match point.aspect {
            3 => Self::Action(point.token.ordinal),
            _ => Self::Call(point.token.container, point.token.verb),
        }
    }

    fn name(self, pod: &PodSpec) -> String {
        match self {
            Self::Action(index) => format!("action {index}"),
            Self::Call(None, verb) => format!("{verb:?}"),
            Self::Call(Some(id), verb) => format!("{} {verb:?}", pod.container(id).name),
        }
    }
}

/// Picks one alternative, the first time that it is offered, and places everything late.
#[derive(Debug, Default)]
struct One {
    wanted: Option<(About, usize)>,
    offered: BTreeMap<About, Vec<u32>>,
}

impl Choices for One {
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize {
        let about = About::of(point);
        self.offered.entry(about).or_insert_with(|| weights.into());
        let wanted = self.wanted.take_if(|(wanted, _)| *wanted == about);
        wanted.map_or(0, |(_, index)| index)
    }

    fn place(&mut self, _: ChoicePoint, window: Window) -> Window {
        let latest = match window.latest {
            u64::MAX => window.earliest + 20_000,
            latest => latest,
        };
        Window {
            earliest: latest,
            latest,
        }
    }
}

fn scenario() -> Scenario {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Scenario::open(&root.join("fixtures/scenarios/fault-menu.yaml")).expect("a scenario")
}

fn pod(manifest: &str) -> Arc<PodSpec> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/manifests");
    let text = std::fs::read_to_string(root.join(manifest)).expect("a manifest");
    let workload = manifest::parse(&text, &Profile::default()).into_result();
    Arc::clone(&workload.expect("a pod").pods[0].spec)
}

/// What happened, one a line, cut short.
fn lines(run: &Run) -> Vec<String> {
    let entries = run.timeline.entries().iter();
    let lines = entries.map(|entry| format!("{} {:?}", entry.at, entry.event));
    lines.map(|line| line.chars().take(160).collect()).collect()
}

#[test]
fn every_alternative_changes_the_run() {
    let scenario = scenario();
    assert!(scenario.has_faults);
    let pod = scenario.model.names().pod.clone();
    let mut nominal = One::default();
    let run = scenario.run(&mut nominal);
    // A preStop hook is only run where somebody deletes the pod.
    let mut deleted = One {
        wanted: Some((About::Action(1), 1)),
        ..One::default()
    };
    let second = scenario.run(&mut deleted);
    let mut shown = String::new();
    for (about, weights) in &deleted.offered {
        writeln!(shown, "{}: {weights:?}", about.name(&pod)).expect("a string");
        for index in 1..weights.len() {
            let mut one = One {
                wanted: Some((*about, index)),
                ..One::default()
            };
            let (base, model) = match nominal.offered.contains_key(about) {
                true => (&run, scenario.model.clone()),
                false => {
                    let delete = Action::DELETE;
                    (
                        &second,
                        scenario.model.clone().at(Duration::from_secs(20), delete),
                    )
                }
            };
            let other = model.run(&mut one, scenario.until);
            assert_eq!(one.wanted, None, "{about:?} is offered");
            let (told, base) = (lines(&other), lines(base));
            assert_ne!(told, base, "{about:?} {index} changes nothing");
            let same = told.iter().zip(&base).take_while(|(a, b)| a == b).count();
            let first = told
                .get(same)
                .map_or("nothing more happens", String::as_str);
            writeln!(shown, "  {index} {first}").expect("a string");
        }
    }
    insta::assert_snapshot!(shown);
}

/// What is offered in a nominal run that ends in a deletion.
fn offered(pod: &Arc<PodSpec>) -> String {
    let init = pod.init_ids().filter(|&id| !pod.is_sidecar(id));
    let script = init.fold(Script::new(), |script, id| {
        let name = &pod.container(id).name;
        script.container(name, |app| app.exits(Duration::from_secs(1), 0))
    });
    let faults = Faults::usual(script, pod);
    let model = Model::new(Arc::clone(pod), Profile::default().rules(), faults);
    let model = model.open(OpenAction::DELETE);
    let model = model.at(Duration::from_secs(200), Action::DELETE);
    let mut choices = One::default();
    let _ = model.run(&mut choices, Duration::from_secs(300));
    let offered = choices.offered.iter();
    offered
        .map(|(about, weights)| format!("{}: {weights:?}\n", about.name(pod)))
        .collect()
}

#[test]
fn bare_manifests_have_a_usual_menu() {
    let mut shown = String::new();
    for name in [
        "pod-hooks-sidecars.yaml",
        "pod-probes.yaml",
        "pod-pull-policy.yaml",
    ] {
        writeln!(shown, "# {name}\n{}", offered(&pod(name))).expect("a string");
    }
    insta::assert_snapshot!(shown);
}

/// What nobody may ask.
#[derive(Debug)]
struct Nobody;

impl Choices for Nobody {
    fn pick(&mut self, point: ChoicePoint, _: &[u32]) -> usize {
        panic!("asked about {point:?}")
    }
}

#[test]
fn the_dead_have_no_alternatives() {
    let pod = pod("pod-minimal.yaml");
    let app = ContainerId(0);
    let hangs = Answer::Hang;
    let faults = Faults::new(Script::new()).container(app, |menu| {
        let menu = menu.post_start(hangs).pre_stop(hangs);
        let kinds = ProbeKind::ALL.into_iter();
        kinds.fold(menu, |menu, kind| menu.probe(kind, hangs))
    });
    let verbs = ProbeKind::ALL.map(Verb::Probe);
    for verb in verbs.into_iter().chain([Verb::PostStart, Verb::PreStop]) {
        let token = Token {
            container: Some(app),
            verb,
            ordinal: 0,
        };
        let request = Request {
            token,
            image: None,
            nth: 0,
            running_for: 0,
            alive: false,
        };
        let mut call = Call {
            request: &request,
            pod: &pod,
            now: Time::START,
        };
        let dead = Script::new().reply(&call, &mut Nobody);
        assert_eq!(faults.reply(&call, &mut Nobody), dead, "{verb:?}");
        let alive = Request {
            alive: true,
            ..request
        };
        call.request = &alive;
        let mut one = One {
            wanted: Some((About::Call(Some(app), verb), 1)),
            ..One::default()
        };
        assert_eq!(faults.reply(&call, &mut one).outcome, None, "{verb:?}");
    }
}

#[test]
fn weights_decide_under_a_seed() {
    let pod = pod("pod-minimal.yaml");
    let faults = |nominal| {
        let menu = Faults::new(Script::new()).container(ContainerId(0), |menu| {
            menu.exit(Exit::from(7).weighing(0)).exit(Exit::OOM)
        });
        menu.nominal_weight(nominal)
    };
    let told = |nominal, seed| {
        let rules = Profile::default().rules();
        let model = Model::new(Arc::clone(&pod), rules, faults(nominal));
        let run = model.run(&mut Seeded(seed), Duration::from_secs(7200));
        run.timeline.to_string()
    };
    for seed in 0..40 {
        assert!(told(0, seed).contains("OOMKilled"), "seed {seed}");
    }
    let rare: Vec<String> = (0..40).map(|seed| told(NOMINAL_WEIGHT, seed)).collect();
    let struck = rare
        .iter()
        .filter(|told| told.contains("OOMKilled"))
        .count();
    assert!(0 < struck && struck < 20, "{struck} of 40");
    assert!(rare.iter().all(|told| !told.contains("exit code 7")));
}

#[test]
fn a_window_without_end_is_drawn_minute_by_minute() {
    let point = |ordinal| ChoicePoint {
        token: Token {
            container: None,
            verb: Verb::RunSandbox,
            ordinal,
        },
        at: Time::START,
        aspect: 1,
    };
    let window = Window {
        earliest: 5_000,
        latest: u64::MAX,
    };
    let minutes = (0..2000).map(|ordinal| {
        let drawn = Seeded(1).place(point(ordinal), window);
        assert_eq!(drawn.earliest, drawn.latest);
        assert!(drawn.earliest >= 5_000);
        (drawn.earliest - 5_000) / 60_000
    });
    let mut counts = BTreeMap::new();
    for minute in minutes {
        *counts.entry(minute).or_insert(0) += 1;
    }
    let counts: Vec<u32> = (0..4).map(|minute| counts[&minute]).collect();
    assert!(counts.is_sorted_by(|a, b| a > b), "{counts:?}");
    assert_eq!(Nominal.place(point(0), window).earliest, 5_000);
}
