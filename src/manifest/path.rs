//! Kubernetes field paths, built on the stack while walking.

use std::fmt;

/// One step of a [`Path`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// A field of an object.
    Field(&'a str),
    /// A key of a map that the user is free to choose, such as an annotation.
    Key(&'a str),
    /// An element of a list.
    Index(usize),
}

/// Where a value stands in its document, as a chain of borrowed steps.
///
/// A walk makes one per level and allocates nothing; only a diagnostic turns it into text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Path<'a> {
    last: Option<(&'a Self, Step<'a>)>,
}

impl Path<'static> {
    /// The document itself.
    pub(crate) const ROOT: Self = Self { last: None };
}

impl<'a> Path<'a> {
    /// A field below this.
    pub(crate) const fn field<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path {
            last: Some((self, Step::Field(name))),
        }
    }

    /// A map entry below this.
    pub(crate) const fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path {
            last: Some((self, Step::Key(key))),
        }
    }

    /// A list element below this.
    pub(crate) const fn index(&self, index: usize) -> Path<'_> {
        Path {
            last: Some((self, Step::Index(index))),
        }
    }

    /// The steps from the document down to here.
    pub(crate) fn steps(&self) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        let mut at = self;
        while let Some((parent, step)) = &at.last {
            steps.push(*step);
            at = parent;
        }
        steps.reverse();
        steps
    }

    /// What this is a step below of, and the step; `None` for the document itself.
    pub(crate) const fn parent(&self) -> Option<(&'a Self, Step<'a>)> {
        self.last
    }

    /// The last step, `None` for the document itself.
    pub(crate) fn last(&self) -> Option<Step<'a>> {
        self.last.map(|(_, step)| step)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, step) in self.steps().into_iter().enumerate() {
            match step {
                Step::Field(name) if nth == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
