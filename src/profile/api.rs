//! Which API objects a version serves, and how it reads init containers.

use super::{Feature, Profile, Version};

/// Where init containers are declared (OLD-1, OLD-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InitSource {
    /// In an annotation of the pod; there is no field.
    Annotation,
    /// In the field, but the annotation overrides it.
    AnnotationFirst,
    /// In the field; the annotation means nothing.
    Field,
}

/// One API: group and version, kind, the first minor version with it, the first without it.
type Row = (&'static str, &'static str, u8, u8);

/// Every API that makes pods; for each kind the newest last. Sources: OLD-3 and the deprecated API
/// migration guide.
const APIS: &[Row] = &[
    ("v1", "Pod", 0, NEVER),
    ("v1", "ReplicationController", 0, NEVER),
    ("extensions/v1beta1", "Deployment", 0, 16),
    ("apps/v1beta1", "Deployment", 6, 16),
    ("apps/v1beta2", "Deployment", 8, 16),
    ("apps/v1", "Deployment", 9, NEVER),
    ("extensions/v1beta1", "ReplicaSet", 0, 16),
    ("apps/v1beta2", "ReplicaSet", 8, 16),
    ("apps/v1", "ReplicaSet", 9, NEVER),
    ("extensions/v1beta1", "DaemonSet", 0, 16),
    ("apps/v1beta2", "DaemonSet", 8, 16),
    ("apps/v1", "DaemonSet", 9, NEVER),
    ("apps/v1beta1", "StatefulSet", 5, 16),
    ("apps/v1beta2", "StatefulSet", 8, 16),
    ("apps/v1", "StatefulSet", 9, NEVER),
    ("extensions/v1beta1", "Job", 0, 6),
    ("batch/v1", "Job", 0, NEVER),
    ("batch/v2alpha1", "CronJob", 5, 21),
    ("batch/v1beta1", "CronJob", 8, 25),
    ("batch/v1", "CronJob", 21, NEVER),
];

const NEVER: u8 = u8::MAX;

/// How a version stands to an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// It serves the API.
    Yes,
    /// It no longer does, since this version.
    Until(Version),
    /// It does not yet; this version does.
    From(Version),
    /// No version does.
    Never,
}

impl Profile {
    /// How the version stands to an API that makes pods.
    ///
    /// ```
    /// use podclock::profile::{Profile, Served, Version};
    ///
    /// let old = Profile::of(Version::V1_5);
    /// assert_eq!(old.served("extensions/v1beta1", "Deployment"), Served::Yes);
    /// let new = Profile::of(Version::V1_36);
    /// let gone = Served::Until(Version::minor(16));
    /// assert_eq!(new.served("extensions/v1beta1", "Deployment"), gone);
    /// ```
    #[must_use]
    pub fn served(&self, api_version: &str, kind: &str) -> Served {
        let mut rows = APIS.iter();
        let row = rows.find(|(api, of, ..)| *api == api_version && *of == kind);
        match row {
            None => Served::Never,
            Some(&(_, _, from, _)) if self.version < Version::minor(from) => {
                Served::From(Version::minor(from))
            }
            Some(&(_, _, _, until)) if until != NEVER && self.version >= Version::minor(until) => {
                Served::Until(Version::minor(until))
            }
            Some(_) => Served::Yes,
        }
    }

    /// The newest API of a kind that the version serves.
    #[must_use]
    pub fn newest_api(&self, kind: &str) -> Option<&'static str> {
        let mut rows = APIS.iter().rev();
        rows.find(|(api, of, ..)| *of == kind && self.served(api, kind) == Served::Yes)
            .map(|(api, ..)| *api)
    }

    /// Where the version looks for init containers.
    #[must_use]
    pub fn init_source(&self) -> InitSource {
        if self.version < Version::minor(6) {
            InitSource::Annotation
        } else if self.version < Version::minor(8) {
            InitSource::AnnotationFirst
        } else {
            InitSource::Field
        }
    }

    /// Whether an API takes the template's labels for a selector that is left out (OLD-3).
    #[must_use]
    pub fn defaults_selector(api_version: &str) -> bool {
        matches!(api_version, "v1" | "extensions/v1beta1" | "apps/v1beta1")
    }

    /// Whether the version knows a gate, on or off; it then also knows the fields behind it.
    #[must_use]
    pub fn knows(&self, feature: Feature) -> bool {
        feature.stage(self.version).is_some()
    }
}
