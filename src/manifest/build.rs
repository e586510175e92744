//! Validated raw specs to [`crate::spec`].

use super::path::Path;
use super::report::Report;
use super::{Severity, raw};
use crate::spec::{
    Container, ContainerId, ExitAction, ExitRule, Handler, ImageId, PodSpec, Port, Probe,
    PullPolicy, RestartPolicy, Scheme, StopSignal,
};

/// What a pod is called; a template's pods get it from their controller.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) uid: String,
}

/// Builds a spec. `images` are those of an earlier revision: their indices stay as they are.
///
/// `None` if the spec holds something that validation should have refused, or too many images.
pub(super) fn pod(
    identity: &Identity,
    spec: &raw::Spec,
    images: &[Box<str>],
    path: &Path<'_>,
    report: &mut Report<'_>,
) -> Option<PodSpec> {
    let mut images = images.to_vec();
    let all = spec.init_containers.iter().chain(&spec.containers);
    let built: Option<Vec<Container>> = all.map(|raw| container(raw, &mut images)).collect();
    let containers = built?;
    if images.len() > usize::from(u8::MAX) || containers.len() > ContainerId::LIMIT {
        let message = "more images over all revisions than podclock simulates";
        report.add(Severity::Error, path, message);
        return None;
    }
    Some(PodSpec {
        name: identity.name.as_str().into(),
        namespace: identity.namespace.as_str().into(),
        uid: identity.uid.as_str().into(),
        restart_policy: restart_policy(spec.restart_policy.as_deref()?)?,
        termination_grace: spec.termination_grace?,
        active_deadline: spec.active_deadline,
        readiness_gates: boxed(&spec.readiness_gates),
        containers,
        init_count: spec.init_containers.len(),
        images,
    })
}

fn boxed(texts: &[String]) -> Vec<Box<str>> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

fn container(raw: &raw::Container, images: &mut Vec<Box<str>>) -> Option<Container> {
    let lifecycle = raw.lifecycle.clone().unwrap_or_default();
    let policy = raw.restart_policy.as_deref();
    Some(Container {
        name: raw.name.as_str().into(),
        image: image(&raw.image, images),
        pull_policy: match raw.pull_policy.as_deref()? {
            "Always" => PullPolicy::Always,
            "IfNotPresent" => PullPolicy::IfNotPresent,
            "Never" => PullPolicy::Never,
            _ => return None,
        },
        restart_policy: match policy {
            Some(text) => Some(restart_policy(text)?),
            None => None,
        },
        restart_rules: raw.restart_rules.iter().map(rule).collect::<Option<_>>()?,
        startup: all(raw.startup.as_ref(), probe)?,
        readiness: all(raw.readiness.as_ref(), probe)?,
        liveness: all(raw.liveness.as_ref(), probe)?,
        post_start: all(lifecycle.post_start.as_ref(), handler)?,
        pre_stop: all(lifecycle.pre_stop.as_ref(), handler)?,
        stop_signal: lifecycle.stop_signal.map(|name| StopSignal(name.into())),
    })
}

/// Nothing stays nothing; something must build.
fn all<T, U>(raw: Option<&T>, build: impl Fn(&T) -> Option<U>) -> Option<Option<U>> {
    match raw {
        Some(raw) => build(raw).map(Some),
        None => Some(None),
    }
}

fn image(name: &str, images: &mut Vec<Box<str>>) -> ImageId {
    let known = images.iter().position(|image| **image == *name);
    let index = known.unwrap_or_else(|| {
        images.push(name.into());
        images.len() - 1
    });
    // Too many are refused before anyone uses an index.
    ImageId(u8::try_from(index).unwrap_or(u8::MAX))
}

fn restart_policy(text: &str) -> Option<RestartPolicy> {
    match text {
        "Always" => Some(RestartPolicy::Always),
        "OnFailure" => Some(RestartPolicy::OnFailure),
        "Never" => Some(RestartPolicy::Never),
        _ => None,
    }
}

fn rule(raw: &raw::RestartRule) -> Option<ExitRule> {
    let codes = raw.exit_codes.as_ref()?;
    Some(ExitRule {
        matches_listed: codes.operator == "In",
        codes: codes.values.clone(),
        action: match raw.action.as_str() {
            "Restart" => ExitAction::Restart,
            "RestartAllContainers" => ExitAction::RestartAllContainers,
            _ => return None,
        },
    })
}

fn probe(raw: &raw::Probe) -> Option<Probe> {
    Some(Probe {
        handler: handler(&raw.handler)?,
        initial_delay: u32::try_from(raw.initial_delay).ok()?,
        timeout: u32::try_from(raw.timeout).ok()?,
        period: u32::try_from(raw.period).ok()?,
        success_threshold: u32::try_from(raw.success_threshold).ok()?,
        failure_threshold: u32::try_from(raw.failure_threshold).ok()?,
        termination_grace: raw.termination_grace,
    })
}

fn handler(raw: &raw::Handler) -> Option<Handler> {
    let host = |text: &Option<String>| {
        text.as_deref()
            .filter(|text| !text.is_empty())
            .map(Into::into)
    };
    if let Some(command) = &raw.exec {
        let command = boxed(command);
        return Some(Handler::Exec { command });
    }
    if let Some(get) = &raw.http_get {
        return Some(Handler::HttpGet {
            path: get.path.as_deref()?.into(),
            port: port(&get.port)?,
            scheme: match get.scheme.as_deref()? {
                "HTTP" => Scheme::Http,
                "HTTPS" => Scheme::Https,
                _ => return None,
            },
            host: host(&get.host),
        });
    }
    if let Some(tcp) = &raw.tcp_socket {
        return Some(Handler::TcpSocket {
            port: port(&tcp.port)?,
            host: host(&tcp.host),
        });
    }
    if let Some(grpc) = &raw.grpc {
        return Some(Handler::Grpc {
            port: u16::try_from(grpc.port).ok()?,
            service: grpc.service.as_deref().unwrap_or_default().into(),
        });
    }
    raw.sleep.map(|seconds| Handler::Sleep { seconds })
}

fn port(raw: &raw::Port) -> Option<Port> {
    Some(match raw {
        raw::Port::Number(number) => Port::Number(u16::try_from(*number).ok()?),
        raw::Port::Name(name) => Port::Name(name.as_str().into()),
    })
}
