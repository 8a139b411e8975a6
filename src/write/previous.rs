//! What earlier runs left in `.msarch`: the lock, the renders that it names, and the traces of a run that was killed.
//!
//! ```text
//! .msarch/lock      what was generated
//! .msarch/base/     each last render under its SHA-256
//! .msarch/pending   only while a run writes: the entries that its lock will have
//! .msarch/tmp/      only while a run writes: files on their way
//! ```
//! Renders are kept plain and under their hash: two branches never conflict in one, Git stores each only once
//! (it is the same blob as the generated file), and writing a new one never destroys an old one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::error::WriteError;
use super::folder::{Folder, lstat, names_in};
use super::lock::{Fault, Lock};
use super::pending::{self, Pending};
use crate::emit::tree::Kind;

pub(super) const LOCK: &str = ".msarch/lock";
pub(super) const BASE: &str = ".msarch/base";
pub(super) const PENDING: &str = ".msarch/pending";
pub(super) const TMP: &str = ".msarch/tmp";

/// What earlier runs left behind.
#[derive(Debug)]
pub struct Previous {
    pub(super) root: PathBuf,
    /// The lock as read, before it was mended; `None` when there is none.
    pub(super) text: Option<String>,
    pub(super) lock: Lock,
    /// What an interrupted run was about to enter.
    pub(super) pending: Vec<Pending>,
    pub(super) interrupted: bool,
    pub(super) bases: Bases,
    /// Leftover temporary files.
    pub(super) leftovers: Vec<String>,
    pub(super) mending: bool,
}

impl Previous {
    /// Reads the records of an output folder, which need not exist. With `rebuild_lock`, a lock that a
    /// merge has damaged is mended, and a lost one is made anew from what is there.
    ///
    /// # Errors
    /// When the folder is not one, or the lock cannot be read or understood.
    pub fn read(root: &Path, rebuild_lock: bool) -> Result<Self, WriteError> {
        let folder = Folder::open(root)?;
        let at = |path| folder.root().join(path);
        for path in [".msarch", LOCK, BASE, PENDING, TMP] {
            if lstat(&at(path))?.is_some_and(|metadata| metadata.is_symlink()) {
                return Err(WriteError::Link(at(path)));
            }
        }
        let text = read_text(&at(LOCK))?;
        let lock = match &text {
            Some(text) => {
                Lock::parse(text, rebuild_lock).map_err(|fault| explain(fault, at(LOCK)))?
            }
            None => Lock::default(),
        };
        let pending = read_text(&at(PENDING))?;
        Ok(Self {
            interrupted: pending.is_some(),
            pending: pending.as_deref().map(pending::parse).unwrap_or_default(),
            bases: Bases::list(at(BASE))?,
            leftovers: names_in(&at(TMP))?,
            root: folder.root().to_owned(),
            mending: rebuild_lock,
            text,
            lock,
        })
    }

    /// Whether msarch has generated here before, even if that run was killed.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.text.is_some() || self.interrupted
    }

    /// Whether the last run here was killed before it was done.
    #[must_use]
    pub fn was_interrupted(&self) -> bool {
        self.interrupted
    }

    /// The version of msarch that generated last.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        Some(self.lock.version.as_str()).filter(|version| !version.is_empty())
    }

    /// The lines that an upper floor left in a section of the lock.
    #[must_use]
    pub fn section(&self, name: &str) -> &[String] {
        self.lock.sections.get(name).map_or(&[], Vec::as_slice)
    }

    /// The paths in the lock, sorted, with their kinds.
    pub fn paths(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.lock
            .entries
            .iter()
            .map(|(path, entry)| (path.as_str(), entry.kind))
    }

    /// The names of what lies in a folder and was not written here, sorted.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn unknown_in(&self, folder: &str) -> Result<Vec<String>, WriteError> {
        let mut names = names_in(&self.root.join(folder))?;
        names.retain(|name| {
            let path = format!("{folder}/{name}");
            // What an interrupted run wrote is in no lock yet.
            let pending = self.pending.iter().any(|pending| pending.path == path);
            !pending && !self.lock.entries.contains_key(&path)
        });
        Ok(names)
    }

    /// The contents that were last rendered for a path, if they are still kept.
    #[must_use]
    pub fn last_render(&self, path: &str) -> Option<Vec<u8>> {
        self.bases.load(self.lock.entries.get(path)?.base)
    }
}

fn read_text(path: &Path) -> Result<Option<String>, WriteError> {
    if lstat(path)?.is_none() {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(WriteError::io("read", path))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn explain(fault: Fault, path: PathBuf) -> WriteError {
    match fault {
        Fault::Conflict { line } => WriteError::LockConflict { path, line },
        Fault::Broken { line, why } => WriteError::LockBroken { path, line, why },
        Fault::Newer(found) => WriteError::LockNewer { path, found },
    }
}

/// The last renders, by hash.
#[derive(Debug)]
pub(super) struct Bases {
    folder: PathBuf,
    names: BTreeSet<String>,
}

impl Bases {
    fn list(folder: PathBuf) -> Result<Self, WriteError> {
        let names = names_in(&folder)?.into_iter().collect();
        Ok(Self { folder, names })
    }

    pub(super) fn has(&self, digest: Digest) -> bool {
        self.names.contains(&digest.to_string())
    }

    /// A render, unless it is lost or damaged.
    pub(super) fn load(&self, digest: Digest) -> Option<Vec<u8>> {
        let contents = fs::read(self.folder.join(digest.to_string())).ok()?;
        (Digest::of(&contents) == digest).then_some(contents)
    }

    /// The names that nothing refers to any more.
    pub(super) fn unused(&self, used: &BTreeSet<Digest>) -> Vec<String> {
        let used: BTreeSet<String> = used.iter().map(Digest::to_string).collect();
        self.names.difference(&used).cloned().collect()
    }
}
