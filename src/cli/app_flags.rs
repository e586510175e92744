//! Options for the everyday questions: what if the application …?

use crate::manifest::nearest;
use crate::runtime::{App, Apps};
use crate::spec::PodSpec;
use crate::time::Span;
use clap::Args;
use std::str::FromStr;
use std::time::Duration;

/// What the applications in the containers do, where they are not nominal.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What the containers do (all of them, or NAME=VALUE for one)")]
pub(super) struct AppFlags {
    /// They answer no probe until that long after their start.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    starts_in: Vec<Of<Span>>,
    /// Their readiness probes fail until that long after their start.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    not_ready_until: Vec<Of<Span>>,
    /// From then on they answer no probe any more.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    hangs_after: Vec<Of<Span>>,
    /// They end by themselves that long after each start.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    exits_after: Vec<Of<Span>>,
    /// The code that they end with [default: 1 with `--exits-after`].
    #[arg(long, value_name = "CODE", value_parser = parse::<i32>, allow_negative_numbers = true)]
    exit_code: Vec<Of<i32>>,
    /// TERM does nothing to them.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    ignores_term: Vec<String>,
    /// They end that long after TERM.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    stops_in: Vec<Of<Span>>,
    /// Their preStop hooks take that long.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    pre_stop_takes: Vec<Of<Span>>,
    /// Their postStart hooks take that long.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    post_start_takes: Vec<Of<Span>>,
    /// Pulls of their images take that long.
    #[arg(long, value_name = "TIME", value_parser = parse::<Span>)]
    pull_takes: Vec<Of<Span>>,
    /// Pulls of their images fail.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pull_fails: Vec<String>,
}

/// A value for one container, or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Of<T> {
    container: Option<String>,
    value: T,
}

fn parse<T: FromStr<Err: ToString>>(text: &str) -> Result<Of<T>, String> {
    let (container, value) = match text.split_once('=') {
        Some((container, value)) => (Some(container.to_owned()), value),
        None => (None, text),
    };
    let value = value.parse().map_err(|error: T::Err| error.to_string())?;
    Ok(Of { container, value })
}

/// An option that names a container which no pod has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoContainer {
    pub(super) name: String,
    pub(super) help: String,
}

impl AppFlags {
    /// Whether any was given.
    pub(super) fn any(&self) -> bool {
        !self.names().is_empty()
            || [
                &self.starts_in,
                &self.not_ready_until,
                &self.hangs_after,
                &self.exits_after,
            ]
            .into_iter()
            .chain([&self.stops_in, &self.pre_stop_takes, &self.post_start_takes])
            .chain([&self.pull_takes])
            .any(|given| !given.is_empty())
            || !self.exit_code.is_empty()
            || !self.ignores_term.is_empty()
            || !self.pull_fails.is_empty()
    }

    /// The containers that are named.
    fn names(&self) -> Vec<&str> {
        let times = [
            &self.starts_in,
            &self.not_ready_until,
            &self.hangs_after,
            &self.exits_after,
            &self.stops_in,
            &self.pre_stop_takes,
            &self.post_start_takes,
            &self.pull_takes,
        ];
        let times = times
            .into_iter()
            .flatten()
            .filter_map(|of| of.container.as_deref());
        let codes = self
            .exit_code
            .iter()
            .filter_map(|of| of.container.as_deref());
        let plain = self
            .ignores_term
            .iter()
            .chain(&self.pull_fails)
            .map(String::as_str);
        times
            .chain(codes)
            .chain(plain.filter(|name| !name.is_empty()))
            .collect()
    }

    /// A named container that none of the pods has.
    pub(super) fn unknown(&self, pods: &[&PodSpec]) -> Option<NoContainer> {
        let missing = |name: &&&str| pods.iter().all(|pod| pod.find(name).is_none());
        let names = self.names();
        let name = names.iter().find(missing)?;
        let known: Vec<&str> = pods
            .iter()
            .flat_map(|pod| pod.containers.iter().map(|container| &*container.name))
            .collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there are: {}", known.join(", ")),
        };
        let name = (**name).to_owned();
        Some(NoContainer { name, help })
    }

    /// The applications of a pod.
    pub(super) fn apps(&self, pod: &PodSpec) -> Apps {
        let mut apps = Apps::new(pod);
        each(&mut apps, pod, &self.starts_in, |app, time| {
            app.starts_in = time
        });
        each(&mut apps, pod, &self.not_ready_until, |app, time| {
            app.not_ready_until = time
        });
        each(&mut apps, pod, &self.hangs_after, |app, time| {
            app.hangs_after = Some(time)
        });
        each(&mut apps, pod, &self.exits_after, |app, time| {
            app.exits_after = Some(time);
            app.exit_code = 1;
        });
        each(&mut apps, pod, &self.stops_in, |app, time| {
            app.stops_in = time
        });
        each(&mut apps, pod, &self.pre_stop_takes, |app, time| {
            app.pre_stop_takes = time
        });
        each(&mut apps, pod, &self.post_start_takes, |app, time| {
            app.post_start_takes = time
        });
        each(&mut apps, pod, &self.pull_takes, |app, time| {
            app.pull_takes = time
        });
        for of in &self.exit_code {
            let code = of.value;
            change(&mut apps, pod, of.container.as_deref(), |app| {
                app.exit_code = code
            });
        }
        for name in &self.ignores_term {
            let name = Some(name.as_str()).filter(|name| !name.is_empty());
            change(&mut apps, pod, name, |app| app.ignores_term = true);
        }
        for name in &self.pull_fails {
            let name = Some(name.as_str()).filter(|name| !name.is_empty());
            change(&mut apps, pod, name, |app| app.pull_fails = true);
        }
        apps
    }
}

fn each(apps: &mut Apps, pod: &PodSpec, flags: &[Of<Span>], set: impl Fn(&mut App, Duration)) {
    // What is said of one container stands, whatever is said of all before or behind it.
    let (all, single): (Vec<_>, Vec<_>) = flags.iter().partition(|of| of.container.is_none());
    for of in all.into_iter().chain(single) {
        let time = of.value.duration();
        change(apps, pod, of.container.as_deref(), |app| set(app, time));
    }
}

fn change(apps: &mut Apps, pod: &PodSpec, container: Option<&str>, set: impl Fn(&mut App)) {
    match container {
        Some(container) => apps.change(pod, container, set),
        None => apps.change_all(pod, set),
    }
}
