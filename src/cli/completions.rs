//! `msarch completions`: for shells.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Error, Outcome};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  msarch completions bash > ~/.local/share/bash-completion/completions/msarch
  msarch completions fish > ~/.config/fish/completions/msarch.fish";

impl Arguments {
    pub(super) fn run<C: CommandFactory>(&self, out: &mut dyn Write) -> Result<Outcome, Error> {
        // The generator panics on an output that fails; memory does not.
        let mut script = Vec::new();
        generate(self.shell, &mut C::command(), "msarch", &mut script);
        out.write_all(&script).map_err(Error::Output)?;
        Ok(Outcome::Clean)
    }
}
