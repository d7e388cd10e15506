//! Parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    extentplan::cli::run(std::env::args_os())
}
