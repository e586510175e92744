//! The scenario of a pod that nobody has written one for, to be searched; and the file of one run.

use super::Scenario;
use super::update;
use crate::kubelet::{Loops, Pace};
use crate::manifest;
use crate::profile::{Feature, Version};
use crate::runtime::Trace;
use crate::spec::{
    Container, ContainerId, Handler, PodSpec, PodTemplate, ProbeKind, PullPolicy, RestartPolicy,
};
use crate::time::{Span, Time};
use serde_yaml::{Mapping, Value};
use std::time::Duration;

/// What a file about one run says.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    /// What it is called.
    pub name: &'a str,
    /// A word to its reader.
    pub note: &'a str,
    /// How long to run.
    pub until: Duration,
    /// The loops of the kubelet that the run begins with.
    pub loops: Loops,
    /// The choices of the run.
    pub choices: &'a Trace,
}

impl Scenario {
    /// The scenario of a pod whose manifest says nothing about what goes wrong, as the text of a
    /// file. `origin` is the manifest that the pod comes from.
    ///
    /// Its script is that of everyday applications: a pull takes 2 s, the sandbox 0.3 s, a start
    /// 0.5 s; hooks take 0.1 s; TERM ends a process after 0.5 s with code 143. Init containers exit
    /// with 0 after 1 s; so do, after 20 s, the containers of pods that are meant to end. Its menu
    /// has one way to go wrong for everything that the kubelet reacts to: containers exit with 1 at
    /// any moment and ignore TERM, probes and hooks fail and hang, pulls fail; and somebody may
    /// delete the pod at any moment.
    ///
    /// `None` if the manifest has no such pod.
    #[must_use]
    pub fn usual(
        origin: &str,
        template: &PodTemplate,
        version: Version,
        gates: &[(Feature, bool)],
    ) -> Option<String> {
        let pod = &template.spec;
        let mut file = Mapping::new();
        set(&mut file, "name", text(&template.name));
        set(&mut file, "kubelet", text(&version.to_string()));
        if !gates.is_empty() {
            let gates = gates.iter();
            let gates = gates.map(|&(gate, on)| (text(gate.name()), Value::Bool(on)));
            set(&mut file, "gates", Value::Mapping(gates.collect()));
        }
        set(&mut file, "until", text("10m"));
        set(&mut file, "pod", update::object(origin, template)?);
        set(&mut file, "script", script(pod));
        set(&mut file, "faults", faults(pod));
        Some(manifest::write(&Value::Mapping(file)))
    }

    /// The file of one run of this scenario, which was read from that text. What the run is not
    /// about is left out: what was expected, and what is claimed of other runs.
    #[must_use]
    pub fn saved(&self, from: &str, saved: &Saved<'_>) -> Option<String> {
        let (mut documents, _) = manifest::documents(from);
        let Some(Value::Mapping(mut file)) = documents.pop().map(|document| document.value) else {
            return None;
        };
        for field in ["manifest", "expect", "properties", "choices", "warmup"] {
            file.remove(field);
        }
        set(&mut file, "pod", self.object.clone());
        // Whatever version is the newest when it is read.
        let version = self.profile.version().to_string();
        set(&mut file, "kubelet", text(&version));
        set(&mut file, "name", text(saved.name));
        set(&mut file, "note", text(saved.note));
        let until = Span::from(saved.until).to_string();
        set(&mut file, "until", text(&until));
        if self.model.pace == Pace::AtOnce {
            set(&mut file, "timing", text("ideal"));
        }
        if self.model.jitter_is_open {
            set(&mut file, "jitter", text("open"));
        }
        if saved.loops != self.model.first_ticks() {
            let Loops {
                relist,
                sync,
                status,
                gc,
                ..
            } = saved.loops;
            let all = [
                ("pleg", relist),
                ("sync", sync),
                ("status", status),
                ("gc", gc),
            ];
            let mut phase = Mapping::new();
            for (word, at) in all {
                let at = Span::from(at.since(Time::START)).to_string();
                set(&mut phase, word, text(&at));
            }
            set(&mut file, "phase", Value::Mapping(phase));
        }
        set(&mut file, "choices", text(&saved.choices.to_string()));
        Some(manifest::write(&Value::Mapping(file)))
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(super) fn set(map: &mut Mapping, key: &str, value: Value) {
    map.insert(text(key), value);
}

pub(super) fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let entries = entries.into_iter();
    let entries = entries.map(|(key, value)| (text(key), value));
    Value::Mapping(entries.collect())
}

pub(super) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Sequence(words.into_iter().map(text).collect())
}

fn takes(time: &str) -> Value {
    map([("takes", text(time))])
}

fn script(pod: &PodSpec) -> Value {
    let never = pod.containers.iter();
    let never = never.filter(|container| container.pull_policy == PullPolicy::Never);
    let images: Vec<&str> = never.map(|container| pod.image(container.image)).collect();
    let ids = pod.ids();
    let containers = ids.map(|id| {
        let attempt = Value::Sequence(vec![attempt(pod, id)]);
        (&*pod.container(id).name, attempt)
    });
    map([
        ("images", words(images)),
        ("sandbox", Value::Sequence(vec![takes("0.3s")])),
        ("containers", map(containers)),
    ])
}

fn attempt(pod: &PodSpec, id: ContainerId) -> Value {
    let container = pod.container(id);
    let mut attempt = Mapping::new();
    if container.pull_policy != PullPolicy::Never {
        set(&mut attempt, "pull", takes("2s"));
    }
    set(&mut attempt, "start_delay", text("0.5s"));
    let ends = pod.restart_policy != RestartPolicy::Always;
    let exit = match (pod.is_init(id), pod.is_sidecar(id)) {
        (true, true) => None,
        (true, false) => Some("1s"),
        (false, _) => ends.then_some("20s"),
    };
    if let Some(after) = exit {
        set(&mut attempt, "exit", map([("after", text(after))]));
    }
    set(&mut attempt, "on_term", map([("after", text("0.5s"))]));
    for (word, hook) in hooks(container) {
        if hook.is_some_and(Handler::is_asked) {
            set(&mut attempt, word, takes("0.1s"));
        }
    }
    Value::Mapping(attempt)
}

fn hooks(container: &Container) -> [(&'static str, Option<&Handler>); 2] {
    [
        ("post_start", container.post_start.as_ref()),
        ("pre_stop", container.pre_stop.as_ref()),
    ]
}

/// The menu of [`Faults::usual`](crate::runtime::Faults::usual), and a delete.
fn faults(pod: &PodSpec) -> Value {
    let ids = pod.ids();
    let containers = ids.map(|id| (&*pod.container(id).name, menu(pod, id)));
    let delete = map([("delete", Value::Mapping(Mapping::new()))]);
    map([
        ("containers", map(containers)),
        ("actions", Value::Sequence(vec![delete])),
    ])
}

fn menu(pod: &PodSpec, id: ContainerId) -> Value {
    let container = pod.container(id);
    let mut menu = Mapping::new();
    if container.pull_policy != PullPolicy::Never {
        set(&mut menu, "pull", words(["error"]));
    }
    set(&mut menu, "exit", Value::Sequence(vec![Value::from(1)]));
    if pod.is_init(id) && !pod.is_sidecar(id) {
        return Value::Mapping(menu);
    }
    set(&mut menu, "on_term", words(["ignore"]));
    let bad = || words(["failure", "hang"]);
    let probes = ProbeKind::ALL.into_iter();
    let probes = probes.filter(|&kind| container.probe(kind).is_some());
    let probes: Vec<_> = probes
        .map(|kind| (crate::runtime::Probed::from(kind).name(), bad()))
        .collect();
    if !probes.is_empty() {
        set(&mut menu, "probes", map(probes));
    }
    for (word, hook) in hooks(container) {
        if hook.is_some_and(Handler::is_asked) {
            set(&mut menu, word, bad());
        }
    }
    Value::Mapping(menu)
}
