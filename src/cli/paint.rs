//! Colours.

use crate::timeline::{Rows, Tone};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

pub(super) const HEADING: Style = Style::new().bold();

const fn style(tone: Tone) -> Style {
    match tone {
        Tone::Fact => Style::new(),
        Tone::Status => AnsiColor::Cyan.on_default(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Event | Tone::Call => Style::new().dimmed(),
        Tone::Warning => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
    }
}

/// Lines in columns, as [`Rows`] prints them, in colours.
pub(super) fn rows(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    let (time, subject) = (rows.time_width(), rows.subject_width());
    for row in &rows.rows {
        let style = style(row.tone);
        let at = row.at.to_string();
        let (of, text) = (&row.subject, &row.text);
        writeln!(out, "{at:>time$}  {of:subject$}  {style}{text}{style:#}")?;
    }
    Ok(())
}
