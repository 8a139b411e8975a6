//! What the terminal can show.

use std::env;
use std::io::IsTerminal;

use clap::ValueEnum;

use crate::report::Look;

/// Columns where no terminal says how many it has.
const WIDTH: usize = 100;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to write to standard output.
pub(super) fn look(color: ColorChoice) -> Look {
    let terminal = std::io::stdout().is_terminal();
    Look {
        width: width(terminal),
        color: colored(color, terminal),
        unicode: !terminal || speaks_unicode(),
    }
}

fn colored(color: ColorChoice, terminal: bool) -> bool {
    match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
            terminal && !refused && !dumb
        }
    }
}

fn width(terminal: bool) -> usize {
    let stated = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = stated
        .or_else(|| if terminal { seen() } else { None })
        .unwrap_or(WIDTH);
    width.clamp(40, 160)
}

/// Whether the locale's characters are Unicode (POSIX: the first of these that is set decides).
fn speaks_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty());
    locale.map_or(cfg!(any(windows, target_os = "macos")), |locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
