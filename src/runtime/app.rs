//! A runtime for pods that nobody has written a script for: everyday applications on a network.

use super::{Call, Choices, Reply, Runtime, Window};
use crate::kubelet::{Memory, Outcome, Text, Verb};
use crate::spec::{ContainerId, Handler, PodSpec, Port, ProbeKind, RestartPolicy, Scheme};
use std::time::Duration;

/// Everyday applications, one per container, that differ from the nominal one as told.
///
/// The nominal one: a pull takes 2 s, the sandbox 0.3 s, a start 0.5 s; probes succeed at once;
/// hooks take 0.1 s; TERM ends the process after 0.5 s with code 143. Init containers exit with 0
/// after 1 s; so do, after 20 s, the containers of pods that are meant to end (restart policy
/// `Never` or `OnFailure`). Under a seed each of these takes up to three times as long.
///
/// Probes over the network know no containers: `httpGet`, `tcpSocket` and `grpc` fail where nobody
/// answers, while an `exec` probe of a container that is not running is an error, which does not
/// count (PROBE-34 … PROBE-36).
///
/// ```
/// use podclock::runtime::{Apps, Nominal};
/// use podclock::sim::Model;
/// use podclock::timeline::when;
/// use podclock::{Profile, manifest};
/// use std::time::Duration;
///
/// let text = "
/// apiVersion: v1
/// kind: Pod
/// metadata: {name: web}
/// spec:
///   containers:
///   - name: app
///     image: app:1
///     livenessProbe: {httpGet: {port: 80}, periodSeconds: 5}
/// ";
/// let profile = Profile::default();
/// let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// let mut apps = Apps::new(&pod);
/// apps.change(&pod, "app", |app| app.hangs_after = Some(Duration::from_secs(60)));
/// let model = Model::new(pod, profile.rules(), apps);
/// let run = model.run(&mut Nominal, Duration::from_secs(120));
/// assert_eq!(run.timeline.count(when::restarted("app")), 1);
/// # Ok::<(), manifest::ManifestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Apps {
    apps: Vec<App>,
    texts: Vec<String>,
}

/// What one application does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// How long a pull of its image takes.
    pub pull_takes: Duration,
    /// Whether every pull fails.
    pub pull_fails: bool,
    /// How long after its start it answers anything: until then every probe of it fails.
    pub starts_in: Duration,
    /// How long after its start it is fit for traffic: until then its readiness probe fails.
    pub not_ready_until: Duration,
    /// From when on it answers nothing any more: probes time out.
    pub hangs_after: Option<Duration>,
    /// When it ends by itself.
    pub exits_after: Option<Duration>,
    /// The code that it then ends with.
    pub exit_code: i32,
    /// Whether TERM does nothing.
    pub ignores_term: bool,
    /// How long after TERM it ends.
    pub stops_in: Duration,
    /// How long its postStart hook takes.
    pub post_start_takes: Duration,
    /// How long its preStop hook takes.
    pub pre_stop_takes: Duration,
}

const SANDBOX: Duration = Duration::from_millis(300);
const PULL: Duration = Duration::from_secs(2);
const START: Duration = Duration::from_millis(500);
const STOP: Duration = Duration::from_millis(500);
const HOOK: Duration = Duration::from_millis(100);
const INIT: Duration = Duration::from_secs(1);
const WORK: Duration = Duration::from_secs(20);
/// How much longer than nominal things may take under a seed.
const SPREAD: u32 = 3;
/// An address from the range that many clusters give to pods.
const POD_IP: &str = "10.244.0.5";

impl App {
    fn nominal(pod: &PodSpec, id: ContainerId) -> Self {
        let ends = pod.restart_policy != RestartPolicy::Always;
        let exits_after = match (pod.is_init(id), pod.is_sidecar(id)) {
            (true, true) => None,
            (true, false) => Some(INIT),
            (false, _) => ends.then_some(WORK),
        };
        Self {
            pull_takes: PULL,
            pull_fails: false,
            starts_in: Duration::ZERO,
            not_ready_until: Duration::ZERO,
            hangs_after: None,
            exits_after,
            exit_code: 0,
            ignores_term: false,
            stops_in: STOP,
            post_start_takes: HOOK,
            pre_stop_takes: HOOK,
        }
    }
}

impl Apps {
    /// The nominal applications of a pod.
    #[must_use]
    pub fn new(pod: &PodSpec) -> Self {
        let apps = pod.ids().map(|id| App::nominal(pod, id)).collect();
        let mut texts = vec![String::new(), "no such image".to_owned()];
        for container in &pod.containers {
            for kind in ProbeKind::ALL {
                let texts_of = container
                    .probe(kind)
                    .map(|probe| (refused(&probe.handler), hung(&probe.handler, probe.timeout)));
                let (refused, hung) = texts_of.unwrap_or_default();
                texts.push(refused);
                texts.push(hung);
            }
        }
        Self { apps, texts }
    }

    /// Changes every application of regular containers and sidecars.
    pub fn change_all(&mut self, pod: &PodSpec, change: impl Fn(&mut App)) {
        for id in pod
            .ids()
            .filter(|&id| !pod.is_init(id) || pod.is_sidecar(id))
        {
            change(&mut self.apps[id.index()]);
        }
    }

    /// Changes the application of one container. A name that no container has changes nothing.
    pub fn change(&mut self, pod: &PodSpec, container: &str, change: impl FnOnce(&mut App)) {
        if let Some(id) = pod.find(container) {
            change(&mut self.apps[id.index()]);
        }
    }

    fn probe(&self, call: &Call<'_>, id: ContainerId, app: &App, kind: ProbeKind) -> Reply {
        let Some(probe) = call.container().and_then(|container| container.probe(kind)) else {
            return Reply::now(Outcome::Done);
        };
        let exec = matches!(probe.handler, Handler::Exec { .. });
        let request = call.request;
        let row = id.index() * ProbeKind::ALL.len() + kind as usize;
        let text = |column: usize| Text((2 + row * 2 + column) as u32);
        let fails = |output| Outcome::Ran { code: 1, output };
        if !request.alive {
            return Reply::now(if exec {
                Outcome::NotRunning
            } else {
                fails(text(0))
            });
        }
        let age = Duration::from_millis(request.running_for);
        if app.hangs_after.is_some_and(|after| age >= after) {
            // A command is cut off by the kubelet; a client on the network gives up by itself.
            if exec {
                return Reply::never();
            }
            return Reply::after(Duration::from_secs(probe.timeout.into()), fails(text(1)));
        }
        let unready = kind == ProbeKind::Readiness && age < app.not_ready_until;
        if age < app.starts_in || unready {
            return Reply::now(fails(text(0)));
        }
        let code = 0;
        let output = Text::EMPTY;
        Reply {
            outcome: Some(Outcome::Ran { code, output }),
            after: Window::between(Duration::ZERO, Duration::from_millis(50)),
        }
    }
}

fn about(nominal: Duration, outcome: Outcome) -> Reply {
    Reply {
        outcome: Some(outcome),
        after: Window::between(nominal, nominal * SPREAD),
    }
}

fn port(port: &Port) -> String {
    match port {
        Port::Number(number) => number.to_string(),
        Port::Name(name) => name.to_string(),
    }
}

fn url(scheme: Scheme, address: &str, path: &str) -> String {
    let scheme = match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{address}{slash}{path}")
}

fn address(handler: &Handler) -> String {
    let of = |host: &Option<Box<str>>, port: String| {
        format!("{}:{port}", host.as_deref().unwrap_or(POD_IP))
    };
    match handler {
        Handler::HttpGet { host, port, .. } | Handler::TcpSocket { host, port } => {
            of(host, self::port(port))
        }
        Handler::Grpc { port, .. } => of(&None, port.to_string()),
        Handler::Exec { .. } | Handler::Sleep { .. } => String::new(),
    }
}

/// What a probe says where nobody listens.
fn refused(handler: &Handler) -> String {
    let address = address(handler);
    let refused = format!("dial tcp {address}: connect: connection refused");
    match handler {
        Handler::HttpGet { scheme, path, .. } => {
            format!("Get \"{}\": {refused}", url(*scheme, &address, path))
        }
        Handler::TcpSocket { .. } => refused,
        Handler::Grpc { .. } => format!(
            "error: rpc error: code = Unavailable desc = connection error: desc = \"transport: \
             Error while dialing: {refused}\""
        ),
        Handler::Exec { .. } | Handler::Sleep { .. } => String::new(),
    }
}

/// What a probe over the network says where nobody answers in time.
fn hung(handler: &Handler, timeout: u32) -> String {
    let address = address(handler);
    match handler {
        Handler::HttpGet { scheme, path, .. } => format!(
            "Get \"{}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            url(*scheme, &address, path)
        ),
        Handler::TcpSocket { .. } => format!("dial tcp {address}: i/o timeout"),
        Handler::Grpc { .. } => {
            format!("timeout: health rpc did not complete within {timeout}s")
        }
        Handler::Exec { .. } | Handler::Sleep { .. } => String::new(),
    }
}

impl Runtime for Apps {
    fn reply(&self, call: &Call<'_>, _: &mut dyn Choices) -> Reply {
        let request = call.request;
        let Some(id) = request.token.container else {
            return about(SANDBOX, Outcome::Done);
        };
        let Some(app) = self.apps.get(id.index()) else {
            return Reply::now(Outcome::Done);
        };
        let ran = Outcome::Ran {
            code: 0,
            output: Text::EMPTY,
        };
        match request.token.verb {
            Verb::RunSandbox => about(SANDBOX, Outcome::Done),
            Verb::PullImage if app.pull_fails => about(START, Outcome::Failed(Text(1))),
            Verb::PullImage => about(app.pull_takes, Outcome::Done),
            Verb::CreateContainer => Reply::now(Outcome::Done),
            Verb::StartContainer => about(START, Outcome::Done),
            Verb::Run => match app.exits_after {
                None => Reply::never(),
                Some(after) => Reply::after(after, exited(app.exit_code)),
            },
            Verb::StopContainer if app.ignores_term => Reply::never(),
            Verb::StopContainer => about(app.stops_in, exited(143)),
            Verb::PostStart | Verb::PreStop if !request.alive => Reply::now(Outcome::NotRunning),
            Verb::PostStart => about(app.post_start_takes, ran),
            Verb::PreStop => about(app.pre_stop_takes, ran),
            Verb::Probe(kind) => self.probe(call, id, app, kind),
        }
    }

    fn text(&self, text: Text) -> &str {
        let found = self.texts.get(text.0 as usize);
        found.map_or("", String::as_str)
    }

    fn memory(&self) -> Memory {
        let ages = self.apps.iter().map(|app| {
            let hangs = app.hangs_after.unwrap_or_default();
            hangs.max(app.starts_in).max(app.not_ready_until)
        });
        let longest = ages.max().unwrap_or_default();
        Memory {
            running_for: u64::try_from(longest.as_millis()).ok(),
            attempts: Some(0),
        }
    }
}

const fn exited(code: i32) -> Outcome {
    Outcome::Exited { code, oom: false }
}
