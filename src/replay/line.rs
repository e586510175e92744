//! A difference as lines of text.

use super::difference::Moment;
use super::entry::Entry;
use super::parts;
use std::fmt;

/// Who has what a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Both sides.
    Both,
    /// Only the recording.
    Recorded,
    /// Only podclock.
    Own,
    /// A remark about the lines above.
    Note,
}

/// One line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who has it.
    pub mark: Mark,
    /// What it says, after the mark.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.mark {
            Mark::Both | Mark::Note => ' ',
            Mark::Recorded => '-',
            Mark::Own => '+',
        };
        write!(f, "{mark} {}", self.text)
    }
}

/// Milliseconds as seconds.
fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// The lines of one instant. Entries that read alike though they differ are followed by the
/// fields in which they do.
pub(super) fn instant(instant: &Moment, lines: &mut Vec<Line>) {
    let mut add = |mark, entry: &Entry| {
        let text = format!("{:>9}  {entry}", seconds(instant.at));
        lines.push(Line { mark, text });
    };
    for entry in &instant.both {
        add(Mark::Both, entry);
    }
    for entry in &instant.recorded {
        add(Mark::Recorded, entry);
    }
    for entry in &instant.own {
        add(Mark::Own, entry);
    }
    for recorded in &instant.recorded {
        let shown = recorded.to_string();
        let own = instant.own.iter().find(|own| own.to_string() == shown);
        let parts = own.map(|own| parts::differing(recorded.value(), own.value()));
        for part in parts.into_iter().flatten() {
            let sides = [(Mark::Recorded, part.recorded), (Mark::Own, part.own)];
            for (mark, value) in sides {
                let value = value.map_or_else(|| "absent".to_owned(), ToString::to_string);
                let text = format!("{:>9}    {}: {value}", "", part.path);
                lines.push(Line { mark, text });
            }
        }
    }
}
