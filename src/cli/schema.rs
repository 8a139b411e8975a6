//! `msarch schema`: JSON Schemas, of the file for editors and of what commands write for scripts.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::{Error, Outcome};
use crate::syntax::document;

/// Print the JSON Schema of the file, for editors, or of what a command writes
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Of what
    #[arg(value_enum, default_value_t = What::Architecture)]
    what: What,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The file
    Architecture,
    /// What `msarch metrics --format json` writes
    Metrics,
}

const METRICS: &str = include_str!("../../schemas/metrics.schema.json");

const EXAMPLES: &str = "\
Examples:
  msarch schema metrics
  msarch schema > architecture.schema.json
  and as the first line of the file:
  # yaml-language-server: $schema=architecture.schema.json";

impl Arguments {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Outcome, Error> {
        let written = match self.what {
            What::Architecture => writeln!(out, "{:#}", document::schema()),
            What::Metrics => out.write_all(METRICS.as_bytes()),
        };
        written.map_err(Error::Output)?;
        Ok(Outcome::Clean)
    }
}
