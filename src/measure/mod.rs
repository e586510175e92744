//! How long things take: measures over what happens to a pod.
//!
//! Each measure is the time from one thing that entries show to another. A [`Watch`] sees entries
//! as they come and gives a [`Sample`] whenever something measured ends; [`Tally`] counts samples
//! of many runs.
//!
//! ```
//! use podclock::measure::Measure;
//! use podclock::runtime::{Nominal, Script};
//! use podclock::sim::{Action, Model};
//! use podclock::{Profile, manifest};
//! use std::time::Duration;
//!
//! let text = include_str!("../../fixtures/manifests/pod-minimal.yaml");
//! let profile = Profile::default();
//! let pod = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
//! let name = pod.containers[0].name.to_string();
//! let script = Script::new().container(&name, |app| app.ignores_term());
//! let model = Model::new(pod, profile.rules(), script).at(Duration::from_secs(60), Action::DELETE);
//! let run = model.run(&mut Nominal, Duration::from_secs(120));
//! let samples = run.timeline.samples();
//! let killed = samples.iter().find(|sample| sample.measure == Measure::DeleteToKill);
//! assert_eq!(killed.map(|sample| sample.millis()), Some(30_000));
//! # Ok::<(), manifest::ManifestError>(())
//! ```

mod histogram;
mod tally;
mod watch;

pub use histogram::{Bin, Histogram};
pub use tally::{Distribution, Subject, Tally};
pub use watch::{Samples, Watch};

use crate::spec::{ContainerId, PodSpec};
use crate::time::Time;
use crate::timeline::Timeline;
use std::fmt;

macro_rules! measures {
    ($($measure:ident $name:literal $short:literal: $says:literal;)+) => {
        /// A length of time that can be seen in entries.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure {
            $(#[doc = $says] $measure,)+
        }

        /// Every measure.
        pub const ALL: &[Measure] = &[$(Measure::$measure,)+];

        impl Measure {
            /// Its name, such as `delete-to-gone`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$measure => $name,)+ }
            }

            /// From what to what, in a few words.
            #[must_use]
            pub const fn short(self) -> &'static str {
                match self { $(Self::$measure => $short,)+ }
            }

            /// What it measures.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$measure => $says,)+ }
            }
        }
    };
}

measures! {
    CreatedToReady "created-to-ready" "created → Ready":
        "from the pod's creation to the first time that the API shows it as Ready";
    HealthyToRestarted "healthy-to-restarted" "last good answer → restarted":
        "from the last good answer of a container to its liveness probe to its next start, where it is killed for that probe: a hang right after the answer lasts so long";
    HangToRestarted "hang-to-restarted" "first failed probe → restarted":
        "from the beginning of the first liveness probe in the row of failures that a container is killed for to its next start: a hang right before the probe lasts so long";
    BadAnswerToUnready "bad-answer-to-unready" "first bad answer → not Ready":
        "from the first bad answer of a container to its readiness probe while the pod is Ready, without a good one since, to the API's Ready False";
    RecoveredToReady "recovered-to-ready" "first good answer → Ready again":
        "from the first good answer to its readiness probe of a container that is not ready, without a bad one since, in a pod that has been Ready and is not, to the API's Ready True";
    DeleteToTerm "delete-to-term" "delete → TERM":
        "from the first request to delete the pod to a container's first stop signal after it";
    DeleteToKill "delete-to-kill" "delete → KILL":
        "from the first request to delete the pod to a container's end by KILL";
    DeleteToGone "delete-to-gone" "delete → gone":
        "from the first request to delete the pod to the object's end";
    CrashToStart "crash-to-start" "exit → next start":
        "from the end of a container that nobody stopped and that is to run again, whatever its code, to its next start";
    StartupBudget "startup-budget" "started → killed by startup probe":
        "from a container's start to the moment at which the kubelet begins to kill it for its startup probe";
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no measure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such measure")]
pub struct ParseMeasureError;

impl std::str::FromStr for Measure {
    type Err = ParseMeasureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ALL.iter().find(|measure| measure.name() == text);
        known.copied().ok_or(ParseMeasureError)
    }
}

impl Measure {
    /// What it can be measured of in such a pod: the pod, or some of its containers. A start after
    /// a crash is told here as the first one.
    pub fn subjects(self, pod: &PodSpec) -> impl Iterator<Item = Subject> + use<'_> {
        let of_pod = matches!(self, Self::CreatedToReady | Self::DeleteToGone);
        let lasts = |id: &ContainerId| !pod.is_init(*id) || pod.is_sidecar(*id);
        let containers = pod.ids().filter(move |id| {
            let container = pod.container(*id);
            match self {
                Self::CreatedToReady | Self::DeleteToGone => false,
                Self::HealthyToRestarted | Self::HangToRestarted => container.liveness.is_some(),
                Self::BadAnswerToUnready | Self::RecoveredToReady => container.readiness.is_some(),
                Self::StartupBudget => container.startup.is_some(),
                Self::DeleteToTerm | Self::DeleteToKill | Self::CrashToStart => lasts(id),
            }
        });
        let containers = containers.map(Some);
        let all = of_pod.then_some(None).into_iter().chain(containers);
        all.map(move |container| Subject {
            measure: self,
            container,
            restart: (self == Self::CrashToStart).then_some(1),
        })
    }
}

/// Something that was measured once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// What.
    pub measure: Measure,
    /// Of which container; `None`: of the pod.
    pub container: Option<ContainerId>,
    /// Which restart of the container ends it, for [`Measure::CrashToStart`]: 1, 2 … up to
    /// [`Watch::RESTARTS`], which stands for all later ones too.
    pub restart: Option<u8>,
    /// From when.
    pub from: Time,
    /// To when.
    pub to: Time,
}

impl Sample {
    /// How long it took, in milliseconds.
    #[must_use]
    pub const fn millis(&self) -> u64 {
        self.to.millis_since(self.from)
    }

    /// What was measured, without the length.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject {
            measure: self.measure,
            container: self.container,
            restart: self.restart,
        }
    }
}

impl Timeline {
    /// All that can be measured in it. Empty for a timeline that no model has written.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let Some(names) = self.names() else {
            return Vec::new();
        };
        let mut watch = Watch::new();
        let entries = self.entries().iter();
        entries.flat_map(|entry| watch.see(entry, &names)).collect()
    }
}
