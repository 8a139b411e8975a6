//! `--watch`: validates again whenever a file changes, until Ctrl-C.
//!
//! The files are looked at a few times a second. Nothing has to be installed for that, it works on every file system, and an
//! architecture has few files. Their folders are looked at too: a file that is new may be one that an include matches.

use std::collections::BTreeSet;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::cli::{Error, Outcome};

/// How often is looked.
const EVERY: Duration = Duration::from_millis(200);

/// Clears a terminal, what scrolled out of it included.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

/// One look at the architectures: what was reported, what it came to, and the files that were read.
pub(super) struct Look {
    pub(super) report: Vec<u8>,
    pub(super) outcome: Outcome,
    pub(super) files: Vec<String>,
}

/// A file or folder as it was: when it was changed, and how long it is.
type Seen = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

/// Looks, tells, and waits for a change, until the user ends it.
///
/// # Errors
/// When nothing can be told. What keeps a look from working is told, and ends nothing: the next change may mend it.
pub(super) fn watch(
    paths: &[String],
    mut look: impl FnMut() -> Result<Look, Error>,
    out: &mut dyn Write,
) -> Result<Outcome, Error> {
    let ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&ended);
    ctrlc::set_handler(move || end.store(true, Ordering::SeqCst)).map_err(Error::Signals)?;
    let mut files: Vec<String> = paths.to_vec();
    let mut outcome = Outcome::Clean;
    let mut before: Option<Vec<u8>> = None;
    while !ended.load(Ordering::SeqCst) {
        let mut seen = stand(&files);
        let told = match look() {
            Ok(look) => {
                outcome = look.outcome;
                files = paths.iter().cloned().chain(look.files).collect();
                seen = newer(&files, seen);
                look.report
            }
            Err(Error::Output(error)) => return Err(Error::Output(error)),
            Err(error) => {
                outcome = Outcome::Failed;
                let mut text = Vec::new();
                error.tell(&mut text).map_err(Error::Output)?;
                text
            }
        };
        // An editor that saves without a change, or writes a file of its own beside, is no news.
        if before.as_ref() != Some(&told) {
            tell(&told, before.is_some(), out).map_err(Error::Output)?;
            before = Some(told);
        }
        while !ended.load(Ordering::SeqCst) && stand(&files) == seen {
            thread::sleep(EVERY);
        }
    }
    Ok(outcome)
}

fn tell(report: &[u8], again: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if std::io::stdout().is_terminal() {
        write!(out, "{CLEAR}")?;
    } else if again {
        writeln!(out)?;
    }
    out.write_all(report)?;
    writeln!(out, "watching; Ctrl-C ends")?;
    out.flush()
}

/// How the files and the folders that they are in stand.
fn stand(files: &[String]) -> Seen {
    let mut places = BTreeSet::new();
    for file in files {
        let file = Path::new(file);
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        places.insert(folder.unwrap_or(Path::new(".")).to_owned());
        places.insert(file.to_owned());
    }
    let state = |path: &Path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    places
        .into_iter()
        .map(|path| {
            let state = state(&path);
            (path, state)
        })
        .collect()
}

/// How files stand, where those that were known before the look count as they stood then: a change during it is not missed.
fn newer(files: &[String], before: Seen) -> Seen {
    let mut now = stand(files);
    for (path, state) in &mut now {
        if let Some((_, known)) = before.iter().find(|(other, _)| other == path) {
            *state = *known;
        }
    }
    now
}
