//! The program: `podclock run`, `diff`, `explore`, `replay`, `sweep`, `merge`, `schema`.

mod app_flags;
mod args;
mod around;
mod bounds;
mod diff;
mod exit;
mod explore;
mod file;
mod input;
mod paint;
mod progress;
mod replay;
mod run;
mod schema;
mod sweep;

pub use exit::Exit;

use args::{Args, Command};
use around::Around;
use clap::Parser;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

/// The program, with the process' own arguments and streams.
#[must_use]
pub fn main() -> ExitCode {
    let mut out = anstream::stdout().lock();
    let mut err = anstream::stderr().lock();
    let (args, stdin) = (std::env::args_os(), &mut io::stdin());
    let exit = run_around(args, stdin, &mut out, &mut err, Around::process());
    let flushed = out.flush();
    exit.or_broken(flushed).into()
}

/// The program with arguments and streams of the caller's. What is written carries colours: the
/// caller strips them where nobody wants them.
pub fn run(
    args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    run_around(args, stdin, out, err, Around::nothing())
}

fn run_around(
    args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    err: &mut dyn Write,
    around: Around,
) -> Exit {
    let words: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let args = match Args::try_parse_from(&words) {
        Ok(args) => args,
        Err(error) => {
            let text = error.render();
            let written = if error.use_stderr() {
                write!(err, "{}", text.ansi())
            } else {
                write!(out, "{}", text.ansi())
            };
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Fine
            };
            return exit.or_broken(written);
        }
    };
    let done = match args.command {
        Command::Run(args) => run::run(&args, stdin, out, err),
        Command::Diff(args) => diff::diff(&args, stdin, out, err),
        Command::Explore(args) => explore::explore(&args, around, stdin, out, err),
        Command::Bounds(args) => bounds::bounds(&args, around, stdin, out, err),
        Command::Replay(args) => replay::replay(&args, out, err),
        Command::Sweep(args) => sweep::sweep(&args, &words, around.watched(), stdin, out, err),
        Command::Merge(args) => sweep::merge(&args, out, err),
        Command::Schema => schema::schema(out),
    };
    match done {
        Ok(exit) => exit,
        Err(error) => Exit::Fine.or_broken(Err(error)),
    }
}
