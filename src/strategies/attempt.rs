//! What containers do.

use super::time::span;
use crate::runtime::{
    Attempt, ExitPlan, Failure, HookPlan, ProbePiece, ProbeVerdict, Pull, SandboxPlan, Script,
    TermPlan,
};
use crate::spec::{PodSpec, ProbeKind};
use crate::time::Span;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What one attempt to start a container comes to. Shrinks to one that starts at once, runs for
/// ever, answers every probe and hook well, and ends at the stop signal.
///
/// ```
/// use podclock::runtime::Script;
/// use podclock::strategies::attempt;
/// use proptest::prelude::*;
///
/// proptest!(|(drawn in attempt())| {
///     let script = Script::new().container("app", |_| drawn);
/// #   let _ = script;
/// });
/// ```
pub fn attempt() -> impl Strategy<Value = Attempt> {
    let start = (
        sometimes(span(4)),
        sometimes(pull()),
        error(0.04, "bad config"),
        error(0.04, "no such command"),
    );
    let end = (
        prop::option::weighted(0.35, exit()),
        prop::option::weighted(0.4, on_term()),
    );
    let hooks = (
        prop::option::weighted(0.4, hook()),
        prop::option::weighted(0.4, hook()),
    );
    (start, end, (pieces(), pieces(), pieces()), hooks).prop_map(|(start, end, probes, hooks)| {
        let (start_delay, pull, create_error, start_error) = start;
        let mut attempt = Attempt {
            start_delay,
            pull,
            create_error,
            start_error,
            exit: end.0,
            on_term: end.1,
            post_start: hooks.0,
            pre_stop: hooks.1,
            ..Attempt::default()
        };
        let pieces = [probes.0, probes.1, probes.2];
        for (kind, pieces) in ProbeKind::ALL.into_iter().zip(pieces) {
            if !pieces.is_empty() {
                attempt = attempt.probe(kind, pieces);
            }
        }
        attempt
    })
}

/// What every container of a pod does at its first attempts, and what the runtime does with the
/// pod's sandbox. Init containers that are no sidecars end by themselves.
///
/// ```
/// use podclock::runtime::Nominal;
/// use podclock::sim::Model;
/// use podclock::{Profile, manifest, strategies};
/// use proptest::prelude::*;
/// use std::time::Duration;
///
/// let text = include_str!("../../fixtures/manifests/pod-minimal.yaml");
/// let profile = Profile::default();
/// let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// proptest!(ProptestConfig::with_cases(20), |(script in strategies::script(&pod))| {
///     let model = Model::new(pod.clone(), profile.rules(), script);
///     let run = model.run(&mut Nominal, Duration::from_secs(60));
///     prop_assert_eq!(run.violations(), []);
/// });
/// # Ok::<(), manifest::ManifestError>(())
/// ```
pub fn script(pod: &PodSpec) -> impl Strategy<Value = Script> + use<> {
    let names: Vec<String> = pod.containers.iter().map(|c| c.name.to_string()).collect();
    let ends: Vec<bool> = pod
        .ids()
        .map(|id| pod.is_init(id) && !pod.is_sidecar(id))
        .collect();
    let attempts: Vec<_> = ends.iter().map(|&ends| attempts(ends)).collect();
    (sandbox(), attempts).prop_map(move |(sandbox, attempts)| {
        let containers: BTreeMap<_, _> = names.iter().cloned().zip(attempts).collect();
        Script::from_parts(sandbox, containers)
    })
}

/// The first attempts of a container; `ends` where it is one that is meant to end.
pub(super) fn attempts(ends: bool) -> impl Strategy<Value = Vec<Attempt>> {
    prop::collection::vec(attempt(), 0..4).prop_map(move |attempts| match ends {
        true => ending(attempts),
        false => attempts,
    })
}

/// The same attempts where the container ends by itself unless it is told how.
pub(super) fn ending(mut attempts: Vec<Attempt>) -> Vec<Attempt> {
    if attempts.is_empty() {
        attempts.push(Attempt::default());
    }
    for attempt in &mut attempts {
        attempt.exit.get_or_insert(ExitPlan {
            after: Span::from_millis(1000),
            code: 0,
            oom: false,
        });
    }
    attempts
}

pub(super) fn sandbox() -> impl Strategy<Value = Vec<SandboxPlan>> {
    let plan =
        (span(3), error(0.5, "no network")).prop_map(|(takes, error)| SandboxPlan { takes, error });
    let plans = prop::collection::vec(plan, 1..3).prop_map(|mut plans| {
        // The last one repeats: it succeeds, or nothing would ever come of most pods.
        if let Some(last) = plans.last_mut() {
            last.error = None;
        }
        plans
    });
    prop_oneof![4 => Just(Vec::new()), 1 => plans]
}

fn pull() -> impl Strategy<Value = Pull> {
    (span(6), error(0.3, "no such image")).prop_map(|(takes, error)| Pull { takes, error })
}

fn exit() -> impl Strategy<Value = ExitPlan> {
    let code = prop_oneof![2 => Just(0), 2 => Just(1), 1 => Just(42), 1 => 2..=255];
    (span(40), code, prop::bool::weighted(0.1)).prop_map(|(after, code, oom)| ExitPlan {
        after,
        code: if oom { 137 } else { code },
        oom,
    })
}

fn on_term() -> impl Strategy<Value = TermPlan> {
    let ends = (span(40), prop_oneof![Just(143), Just(0), Just(1)]);
    let ends = ends.prop_map(|(after, code)| {
        let attempt = Attempt::default().stops_in(after.duration(), code);
        attempt.on_term
    });
    let ignores = Just(Attempt::default().ignores_term().on_term);
    prop_oneof![2 => ends, 1 => ignores].prop_filter_map("is set", |plan| plan)
}

fn hook() -> impl Strategy<Value = HookPlan> {
    let error = prop_oneof![
        Just(Failure::Plain(true)),
        Just(Failure::Words("no such file".to_owned())),
    ];
    let exit_code = prop_oneof![4 => Just(0), 1 => 1..=255];
    (
        sometimes(span(35)),
        exit_code,
        prop::option::weighted(0.1, error),
        prop::bool::weighted(0.08),
    )
        .prop_map(|(takes, exit_code, error, hang)| HookPlan {
            takes,
            exit_code,
            error,
            hang,
        })
}

/// What a probe says, piece after piece; the last piece is open.
fn pieces() -> impl Strategy<Value = Vec<ProbePiece>> {
    let result = prop_oneof![
        4 => Just(ProbeVerdict::Success),
        4 => Just(ProbeVerdict::Failure),
        1 => Just(ProbeVerdict::Error),
        1 => Just(ProbeVerdict::Hang),
    ];
    let piece = (span(25), result, sometimes(span(3)));
    prop::collection::vec(piece, 0..5).prop_map(|drawn| {
        let mut until = 0;
        let count = drawn.len();
        let pieces = drawn.into_iter().enumerate();
        pieces
            .map(|(index, (length, result, takes))| {
                until += length.millis().max(1);
                ProbePiece {
                    until: (index + 1 < count).then_some(Span::from_millis(until)),
                    result,
                    takes,
                }
            })
            .collect()
    })
}

/// Nothing of the kind, usually.
fn sometimes<T>(drawn: impl Strategy<Value = T>) -> impl Strategy<Value = T>
where
    T: Default + Clone + std::fmt::Debug,
{
    prop_oneof![2 => Just(T::default()), 1 => drawn]
}

fn error(
    share: impl Into<prop::option::Probability>,
    words: &'static str,
) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(share, Just(words.to_owned()))
}
