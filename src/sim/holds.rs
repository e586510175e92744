//! Conditions over worlds: what holds at a moment, where [`when`](crate::timeline::when) says what
//! happens.
//!
//! ```
//! use podclock::kubelet::PodPhase;
//! use podclock::sim::{Property, holds};
//!
//! let over = holds::phase(PodPhase::Succeeded).or(holds::phase(PodPhase::Failed));
//! let idle = Property::always("nothing runs once it is over", over.not().or(holds::any_running().not()));
//! # let _ = idle;
//! ```

use super::model::Model;
use super::world::World;
use crate::kubelet::{ContainerStatus, PodPhase, PodStatus};
use crate::spec::ContainerId;
use crate::timeline::{ShownCondition, ShownState};
use std::fmt;
use std::sync::Arc;

/// A world with the model that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The model.
    pub model: &'a Model,
    /// The world.
    pub world: &'a World,
}

/// Something that a world may be like.
#[derive(Clone)]
pub struct Holds(Arc<Test>);

type Test = dyn Fn(&View<'_>) -> bool + Send + Sync;

impl fmt::Debug for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holds")
    }
}

impl Holds {
    /// The condition that this function makes. It must not ask for more of the world than stays the
    /// same in its [canonical form](Model::canonical): nothing absolute, such as the clock.
    pub fn new(test: impl Fn(&View<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(test))
    }

    /// Whether a world is like that.
    #[must_use]
    pub fn in_view(&self, view: &View<'_>) -> bool {
        (self.0)(view)
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(move |view| self.in_view(view) && other.in_view(view))
    }

    /// One of the two, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::new(move |view| self.in_view(view) || other.in_view(view))
    }

    /// Every other world.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "as Condition has it")]
    pub fn not(self) -> Self {
        Self::new(move |view| !self.in_view(view))
    }
}

impl View<'_> {
    fn status(&self) -> Option<&PodStatus> {
        let object = &self.world.pod.object;
        object.exists.then_some(&object.status)
    }

    fn id(&self, container: &str) -> Option<ContainerId> {
        self.model.names().pod.find(container)
    }
}

/// The pod is at the API server.
#[must_use]
pub fn exists() -> Holds {
    Holds::new(|view| view.world.pod.object.exists)
}

/// The pod has left the API server.
#[must_use]
pub fn gone() -> Holds {
    exists().not()
}

/// Somebody has asked for the pod's deletion, whether or not it is gone by now.
#[must_use]
pub fn deletion_asked() -> Holds {
    Holds::new(|view| view.world.pod.object.deletion.is_some())
}

/// The API shows that phase.
#[must_use]
pub fn phase(phase: PodPhase) -> Holds {
    shows(move |status| status.phase == phase)
}

/// The API's condition Ready is True.
#[must_use]
pub fn ready() -> Holds {
    shows(PodStatus::is_ready)
}

/// The API shows a container as ready; `None` means any.
pub fn container_ready<'a>(container: impl Into<Option<&'a str>>) -> Holds {
    container_shows(container, |status, _| status.ready)
}

/// The API shows a container's status as one that is so; `None` means any.
pub fn container_shows<'a>(
    container: impl Into<Option<&'a str>>,
    is: impl Fn(&ContainerStatus, &ShownState) -> bool + Send + Sync + 'static,
) -> Holds {
    let container = container.into().map(ToOwned::to_owned);
    Holds::new(move |view| {
        let (Some(status), names) = (view.status(), view.model.names()) else {
            return false;
        };
        let named = |id: &ContainerId| {
            let wanted = container.as_deref();
            wanted.is_none_or(|name| name == names.container(*id))
        };
        names.pod.ids().filter(named).any(|id| {
            let status = status.containers.get(id.index());
            status.is_some_and(|status| is(status, &ShownState::of(status, id, &names)))
        })
    })
}

/// The API shows a condition of that type that is so.
pub fn condition_shows(
    kind: &str,
    is: impl Fn(&ShownCondition) -> bool + Send + Sync + 'static,
) -> Holds {
    let kind = kind.to_owned();
    Holds::new(move |view| {
        let names = view.model.names();
        let shown = view
            .status()
            .and_then(|status| ShownCondition::of(status, &kind, &names));
        shown.is_some_and(|shown| is(&shown))
    })
}

/// A process of that container runs, whatever the API shows.
#[must_use]
pub fn running(container: &str) -> Holds {
    let container = container.to_owned();
    Holds::new(move |view| {
        let runs = &view.world.pod.runtime;
        view.id(&container)
            .is_some_and(|id| runs.newest_first(id).any(crate::kubelet::Run::is_running))
    })
}

/// Some process of the pod runs.
#[must_use]
pub fn any_running() -> Holds {
    Holds::new(|view| {
        let mut runs = view.world.pod.runtime.runs.iter();
        runs.any(crate::kubelet::Run::is_running)
    })
}

/// A sandbox of the pod is up.
#[must_use]
pub fn sandbox_up() -> Holds {
    Holds::new(|view| {
        let mut sandboxes = view.world.pod.runtime.sandboxes.iter();
        sandboxes.any(|sandbox| sandbox.ready)
    })
}

/// The kubelet's process is up.
#[must_use]
pub fn kubelet_up() -> Holds {
    Holds::new(|view| view.world.pod.kubelet.up)
}

fn shows(is: impl Fn(&PodStatus) -> bool + Send + Sync + 'static) -> Holds {
    Holds::new(move |view| view.status().is_some_and(&is))
}
