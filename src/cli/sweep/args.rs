//! Arguments, and which seeds they come to.

use crate::cli::args::{Format, PodFlags, gate};
use crate::profile::{Feature, Version};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, Args)]
pub(in crate::cli) struct SweepArgs {
    /// A manifest or a scenario; `-` is the standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: String,
    /// The seeds: from the first up to but not including the second.
    #[arg(long, value_name = "FROM..TO", default_value = "0..1000")]
    pub(super) seeds: Seeds,
    /// How many threads work [default: one per processor]. They change nothing but the time taken.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Only part K of N, from 0/N on; needs `--out`.
    #[arg(long, value_name = "K/N", requires = "out")]
    pub(super) shard: Option<Shard>,
    /// Writes the exact counts to this file, for `podclock merge`, and prints nothing.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Tells how far it is on the standard error, also where that is no terminal.
    #[arg(long)]
    pub(super) progress: bool,
    /// Nothing goes wrong in a manifest's pod but what other options say.
    #[arg(long)]
    no_faults: bool,
    /// The Kubernetes version of the node and the API server [default: 1.36].
    #[arg(long, value_name = "VERSION")]
    pub(super) kubelet: Option<Version>,
    /// Switch a feature gate.
    #[arg(long, value_name = "NAME=true|false", value_parser = gate)]
    pub(super) feature_gate: Vec<(Feature, bool)>,
    #[command(flatten)]
    pod: PodFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MergeArgs {
    /// The files that `podclock sweep --shard K/N --out PART` wrote, every K once.
    #[arg(required = true, value_name = "PART")]
    pub(super) parts: Vec<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

impl SweepArgs {
    /// What clap does not see.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.pod.seed.is_some() {
            return Err("a sweep has many seeds: give --seeds FROM..TO".to_owned());
        }
        if self.no_faults && self.pod.faults {
            return Err("--faults and --no-faults exclude each other".to_owned());
        }
        Ok(())
    }

    pub(super) fn pod_flags(&self, manifest: bool) -> PodFlags {
        PodFlags {
            faults: self.pod.faults || (manifest && !self.no_faults),
            ..self.pod.clone()
        }
    }

    pub(super) fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }
}

/// Seeds from one up to but not including another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seeds {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = "write FROM..TO, such as 0..100000";
        let (from, to) = text.split_once("..").ok_or(help)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| help.to_owned());
        let (from, to) = (number(from)?, number(to)?);
        match from < to {
            true => Ok(Self { from, to }),
            false => Err("there are no seeds in it".to_owned()),
        }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

/// Which part of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shard {
    pub(super) index: u64,
    pub(super) of: u64,
}

impl Default for Shard {
    /// The only one.
    fn default() -> Self {
        Self { index: 0, of: 1 }
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = "write K/N, such as 0/8; the last is 7/8";
        let (index, of) = text.split_once('/').ok_or(help)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| help.to_owned());
        let (index, of) = (number(index)?, number(of)?);
        match index < of {
            true => Ok(Self { index, of }),
            false => Err(help.to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// The seeds of a shard: every N-th, so that all shards take about as long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dealt {
    first: u64,
    step: u64,
    len: u64,
}

impl Seeds {
    pub(super) const fn dealt(self, shard: Shard) -> Dealt {
        let all = self.to - self.from;
        Dealt {
            first: self.from.saturating_add(shard.index),
            step: shard.of,
            len: all.saturating_sub(shard.index).div_ceil(shard.of),
        }
    }
}

impl Dealt {
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    pub(super) const fn get(&self, index: u64) -> u64 {
        self.first + index * self.step
    }
}

#[cfg(test)]
mod tests {
    use super::{Seeds, Shard};

    #[test]
    fn every_seed_is_dealt_once() {
        for (from, to, of) in [(0, 10, 3), (7, 9, 5), (0, 12, 4), (3, 4, 1)] {
            let seeds = Seeds { from, to };
            let shards = (0..of).map(|index| seeds.dealt(Shard { index, of }));
            let mut all: Vec<u64> = shards
                .flat_map(|dealt| (0..dealt.len()).map(move |index| dealt.get(index)))
                .collect();
            all.sort_unstable();
            assert_eq!(all, (from..to).collect::<Vec<_>>());
        }
    }
}
