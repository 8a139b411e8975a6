//! The command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    msarch::cli::run(std::env::args_os())
}
