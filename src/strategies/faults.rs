//! What may go otherwise.

use super::fragment::{list, map};
use super::time::span;
use crate::runtime::{Choice, Probed, Trace, Window};
use crate::spec::ProbeKind;
use proptest::prelude::*;
use serde_yaml::{Mapping, Value};

/// Choices for [`Replayed`](crate::runtime::Replayed): which alternatives are picked, and when open
/// things happen. Most are nominal, and everything shrinks towards that.
///
/// ```
/// use podclock::runtime::{Faults, Replayed, Script};
/// use podclock::sim::{Model, OpenAction};
/// use podclock::{Profile, manifest, strategies};
/// use proptest::prelude::*;
/// use std::time::Duration;
///
/// let text = include_str!("../../fixtures/manifests/pod-probes.yaml");
/// let profile = Profile::default();
/// let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// let faults = Faults::usual(Script::new(), &pod);
/// let model = Model::new(pod, profile.rules(), faults).open(OpenAction::DELETE);
/// proptest!(ProptestConfig::with_cases(20), |(trace in strategies::trace())| {
///     let run = model.run(&mut Replayed::new(trace), Duration::from_secs(60));
///     prop_assert_eq!(run.violations(), []);
/// });
/// # Ok::<(), manifest::ManifestError>(())
/// ```
pub fn trace() -> impl Strategy<Value = Trace> {
    let open = (0..3u32, span(40)).prop_map(|(index, after)| Choice::Open {
        index,
        after: after.millis(),
    });
    let choice = prop_oneof![
        6 => Just(Choice::Pick(0)),
        3 => (1..4u32).prop_map(Choice::Pick),
        3 => Just(Choice::Wait),
        2 => open,
    ];
    prop::collection::vec(choice, 0..60).prop_map(Trace)
}

/// One alternative: which, its window, its weight.
#[derive(Clone, Copy, Debug)]
struct FaultPlan {
    word: &'static str,
    window: Option<Window>,
    weight: u32,
}

/// An end of a process.
#[derive(Clone, Copy, Debug)]
struct ExitPlan {
    code: u8,
    oom: bool,
    plan: FaultPlan,
}

/// What may go otherwise about a container, whatever it has.
#[derive(Clone, Debug)]
struct MenuPlan {
    pull: Vec<FaultPlan>,
    create: Vec<FaultPlan>,
    start: Vec<FaultPlan>,
    exit: Vec<ExitPlan>,
    on_term: Vec<ExitPlan>,
    probes: [Vec<FaultPlan>; 3],
    post_start: Vec<FaultPlan>,
    pre_stop: Vec<FaultPlan>,
}

/// Something that may be done.
#[derive(Clone, Debug)]
struct OpenPlan {
    at: Option<Window>,
    weight: u32,
    verb: &'static str,
    what: Value,
}

/// What may go otherwise in a scenario; menus count modulo the pod's containers.
#[derive(Clone, Debug)]
pub(super) struct FaultsPlan {
    nominal: u32,
    sandbox: Vec<FaultPlan>,
    menus: Vec<MenuPlan>,
    actions: Vec<OpenPlan>,
}

fn window() -> impl Strategy<Value = Window> {
    let between =
        (span(20), span(20)).prop_map(|(a, b)| Window::between(a.duration(), b.duration()));
    let open = span(20).prop_map(|from| Window {
        earliest: from.millis(),
        latest: u64::MAX,
    });
    prop_oneof![1 => Just(Window::NOW), 2 => between, 1 => open]
}

fn fault(words: &'static [&'static str]) -> impl Strategy<Value = FaultPlan> {
    let word = prop::sample::select(words);
    let window = prop::option::weighted(0.4, window());
    (word, window, 0..4u32).prop_map(|(word, window, weight)| FaultPlan {
        word,
        window: window.filter(|_| !["hang", "ignore"].contains(&word)),
        weight,
    })
}

fn faults(words: &'static [&'static str]) -> impl Strategy<Value = Vec<FaultPlan>> {
    prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(fault(words), 1..3),
    ]
}

fn exits(words: &'static [&'static str]) -> impl Strategy<Value = Vec<ExitPlan>> {
    let exit = (any::<u8>(), prop::bool::weighted(0.2), fault(words));
    let exit = exit.prop_map(|(code, oom, plan)| ExitPlan { code, oom, plan });
    prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(exit, 1..3)]
}

fn menu() -> impl Strategy<Value = MenuPlan> {
    const STEP: &[&str] = &["success", "error", "hang"];
    const COMMAND: &[&str] = &["success", "failure", "error", "hang"];
    let steps = (faults(STEP), faults(STEP), faults(STEP));
    let ends = (exits(&["exit"]), exits(&["ignore", "exit"]));
    let probes = [faults(COMMAND), faults(COMMAND), faults(COMMAND)];
    let hooks = (faults(COMMAND), faults(COMMAND));
    (steps, ends, probes, hooks).prop_map(|(steps, ends, probes, hooks)| MenuPlan {
        pull: steps.0,
        create: steps.1,
        start: steps.2,
        exit: ends.0,
        on_term: ends.1,
        probes,
        post_start: hooks.0,
        pre_stop: hooks.1,
    })
}

fn open() -> impl Strategy<Value = OpenPlan> {
    let grace = prop_oneof![2 => Just(None), 1 => Just(Some(0)), 2 => (1..=40i64).prop_map(Some)];
    let delete = grace.prop_map(|grace| ("delete", map([("grace", grace.map(Value::from))])));
    let down = span(20).prop_map(|down| {
        let down = Some(down.to_string().into());
        ("restart_kubelet", map([("down", down)]))
    });
    let what = prop_oneof![3 => delete, 1 => down];
    (prop::option::of(window()), 0..4u32, what).prop_map(|(at, weight, (verb, what))| OpenPlan {
        at,
        weight,
        verb,
        what,
    })
}

pub(super) fn plan() -> impl Strategy<Value = FaultsPlan> {
    let sandbox = prop_oneof![3 => Just(Vec::new()), 1 => faults(&["success", "error"])];
    let menus = prop::collection::vec(menu(), 1..4);
    let actions = prop::collection::vec(open(), 0..3);
    (1..12u32, sandbox, menus, actions).prop_map(|(nominal, sandbox, menus, actions)| FaultsPlan {
        nominal,
        sandbox,
        menus,
        actions,
    })
}

impl FaultPlan {
    fn value(self, window: &str) -> Value {
        let told = map([
            (window, self.window.map(|window| window.to_string().into())),
            ("weight", (self.weight != 1).then(|| self.weight.into())),
        ]);
        match told.as_mapping() {
            Some(nothing) if nothing.is_empty() => self.word.into(),
            _ => map([(self.word, Some(told))]),
        }
    }
}

impl ExitPlan {
    fn value(self) -> Value {
        map([
            ("code", Some(self.code.into())),
            ("oom", self.oom.then(|| true.into())),
            ("after", self.after()),
            ("weight", Some(self.plan.weight.into())),
        ])
    }

    fn after(self) -> Option<Value> {
        let window = self.plan.window?;
        Some(window.to_string().into())
    }

    fn on_term(self) -> Value {
        if self.plan.word == "ignore" {
            return self.plan.value("after");
        }
        let told = map([
            ("code", Some(self.code.into())),
            ("after", self.after()),
            ("weight", Some(self.plan.weight.into())),
        ]);
        map([("exit", Some(told))])
    }
}

fn takes(faults: &[FaultPlan]) -> Option<Value> {
    list(faults.iter().map(|fault| fault.value("takes")).collect())
}

impl MenuPlan {
    /// What of it speaks of something that the container has.
    fn value(&self, container: &Value) -> Value {
        let has = |field: &str| container.get(field).is_some();
        let asked = |hook: &str| {
            let hook = container.get("lifecycle").and_then(|all| all.get(hook));
            hook.is_some_and(|hook| hook.get("exec").is_some() || hook.get("httpGet").is_some())
        };
        let never = container.get("imagePullPolicy").and_then(Value::as_str) == Some("Never");
        let kinds = ProbeKind::ALL.into_iter().zip(&self.probes);
        let probes: Mapping = kinds
            .filter_map(|(kind, faults)| {
                let word = Probed::from(kind).name();
                has(&format!("{word}Probe")).then_some(())?;
                Some((word.into(), takes(faults)?))
            })
            .collect();
        let probes = (!probes.is_empty()).then_some(Value::Mapping(probes));
        map([
            ("pull", takes(&self.pull).filter(|_| !never)),
            ("create", takes(&self.create)),
            ("start", takes(&self.start)),
            (
                "exit",
                list(self.exit.iter().map(|exit| exit.value()).collect()),
            ),
            (
                "on_term",
                list(self.on_term.iter().map(|exit| exit.on_term()).collect()),
            ),
            ("probes", probes),
            (
                "post_start",
                takes(&self.post_start).filter(|_| asked("postStart")),
            ),
            (
                "pre_stop",
                takes(&self.pre_stop).filter(|_| asked("preStop")),
            ),
        ])
    }
}

impl FaultsPlan {
    /// As a scenario file with that pod writes it.
    pub(super) fn value(&self, pod: &Value) -> Value {
        let lists = ["initContainers", "containers"].into_iter();
        let lists = lists.filter_map(|list| pod.get("spec")?.get(list)?.as_sequence());
        let menus = lists.flatten().zip(self.menus.iter().cycle());
        let containers: Mapping = menus
            .filter_map(|(container, menu)| {
                Some((container.get("name")?.clone(), menu.value(container)))
            })
            .collect();
        let actions = self.actions.iter().map(|open| {
            map([
                ("at", open.at.map(|at| at.to_string().into())),
                ("weight", Some(open.weight.into())),
                (open.verb, Some(open.what.clone())),
            ])
        });
        map([
            ("nominal", Some(self.nominal.into())),
            ("sandbox", takes(&self.sandbox)),
            ("containers", Some(Value::Mapping(containers))),
            ("actions", list(actions.collect())),
        ])
    }
}
