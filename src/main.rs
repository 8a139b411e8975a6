//! The command line.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A tree of values is made of many small pieces, and this hands them out at half the cost.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    msarch::cli::run(std::env::args_os())
}
