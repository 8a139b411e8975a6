//! `--baseline` and `--write-baseline`: what is known already is not reported, and what is known only ever becomes less.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::judged::Judged;
use super::only::Only;
use crate::cli::Error;
use crate::report::baseline::{Baseline, BaselineError, Named};
use crate::write::{self, Disk};

/// How many entries are named that match nothing any more.
const NAMED: usize = 10;

/// Why a baseline is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineFault {
    /// There is none.
    #[error("{}: no such baseline; `--write-baseline` writes one", .0.display())]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is none.
    #[error("{}: cannot be understood", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: BaselineError,
    },
    /// It would grow.
    #[error("{}: {} not in this baseline, and a baseline only shrinks; `--baseline` shows what is new: mend it, or take it in with `--grow-baseline`", path.display(), are(*more))]
    Grown {
        /// The file.
        path: PathBuf,
        /// How many findings it lacks.
        more: usize,
    },
    /// Something was not judged.
    #[error("{}: not written while {what} cannot be read to its end: what is wrong there is not known", path.display())]
    Unjudged {
        /// The file.
        path: PathBuf,
        /// The architecture.
        what: String,
    },
}

fn are(count: usize) -> String {
    match count {
        1 => "1 finding is".to_owned(),
        count => format!("{count} findings are"),
    }
}

/// A baseline on the disk, and what of it this run can speak of.
struct Kept<'a> {
    path: &'a Path,
    folder: PathBuf,
    names: Vec<String>,
    only: &'a Only,
    unjudged: Vec<String>,
}

impl<'a> Kept<'a> {
    fn new(path: &'a Path, judged: &Judged, only: &'a Only) -> Self {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).unwrap_or_default();
        let names: Vec<String> = judged
            .sources
            .iter()
            .map(|(_, file)| name_in(&folder, file.name()))
            .collect();
        let unjudged = judged.unjudged.iter().map(|id| names[id.index()].clone());
        Self {
            path,
            unjudged: unjudged.collect(),
            folder,
            names,
            only,
        }
    }

    fn read(&self) -> Result<Option<Baseline>, BaselineFault> {
        let path = self.path.to_owned();
        let text = match fs::read_to_string(self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BaselineFault::Unreadable { path, source }),
        };
        let parsed = Baseline::parse(&text);
        parsed
            .map(Some)
            .map_err(|source| BaselineFault::Malformed { path, source })
    }

    /// Whether this run has looked at a rule in a file. Of a file that is there no more nothing can be found.
    fn looked(&self, file: &str, rule: &str) -> bool {
        let read = self.names.iter().any(|name| name == file);
        let judged = read && !self.unjudged.iter().any(|name| name == file);
        self.only.includes(rule) && (judged || (!read && !self.folder.join(file).exists()))
    }

    fn named<'n>(&'n self, judged: &'n Judged) -> Named<'n> {
        Named {
            sources: &judged.sources,
            names: &self.names,
        }
    }
}

/// A file as the baseline calls it: by its way from the baseline's folder, so that a run elsewhere finds it too.
fn name_in(folder: &Path, name: &str) -> String {
    let real = fs::canonicalize(name);
    let below = real
        .as_ref()
        .ok()
        .and_then(|real| real.strip_prefix(folder).ok());
    below.map_or_else(
        || name.to_owned(),
        |below| below.to_string_lossy().replace('\\', "/"),
    )
}

/// Leaves out what a baseline knows, and tells what of it is there no more. Gives the number of those left out.
pub(super) fn apply(path: &Path, judged: &mut Judged, only: &Only) -> Result<usize, Error> {
    let kept = Kept::new(path, judged, only);
    let Some(baseline) = kept.read()? else {
        return Err(BaselineFault::Missing(path.to_owned()).into());
    };
    let now = Baseline::of(&judged.findings, kept.named(judged));
    tell_gone(
        path,
        &baseline.gone(&now, |file, rule| kept.looked(file, rule)),
    )
    .map_err(Error::Output)?;
    Ok(sift(&baseline, &kept, judged))
}

/// Writes a baseline of what is found, or takes out of one what is found no more. Gives the number of findings left out.
pub(super) fn write(
    path: &Path,
    grow: bool,
    judged: &mut Judged,
    only: &Only,
    disk: &dyn Disk,
) -> Result<usize, Error> {
    if let Some(what) = judged.broken.first() {
        let (path, what) = (path.to_owned(), what.clone());
        return Err(BaselineFault::Unjudged { path, what }.into());
    }
    let kept = Kept::new(path, judged, only);
    let now = Baseline::of(&judged.findings, kept.named(judged));
    let before = kept.read()?;
    let after = match &before {
        None => now,
        Some(before) => {
            let shrunk = before.shrunk(&now, |file, rule| kept.looked(file, rule));
            let more = before
                .sift(judged.findings.clone(), kept.named(judged))
                .left
                .len();
            if more > 0 && !grow {
                let path = path.to_owned();
                return Err(BaselineFault::Grown { path, more }.into());
            }
            shrunk.grown(&now)
        }
    };
    if before.as_ref() != Some(&after) {
        write::replace(path, after.print().as_bytes(), disk)?;
    }
    tell_written(path, before.as_ref(), &after).map_err(Error::Output)?;
    Ok(sift(&after, &kept, judged))
}

fn sift(baseline: &Baseline, kept: &Kept<'_>, judged: &mut Judged) -> usize {
    // What kept the rules from looking is told, whatever is known.
    let (aside, findings) = std::mem::take(&mut judged.findings)
        .into_iter()
        .partition(|finding| judged.unjudged.contains(&finding.span().source));
    let sifted = baseline.sift(findings, kept.named(judged));
    judged.findings = aside;
    judged.findings.extend(sifted.left);
    sifted.known
}

fn tell_gone(path: &Path, gone: &[String]) -> io::Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let mut stderr = io::stderr().lock();
    let path = path.display();
    let head = match gone.len() {
        1 => "1 entry matches".to_owned(),
        count => format!("{count} entries match"),
    };
    writeln!(
        stderr,
        "{path}: {head} nothing any more; `--write-baseline {path}` takes out:"
    )?;
    for entry in gone.iter().take(NAMED) {
        writeln!(stderr, "  {entry}")?;
    }
    match gone.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => writeln!(stderr, "  and {more} more"),
    }
}

fn tell_written(path: &Path, before: Option<&Baseline>, after: &Baseline) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    let path = path.display();
    let count = |count: usize| format!("{count} finding{}", if count == 1 { "" } else { "s" });
    let known = count(after.len());
    match before.map(Baseline::len) {
        Some(before) if before > after.len() => {
            writeln!(stderr, "{path}: {known}, {} less", before - after.len())
        }
        Some(before) if before < after.len() => {
            writeln!(stderr, "{path}: {known}, {} more", after.len() - before)
        }
        Some(_) => writeln!(stderr, "{path}: {known}, as before"),
        None => writeln!(stderr, "{path}: {known} written down"),
    }
}
