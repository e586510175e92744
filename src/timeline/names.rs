//! The words behind the indices of a timeline.

use crate::kubelet::Text;
use crate::profile::Rules;
use crate::runtime::Runtime;
use crate::spec::{ContainerId, ImageId, PodSpec};

/// Where a timeline's reader finds the words: names of containers, images and conditions, texts of
/// the runtime.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The pod, in its newest revision.
    pub pod: &'a PodSpec,
    /// The rules that the timeline was made by: they decide the wording of some Events.
    pub rules: &'a Rules,
    /// The runtime.
    pub runtime: &'a dyn Runtime,
    /// Types of the conditions that others than the kubelet set.
    pub conditions: &'a [String],
}

impl<'a> Names<'a> {
    /// A container's name.
    #[must_use]
    pub fn container(&self, id: ContainerId) -> &'a str {
        &self.pod.container(id).name
    }

    /// An image's name.
    #[must_use]
    pub fn image(&self, id: ImageId) -> &'a str {
        self.pod.image(id)
    }

    /// A text of the runtime.
    #[must_use]
    pub fn text(&self, text: Text) -> &'a str {
        self.runtime.text(text)
    }

    /// The pod as the kubelet's messages write it: `name_namespace(uid)`.
    #[must_use]
    pub fn full_pod(&self) -> String {
        let PodSpec {
            name,
            namespace,
            uid,
            ..
        } = self.pod;
        format!("{name}_{namespace}({uid})")
    }
}
