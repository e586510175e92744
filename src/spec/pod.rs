//! A pod.

use super::{Container, RestartPolicy};

/// A pod's specification, checked and defaulted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodSpec {
    /// `metadata.name`.
    pub name: Box<str>,
    /// `metadata.namespace`, `default` by default.
    pub namespace: Box<str>,
    /// `metadata.uid`; a fixed one where the manifest has none.
    pub uid: Box<str>,
    /// `restartPolicy` (DEF-1).
    pub restart_policy: RestartPolicy,
    /// `terminationGracePeriodSeconds` (DEF-2); a negative one counts as 1 at deletion (VAL-52).
    pub termination_grace: i64,
    /// `activeDeadlineSeconds` (DLN-1).
    pub active_deadline: Option<i64>,
    /// Condition types of the readiness gates, in order (COND-4).
    pub readiness_gates: Vec<Box<str>>,
    /// Every container, the `init_count` init containers first, each group in spec order.
    pub containers: Vec<Container>,
    /// How many of the containers are init containers (sidecars included).
    pub init_count: usize,
    /// The images that containers refer to. Revisions of one pod only ever add to it.
    pub images: Vec<Box<str>>,
}

impl PodSpec {
    /// The uid of a pod whose manifest gives none.
    pub const DEFAULT_UID: &'static str = "11111111-2222-3333-4444-555555555555";

    /// The container with that index.
    #[must_use]
    pub fn container(&self, id: ContainerId) -> &Container {
        &self.containers[id.index()]
    }

    /// The image with that index, as written.
    #[must_use]
    pub fn image(&self, id: ImageId) -> &str {
        &self.images[usize::from(id.0)]
    }

    /// All containers, init containers first.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = ContainerId> + ExactSizeIterator + use<> {
        ids(0, self.containers.len())
    }

    /// The init containers, sidecars included, in spec order.
    pub fn init_ids(
        &self,
    ) -> impl DoubleEndedIterator<Item = ContainerId> + ExactSizeIterator + use<> {
        ids(0, self.init_count)
    }

    /// The regular containers in spec order.
    pub fn regular_ids(
        &self,
    ) -> impl DoubleEndedIterator<Item = ContainerId> + ExactSizeIterator + use<> {
        ids(self.init_count, self.containers.len())
    }

    /// Whether that is an init container (sidecars included).
    #[must_use]
    pub const fn is_init(&self, id: ContainerId) -> bool {
        id.index() < self.init_count
    }

    /// Whether that is a sidecar: an init container with restart policy `Always`.
    #[must_use]
    pub fn is_sidecar(&self, id: ContainerId) -> bool {
        self.is_init(id) && self.container(id).restart_policy == Some(RestartPolicy::Always)
    }

    /// Whether the pod has any sidecar.
    #[must_use]
    pub fn has_sidecars(&self) -> bool {
        self.init_ids().any(|id| self.is_sidecar(id))
    }

    /// The container with that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ContainerId> {
        self.ids().find(|&id| &*self.container(id).name == name)
    }
}

fn ids(
    from: usize,
    to: usize,
) -> impl DoubleEndedIterator<Item = ContainerId> + ExactSizeIterator + use<> {
    (from..to).map(|index| ContainerId(index as u8))
}

/// A container's index in its pod, init containers first. A pod has at most 64 containers here
/// ([`ContainerId::LIMIT`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(pub u8);

impl ContainerId {
    /// How many containers a pod may have: sets of containers are bit masks.
    pub const LIMIT: usize = 64;

    /// As an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An image's index in its pod's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub u8);
