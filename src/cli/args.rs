//! Arguments.

use super::app_flags::AppFlags;
use super::replay::ReplayArgs;
use super::sweep::{MergeArgs, SweepArgs};
use crate::profile::{Feature, Version};
use crate::time::Span;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// The life of a Kubernetes pod on a virtual clock.
#[derive(Debug, Parser)]
#[command(name = "podclock", version, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run pods and show what happens to them.
    ///
    /// A FILE is a Kubernetes manifest or a scenario. A manifest runs with nominal applications,
    /// which the options change: a pull takes 2s, a start 0.5s, probes succeed, TERM ends the
    /// process after 0.5s. The pod is deleted after a minute, or, if it is meant to end by itself,
    /// it does so after 20s. Of a Deployment and its like, one pod is run.
    ///
    /// Times are seconds (90) or have units (1m30s), counted from the pod's creation or from the
    /// start of the container. Exit codes: 0 fine, 1 an expectation was not met, 2 wrong input.
    Run(Box<RunArgs>),
    /// Show what another Kubernetes version, or a feature gate, changes for pods.
    ///
    /// Runs each FILE twice, as `run` does and with the same options, before and after. Shown is what
    /// differs: what one of the two refuses or ignores in the file, Events in other words, then the
    /// two timelines, where `-` is only before, `+` only after, and `~` is both, but at another time;
    /// then what the two runs come to. A scenario's `kubelet:` is replaced by the version given, and
    /// its `gates:` hold on both sides.
    ///
    /// To switch one gate of the same version, give only the gate: --to-gate NAME=true.
    ///
    /// Exit codes: 0 the same, 1 there is a difference, 2 wrong input.
    Diff(Box<DiffArgs>),
    /// Try everything that can go wrong with a pod, at every moment, and show what that breaks.
    ///
    /// A FILE is a Kubernetes manifest or a scenario. Of a manifest, containers exit and ignore TERM,
    /// probes and hooks fail and hang, pulls fail, and the pod is deleted, each at any moment; what
    /// may go otherwise in a scenario, its `faults:` say. Every run with at most so many of these
    /// faults is tried, in order of their number and then of their length, so that what is found is
    /// found in its simplest form.
    ///
    /// Held over all runs are the scenario's `properties:` and the built-in ones; --without leaves
    /// some of those out, and `--without all` every one.
    ///
    /// Exit codes: 0 all hold, 1 one does not, 2 wrong input, 3 none was broken, but a bound other
    /// than the number of faults was reached.
    Explore(Box<ExploreArgs>),
    /// Show how long things take at least and at most, over every run.
    ///
    /// From a manifest six questions are made, each with the little that may go wrong for it: how long
    /// a start takes, what a hang, failing readiness probes, a delete at any moment, crashes and a slow
    /// start lead to. A scenario is searched with its own `faults:`. Nothing is computed by a formula:
    /// each length is that of a run, which --save writes to a file.
    ///
    /// Exit codes: 0 fine, 2 wrong input, 3 a search came to a bound, so that lengths may be shorter
    /// or longer than shown.
    Bounds(Box<BoundsArgs>),
    /// Run recorded scenarios and compare them with what the real kubelet did.
    ///
    /// Exit codes: 0 all the same, 1 any differs or is the same only in another order of one instant (~),
    /// 2 wrong input.
    Replay(ReplayArgs),
    /// Run a pod under many seeds and show how long what takes.
    ///
    /// Runs each pod of FILE once per seed, as `run --seed` does: the kubelet's loops stand anywhere,
    /// and what may go otherwise is drawn. A scenario says itself what may, under `faults:`; with a
    /// manifest it is what usually goes wrong, as `run --faults` has it. Counts are exact, and the same
    /// with any number of threads and machines.
    ///
    /// To use several machines, run `--shard 0/3`, `1/3` and `2/3` of the same sweep, each with `--out`,
    /// and `podclock merge` the files.
    ///
    /// Exit codes: 0 fine, 1 an invariant was broken or one moment of a run did not end, 2 wrong input.
    /// With `--out` it is 0 for both of the first: the merge will tell.
    Sweep(Box<SweepArgs>),
    /// Put the parts of a sweep together and print what the whole sweep would have printed.
    ///
    /// Exit codes: those of the whole sweep; 2 where parts are missing, doubled, or of different sweeps.
    Merge(MergeArgs),
    /// Print the JSON Schema of scenario files.
    Schema,
}

#[derive(Debug, Parser)]
pub(super) struct RunArgs {
    /// Manifests and scenarios; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// How the timeline is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// The Kubernetes version of the node and the API server [default: 1.36].
    #[arg(long, value_name = "VERSION")]
    pub(super) kubelet: Option<Version>,
    /// Switch a feature gate.
    #[arg(long, value_name = "NAME=true|false", value_parser = gate)]
    pub(super) feature_gate: Vec<(Feature, bool)>,
    #[command(flatten)]
    pub(super) pod: PodFlags,
}

#[derive(Debug, Parser)]
pub(super) struct BoundsArgs {
    /// Manifests and scenarios; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// How many crashes of a container are looked at.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) restarts: u8,
    /// How many faults a run of a scenario with `faults:` may have.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) faults: u32,
    /// A search stops at about that many worlds.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(super) states: usize,
    /// Work on so many threads [default: one for each core]. The result does not depend on it.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// The Kubernetes version of the node and the API server [default: 1.36].
    #[arg(long, value_name = "VERSION")]
    pub(super) kubelet: Option<Version>,
    /// Switch a feature gate.
    #[arg(long, value_name = "NAME=true|false", value_parser = gate)]
    pub(super) feature_gate: Vec<(Feature, bool)>,
    /// The kubelet's loops do not wait for their next tick: what is left is the pod's own.
    #[arg(long)]
    pub(super) ideal: bool,
    /// Write a scenario file for each length, to be shown by `podclock run`.
    #[arg(long, value_name = "DIR")]
    pub(super) save: Option<std::path::PathBuf>,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Parser)]
pub(super) struct ExploreArgs {
    /// Manifests and scenarios; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// How many faults one run may have; a delete is one.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) faults: u32,
    /// Nothing after that moment of a run [default: no end].
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<Span>,
    /// Runs have no more steps than that [default: any number].
    #[arg(long, value_name = "STEPS")]
    pub(super) depth: Option<u32>,
    /// Stop at about that many worlds.
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    pub(super) states: usize,
    /// At which moments that happens which may happen at any.
    #[arg(long, value_enum, default_value_t = When::Corners)]
    pub(super) instants: When,
    /// Work on so many threads [default: one for each core]. The result does not depend on it.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// The Kubernetes version of the node and the API server [default: 1.36].
    #[arg(long, value_name = "VERSION")]
    pub(super) kubelet: Option<Version>,
    /// Switch a feature gate.
    #[arg(long, value_name = "NAME=true|false", value_parser = gate)]
    pub(super) feature_gate: Vec<(Feature, bool)>,
    /// The kubelet's loops do not wait for their next tick: fewer worlds, and other ones.
    #[arg(long)]
    pub(super) ideal: bool,
    /// Leave out a built-in property, or all `invariants`, all `oddities`, or `all`.
    #[arg(long, value_name = "NAME")]
    pub(super) without: Vec<String>,
    /// Write a scenario file for each run that is found, to be shown by `podclock run`.
    #[arg(long, value_name = "DIR")]
    pub(super) save: Option<std::path::PathBuf>,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// At which moments something happens that may happen at any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// As soon as possible, just before whatever comes next, and at its very moment.
    Corners,
    /// At every whole second.
    Seconds,
}

#[derive(Debug, Parser)]
pub(super) struct DiffArgs {
    /// Manifests and scenarios; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// The Kubernetes version before [default: as after].
    #[arg(long, value_name = "VERSION")]
    pub(super) from: Option<Version>,
    /// The Kubernetes version after [default: 1.36, or the one that a scenario is for].
    #[arg(long, value_name = "VERSION")]
    pub(super) to: Option<Version>,
    /// A feature gate as it is before.
    #[arg(long, value_name = "NAME=true|false", value_parser = gate)]
    pub(super) from_gate: Vec<(Feature, bool)>,
    /// A feature gate as it is after.
    #[arg(long, value_name = "NAME=true|false", value_parser = gate)]
    pub(super) to_gate: Vec<(Feature, bool)>,
    /// Show also what differs in the things that `run` leaves out.
    #[arg(long)]
    pub(super) details: bool,
    /// How the difference is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) pod: PodFlags,
}

/// How a pod is run, whatever the version.
#[derive(Clone, Debug, ClapArgs)]
pub(super) struct PodFlags {
    /// A random run: what is left open is drawn by this seed.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// What usually goes wrong may go wrong: exits, failed and hung probes and hooks, ignored TERM,
    /// failed pulls. A seed decides what does.
    #[arg(long)]
    pub(super) faults: bool,
    /// The kubelet's loops do not wait for their next tick: what takes time is only what the pod
    /// says and what its containers do.
    #[arg(long)]
    pub(super) ideal: bool,
    /// How long to run; the pod is then only deleted if `--delete-at` says so.
    #[arg(long = "for", value_name = "TIME")]
    pub(super) length: Option<Span>,
    /// When the pod is deleted, or `never` [default: 1m, never for pods that end by themselves].
    #[arg(long, value_name = "TIME", value_parser = delete_at)]
    pub(super) delete_at: Option<DeleteAt>,
    /// The grace period of the deletion in seconds [default: the pod's].
    #[arg(long, value_name = "SECONDS")]
    pub(super) grace: Option<i64>,
    #[command(flatten)]
    pub(super) apps: AppFlags,
}

/// How a timeline is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// JSON Lines for programs.
    Json,
}

/// When a pod is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeleteAt {
    Never,
    At(Span),
}

fn delete_at(text: &str) -> Result<DeleteAt, String> {
    if text == "never" {
        return Ok(DeleteAt::Never);
    }
    let at = text
        .parse::<Span>()
        .map_err(|error| format!("{error}, or `never`"))?;
    Ok(DeleteAt::At(at))
}

pub(super) fn gate(text: &str) -> Result<(Feature, bool), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write NAME=true or NAME=false")?;
    let enabled = value
        .parse::<bool>()
        .map_err(|_| "write NAME=true or NAME=false")?;
    let feature = name.parse::<Feature>().map_err(|error| {
        let names = Feature::ALL.iter().map(|feature| feature.name());
        match crate::manifest::nearest(name, names) {
            Some(meant) => format!("{error} (did you mean `{meant}`?)"),
            None => error.to_string(),
        }
    })?;
    Ok((feature, enabled))
}
