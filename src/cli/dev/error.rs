//! Why a system does not run here. Each error says what to install or to change.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why a system does not run here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevError {
    /// A failure that cannot be provoked.
    #[error(
        "`{0}` is no failure to provoke: write SERVICE.STEP=reject, =error or =hang, and :TIMES after it to limit it"
    )]
    NoFault(String),
    /// A step that no saga has.
    #[error("no saga has a step {step}{}", also(.near.as_deref(), .known))]
    UnknownStep {
        /// The step.
        step: String,
        /// What may have been meant, as a whole.
        near: Option<String>,
        /// The steps that there are.
        known: Vec<String>,
    },
    /// No Rust.
    #[error("{program} was not found: install Rust from https://rustup.rs, then run this again")]
    NoRust {
        /// What was looked for.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A Rust that is too old.
    #[error(
        "rustc {found} is too old, {needed} or later is needed: run `rustup update stable`, then run this again"
    )]
    OldRust {
        /// The version found.
        found: String,
        /// The least that works.
        needed: &'static str,
    },
    /// No C compiler.
    #[error(
        "no C compiler was found ({program}); the embedded database is built with one: {install}"
    )]
    NoCompiler {
        /// What was looked for.
        program: String,
        /// How to get one here.
        install: &'static str,
    },
    /// A port that somebody else has.
    #[error(
        "port {port} of 127.0.0.1 is taken{by}: choose another with `{flag}`, or stop what uses it"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// Who has it, if that is known.
        by: String,
        /// How to choose another.
        flag: &'static str,
    },
    /// A port that may not be used.
    #[error("port {port} of 127.0.0.1 cannot be used: choose another with `{flag}`")]
    Port {
        /// The port.
        port: u16,
        /// How to choose another.
        flag: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// An architecture that is in no folder.
    #[error(
        "an architecture from standard input has no folder to generate into: name one with `--out`"
    )]
    NoFolder,
    /// A data folder that no run of a system has made.
    #[error("`{}` was not made by a run of the system, so --fresh leaves it alone: remove it yourself", .0.display())]
    DataNotOurs(PathBuf),
    /// A data folder that a run uses.
    #[error("`{}` is in use by another run: stop that first", .0.display())]
    DataInUse(PathBuf),
    /// The data folder cannot be handled.
    #[error("`{}` cannot be {doing}", path.display())]
    Data {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program cannot be started or waited for.
    #[error("`{}` cannot be run", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// cargo failed; it has told why.
    #[error("the workspace in `{}` does not build (cargo: {status}); cargo's messages are above", out.display())]
    Build {
        /// The workspace.
        out: PathBuf,
        /// How cargo ended.
        status: ExitStatus,
    },
    /// cargo built no program.
    #[error("cargo built the workspace in `{}` and names no program to run: is `crates/local` still a member of it?", .0.display())]
    NoProgram(PathBuf),
    /// Stopped before anything ran.
    #[error("stopped")]
    Stopped,
    /// The system ended by itself; it has told why.
    #[error("the system ended by itself ({0}); its messages are above")]
    Ended(ExitStatus),
    /// Not everything answers.
    #[error("the system does not answer after {seconds} s: {missing}. Its messages are above")]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// What does not answer.
        missing: String,
    },
    /// No token could be made.
    #[error("`{} token` gave no token: {said}", program.display())]
    Token {
        /// The system's program.
        program: PathBuf,
        /// What it said.
        said: String,
    },
    /// Ctrl-C cannot be heard.
    #[error("signals cannot be handled")]
    Signals(#[from] ctrlc::Error),
}

fn also(near: Option<&str>, known: &[String]) -> String {
    match (near, known) {
        (Some(near), _) => format!(": did you mean --fail {near}?"),
        (None, []) => ": this system has no sagas".to_owned(),
        (None, known) => format!(": there are {}", known.join(", ")),
    }
}

impl DevError {
    pub(super) fn start(program: &Path) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        move |source| Self::Start { program, source }
    }

    pub(super) fn data(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Data {
            doing,
            path,
            source,
        }
    }
}
