//! Lines of a timeline for people.

use crate::time::Time;
use std::fmt;

/// One line: when, about whom, what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: Time,
    /// `pod`, `kubelet`, or a container's name.
    pub subject: String,
    /// What kind of line it is.
    pub tone: Tone,
    /// What happened, in words.
    pub text: String,
}

/// What kind of thing a line tells, for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A fact of the API server, the runtime or the containers.
    Fact,
    /// The status that the API holds has changed.
    Status,
    /// A change of the status for the better.
    Good,
    /// A Kubernetes Event.
    Event,
    /// A Kubernetes Event of type Warning.
    Warning,
    /// A probe or a hook.
    Call,
    /// A probe or hook that went wrong, an exit with an error, a kill.
    Bad,
}

/// Lines with their columns aligned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The lines, by time.
    pub rows: Vec<Row>,
}

impl Rows {
    /// How wide the column of the subjects is.
    #[must_use]
    pub fn subject_width(&self) -> usize {
        let widths = self.rows.iter().map(|row| row.subject.chars().count());
        widths.max().unwrap_or(0).max(3)
    }

    /// How wide the column of the times is.
    #[must_use]
    pub fn time_width(&self) -> usize {
        let last = self.rows.iter().map(|row| row.at).max();
        last.map_or(0, |at| at.to_string().len())
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, subject) = (self.time_width(), self.subject_width());
        for row in &self.rows {
            let at = row.at.to_string();
            writeln!(f, "{at:>time$}  {:subject$}  {}", row.subject, row.text)?;
        }
        Ok(())
    }
}
