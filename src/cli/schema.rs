//! `podclock schema`

use super::Exit;
use crate::sim::Scenario;
use std::io::{self, Write};

/// Prints the JSON Schema of scenario files.
pub(super) fn schema(out: &mut dyn Write) -> io::Result<Exit> {
    writeln!(out, "{:#}", Scenario::json_schema())?;
    Ok(Exit::Fine)
}
