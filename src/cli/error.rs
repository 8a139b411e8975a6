//! What can keep a command from working, gathered from all floors. What is wrong with the user's file is no error but a finding.

use std::error::Error as _;
use std::io::{self, Write};
use std::path::PathBuf;

use super::dev::DevError;
use super::git::GitError;
use super::new::NewError;
use super::observe::ObserveError;
use super::validate::{BaselineFault, FixFault};
use crate::emit::EmitError;
use crate::plan::migrations::SnapshotError;
use crate::syntax::include::LoadError;
use crate::write::WriteError;

/// Why a command could not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The architecture cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A new system cannot be started.
    #[error(transparent)]
    New(#[from] NewError),
    /// The system cannot be run here.
    #[error(transparent)]
    Dev(#[from] DevError),
    /// The baseline is of no use.
    #[error(transparent)]
    Baseline(#[from] BaselineFault),
    /// Nothing can be mended.
    #[error(transparent)]
    Fix(#[from] FixFault),
    /// What comes from standard input stands in no file.
    #[error("`{0}` works on files, and standard input is none")]
    NoFile(&'static str),
    /// The code of the workspace cannot be looked at.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// An older version cannot be read from git.
    #[error(transparent)]
    Git(#[from] GitError),
    /// One file cannot be the past of several architectures.
    #[error(
        "--against {0}: a file is the past of one architecture; validate them one by one, or name git:REF"
    )]
    OneOlderFile(String),
    /// What stands on standard input is in no commit.
    #[error("{name}: standard input is in no commit; write git:REF:FILE")]
    NoPlaceInGit {
        /// The version as the user names it.
        name: String,
    },
    /// A file that the user names is not in the commit.
    #[error(
        "{} was not there in {name}: write git:REF:FILE with a file of that commit, its path from here", path.display()
    )]
    NotInGit {
        /// The file.
        path: PathBuf,
        /// The version as the user names it.
        name: String,
    },
    /// A version was not read to its end: what is absent from it says nothing.
    #[error(
        "{name}: cannot be read to its end, so that nothing can be compared; `msarch validate` of it tells why"
    )]
    NotWhole {
        /// The version as the user names it.
        name: String,
    },
    /// The workspace cannot be printed.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The workspace cannot be put on the disk.
    #[error(transparent)]
    Workspace(#[from] WriteError),
    /// A word after `--only` is no service.
    #[error("no service is called {name}{}", near.as_ref().map_or_else(String::new, |near| format!("; did you mean {near}?")))]
    UnknownService {
        /// The word.
        name: String,
        /// The service that may have been meant.
        near: Option<String>,
    },
    /// The folder is that of another system.
    #[error(
        "{}: holds the workspace of another system ({}), of which nothing would stay; name another folder, or say --force if these services are to go", out.display(), services.join(", ")
    )]
    AnotherSystem {
        /// The folder.
        out: PathBuf,
        /// The services that were generated there.
        services: Vec<String>,
    },
    /// Rows that exist cannot become what the architecture wants.
    #[error("the tables cannot become what the architecture wants; nothing is written\n  {0}")]
    Tables(String),
    /// The lock's memory of the tables is damaged.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A word after `--deny` or `explain` is no rule.
    #[error("no rule is called {word}{}", also(.near.as_deref()))]
    UnknownRule {
        /// The word.
        word: String,
        /// The rule that may have been meant.
        near: Option<String>,
    },
    /// A name after `--kind saga:` is no saga.
    #[error("{}", no_saga(.name, .known))]
    UnknownSaga {
        /// The name.
        name: String,
        /// The sagas that there are.
        known: Vec<String>,
    },
    /// Ctrl-C cannot be heard.
    #[error("Ctrl-C cannot be heard")]
    Signals(#[source] ctrlc::Error),
    /// A file cannot be written.
    #[error("{path}: cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The output cannot be written.
    #[error("the output cannot be written")]
    Output(#[source] io::Error),
}

fn no_saga(name: &str, known: &[String]) -> String {
    let known = match known {
        [] => "there are none".to_owned(),
        known => format!("there are {}", known.join(", ")),
    };
    if name.is_empty() {
        format!("which saga? write saga:NAME; {known}")
    } else {
        format!("no saga is called {name}; {known}")
    }
}

fn also(near: Option<&str>) -> String {
    near.map_or_else(
        || "; `msarch explain` lists the rules".to_owned(),
        |near| format!("; did you mean {near}?"),
    )
}

impl Error {
    /// Tells the error and its causes.
    pub(super) fn tell(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "error: {self}")?;
        let mut cause = self.source();
        while let Some(next) = cause {
            writeln!(out, "  because: {next}")?;
            cause = next.source();
        }
        Ok(())
    }
}
