//! A runtime with alternatives: what may go otherwise than nominal.

mod fault;
mod menu;
mod usual;

pub use fault::{Answer, Exit, Fault};
pub use menu::{Alternative, Menu, NOMINAL_WEIGHT};

use super::{Call, Choices, Reply, Runtime};
use crate::kubelet::{Memory, Request, Text, Verb};
use crate::spec::{ContainerId, ImageId};
use std::collections::BTreeMap;

/// A runtime whose answers have alternatives. The nominal answer to every call is that of the
/// runtime inside; where a [`Menu`] lists others, one of them all is picked.
///
/// It remembers nothing: every call is answered anew, so a container that hangs at one probe may
/// succeed at the next. What is not about a living process, such as a probe of a container that
/// has ended, keeps the nominal answer.
///
/// ```
/// use podclock::runtime::{Answer, Exit, Faults, Nominal, Script, Seeded};
/// use podclock::sim::{Model, OpenAction};
/// use podclock::spec::ProbeKind;
/// use podclock::{Profile, manifest};
/// use std::time::Duration;
///
/// let text = include_str!("../../../fixtures/manifests/pod-minimal.yaml");
/// let profile = Profile::default();
/// let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
/// let app = pod.regular_ids().next().expect("a container");
/// let faults = Faults::new(Script::new()).container(app, |menu| {
///     menu.probe(ProbeKind::Liveness, Answer::Failure)
///         .probe(ProbeKind::Liveness, Answer::Hang.weighing(2))
///         .exit(1)
///         .exit(Exit::OOM)
///         .ignores_term()
/// });
/// let model = Model::new(pod, profile.rules(), faults).open(OpenAction::DELETE);
/// let minute = Duration::from_secs(60);
/// let quiet = model.run(&mut Nominal, minute);
/// let wild = (0..20).map(|seed| model.run(&mut Seeded(seed), minute));
/// assert!(wild.into_iter().any(|run| run.timeline.to_string() != quiet.timeline.to_string()));
/// # Ok::<(), manifest::ManifestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults<R> {
    base: R,
    sandbox: Menu,
    /// By image, what its pulls may come to, whoever asks for them.
    pulls: BTreeMap<ImageId, Menu>,
    /// By container. Updates neither add nor remove any.
    containers: Vec<Menu>,
}

impl<R: Runtime> Faults<R> {
    /// The same runtime; nothing has an alternative yet.
    #[must_use]
    pub const fn new(base: R) -> Self {
        Self {
            base,
            sandbox: Menu::new(),
            pulls: BTreeMap::new(),
            containers: Vec::new(),
        }
    }

    /// What may go otherwise about a container, on top of what is known of it.
    #[must_use]
    pub fn container(mut self, id: ContainerId, add: impl FnOnce(Menu) -> Menu) -> Self {
        let count = self.containers.len().max(id.index() + 1);
        self.containers.resize_with(count, Menu::new);
        let menu = std::mem::take(&mut self.containers[id.index()]);
        self.containers[id.index()] = add(menu);
        self
    }

    /// What pulls of an image may come to, whichever container wants it. It goes before what the
    /// containers' menus say about pulls.
    #[must_use]
    pub fn image(mut self, id: ImageId, add: impl FnOnce(Menu) -> Menu) -> Self {
        let menu = self.pulls.remove(&id).unwrap_or_default();
        self.pulls.insert(id, add(menu));
        self
    }

    /// What making the pod's sandbox may come to.
    #[must_use]
    pub fn sandbox(mut self, fault: impl Into<Fault>) -> Self {
        self.sandbox = self.sandbox.answers(Verb::RunSandbox, fault.into());
        self
    }

    /// Gives that weight to the nominal alternative of everything that is in a menu so far;
    /// [`NOMINAL_WEIGHT`] by default.
    #[must_use]
    pub fn nominal_weight(mut self, weight: u32) -> Self {
        let menus = self.containers.iter_mut().chain(self.pulls.values_mut());
        for menu in menus.chain([&mut self.sandbox]) {
            *menu = std::mem::take(menu).nominal_weight(weight);
        }
        self
    }

    fn menu(&self, request: &Request) -> Option<&Menu> {
        let Some(id) = request.token.container else {
            return Some(&self.sandbox);
        };
        let image = request.image.and_then(|image| self.pulls.get(&image));
        image.or_else(|| self.containers.get(id.index()))
    }
}

/// Whether there is anything to go otherwise: no probe and no hook of a dead process.
const fn is_open(request: &Request) -> bool {
    let of_process = matches!(
        request.token.verb,
        Verb::Probe(_) | Verb::PostStart | Verb::PreStop
    );
    request.alive || !of_process
}

impl<R: Runtime> Runtime for Faults<R> {
    fn reply(&self, call: &Call<'_>, choices: &mut dyn Choices) -> Reply {
        let menu = self.menu(call.request).filter(|_| is_open(call.request));
        let offer = menu.and_then(|menu| menu.offer(call.request.token.verb));
        let Some((weights, alternatives)) = offer else {
            return self.base.reply(call, choices);
        };
        let picked = choices.pick(call.point(), weights).checked_sub(1);
        match picked.and_then(|index| alternatives.get(index)) {
            Some(reply) => *reply,
            None => self.base.reply(call, choices),
        }
    }

    fn text(&self, text: Text) -> &str {
        fault::words(text).unwrap_or_else(|| self.base.text(text))
    }

    fn memory(&self) -> Memory {
        self.base.memory()
    }
}
