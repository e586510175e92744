//! What surrounds the program: a clock on the wall, and somebody who may interrupt it. Neither
//! changes what it finds.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What surrounds the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    started: Option<Instant>,
}

impl Around {
    /// A process with a terminal.
    pub(super) fn process() -> Self {
        let started = Some(Instant::now());
        Self { started }
    }

    /// Nothing: for tests, whose output must not depend on it.
    pub(super) const fn nothing() -> Self {
        Self { started: None }
    }

    /// Whether somebody watches what goes to the error stream.
    pub(super) fn watched(self) -> bool {
        self.started.is_some() && io::stderr().is_terminal()
    }

    /// How long the process has been at it; `None` where there is no clock.
    pub(super) fn elapsed(self) -> Option<Duration> {
        Some(self.started?.elapsed())
    }

    /// Is set once somebody interrupts the process; a second time, it ends at once.
    pub(super) fn interrupted(self) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        if self.started.is_some() {
            let set = Arc::clone(&flag);
            // Without a handler an interrupt ends the process: less is told then, and nothing wrong.
            let _ = ctrlc::set_handler(move || {
                if set.swap(true, Ordering::Relaxed) {
                    std::process::abort();
                }
            });
        }
        flag
    }
}
