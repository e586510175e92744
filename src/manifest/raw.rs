//! The API types as written: everything may be missing, nothing is checked.
//!
//! Only what touches a pod's life is kept. Numbers are wide and enumerations are texts, so that
//! validation can name the value that it refuses.

/// `ObjectMeta`
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    pub(super) name: Option<String>,
    pub(super) generate_name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) uid: Option<String>,
    pub(super) labels: Vec<(String, String)>,
    pub(super) annotations: Vec<(String, String)>,
}

/// `PodSpec`
#[derive(Clone, Debug, Default)]
pub(super) struct Spec {
    pub(super) restart_policy: Option<String>,
    pub(super) termination_grace: Option<i64>,
    pub(super) active_deadline: Option<i64>,
    pub(super) readiness_gates: Vec<String>,
    pub(super) init_containers: Vec<Container>,
    pub(super) containers: Vec<Container>,
    pub(super) ephemeral_containers: Vec<Container>,
    pub(super) os: Option<String>,
}

/// `Container` and `EphemeralContainer`
#[derive(Clone, Debug, Default)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) pull_policy: Option<String>,
    pub(super) message_policy: Option<String>,
    pub(super) restart_policy: Option<String>,
    pub(super) restart_rules: Vec<RestartRule>,
    pub(super) ports: Vec<ContainerPort>,
    pub(super) startup: Option<Probe>,
    pub(super) readiness: Option<Probe>,
    pub(super) liveness: Option<Probe>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) target: Option<String>,
    pub(super) has_resources: bool,
    pub(super) has_resize_policy: bool,
}

/// `ContainerPort`
#[derive(Clone, Debug, Default)]
pub(super) struct ContainerPort {
    pub(super) name: Option<String>,
    pub(super) number: i64,
    pub(super) host_port: i64,
    pub(super) host_ip: Option<String>,
    pub(super) protocol: Option<String>,
}

/// `ContainerRestartRule`
#[derive(Clone, Debug, Default)]
pub(super) struct RestartRule {
    pub(super) action: String,
    pub(super) exit_codes: Option<ExitCodes>,
}

/// `ContainerRestartRuleOnExitCodes`
#[derive(Clone, Debug, Default)]
pub(super) struct ExitCodes {
    pub(super) operator: String,
    pub(super) values: Vec<i32>,
}

/// `Lifecycle`
#[derive(Clone, Debug, Default)]
pub(super) struct Lifecycle {
    pub(super) post_start: Option<Handler>,
    pub(super) pre_stop: Option<Handler>,
    pub(super) stop_signal: Option<String>,
}

/// `Probe`
#[derive(Clone, Debug, Default)]
pub(super) struct Probe {
    pub(super) handler: Handler,
    pub(super) initial_delay: i64,
    pub(super) timeout: i64,
    pub(super) period: i64,
    pub(super) success_threshold: i64,
    pub(super) failure_threshold: i64,
    pub(super) termination_grace: Option<i64>,
}

/// `ProbeHandler` and `LifecycleHandler`
#[derive(Clone, Debug, Default)]
pub(super) struct Handler {
    pub(super) exec: Option<Vec<String>>,
    pub(super) http_get: Option<HttpGet>,
    pub(super) tcp_socket: Option<TcpSocket>,
    pub(super) grpc: Option<Grpc>,
    pub(super) sleep: Option<i64>,
}

/// `HTTPGetAction`
#[derive(Clone, Debug, Default)]
pub(super) struct HttpGet {
    pub(super) path: Option<String>,
    pub(super) port: Port,
    pub(super) host: Option<String>,
    pub(super) scheme: Option<String>,
    pub(super) header_names: Vec<String>,
}

/// `TCPSocketAction`
#[derive(Clone, Debug, Default)]
pub(super) struct TcpSocket {
    pub(super) port: Port,
    pub(super) host: Option<String>,
}

/// `GRPCAction`
#[derive(Clone, Debug, Default)]
pub(super) struct Grpc {
    pub(super) port: i64,
    pub(super) service: Option<String>,
}

/// `intstr.IntOrString`
#[derive(Clone, Debug)]
pub(super) enum Port {
    Number(i64),
    Name(String),
}

impl Default for Port {
    fn default() -> Self {
        Self::Number(0)
    }
}
