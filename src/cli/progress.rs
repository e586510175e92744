//! How far something is, for those who wait for it.

use std::io::{self, Write};
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(250);

/// One line that is written over and over. The only place that asks for the time of day: nothing
/// but this line depends on it.
pub(super) struct Progress<'a> {
    err: &'a mut dyn Write,
    shown: bool,
    what: &'static str,
    total: u64,
    done: u64,
    began: Instant,
    told: Instant,
    written: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(err: &'a mut dyn Write, shown: bool, what: &'static str, total: u64) -> Self {
        let now = Instant::now();
        Self {
            err,
            shown,
            what,
            total,
            done: 0,
            began: now,
            told: now,
            written: false,
        }
    }

    /// So many more are done.
    pub(super) fn add(&mut self, more: u64) -> io::Result<()> {
        self.done += more;
        if self.shown && self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            self.tell()?;
        }
        Ok(())
    }

    fn tell(&mut self) -> io::Result<()> {
        self.written = true;
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rate = self.done.saturating_mul(1000) / millis.max(1);
        let Self {
            what, total, done, ..
        } = self;
        write!(self.err, "\r{done} of {total} {what}, {rate} {what}/s ")?;
        self.err.flush()
    }

    /// All is done.
    pub(super) fn end(mut self) -> io::Result<()> {
        if !self.shown {
            return Ok(());
        }
        self.tell()?;
        writeln!(self.err)
    }
}
