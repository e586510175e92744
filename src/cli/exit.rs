//! Exit codes: part of the program's interface.

use std::io;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: all is well.
    Fine,
    /// 3: nothing wrong was found, but not everything was looked at.
    Bounded,
    /// 1: an expectation was not met, or a recording differs.
    Failed,
    /// 2: the arguments or the files given make no sense.
    Usage,
    /// 70: something is wrong with podclock or with its surroundings.
    Internal,
}

impl Exit {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Bounded => 3,
            Self::Internal => 70,
        }
    }

    /// This, unless writing has failed. A reader that has gone away, such as `head`, is no failure.
    #[must_use]
    pub fn or_broken(self, written: io::Result<()>) -> Self {
        match written {
            Ok(()) => self,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self,
            Err(_) => Self::Internal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
