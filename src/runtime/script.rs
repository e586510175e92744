//! A scripted runtime: what each container does at each attempt to start it.

use super::{Call, Choices, Reply, Runtime};
use crate::kubelet::{HookKind, Memory, Outcome, Text, Verb};
use crate::spec::{PodSpec, ProbeKind};
use crate::time::Span;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A fake runtime that follows a script. Everything that the script does not say goes well and
/// takes no time.
///
/// ```
/// use podclock::runtime::Script;
/// use std::time::Duration;
///
/// let script = Script::new().container("app", |app| {
///     app.starts_in(Duration::from_millis(800)).ignores_term()
/// });
/// # let _ = script;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// One entry per creation of a sandbox; the last repeats.
    sandbox: Vec<SandboxPlan>,
    /// By container, one entry per attempt to start it; the last repeats.
    containers: BTreeMap<String, Vec<Attempt>>,
    /// By image, what a pull of it is like, whoever asks for it.
    pulls: BTreeMap<String, Pull>,
    /// How many of the pod's images are those of its first revision; `None`: all.
    first_images: Option<usize>,
    /// Words that no answer carries: those of refused updates.
    extra: Vec<String>,
    texts: Vec<String>,
}

/// What making a sandbox is like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SandboxPlan {
    /// How long it takes.
    #[serde(default)]
    #[serde(skip_serializing_if = "is_default")]
    pub takes: Span,
    /// Why it fails, if it does.
    #[serde(skip_serializing_if = "is_default")]
    pub error: Option<String>,
}

/// What one attempt to start a container comes to: a failed pull, a failed create or a start uses
/// one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// How long starting its process takes.
    #[serde(skip_serializing_if = "is_default")]
    pub start_delay: Span,
    /// What a pull of its image is like, if there is one.
    #[serde(skip_serializing_if = "is_default")]
    pub pull: Pull,
    /// Why it cannot be created, if it cannot.
    #[serde(skip_serializing_if = "is_default")]
    pub create_error: Option<String>,
    /// Why it cannot be started, if it cannot.
    #[serde(skip_serializing_if = "is_default")]
    pub start_error: Option<String>,
    /// When it ends by itself; absent: never.
    #[serde(skip_serializing_if = "is_default")]
    pub exit: Option<ExitPlan>,
    /// What the stop signal does; absent: it ends at once with 143.
    #[serde(skip_serializing_if = "is_default")]
    pub on_term: Option<TermPlan>,
    /// What probes say, by time since the start of the container.
    #[serde(skip_serializing_if = "is_default")]
    pub probes: BTreeMap<Probed, Vec<ProbePiece>>,
    /// What its postStart hook does.
    #[serde(skip_serializing_if = "is_default")]
    pub post_start: Option<HookPlan>,
    /// What its preStop hook does.
    #[serde(skip_serializing_if = "is_default")]
    pub pre_stop: Option<HookPlan>,
}

/// What a container does of which a script says nothing.
static NOMINAL: Attempt = Attempt {
    start_delay: Span::ZERO,
    pull: Pull {
        takes: Span::ZERO,
        error: None,
    },
    create_error: None,
    start_error: None,
    exit: None,
    on_term: None,
    probes: BTreeMap::new(),
    post_start: None,
    pre_stop: None,
};

/// Kinds of probe as a script writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Probed {
    /// The startup probe.
    Startup,
    /// The readiness probe.
    Readiness,
    /// The liveness probe.
    Liveness,
}

impl Probed {
    /// The word that a script writes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Readiness => "readiness",
            Self::Liveness => "liveness",
        }
    }
}

impl From<ProbeKind> for Probed {
    fn from(kind: ProbeKind) -> Self {
        match kind {
            ProbeKind::Startup => Self::Startup,
            ProbeKind::Readiness => Self::Readiness,
            ProbeKind::Liveness => Self::Liveness,
        }
    }
}

impl From<Probed> for ProbeKind {
    fn from(probed: Probed) -> Self {
        match probed {
            Probed::Startup => Self::Startup,
            Probed::Readiness => Self::Readiness,
            Probed::Liveness => Self::Liveness,
        }
    }
}

/// What a pull is like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pull {
    /// How long it takes.
    #[serde(skip_serializing_if = "is_default")]
    pub takes: Span,
    /// Why it fails, if it does.
    #[serde(skip_serializing_if = "is_default")]
    pub error: Option<String>,
}

/// How a process ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExitPlan {
    /// How long after its start.
    #[serde(default)]
    pub after: Span,
    /// Its exit code.
    #[serde(default)]
    #[serde(skip_serializing_if = "is_default")]
    pub code: i32,
    /// Whether the kernel kills it for its memory.
    #[serde(default)]
    #[serde(skip_serializing_if = "is_default")]
    pub oom: bool,
}

/// What the stop signal does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(untagged))]
pub enum TermPlan {
    /// `ignore`
    Nothing(Ignore),
    /// It ends the process.
    Ends(TermExit),
}

impl<'de> Deserialize<'de> for TermPlan {
    /// Without serde's guessing between the two, so that errors name what is wrong inside.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = TermPlan;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`ignore`, or a map with `after` and `code`,")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<TermPlan, E> {
                match word {
                    "ignore" => Ok(TermPlan::Nothing(Ignore::Ignore)),
                    _ => Err(E::unknown_variant(word, &["ignore"])),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TermPlan, A::Error> {
                TermExit::deserialize(MapAccessDeserializer::new(map)).map(TermPlan::Ends)
            }
        }

        from.deserialize_any(Either)
    }
}

/// The word `ignore`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "lowercase"))]
pub enum Ignore {
    /// The signal does nothing.
    Ignore,
}

/// How a process ends at the stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TermExit {
    /// How long after the signal.
    #[serde(default)]
    pub after: Span,
    /// Its exit code.
    #[serde(default = "terminated")]
    pub code: i32,
}

/// What a script need not say is not written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

const fn terminated() -> i32 {
    143
}

/// What a probe says for a while.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbePiece {
    /// Until that long after the start of the container; absent: from then on for ever.
    #[serde(skip_serializing_if = "is_default")]
    pub until: Option<Span>,
    /// What it says to a probe that begins then.
    pub result: ProbeVerdict,
    /// How long it takes to say it.
    #[serde(default)]
    #[serde(skip_serializing_if = "is_default")]
    pub takes: Span,
}

/// What a probe says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ProbeVerdict {
    /// Well.
    Success,
    /// Not well.
    Failure,
    /// It cannot be run, which is not counted.
    Error,
    /// Nothing, until its timeout.
    Hang,
}

/// What a hook does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HookPlan {
    /// How long it takes.
    #[serde(skip_serializing_if = "is_default")]
    pub takes: Span,
    /// Its exit code.
    #[serde(skip_serializing_if = "is_default")]
    pub exit_code: i32,
    /// Why it cannot be run, if it cannot.
    #[serde(deserialize_with = "error_text")]
    #[serde(skip_serializing_if = "is_default")]
    pub error: Option<Failure>,
    /// Whether it never ends.
    #[serde(skip_serializing_if = "is_default")]
    pub hang: bool,
}

/// Why something cannot be run: in words, or just that it cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(untagged))]
pub enum Failure {
    /// `true`
    Plain(bool),
    /// The runtime's words.
    Words(String),
}

fn error_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Failure>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Plain(bool),
        Words(String),
    }
    Ok(match Option::<Raw>::deserialize(from)? {
        None | Some(Raw::Plain(false)) => None,
        Some(Raw::Plain(true)) => Some(Failure::Plain(true)),
        Some(Raw::Words(words)) => Some(Failure::Words(words)),
    })
}

impl Attempt {
    /// Its process takes that long to start.
    #[must_use]
    pub fn starts_in(mut self, delay: Duration) -> Self {
        self.start_delay = Span::from(delay);
        self
    }

    /// It ends by itself that long after its start, with that code.
    #[must_use]
    pub fn exits(mut self, after: Duration, code: i32) -> Self {
        let after = Span::from(after);
        let oom = false;
        self.exit = Some(ExitPlan { after, code, oom });
        self
    }

    /// The stop signal does nothing: it has to be killed.
    #[must_use]
    pub const fn ignores_term(mut self) -> Self {
        self.on_term = Some(TermPlan::Nothing(Ignore::Ignore));
        self
    }

    /// It ends that long after the stop signal, with that code.
    #[must_use]
    pub fn stops_in(mut self, after: Duration, code: i32) -> Self {
        let after = Span::from(after);
        self.on_term = Some(TermPlan::Ends(TermExit { after, code }));
        self
    }

    /// A probe answers like this from then on, where nothing else is said about it before.
    #[must_use]
    pub fn probe(mut self, kind: ProbeKind, pieces: Vec<ProbePiece>) -> Self {
        self.probes.insert(kind.into(), pieces);
        self
    }

    /// Its postStart hook does that.
    #[must_use]
    pub fn post_start(mut self, plan: HookPlan) -> Self {
        self.post_start = Some(plan);
        self
    }

    /// Its preStop hook does that.
    #[must_use]
    pub fn pre_stop(mut self, plan: HookPlan) -> Self {
        self.pre_stop = Some(plan);
        self
    }
}

impl Script {
    /// Everything goes well, takes no time, and runs for ever.
    #[must_use]
    pub fn new() -> Self {
        Self::from_parts(Vec::new(), BTreeMap::new())
    }

    /// A script as a scenario file gives it.
    pub(crate) fn from_parts(
        sandbox: Vec<SandboxPlan>,
        containers: BTreeMap<String, Vec<Attempt>>,
    ) -> Self {
        let mut script = Self {
            sandbox,
            containers,
            pulls: BTreeMap::new(),
            first_images: None,
            extra: Vec::new(),
            texts: Vec::new(),
        };
        script.index_texts();
        script
    }

    /// What a container does, at this attempt to start it and at every later one.
    #[must_use]
    pub fn container(mut self, name: &str, attempt: impl FnOnce(Attempt) -> Attempt) -> Self {
        let attempts = self.containers.entry(name.to_owned()).or_default();
        attempts.push(attempt(Attempt::default()));
        self.index_texts();
        self
    }

    /// Pulls by image. Those of images that only an update brings take no time, unless they are
    /// among these: the attempts of a container speak of the images that it was created with.
    pub(crate) fn with_pulls(mut self, pulls: BTreeMap<String, Pull>, first: &PodSpec) -> Self {
        self.pulls = pulls;
        self.first_images = Some(first.images.len());
        self.index_texts();
        self
    }

    fn pull(&self, call: &Call<'_>, attempt: &Attempt) -> Reply {
        let image = call.request.image;
        let named = image.and_then(|image| self.pulls.get(call.pod.image(image)));
        let new = image.zip(self.first_images);
        let new = new.is_some_and(|(image, first)| usize::from(image.0) >= first);
        match (named, new) {
            (Some(pull), _) => self.step(pull.takes, pull.error.as_ref()),
            (None, true) => Reply::now(Outcome::Done),
            (None, false) => self.step(attempt.pull.takes, attempt.pull.error.as_ref()),
        }
    }

    /// Adds words that no answer carries, such as those of a refused update.
    pub(crate) fn add_text(&mut self, text: String) -> Text {
        self.extra.push(text.clone());
        self.index_texts();
        self.text_id(&text)
    }

    /// Every text that an answer may carry, in a table of its own.
    fn index_texts(&mut self) {
        let mut texts: Vec<String> = vec![String::new()];
        for kind in ["startup", "readiness", "liveness", "post_start", "pre_stop"] {
            texts.push(format!("{kind} says no"));
        }
        texts.push("probe cannot run".to_owned());
        texts.push("cannot exec".to_owned());
        let mut add = |text: &Option<String>| texts.extend(text.clone());
        for plan in &self.sandbox {
            add(&plan.error);
        }
        for pull in self.pulls.values() {
            add(&pull.error);
        }
        for attempt in self.containers.values().flatten() {
            add(&attempt.pull.error);
            add(&attempt.create_error);
            add(&attempt.start_error);
            for hook in [&attempt.post_start, &attempt.pre_stop]
                .into_iter()
                .flatten()
            {
                if let Some(Failure::Words(words)) = &hook.error {
                    add(&Some(words.clone()));
                }
            }
        }
        texts.extend(self.extra.iter().cloned());
        self.texts = texts;
    }

    fn text_id(&self, text: &str) -> Text {
        let found = self.texts.iter().position(|known| known == text);
        Text(found.unwrap_or(0) as u32)
    }

    /// The entry for an attempt; the last repeats.
    fn attempt(&self, container: &str, nth: u32) -> Option<&Attempt> {
        let attempts = self.containers.get(container)?;
        let nth = usize::try_from(nth).unwrap_or(usize::MAX);
        attempts.get(nth).or_else(|| attempts.last())
    }

    fn step(&self, takes: Span, error: Option<&String>) -> Reply {
        let outcome = match error {
            None => Outcome::Done,
            Some(error) => Outcome::Failed(self.text_id(error)),
        };
        Reply::after(takes.duration(), outcome)
    }

    fn probe(&self, attempt: &Attempt, kind: ProbeKind, running_for: u64) -> Reply {
        let pieces = attempt.probes.get(&kind.into());
        let piece = pieces.and_then(|pieces| {
            let mut pieces = pieces.iter();
            pieces.find(|piece| piece.until.is_none_or(|until| running_for < until.millis()))
        });
        let Some(piece) = piece else {
            return Reply::now(ran(0, Text::EMPTY));
        };
        let outcome = match piece.result {
            ProbeVerdict::Success => ran(0, Text::EMPTY),
            ProbeVerdict::Failure => {
                let text = match kind {
                    ProbeKind::Startup => "startup says no",
                    ProbeKind::Readiness => "readiness says no",
                    ProbeKind::Liveness => "liveness says no",
                };
                ran(1, self.text_id(text))
            }
            ProbeVerdict::Error => Outcome::CannotRun(self.text_id("probe cannot run")),
            ProbeVerdict::Hang => return Reply::never(),
        };
        Reply::after(piece.takes.duration(), outcome)
    }

    fn hook(&self, plan: Option<&HookPlan>, hook: HookKind) -> Reply {
        let Some(plan) = plan else {
            return Reply::now(ran(0, Text::EMPTY));
        };
        if plan.hang {
            return Reply::never();
        }
        let takes = plan.takes.duration();
        match &plan.error {
            Some(Failure::Words(words)) => {
                Reply::after(takes, Outcome::CannotRun(self.text_id(words)))
            }
            Some(Failure::Plain(_)) => {
                Reply::after(takes, Outcome::CannotRun(self.text_id("cannot exec")))
            }
            None if plan.exit_code == 0 => Reply::after(takes, ran(0, Text::EMPTY)),
            None => {
                let text = match hook {
                    HookKind::PostStart => "post_start says no",
                    HookKind::PreStop => "pre_stop says no",
                };
                Reply::after(takes, ran(plan.exit_code, self.text_id(text)))
            }
        }
    }
}

const fn ran(code: i32, output: Text) -> Outcome {
    Outcome::Ran { code, output }
}

impl Runtime for Script {
    fn reply(&self, call: &Call<'_>, _: &mut dyn Choices) -> Reply {
        let request = call.request;
        let Some(container) = call.container() else {
            let nth = usize::try_from(request.nth).unwrap_or(usize::MAX);
            let plan = self.sandbox.get(nth).or_else(|| self.sandbox.last());
            return plan.map_or(Reply::now(Outcome::Done), |plan| {
                self.step(plan.takes, plan.error.as_ref())
            });
        };
        let attempt = self.attempt(&container.name, request.nth);
        let attempt = attempt.unwrap_or(&NOMINAL);
        match request.token.verb {
            Verb::RunSandbox => Reply::now(Outcome::Done),
            Verb::PullImage => self.pull(call, attempt),
            Verb::CreateContainer => self.step(Span::ZERO, attempt.create_error.as_ref()),
            Verb::StartContainer => self.step(attempt.start_delay, attempt.start_error.as_ref()),
            Verb::Run => attempt.exit.map_or(Reply::never(), |exit| {
                let ExitPlan { after, code, oom } = exit;
                Reply::after(after.duration(), Outcome::Exited { code, oom })
            }),
            Verb::StopContainer => {
                let plan = attempt.on_term.unwrap_or(TermPlan::Ends(TermExit {
                    after: Span::ZERO,
                    code: terminated(),
                }));
                match plan {
                    TermPlan::Nothing(Ignore::Ignore) => Reply::never(),
                    TermPlan::Ends(TermExit { after, code }) => {
                        Reply::after(after.duration(), Outcome::Exited { code, oom: false })
                    }
                }
            }
            Verb::PostStart | Verb::PreStop | Verb::Probe(_) if !request.alive => {
                Reply::now(Outcome::NotRunning)
            }
            Verb::PostStart => self.hook(attempt.post_start.as_ref(), HookKind::PostStart),
            Verb::PreStop => self.hook(attempt.pre_stop.as_ref(), HookKind::PreStop),
            Verb::Probe(kind) => self.probe(attempt, kind, request.running_for),
        }
    }

    fn memory(&self) -> Memory {
        let attempts = self.containers.values().map(Vec::len);
        let attempts = attempts.chain([self.sandbox.len()]).max().unwrap_or(0);
        let pieces = self.containers.values().flatten();
        let pieces = pieces.flat_map(|attempt| attempt.probes.values().flatten());
        let ends = pieces.filter_map(|piece| piece.until).map(Span::millis);
        Memory {
            running_for: Some(ends.max().unwrap_or(0)),
            attempts: u32::try_from(attempts).ok(),
        }
    }

    fn text(&self, text: Text) -> &str {
        let found = self.texts.get(text.0 as usize);
        found.map_or("", String::as_str)
    }
}
