//! Exponential back-off, for crashes and for image pulls.
//!
//! Source: client-go `util/flowcontrol/backoff.go`.

use super::Pace;
use super::state::{HOUSEKEEPING_PERIOD, tick_after};
use crate::profile::CrashBackoff;
use crate::time::Time;

/// How long the kubelet remembers a back-off (BACK-2).
pub(super) const RESET_AFTER: u32 = 600_000;

/// One back-off entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    /// The delay in milliseconds.
    pub delay: u32,
    /// When it was last raised: the last start decision, or the last failed pull.
    pub updated: Time,
}

/// The constants of a back-off, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BackoffLimits {
    /// The first delay; each further one is twice as long.
    pub initial: u32,
    /// The longest delay.
    pub max: u32,
    /// An entry says nothing about what happens more than this after it was last raised.
    pub forgotten_after: u32,
}

/// Whether a container that ended may start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// Not before its back-off ends.
    Waits {
        /// Milliseconds.
        delay: u32,
        /// When it ends.
        ends: Time,
    },
    /// It may, and this is its back-off from now on.
    Starts(Backoff),
}

impl BackoffLimits {
    /// Image pulls: 10 s to 5 min (TIME-10).
    pub const PULL: Self = Self {
        initial: 10_000,
        max: 300_000,
        forgotten_after: RESET_AFTER,
    };

    /// Restarts of crashed containers (TIME-9, BACK-11).
    #[must_use]
    pub const fn crash(constants: CrashBackoff) -> Self {
        Self {
            initial: constants.initial,
            max: constants.max,
            forgotten_after: RESET_AFTER,
        }
    }
}

impl Backoff {
    /// Whether a retry at `now` is too early, judged by an event at `event`, such as a container's
    /// end (BACK-3).
    ///
    /// Source: `IsInBackOffSince`.
    #[must_use]
    pub const fn holds(&self, event: Time, now: Time, limits: BackoffLimits) -> bool {
        !self.expired(event, limits) && now.millis_since(event) < self.delay as u64
    }

    /// Whether a retry at `now` is too early, judged by the last update (IMG-8).
    ///
    /// Source: `IsInBackOffSinceUpdate`.
    #[must_use]
    pub const fn holds_since_update(&self, now: Time, limits: BackoffLimits) -> bool {
        !self.expired(now, limits) && now.millis_since(self.updated) < self.delay as u64
    }

    /// Whether the entry says nothing about an event at `event` any more.
    #[must_use]
    pub const fn expired(&self, event: Time, limits: BackoffLimits) -> bool {
        event.millis_since(self.updated) > limits.forgotten_after as u64
    }

    /// The entry after one more attempt at `now`; `entry` is the one before, if there is one, and
    /// `event` the moment by which it is judged.
    ///
    /// Source: `Next`.
    #[must_use]
    pub fn next(entry: Option<Self>, event: Time, now: Time, limits: BackoffLimits) -> Self {
        let delay = match entry {
            Some(entry) if !entry.expired(event, limits) => {
                entry.delay.saturating_mul(2).min(limits.max)
            }
            _ => limits.initial,
        };
        Self {
            delay,
            updated: now,
        }
    }

    /// What a start at `now` comes to, judged by the container's end (BACK-3).
    ///
    /// Source: `kuberuntime_manager.go: doBackOff`.
    pub(super) fn judge(
        entry: Option<Self>,
        ended: Time,
        now: Time,
        limits: BackoffLimits,
    ) -> Judgement {
        match entry.filter(|entry| entry.holds(ended, now, limits)) {
            Some(Self { delay, .. }) => Judgement::Waits {
                delay,
                ends: ended.plus_millis(u64::from(delay)),
            },
            None => Judgement::Starts(Self::next(entry, ended, now, limits)),
        }
    }

    /// When housekeeping forgets the entry, whatever the container does.
    ///
    /// Source: `kubelet_pods.go: HandlePodCleanups`, its call of `backOff.GC`.
    pub(super) const fn forgotten_at(&self, housekeeping: Time, pace: Pace) -> Time {
        let expiry = self.updated.plus_millis(RESET_AFTER as u64);
        match pace {
            Pace::Ticking => tick_after(housekeeping, HOUSEKEEPING_PERIOD, expiry),
            Pace::AtOnce => expiry.plus_millis(1),
        }
    }
}
