//! Exponential back-off, for crashes and for image pulls.
//!
//! Source: client-go `util/flowcontrol/backoff.go`.

use super::state::{HOUSEKEEPING_PERIOD, tick_after};
use crate::time::Time;

/// An entry counts as expired when the event lies more than this after the last update (BACK-2).
const RESET_AFTER: u64 = 600_000;

/// One back-off entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    /// The delay in milliseconds.
    pub delay: u32,
    /// When it was last raised: the last start decision, or the last failed pull.
    pub updated: Time,
}

/// First and greatest delay, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Limits {
    pub(super) initial: u32,
    pub(super) max: u32,
}

/// Image pulls: 10 s to 5 min (TIME-10).
pub(super) const PULL: Limits = Limits {
    initial: 10_000,
    max: 300_000,
};

impl Backoff {
    /// Whether a retry at `now` is too early, judged by an event at `event` (BACK-3).
    pub(super) const fn holds(&self, event: Time, now: Time) -> bool {
        !self.expired(event) && now.millis_since(event) < self.delay as u64
    }

    /// Whether a retry at `now` is too early, judged by the last update (IMG-8).
    pub(super) const fn holds_since_update(&self, now: Time) -> bool {
        !self.expired(now) && now.millis_since(self.updated) < self.delay as u64
    }

    /// Whether the entry says nothing about an event at `event` any more.
    pub(super) const fn expired(&self, event: Time) -> bool {
        event.millis_since(self.updated) > RESET_AFTER
    }

    /// The entry after one more attempt at `now`.
    pub(super) fn next(entry: Option<Self>, event: Time, now: Time, limits: Limits) -> Self {
        let delay = match entry {
            Some(entry) if !entry.expired(event) => entry.delay.saturating_mul(2).min(limits.max),
            _ => limits.initial,
        };
        Self {
            delay,
            updated: now,
        }
    }

    /// When housekeeping forgets the entry, whatever the container does.
    ///
    /// Source: `kubelet_pods.go: HandlePodCleanups`, its call of `backOff.GC`.
    pub(super) const fn forgotten_at(&self, housekeeping: Time) -> Time {
        let expiry = self.updated.plus_millis(RESET_AFTER);
        tick_after(housekeeping, HOUSEKEEPING_PERIOD, expiry)
    }
}
