//! `msarch schema`: the JSON Schema of the file, for editors.

use std::io::Write;

use clap::Args;

use super::{Error, Outcome};
use crate::syntax::document;

/// Print the JSON Schema of the file, for editors
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {}

const EXAMPLES: &str = "\
Example:
  msarch schema > architecture.schema.json
  and as the first line of the file:
  # yaml-language-server: $schema=architecture.schema.json";

impl Arguments {
    #[expect(clippy::unused_self, reason = "every command runs from its arguments")]
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Outcome, Error> {
        writeln!(out, "{:#}", document::schema()).map_err(Error::Output)?;
        Ok(Outcome::Clean)
    }
}
