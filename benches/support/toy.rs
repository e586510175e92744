//! A pod as somebody would write it by hand for a model checker: one container, a tick each second,
//! and none of the kubelet's loops. It says how fast stateright is with a small state, on the same
//! machine and in the same process as the search.
//!
//! The startup probe runs every 10 s and fails for good at the third failure, the liveness probe
//! too; the readiness probe runs every 5 s, with two successes up and three failures down. The
//! container may crash, and the pod be deleted, at each second. A process that is to stop has 30 s:
//! it ignores TERM, or leaves at any second. Restarts wait 0 s, 10 s, 20 s and so on up to 300 s.
//! Probes stop once a kill begins; a delete during a kill lets its time run on.
//!
//! It was rebuilt from a description and has the distinct states of the original in every variant, but
//! not as many steps between them: 14.2 million instead of 13.9 million in the largest.

use stateright::{Model, Property};

/// Seconds between two runs of the startup and of the liveness probe.
const SLOW: u8 = 10;

/// Seconds between two runs of the readiness probe.
const FAST: u8 = 5;

/// Failures in a row that count.
const FAILURES: u8 = 3;

/// Seconds between TERM and KILL.
const GRACE: u8 = 30;

/// Seconds before a restart, by the number of restarts so far; then the last.
const BACKOFF: [u16; 7] = [0, 10, 20, 40, 80, 160, 300];

/// Seconds of running after which the back-off starts over.
const RESET: u16 = 600;

/// Which toy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toy {
    /// Each probe runs first at any moment of its period; otherwise when the period is over.
    pub(crate) free_phases: bool,
    /// A container that has run for [`RESET`] starts over with its back-off.
    pub(crate) resets: bool,
}

/// Where the pod is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Life {
    /// No process, so many seconds before the next start.
    Waiting { level: u8, left: u16 },
    /// A process.
    Running { level: u8, age: u16, probes: Probes },
    /// A process after TERM, so many seconds before KILL.
    Stopping {
        level: u8,
        left: u8,
        ignores: bool,
        deleted: bool,
    },
    /// Nothing any more.
    Gone,
}

/// The probes of a running container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Probes {
    /// Until the startup probe has succeeded: seconds before its next run, and failures.
    startup: Option<(u8, u8)>,
    /// Seconds before the next run, and failures.
    liveness: (u8, u8),
    /// Seconds before the next run.
    readiness: u8,
    ready: Ready,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ready {
    No { successes: u8 },
    Yes { failures: u8 },
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The process starts, its probes so many seconds before their first runs.
    Start([u8; 3]),
    /// A second passes; of the probes that are due these fail.
    Tick([bool; 2]),
    /// The process ends by itself.
    Exit,
    /// A probe has failed for good: TERM.
    Kill { ignored: bool },
    /// Somebody deletes the pod: TERM, if there is a process that has had none.
    Delete { ignored: bool },
}

impl Model for Toy {
    type State = Life;
    type Action = Next;

    fn init_states(&self) -> Vec<Life> {
        vec![Life::Waiting { level: 0, left: 0 }]
    }

    fn actions(&self, life: &Life, next: &mut Vec<Next>) {
        const QUIET: Next = Next::Tick([false; 2]);
        const DELETED: Next = Next::Delete { ignored: false };
        match *life {
            Life::Waiting { left: 0, .. } => {
                next.push(DELETED);
                self.starts(next);
            }
            Life::Waiting { .. } => next.extend([QUIET, DELETED]),
            Life::Running { probes, .. } => {
                next.extend([Next::Exit, DELETED, Next::Delete { ignored: true }]);
                if probes.are_lost() {
                    next.extend([false, true].map(|ignored| Next::Kill { ignored }));
                    return;
                }
                let [slow, fast] = probes.due();
                for first in [false, true].into_iter().take(1 + usize::from(slow)) {
                    for second in [false, true].into_iter().take(1 + usize::from(fast)) {
                        next.push(Next::Tick([first, second]));
                    }
                }
            }
            Life::Stopping {
                ignores, deleted, ..
            } => {
                next.push(QUIET);
                next.extend((!ignores).then_some(Next::Exit));
                next.extend((!deleted).then_some(DELETED));
            }
            Life::Gone => {}
        }
    }

    fn next_state(&self, life: &Life, next: Next) -> Option<Life> {
        Some(match *life {
            Life::Waiting { level, left } => match next {
                Next::Start(first) => Life::Running {
                    level,
                    age: 0,
                    probes: Probes::new(first),
                },
                Next::Tick(_) => Life::Waiting {
                    level,
                    left: left - 1,
                },
                _ => Life::Gone,
            },
            Life::Running { level, age, probes } => match next {
                Next::Tick(fails) => Life::Running {
                    level,
                    age: self.older(age),
                    probes: probes.after(fails),
                },
                Next::Kill { ignored } | Next::Delete { ignored } => Life::Stopping {
                    level: self.level(level, age),
                    left: GRACE,
                    ignores: ignored,
                    deleted: matches!(next, Next::Delete { .. }),
                },
                _ => ended(self.level(level, age)),
            },
            Life::Stopping {
                level,
                left,
                ignores,
                deleted,
            } => match (next, left) {
                (Next::Delete { .. }, _) => Life::Stopping {
                    level,
                    left,
                    ignores,
                    deleted: true,
                },
                (Next::Tick(_), 2..) => Life::Stopping {
                    level,
                    left: left - 1,
                    ignores,
                    deleted,
                },
                _ if deleted => Life::Gone,
                _ => ended(level),
            },
            Life::Gone => return None,
        })
    }

    /// The least that a checker asks for: without a property it stops at once.
    fn properties(&self) -> Vec<Property<Self>> {
        let kept = |_: &Self, life: &Life| match life {
            Life::Running { probes, .. } => {
                probes.startup.is_none() || probes.ready == Ready::No { successes: 0 }
            }
            _ => true,
        };
        vec![Property::always("ready after the startup probe", kept)]
    }
}

impl Toy {
    pub(crate) const fn new(free_phases: bool, resets: bool) -> Self {
        Self {
            free_phases,
            resets,
        }
    }

    fn starts(self, next: &mut Vec<Next>) {
        if !self.free_phases {
            next.push(Next::Start([SLOW - 1, SLOW - 1, FAST - 1]));
            return;
        }
        for startup in 0..SLOW {
            for liveness in 0..SLOW {
                let start = |readiness| Next::Start([startup, liveness, readiness]);
                next.extend((0..FAST).map(start));
            }
        }
    }

    /// How many restarts count.
    const fn level(self, level: u8, age: u16) -> u8 {
        if self.resets && age == RESET {
            0
        } else {
            level
        }
    }

    /// Without the reset nobody asks for the age.
    const fn older(self, age: u16) -> u16 {
        if self.resets && age < RESET {
            age + 1
        } else {
            age
        }
    }
}

/// After a process.
const fn ended(level: u8) -> Life {
    let last = BACKOFF.len() as u8 - 1;
    Life::Waiting {
        level: if level < last { level + 1 } else { last },
        left: BACKOFF[level as usize],
    }
}

impl Probes {
    const fn new([startup, liveness, readiness]: [u8; 3]) -> Self {
        Self {
            startup: Some((startup, 0)),
            liveness: (liveness, 0),
            readiness,
            ready: Ready::No { successes: 0 },
        }
    }

    /// Failures in a row of the startup probe, and after it of the liveness probe.
    const fn failures(self) -> u8 {
        match self.startup {
            Some((_, failures)) => failures,
            None => self.liveness.1,
        }
    }

    /// Whether the container is to be killed.
    const fn are_lost(self) -> bool {
        self.failures() == FAILURES
    }

    /// Whether the startup or the liveness probe, and whether the readiness probe, runs now.
    const fn due(self) -> [bool; 2] {
        match self.startup {
            Some((left, _)) => [left == 0, false],
            None => [self.liveness.0 == 0, self.readiness == 0],
        }
    }

    /// A second later, if the probes that are due fail like that.
    fn after(self, [first, second]: [bool; 2]) -> Self {
        let [slow, fast] = self.due();
        let failures = match (slow, first) {
            (false, _) => self.failures(),
            (true, false) => 0,
            (true, true) => self.failures() + 1,
        };
        let (startup, alive) = match self.startup {
            Some(_) if slow && !first => (None, 0),
            Some((left, _)) => (Some((before(left, SLOW), failures)), 0),
            None => (None, failures),
        };
        let ready = match (self.ready, second) {
            (ready, _) if !fast => ready,
            (Ready::No { successes: 0 }, false) => Ready::No { successes: 1 },
            (_, false) => Ready::Yes { failures: 0 },
            (Ready::Yes { failures }, true) if failures + 1 < FAILURES => Ready::Yes {
                failures: failures + 1,
            },
            (_, true) => Ready::No { successes: 0 },
        };
        Self {
            startup,
            liveness: (before(self.liveness.0, SLOW), alive),
            readiness: before(self.readiness, FAST),
            ready,
        }
    }
}

/// Seconds before the next run, a second later.
const fn before(left: u8, period: u8) -> u8 {
    match left {
        0 => period - 1,
        left => left - 1,
    }
}
