//! `--fix`: what needs no judgement is written, and what remains is reported.
//!
//! Everything is tried in memory first. Suggestions that touch each other are taken one after the other, each time against what the
//! rules then say; the disk sees the outcome alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::judged::{Judged, Request};
use crate::cli::Error;
use crate::rules::settings::unused_exception;
use crate::syntax::finding::Finding;
use crate::syntax::include::{Disk as RealFiles, Files};
use crate::syntax::source::Sources;
use crate::syntax::suggestion::{Edit, apply, overlap};
use crate::write::{Disk, replace, unified};

/// How often suggestions are looked for anew: each time those are taken that the time before stood in the way.
const ROUNDS: usize = 32;

/// Why nothing was mended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FixFault {
    /// The file is elsewhere.
    #[error("{path}: leads to `{}`, out of the folder of the architecture; nothing is written", real.display())]
    Outside {
        /// The file as it was named.
        path: String,
        /// Where it really is.
        real: PathBuf,
    },
}

/// The disk, with some files as they would be.
#[derive(Debug, Default)]
struct Tried {
    texts: BTreeMap<PathBuf, String>,
}

impl Files for Tried {
    fn is_dir(&self, path: &Path) -> bool {
        RealFiles.is_dir(path)
    }

    fn exists(&self, path: &Path) -> bool {
        RealFiles.exists(path)
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        match self.texts.get(&self.identity(path)) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => RealFiles.read(path, limit),
        }
    }

    fn stdin(&self, limit: u64) -> io::Result<Vec<u8>> {
        RealFiles.stdin(limit)
    }

    fn glob(&self, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
        RealFiles.glob(folder, pattern)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        RealFiles.identity(path)
    }
}

/// A file that was mended.
#[derive(Debug)]
struct Mended {
    name: String,
    before: String,
    after: String,
}

/// What mending came to.
#[derive(Debug)]
pub(super) struct Fixed {
    /// What remains.
    pub(super) judged: Judged,
    /// How many of what remains a baseline knows.
    pub(super) known: usize,
    /// How many suggestions were taken.
    pub(super) count: usize,
    files: BTreeMap<PathBuf, Mended>,
}

/// Takes the suggestions of all findings that `sift` leaves, as long as there are some.
///
/// # Errors
/// When a file to be mended lies elsewhere, or `sift` fails.
pub(super) fn fix(
    request: &Request<'_>,
    sift: impl Fn(&mut Judged) -> Result<usize, Error>,
) -> Result<Fixed, Error> {
    let mut tried = Tried::default();
    let mut fixed = Fixed {
        judged: request.judge(&tried),
        known: 0,
        count: 0,
        files: BTreeMap::new(),
    };
    fixed.known = sift(&mut fixed.judged)?;
    for _ in 0..ROUNDS {
        let (count, texts) = next(&fixed.judged);
        if count == 0 {
            break;
        }
        fixed.count += count;
        for (name, after) in texts {
            let real = tried.identity(Path::new(&name));
            inside(&name, &real, &fixed.judged.mains)?;
            let mended = fixed.files.entry(real.clone()).or_insert_with(|| Mended {
                before: text_of(&fixed.judged.sources, &name),
                after: String::new(),
                name,
            });
            mended.after.clone_from(&after);
            tried.texts.insert(real, after);
        }
        fixed.judged = request.judge(&tried);
        fixed.known = sift(&mut fixed.judged)?;
    }
    Ok(fixed)
}

impl Fixed {
    /// The files that change, as one unified diff.
    pub(super) fn diff(&self) -> String {
        let diffs = self.files.values().map(|file| {
            let (before, after) = (file.before.as_bytes(), file.after.as_bytes());
            unified(&file.name, Some(before), Some(after))
        });
        diffs.collect()
    }

    /// Writes the files, each whole or not at all.
    ///
    /// # Errors
    /// When the disk fails; the files before the one that could not be written are written.
    pub(super) fn write(&self, disk: &dyn Disk) -> Result<(), Error> {
        for (real, file) in &self.files {
            replace(real, file.after.as_bytes(), disk)?;
        }
        Ok(())
    }

    /// How many files change.
    pub(super) fn files(&self) -> usize {
        self.files.len()
    }
}

/// The suggestions to take next. An exception goes last: what it excepts may be hidden by another fault until that is mended, and
/// its reason would be lost. For the same reason nothing is told of it while an error is left.
fn next(judged: &Judged) -> (usize, BTreeMap<String, String>) {
    let is_exception = |finding: &Finding| finding.rule == unused_exception::RULE.id;
    let others = round(judged, |finding| !is_exception(finding));
    if others.0 > 0 {
        return others;
    }
    round(judged, is_exception)
}

/// The suggestions that can be taken at once, of the findings that are wanted: how many, and the files as they then are.
fn round(judged: &Judged, wanted: impl Fn(&Finding) -> bool) -> (usize, BTreeMap<String, String>) {
    let mut taken: Vec<Vec<Edit>> = Vec::new();
    let mut all: BTreeMap<usize, Vec<Edit>> = BTreeMap::new();
    let findings = judged.findings.iter();
    let mut findings: Vec<&Finding> = findings.filter(|finding| wanted(finding)).collect();
    findings.sort_by_key(|finding| (finding.span(), finding.rule));
    for finding in findings {
        let Some(edits) = finding.edits(&judged.sources) else {
            continue;
        };
        let free = edits.iter().all(|edit| {
            let others = all.get(&edit.span.source.index()).into_iter().flatten();
            others.into_iter().all(|other| !overlap(edit, other))
        });
        if free {
            for edit in &edits {
                let file = all.entry(edit.span.source.index()).or_default();
                file.push(edit.clone());
            }
            taken.push(edits);
        }
    }
    let mut texts = BTreeMap::new();
    let mut refused = BTreeSet::new();
    for (index, mut edits) in all {
        edits.sort_by_key(|edit| edit.span);
        let source = judged.sources.get(edits[0].span.source);
        match apply(source.text(), &edits) {
            Some(text) => {
                texts.insert(source.name().to_owned(), text);
            }
            None => {
                refused.insert(index);
            }
        }
    }
    let made = |edits: &&Vec<Edit>| {
        edits
            .iter()
            .all(|edit| !refused.contains(&edit.span.source.index()))
    };
    (taken.iter().filter(made).count(), texts)
}

/// Refuses a file that is in the folder of none of the architectures.
fn inside(name: &str, real: &Path, mains: &[String]) -> Result<(), FixFault> {
    let folders = mains.iter().map(|main| {
        let folder = Path::new(main).parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        RealFiles.identity(folder.unwrap_or(Path::new(".")))
    });
    if folders.into_iter().any(|folder| real.starts_with(folder)) {
        return Ok(());
    }
    Err(FixFault::Outside {
        path: name.to_owned(),
        real: real.to_owned(),
    })
}

fn text_of(sources: &Sources, name: &str) -> String {
    let mut files = sources.iter();
    let file = files.find(|(_, file)| file.name() == name);
    file.map(|(_, file)| file.text().to_owned())
        .unwrap_or_default()
}
