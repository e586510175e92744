//! Values to [`super::raw`].
//!
//! Never fails: what has the wrong type counts as absent, [`super::check`] has reported it.

use super::check::int;
use super::raw;
use serde_yaml::{Mapping, Value};

/// A map whose fields are asked for by name; nothing at all answers like an empty map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'v>(Option<&'v Mapping>);

impl<'v> Fields<'v> {
    /// The fields of a value that should be an object.
    pub(super) fn of(value: &'v Value) -> Self {
        Self(value.as_mapping())
    }

    /// A field that is there and not null.
    pub(super) fn get(self, name: &str) -> Option<&'v Value> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    /// A field that is an object.
    pub(super) fn object(self, name: &str) -> Self {
        self.maybe(name).unwrap_or(Self(None))
    }

    fn maybe(self, name: &str) -> Option<Self> {
        let map = self.get(name)?.as_mapping()?;
        Some(Self(Some(map)))
    }

    /// A field that is a text.
    pub(super) fn text(self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(ToOwned::to_owned)
    }

    /// A field that is a number.
    pub(super) fn int(self, name: &str) -> Option<i64> {
        int(self.get(name)?)
    }

    fn number(self, name: &str) -> i64 {
        self.int(name).unwrap_or(0)
    }

    /// A field that is a list.
    pub(super) fn list(self, name: &str) -> &'v [Value] {
        let list = self.get(name).and_then(Value::as_sequence);
        list.map_or(&[], Vec::as_slice)
    }

    fn texts(self, name: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.list(name).iter().map(text).collect()
    }

    fn objects<T>(self, name: &str, decode: impl Fn(Self) -> T) -> Vec<T> {
        let list = self.list(name).iter();
        list.map(|value| decode(Fields::of(value))).collect()
    }

    /// The entries of a field that is a map.
    pub(super) fn entries(
        self,
        name: &str,
    ) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
        let map = self.object(name).0.into_iter().flatten();
        map.filter_map(|(key, value)| Some((key.as_str()?, value)))
    }

    /// A field that is a map of texts; a null is an empty text.
    pub(super) fn text_map(self, name: &str) -> Vec<(String, String)> {
        let entry = |(key, value): (&Value, &Value)| {
            let text = if value.is_null() {
                Some("")
            } else {
                value.as_str()
            };
            Some((key.as_str()?.to_owned(), text?.to_owned()))
        };
        let map = self.object(name).0;
        map.map_or_else(Vec::new, |map| map.iter().filter_map(entry).collect())
    }
}

pub(super) fn meta(fields: Fields<'_>) -> raw::Meta {
    raw::Meta {
        name: fields.text("name"),
        generate_name: fields.text("generateName"),
        namespace: fields.text("namespace"),
        uid: fields.text("uid"),
        labels: fields.text_map("labels"),
        annotations: fields.text_map("annotations"),
    }
}

pub(super) fn spec(fields: Fields<'_>) -> raw::Spec {
    let condition = |gate: Fields<'_>| gate.text("conditionType").unwrap_or_default();
    raw::Spec {
        restart_policy: fields.text("restartPolicy"),
        termination_grace: fields.int("terminationGracePeriodSeconds"),
        active_deadline: fields.int("activeDeadlineSeconds"),
        readiness_gates: fields.objects("readinessGates", condition),
        init_containers: fields.objects("initContainers", container),
        containers: fields.objects("containers", container),
        ephemeral_containers: fields.objects("ephemeralContainers", container),
        os: fields
            .maybe("os")
            .map(|os| os.text("name").unwrap_or_default()),
    }
}

pub(super) fn container(fields: Fields<'_>) -> raw::Container {
    raw::Container {
        name: fields.text("name").unwrap_or_default(),
        image: fields.text("image").unwrap_or_default(),
        pull_policy: fields.text("imagePullPolicy"),
        message_policy: fields.text("terminationMessagePolicy"),
        restart_policy: fields.text("restartPolicy"),
        restart_rules: fields.objects("restartPolicyRules", restart_rule),
        ports: fields.objects("ports", port),
        startup: fields.maybe("startupProbe").map(probe),
        readiness: fields.maybe("readinessProbe").map(probe),
        liveness: fields.maybe("livenessProbe").map(probe),
        lifecycle: fields.maybe("lifecycle").map(lifecycle),
        target: fields.text("targetContainerName"),
        has_resources: fields
            .object("resources")
            .0
            .is_some_and(|map| !map.is_empty()),
        has_resize_policy: !fields.list("resizePolicy").is_empty(),
    }
}

fn port(fields: Fields<'_>) -> raw::ContainerPort {
    raw::ContainerPort {
        name: fields.text("name"),
        number: fields.number("containerPort"),
        host_port: fields.number("hostPort"),
        host_ip: fields.text("hostIP"),
        protocol: fields.text("protocol"),
    }
}

fn restart_rule(fields: Fields<'_>) -> raw::RestartRule {
    raw::RestartRule {
        action: fields.text("action").unwrap_or_default(),
        exit_codes: fields.maybe("exitCodes").map(|codes| raw::ExitCodes {
            operator: codes.text("operator").unwrap_or_default(),
            values: codes
                .list("values")
                .iter()
                .filter_map(|value| i32::try_from(int(value)?).ok())
                .collect(),
        }),
    }
}

fn lifecycle(fields: Fields<'_>) -> raw::Lifecycle {
    raw::Lifecycle {
        post_start: fields.maybe("postStart").map(hook),
        pre_stop: fields.maybe("preStop").map(hook),
        stop_signal: fields.text("stopSignal"),
    }
}

fn hook(fields: Fields<'_>) -> raw::Handler {
    raw::Handler {
        grpc: None,
        ..handler(fields)
    }
}

fn probe(fields: Fields<'_>) -> raw::Probe {
    raw::Probe {
        handler: raw::Handler {
            sleep: None,
            ..handler(fields)
        },
        initial_delay: fields.number("initialDelaySeconds"),
        timeout: fields.number("timeoutSeconds"),
        period: fields.number("periodSeconds"),
        success_threshold: fields.number("successThreshold"),
        failure_threshold: fields.number("failureThreshold"),
        termination_grace: fields.int("terminationGracePeriodSeconds"),
    }
}

fn handler(fields: Fields<'_>) -> raw::Handler {
    let name = |header: Fields<'_>| header.text("name").unwrap_or_default();
    raw::Handler {
        exec: fields.maybe("exec").map(|exec| exec.texts("command")),
        http_get: fields.maybe("httpGet").map(|get| raw::HttpGet {
            path: get.text("path"),
            port: int_or_text(get, "port"),
            host: get.text("host"),
            scheme: get.text("scheme"),
            header_names: get.objects("httpHeaders", name),
        }),
        tcp_socket: fields.maybe("tcpSocket").map(|tcp| raw::TcpSocket {
            port: int_or_text(tcp, "port"),
            host: tcp.text("host"),
        }),
        grpc: fields.maybe("grpc").map(|grpc| raw::Grpc {
            port: grpc.number("port"),
            service: grpc.text("service"),
        }),
        sleep: fields.maybe("sleep").map(|sleep| sleep.number("seconds")),
    }
}

fn int_or_text(fields: Fields<'_>, name: &str) -> raw::Port {
    match fields.text(name) {
        Some(text) => raw::Port::Name(text),
        None => raw::Port::Number(fields.number(name)),
    }
}
