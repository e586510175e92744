//! The choices of a run, to be made again.

use super::{ChoicePoint, Choices, Opening, Window};
use crate::kubelet::Token;
use crate::time::Time;
use std::fmt;
use std::str::FromStr;

/// One choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// An alternative, by its index.
    Pick(u32),
    /// Nothing that is open happens before what comes next anyway.
    Wait,
    /// The open thing with that index happens, so many milliseconds from now.
    Open {
        /// Its index among what is open.
        index: u32,
        /// Milliseconds from now.
        after: u64,
    },
}

/// The choices of a run in the order in which they were made.
///
/// Written as one line: `2` is the alternative with that index, `.` waits, and `1+250` lets the
/// open thing with index 1 happen 250 ms from now.
///
/// ```
/// use podclock::runtime::{Choice, Trace};
///
/// let trace: Trace = "0 2 . 1+250".parse()?;
/// assert_eq!(trace.0[3], Choice::Open { index: 1, after: 250 });
/// assert_eq!(trace.to_string(), "0 2 . 1+250");
/// # Ok::<(), podclock::runtime::ParseTraceError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trace(pub Vec<Choice>);

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pick(index) => write!(f, "{index}"),
            Self::Wait => f.write_str("."),
            Self::Open { index, after } => write!(f, "{index}+{after}"),
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, choice) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{choice}")?;
        }
        Ok(())
    }
}

/// A line of choices that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a choice: write the index of an alternative, `.`, or `INDEX+MILLISECONDS`")]
pub struct ParseTraceError(String);

impl FromStr for Choice {
    type Err = ParseTraceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |_| ParseTraceError(text.to_owned());
        if text == "." {
            return Ok(Self::Wait);
        }
        match text.split_once('+') {
            None => Ok(Self::Pick(text.parse().map_err(bad)?)),
            Some((index, after)) => Ok(Self::Open {
                index: index.parse().map_err(bad)?,
                after: after.parse().map_err(bad)?,
            }),
        }
    }
}

impl FromStr for Trace {
    type Err = ParseTraceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let choices = text.split_whitespace().map(str::parse);
        choices.collect::<Result<_, _>>().map(Self)
    }
}

/// Which windows stay open: all of them, or those of faults alone.
///
/// A search and the replay of what it has found must agree on it to the letter, so both ask here. It
/// remembers nothing longer than from a pick to the answer's moment, which follow each other in one
/// step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Narrowing {
    /// Whether answers that are no faults may take any time of their windows, too.
    pub(crate) latencies: bool,
    /// What the last pick was about, if it was a fault.
    fault: Option<(Token, Time)>,
}

impl Narrowing {
    pub(crate) const fn new(latencies: bool) -> Self {
        Self {
            latencies,
            fault: None,
        }
    }

    /// Something was picked.
    pub(crate) fn picked(&mut self, point: ChoicePoint, index: usize) {
        self.fault = (index > 0).then_some((point.token, point.at));
    }

    /// What is left of a window.
    pub(crate) fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        let fault = self.fault.take();
        if self.latencies || fault == Some((point.token, point.at)) {
            window
        } else {
            window.at_earliest()
        }
    }
}

/// Recorded choices, made again, with every window left open. Where the list ends everything is
/// nominal, and nothing open happens before it has to; what does not fit is brought into range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    trace: Trace,
    next: usize,
    windows: Narrowing,
}

impl Replayed {
    /// Replays that list.
    #[must_use]
    pub const fn new(trace: Trace) -> Self {
        Self {
            trace,
            next: 0,
            windows: Narrowing::new(true),
        }
    }

    /// The same where answers that are no faults come at the earliest moment of their windows, as
    /// they do in a search, unless it was told otherwise: its findings are replayed with this.
    #[must_use]
    pub const fn without_latencies(mut self) -> Self {
        self.windows = Narrowing::new(false);
        self
    }

    fn take(&mut self) -> Option<Choice> {
        let choice = self.trace.0.get(self.next).copied();
        self.next += 1;
        choice
    }
}

impl Choices for Replayed {
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize {
        let index = match self.take() {
            Some(Choice::Pick(index)) if (index as usize) < weights.len() => index as usize,
            _ => 0,
        };
        self.windows.picked(point, index);
        index
    }

    fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.windows.place(point, window)
    }

    fn lengthen(&mut self, _: ChoicePoint, window: Window) -> Window {
        window
    }

    fn happens(
        &mut self,
        now: Time,
        next: Option<Time>,
        open: &[Opening],
    ) -> Option<(usize, Time)> {
        let Some(Choice::Open { index, after }) = self.take() else {
            return None;
        };
        let index = index as usize;
        let opening = open.get(index)?;
        let at = now.plus_millis(after).max(opening.from);
        let latest = [opening.until, next].into_iter().flatten().min();
        Some((index, latest.map_or(at, |latest| at.min(latest))))
    }
}

/// Makes another's choices, and writes them down: those of somebody who leaves windows open. A
/// window that is narrowed is not written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<C> {
    /// Who decides.
    pub choices: C,
    /// What was decided.
    pub trace: Trace,
}

impl<C> Recorded<C> {
    /// Nothing is written down yet.
    #[must_use]
    pub const fn new(choices: C) -> Self {
        Self {
            choices,
            trace: Trace(Vec::new()),
        }
    }
}

impl<C: Choices> Choices for Recorded<C> {
    fn pick(&mut self, point: ChoicePoint, weights: &[u32]) -> usize {
        let picked = self.choices.pick(point, weights);
        let index = u32::try_from(picked).unwrap_or(0);
        self.trace.0.push(Choice::Pick(index));
        picked
    }

    fn place(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.choices.place(point, window)
    }

    fn lengthen(&mut self, point: ChoicePoint, window: Window) -> Window {
        self.choices.lengthen(point, window)
    }

    fn happens(
        &mut self,
        now: Time,
        next: Option<Time>,
        open: &[Opening],
    ) -> Option<(usize, Time)> {
        let happens = self.choices.happens(now, next, open);
        self.trace.0.push(match happens {
            None => Choice::Wait,
            Some((index, at)) => Choice::Open {
                index: u32::try_from(index).unwrap_or(0),
                after: at.millis_since(now),
            },
        });
        happens
    }
}
