//! How far a search goes, and what it can say afterwards.

use std::fmt;
use std::time::Duration;

/// How far a search goes. By default as far as there is anything new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// At most so many faults in one run; with this, runs with fewer faults come first.
    pub faults: Option<u32>,
    /// At most so many steps.
    pub depth: Option<u32>,
    /// At most about so many worlds: the level that reaches it is the last.
    pub states: Option<usize>,
    /// Nothing after this moment of a run.
    pub until: Option<Duration>,
}

/// What kept a search from going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// A run with more faults.
    pub faults: bool,
    /// A longer run.
    pub depth: bool,
    /// More worlds.
    pub states: bool,
    /// What happens later.
    pub until: bool,
    /// Somebody stopped it.
    pub stopped: bool,
}

impl Cut {
    /// Whether nothing did: every world that can be reached has been.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        let Self {
            faults,
            depth,
            states,
            until,
            stopped,
        } = self;
        !(faults || depth || states || until || stopped)
    }

    /// Whether nothing did but the limit on faults: every world that can be reached with that many
    /// has been.
    #[must_use]
    pub const fn is_complete_but_for_faults(self) -> bool {
        Self {
            faults: false,
            ..self
        }
        .is_complete()
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            faults,
            depth,
            states,
            until,
            stopped,
        } = *self;
        let all = [
            (faults, "faults in one run"),
            (depth, "length of a run"),
            (states, "number of worlds"),
            (until, "end of time"),
            (stopped, "stopped by hand"),
        ];
        let given: Vec<&str> = all
            .into_iter()
            .filter_map(|(cut, name)| cut.then_some(name))
            .collect();
        f.write_str(&given.join(", "))
    }
}
