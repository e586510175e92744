//! Probes.

use super::fragment::{Fragment, map};
use super::time::around;
use crate::spec::ProbeKind;
use proptest::prelude::*;
use serde_yaml::Value;

/// A probe of any kind; what its kind may not have is left out when it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProbePlan {
    handler: Way,
    delay: u32,
    timeout: u32,
    period: u32,
    successes: u32,
    failures: u32,
    grace: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Exec,
    HttpGet,
    TcpSocket,
    Grpc,
}

pub(super) fn plan() -> impl Strategy<Value = ProbePlan> {
    let handler = prop_oneof![
        3 => Just(Way::Exec),
        1 => Just(Way::HttpGet),
        1 => Just(Way::TcpSocket),
        1 => Just(Way::Grpc),
    ];
    let numbers = (
        around(0, 0..=12),
        around(1, 1..=6),
        around(10, 1..=15),
        around(1, 1..=3),
        around(3, 1..=6),
    );
    let grace = prop::option::weighted(0.25, 1..=40u32);
    (handler, numbers, grace).prop_map(|(handler, numbers, grace)| {
        let (delay, timeout, period, successes, failures) = numbers;
        ProbePlan {
            handler,
            delay,
            timeout,
            period,
            successes,
            failures,
            grace,
        }
    })
}

/// A probe of that kind with any settings that the API server takes (VAL-1 … VAL-4); shrinks to
/// one that says nothing but what to ask.
///
/// ```
/// use podclock::spec::ProbeKind;
/// use podclock::strategies::probe;
/// use proptest::prelude::*;
///
/// proptest!(|(probe in probe(ProbeKind::Liveness))| {
///     prop_assert!(!probe.to_string().contains("successThreshold"));
/// });
/// ```
pub fn probe(kind: ProbeKind) -> impl Strategy<Value = Fragment> {
    plan().prop_map(move |plan| Fragment(plan.value(kind)))
}

impl ProbePlan {
    /// As a manifest writes it; defaults are left out.
    pub(super) fn value(self, kind: ProbeKind) -> Value {
        let unless = |default: u32, number: u32| (number != default).then(|| number.into());
        let readiness = kind == ProbeKind::Readiness;
        let port = || map([("port", Some(80.into()))]);
        let is = |way: &str, value: Value| (way.to_owned(), value);
        let (way, what) = match self.handler {
            Way::Exec => is("exec", command()),
            Way::HttpGet => is("httpGet", port()),
            Way::TcpSocket => is("tcpSocket", port()),
            Way::Grpc => is("grpc", port()),
        };
        map([
            (&way, Some(what)),
            ("initialDelaySeconds", unless(0, self.delay)),
            ("timeoutSeconds", unless(1, self.timeout)),
            ("periodSeconds", unless(10, self.period)),
            (
                "successThreshold",
                unless(1, self.successes).filter(|_| readiness),
            ),
            ("failureThreshold", unless(3, self.failures)),
            (
                "terminationGracePeriodSeconds",
                self.grace.filter(|_| !readiness).map(Value::from),
            ),
        ])
    }
}

/// What is run does not matter: the script answers.
pub(super) fn command() -> Value {
    map([("command", Some(vec!["x"].into()))])
}
