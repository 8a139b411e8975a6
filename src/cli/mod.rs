//! The command line: it reads arguments, calls the floors, and prints. Nothing is decided here but what to show and how to end.
//!
//! To add a command, write `<command>.rs` with its arguments (a clap `Args` struct with a `run`), and add it to `Command`.
//! A command that works on an architecture begins with [`architecture::Architecture`].

pub mod architecture;
mod completions;
mod dev;
mod diff;
mod error;
mod explain;
mod generate;
pub mod git;
mod graph;
mod metrics;
mod new;
pub mod observe;
mod older;
mod schema;
mod shell;
mod terminal;
mod validate;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
pub use dev::DevError;
pub use error::Error;
pub use new::NewError;
use terminal::ColorChoice;
pub use validate::{BaselineFault, FixFault};

use crate::write::{Disk, RealDisk};

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing at or above the failing level: exit code 0.
    Clean,
    /// Findings: exit code 1.
    Findings,
    /// A part could not be worked on, and was told: exit code 2.
    Failed,
}

impl Outcome {
    /// It, or failure.
    fn unless(self, failed: bool) -> Self {
        if failed { Self::Failed } else { self }
    }
}

/// One file is the system: validates a microservice architecture, and generates the Rust workspace that runs it.
#[derive(Debug, Parser)]
#[command(name = "msarch", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN")]
    color: ColorChoice,
}

const EXAMPLES: &str = "\
Examples:
  msarch new shop                     a system that validates, to start from
  msarch dev                          build and run the whole system here
  msarch validate                     the architecture.yaml of this folder
  msarch validate shop.yaml --deny warnings
  msarch diff git:main                what changed, what breaks, whom
  msarch explain sync-cycle           what a rule looks for, and why
  msarch metrics                      how it is coupled, what fails with what

Exit codes: 0 nothing at or above the failing level, 1 findings, 2 could not work.";

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    New(new::Arguments),
    Validate(validate::Arguments),
    Generate(generate::Arguments),
    Dev(dev::Arguments),
    Explain(explain::Arguments),
    Graph(graph::Arguments),
    Diff(diff::Arguments),
    Metrics(metrics::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
}

/// Runs a command line, and says how the process ends.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_on(&RealDisk, arguments)
}

/// The same on a disk of the caller's: tests give one on which the process dies.
pub fn run_on(disk: &dyn Disk, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(usage) => return told(usage.print(), u8::try_from(usage.exit_code()).unwrap_or(2)),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    match dispatch(&cli, disk, &mut out).and_then(|outcome| flushed(&mut out, outcome)) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        // Whoever read our output has seen enough.
        Err(Error::Output(closed)) if is_closed(&closed) => ExitCode::SUCCESS,
        Err(error) => told(error.tell(&mut io::stderr().lock()), 2),
    }
}

/// The outcome, once everything is written; a reader that has left does not change it.
fn flushed(out: &mut dyn Write, outcome: Outcome) -> Result<Outcome, Error> {
    match out.flush() {
        Err(error) if !is_closed(&error) => Err(Error::Output(error)),
        _ => Ok(outcome),
    }
}

/// Whether the reader of our output has left.
fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

fn dispatch(cli: &Cli, disk: &dyn Disk, out: &mut dyn Write) -> Result<Outcome, Error> {
    match &cli.command {
        Command::New(arguments) => arguments.run(disk),
        Command::Validate(arguments) => arguments.run(cli.color, disk, out),
        Command::Generate(arguments) => arguments.run(cli.color, disk, out),
        Command::Dev(arguments) => arguments.run(cli.color, disk, out),
        Command::Explain(arguments) => arguments.run(cli.color, out),
        Command::Graph(arguments) => arguments.run(cli.color, out),
        Command::Diff(arguments) => arguments.run(cli.color, out),
        Command::Metrics(arguments) => arguments.run(cli.color, out),
        Command::Schema(arguments) => arguments.run(out),
        Command::Completions(arguments) => arguments.run::<Cli>(out),
    }
}

/// The exit code, whether or not the last words could be said.
fn told(_said: io::Result<()>, code: u8) -> ExitCode {
    ExitCode::from(code)
}
