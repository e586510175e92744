//! The program `podclock`.

fn main() -> std::process::ExitCode {
    podclock::cli::main()
}
