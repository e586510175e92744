//! The command-line program `podclock`.

use std::process::ExitCode;

fn main() -> ExitCode {
    podclock::cli::main()
}
