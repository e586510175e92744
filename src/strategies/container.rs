//! Containers of every group.

use super::attempt::{attempt, ending};
use super::fragment::{list, map};
use super::probe::{self, ProbePlan, command};
use crate::profile::{Feature, Profile};
use crate::runtime::Attempt;
use crate::spec::ProbeKind;
use proptest::prelude::*;
use serde_yaml::Value;

/// A container with what it does; what its group, its version or its pod does not allow is left
/// out when it is written.
#[derive(Clone, Debug)]
pub(super) struct ContainerPlan {
    pull_policy: Option<&'static str>,
    probes: [Option<ProbePlan>; 3],
    post_start: Option<Hook>,
    pre_stop: Option<Hook>,
    /// `Always` makes a sidecar of an init container.
    own_policy: Option<&'static str>,
    rules: Vec<Rule>,
    stop_signal: bool,
    attempts: Vec<Attempt>,
    /// Whether the node has its image.
    pub(super) present: bool,
}

#[derive(Clone, Copy, Debug)]
enum Hook {
    Exec,
    HttpGet,
    TcpSocket,
    Sleep(i64),
}

#[derive(Clone, Debug)]
struct Rule {
    all: bool,
    listed: bool,
    codes: Vec<i32>,
}

/// Which list a container stands in, and what its pod says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) init: bool,
    pub(super) grace: i64,
    pub(super) profile: &'a Profile,
}

pub(super) fn plan(init: bool) -> impl Strategy<Value = ContainerPlan> {
    let pull_policy = prop_oneof![
        6 => Just(None),
        2 => Just(Some("Always")),
        1 => Just(Some("Never")),
    ];
    let probe = || prop::option::weighted(0.4, probe::plan());
    let always: u32 = if init { 4 } else { 1 };
    let own_policy = prop_oneof![
        6 => Just(None),
        always => Just(Some("Always")),
        1 => Just(Some("OnFailure")),
        1 => Just(Some("Never")),
    ];
    let rules = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(rule(), 1..3)];
    (
        pull_policy,
        (probe(), probe(), probe()),
        prop::option::weighted(0.15, hook()),
        prop::option::weighted(0.25, hook()),
        own_policy,
        rules,
        prop::bool::weighted(0.2),
        prop::collection::vec(attempt(), 0..4),
        any::<bool>(),
    )
        .prop_map(
            |(
                pull_policy,
                probes,
                post_start,
                pre_stop,
                own_policy,
                rules,
                signal,
                runs,
                present,
            )| {
                ContainerPlan {
                    pull_policy,
                    probes: [probes.0, probes.1, probes.2],
                    post_start,
                    pre_stop,
                    own_policy,
                    rules,
                    stop_signal: signal,
                    attempts: runs,
                    present,
                }
            },
        )
}

fn hook() -> impl Strategy<Value = Hook> {
    prop_oneof![
        5 => Just(Hook::Exec),
        1 => Just(Hook::HttpGet),
        1 => Just(Hook::TcpSocket),
        2 => (0..=30i64).prop_map(Hook::Sleep),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let code = prop_oneof![Just(0), Just(1), Just(42), Just(137), Just(143)];
    let codes = prop::collection::vec(code, 0..3);
    (any::<bool>(), prop::bool::weighted(0.7), codes).prop_map(|(all, listed, codes)| Rule {
        all,
        listed,
        codes,
    })
}

impl ContainerPlan {
    fn is_sidecar(&self, place: Place<'_>) -> bool {
        place.init && self.policy(place) == Some("Always")
    }

    /// Its own restart policy, where it may have that one (VAL-40).
    fn policy(&self, place: Place<'_>) -> Option<&'static str> {
        let any = place.profile.enabled(Feature::ContainerRestartRules);
        let sidecars = place.profile.enabled(Feature::SidecarContainers);
        let allowed = |&policy: &&str| match policy {
            "Always" if place.init => sidecars,
            _ => any,
        };
        self.own_policy.filter(allowed)
    }

    /// As a manifest writes it.
    pub(super) fn value(&self, name: &str, place: Place<'_>) -> Value {
        let lively = !place.init || self.is_sidecar(place);
        let probe = |kind: ProbeKind| {
            let plan = self.probes[kind as usize].filter(|_| lively)?;
            Some(plan.value(kind))
        };
        let hooks = map([
            ("postStart", self.post_start.and_then(|h| h.value(place))),
            ("preStop", self.pre_stop.and_then(|h| h.value(place))),
            ("stopSignal", self.signal(place)),
        ]);
        let has_hooks = hooks.as_mapping().is_some_and(|hooks| !hooks.is_empty());
        map([
            ("name", Some(name.into())),
            ("image", Some(format!("img-{name}:1").into())),
            ("imagePullPolicy", self.pull_policy.map(Value::from)),
            ("restartPolicy", self.policy(place).map(Value::from)),
            ("restartPolicyRules", self.rules(place)),
            ("startupProbe", probe(ProbeKind::Startup)),
            ("readinessProbe", probe(ProbeKind::Readiness)),
            ("livenessProbe", probe(ProbeKind::Liveness)),
            ("lifecycle", (lively && has_hooks).then_some(hooks)),
        ])
    }

    fn signal(&self, place: Place<'_>) -> Option<Value> {
        let allowed = place.profile.enabled(Feature::ContainerStopSignals);
        (self.stop_signal && allowed).then(|| "SIGINT".into())
    }

    /// Rules stand behind a policy of the container's own; a sidecar may have them only where there
    /// is `RestartAllContainers` (VAL-42, VAL-43).
    fn rules(&self, place: Place<'_>) -> Option<Value> {
        let on = |feature| place.profile.enabled(feature);
        let all = on(Feature::RestartAllContainersOnContainerExits);
        if !on(Feature::ContainerRestartRules)
            || self.policy(place).is_none()
            || self.is_sidecar(place) && !all
        {
            return None;
        }
        list(self.rules.iter().map(|rule| rule.value(all)).collect())
    }

    /// What it does, one entry per attempt; none where all is nominal.
    pub(super) fn attempts(&self, place: Place<'_>) -> Vec<Attempt> {
        let attempts = self.attempts.clone();
        let mut attempts = match place.init && !self.is_sidecar(place) {
            true => ending(attempts),
            false => attempts,
        };
        for attempt in &mut attempts {
            let has = |kind: ProbeKind| self.probes[kind as usize].is_some();
            attempt.probes.retain(|probed, _| {
                ProbeKind::ALL
                    .into_iter()
                    .any(|kind| has(kind) && *probed == kind.into())
            });
            attempt.post_start = attempt
                .post_start
                .take()
                .filter(|_| self.post_start.is_some());
            attempt.pre_stop = attempt.pre_stop.take().filter(|_| self.pre_stop.is_some());
        }
        attempts
    }
}

impl Hook {
    /// A sleep fits into the pod's grace period (VAL-22); no hook where it cannot.
    fn value(self, place: Place<'_>) -> Option<Value> {
        let port = || map([("port", Some(80.into()))]);
        Some(match self {
            Self::Exec => map([("exec", Some(command()))]),
            Self::HttpGet => map([("httpGet", Some(port()))]),
            Self::TcpSocket => map([("tcpSocket", Some(port()))]),
            Self::Sleep(seconds) => {
                let zero = place
                    .profile
                    .enabled(Feature::PodLifecycleSleepActionAllowZero);
                let seconds = seconds.max(i64::from(!zero)).min(place.grace);
                let fits = seconds > 0 || zero;
                let sleep = map([("seconds", Some(seconds.into()))]);
                return fits.then(|| map([("sleep", Some(sleep))]));
            }
        })
    }
}

impl Rule {
    fn value(&self, all: bool) -> Value {
        let action = match self.all && all {
            true => "RestartAllContainers",
            false => "Restart",
        };
        let operator = if self.listed { "In" } else { "NotIn" };
        let codes = map([
            ("operator", Some(operator.into())),
            ("values", Some(self.codes.clone().into())),
        ]);
        map([("action", Some(action.into())), ("exitCodes", Some(codes))])
    }
}
