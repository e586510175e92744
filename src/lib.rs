//! The life of a Kubernetes pod on a virtual clock.
//!
//! podclock runs a pod the way the kubelet does: image pulls, probes, hooks, back-off, the grace
//! period, TERM and KILL, what the API shows when, and every Kubernetes Event. There is no cluster
//! behind it and no waiting: a day of a pod's life takes milliseconds, and the same input gives the
//! same timeline to the millisecond.
//!
//! ```
//! use podclock::runtime::{Nominal, Script};
//! use podclock::sim::{Action, Model};
//! use podclock::{Profile, manifest, when};
//! use std::time::Duration;
//!
//! let text = "
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec: {containers: [{name: app, image: app:1}]}
//! ";
//! let profile = Profile::default();
//! let web = manifest::parse(text, &profile).into_result()?.pods[0].spec.clone();
//! let script = Script::new().container("app", |app| app.ignores_term());
//! let model = Model::new(web, profile.rules(), script).at(Duration::from_secs(60), Action::DELETE);
//! let run = model.run(&mut Nominal, Duration::from_secs(120));
//! let to_kill = run.timeline.between(when::delete_requested(), when::kill_sent("app"));
//! assert_eq!(to_kill, Some(Duration::from_secs(30)));
//! print!("{}", run.timeline);
//! # Ok::<(), manifest::ManifestError>(())
//! ```
//!
//! Where to look first:
//!
//! - [`manifest::parse`] reads YAML or JSON and says what is wrong with it, in the API server's
//!   words.
//! - [`sim::Scenario`] reads a file that holds a pod, what its containers do, what is done to it,
//!   and what must come of it.
//! - [`sim::Model`] and [`sim::World`] are the machine for those who want to own the loop.
//! - [`runtime::Runtime`] answers for the containers: [`runtime::Script`], [`runtime::Apps`], or
//!   your own.
//! - [`kubelet::Facts`] asks for single decisions of the kubelet: a phase, a condition, what a sync
//!   does.
//! - [`timeline::Timeline`] is what happened; [`when`] has the conditions to search it by.
//! - [`explore::Search`] tries every run of a model, and [`explore::Properties`] holds claims over them.
//! - [`Profile`] is a Kubernetes version with its feature gates.
//!
//! # Features
//!
//! `cli` (default) is the program; without it the library is lean. `json` writes timelines as JSON
//! Lines, `schema` makes the JSON Schema of scenario files, `proptest` has strategies for property
//! tests.

#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
pub mod cli;
pub mod explore;
pub mod kubelet;
pub mod manifest;
pub mod measure;
pub mod profile;
#[cfg(feature = "json")]
pub mod replay;
pub mod runtime;
pub mod sim;
pub mod spec;
#[cfg(feature = "proptest")]
pub mod strategies;
mod time;
pub mod timeline;

pub use profile::{Feature, Profile, Rules, Version};
pub use time::{ParseSpanError, Span, Time};
pub use timeline::when;

/// The guide's Rust examples, run as doc tests.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../README.md")]
    struct Readme;

    #[doc = include_str!("../docs/guide/using-the-library.md")]
    struct UsingTheLibrary;

    #[cfg(feature = "proptest")]
    #[doc = include_str!("../docs/guide/property-tests.md")]
    struct PropertyTests;

    #[doc = include_str!("../docs/guide/writing-a-runtime.md")]
    struct WritingARuntime;

    #[doc = include_str!("../docs/guide/fault-menus.md")]
    struct FaultMenus;
}
