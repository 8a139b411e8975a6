//! Puts a plan on the disk, in an order in which a kill at any point costs nothing.
//!
//! 1. Everything is staged in `.msarch/tmp`: a full disk or a missing right shows before anything has changed.
//! 2. The new last renders are added to `.msarch/base`, and `.msarch/pending` says what the lock will say.
//! 3. Folders move, dropped files go, new contents are renamed into place, one file at a time.
//! 4. The lock is renamed into place; then the note and the renders that nothing refers to go.
//!
//! Killed before 4, the next run finds the old lock and the note: a file that is a render of either is unedited.
//!
//! What holds a person's lines, and the lock, is on the platter before it replaces anything. All else can be
//! generated again, so it is not worth a wait for the disk per file (which costs more than the whole run).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::changes::Changes;
use super::digest::Digest;
use super::disk::Disk;
use super::error::WriteError;
use super::folder::{Stamp, lstat};
use super::previous::{BASE, LOCK, PENDING, TMP};
use crate::emit::tree::Move;

/// A file to put in place.
#[derive(Debug)]
pub(super) struct Write<'t> {
    pub(super) path: String,
    pub(super) contents: Cow<'t, [u8]>,
    pub(super) executable: bool,
    /// Whether it holds a person's lines.
    pub(super) durable: bool,
}

/// Everything that a run does to the disk.
#[derive(Debug, Default)]
pub(super) struct Work<'t> {
    pub(super) root: PathBuf,
    pub(super) moves: Vec<Move>,
    pub(super) removals: BTreeSet<String>,
    /// Folders that may be empty when the removals are done.
    pub(super) prune: BTreeSet<String>,
    /// Edited files that are kept beside: from, to.
    pub(super) saves: Vec<(String, String)>,
    pub(super) writes: Vec<Write<'t>>,
    /// What was seen where something will be replaced or removed.
    pub(super) seen: Vec<(String, Option<Stamp>)>,
    pub(super) bases: Vec<(Digest, Cow<'t, [u8]>)>,
    /// The note while the run writes.
    pub(super) pending: String,
    /// The note afterwards: `Some` to leave this one, `None` to have none.
    pub(super) still_pending: Option<String>,
    /// Whether a note is there already.
    pub(super) interrupted: bool,
    pub(super) lock: Option<String>,
    /// Renders that nothing refers to any more.
    pub(super) unused: Vec<String>,
    /// Temporary files of a killed run.
    pub(super) leftovers: Vec<String>,
}

impl Work<'_> {
    pub(super) fn is_empty(&self) -> bool {
        !self.touches_files()
            && self.bases.is_empty()
            && self.lock.is_none()
            && self.unused.is_empty()
            && self.leftovers.is_empty()
            && (!self.interrupted || self.still_pending.is_some())
    }

    fn touches_files(&self) -> bool {
        !(self.moves.is_empty()
            && self.removals.is_empty()
            && self.saves.is_empty()
            && self.writes.is_empty())
    }
}

impl Changes<'_> {
    /// Makes the changes. If there is nothing to do, nothing is written at all.
    ///
    /// # Errors
    /// When a file stands in the way (then nothing was written), or the disk fails (then running again completes).
    pub fn apply(&self, disk: &dyn Disk) -> Result<(), WriteError> {
        let refused: Vec<_> = self
            .refusals()
            .map(|(change, refusal)| (change.path.clone(), refusal))
            .collect();
        if !refused.is_empty() {
            return Err(WriteError::Refused(refused));
        }
        if self.work.is_empty() {
            return Ok(());
        }
        let run = Run {
            disk,
            work: &self.work,
        };
        for folder in [TMP, BASE] {
            run.make_folder(&run.at(folder))?;
        }
        let _guard = run.guard()?;
        run.make()
    }
}

struct Run<'a> {
    disk: &'a dyn Disk,
    work: &'a Work<'a>,
}

impl Run<'_> {
    fn make(&self) -> Result<(), WriteError> {
        for name in &self.work.leftovers {
            self.remove(&self.at(TMP).join(name))?;
        }
        self.stage_all()?;
        self.look_again()?;
        for (index, (digest, _)) in self.work.bases.iter().enumerate() {
            self.rename(
                &self.staged('b', index),
                &self.at(BASE).join(digest.to_string()),
            )?;
        }
        if self.work.touches_files() {
            self.rename(&self.staged('p', 0), &self.at(PENDING))?;
        }
        self.move_and_remove()?;
        self.put_in_place()?;
        if self.work.lock.is_some() {
            self.rename(&self.staged('l', 0), &self.at(LOCK))?;
        }
        self.tidy()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.work.root.join(path)
    }

    fn staged(&self, kind: char, index: usize) -> PathBuf {
        self.at(TMP).join(format!("{kind}{index}"))
    }

    fn stage_all(&self) -> Result<(), WriteError> {
        let work = self.work;
        for (index, (_, contents)) in work.bases.iter().enumerate() {
            self.stage(&self.staged('b', index), contents, false, false)?;
        }
        for (index, write) in work.writes.iter().enumerate() {
            self.stage(
                &self.staged('w', index),
                &write.contents,
                write.executable,
                write.durable,
            )?;
        }
        if work.touches_files() {
            self.stage(&self.staged('p', 0), work.pending.as_bytes(), false, true)?;
        }
        if let Some(lock) = &work.lock {
            self.stage(&self.staged('l', 0), lock.as_bytes(), false, true)?;
        }
        Ok(())
    }

    /// Refuses to go on if somebody saved one of the files while this run was thinking.
    fn look_again(&self) -> Result<(), WriteError> {
        for (path, seen) in &self.work.seen {
            let place = self.at(path);
            // A folder of ours that is to become a file is seen as nothing.
            let found = lstat(&place)?.filter(|metadata| !metadata.is_dir());
            if found.as_ref().map(Stamp::of) != *seen {
                return Err(WriteError::Changed(place));
            }
        }
        Ok(())
    }

    fn move_and_remove(&self) -> Result<(), WriteError> {
        for moved in &self.work.moves {
            self.rename_into(&self.at(&moved.from), &self.at(&moved.to))?;
        }
        for path in &self.work.removals {
            self.remove(&self.at(path))?;
        }
        // Longest first: what is inside before what it is in.
        for folder in self.work.prune.iter().rev() {
            let _still_in_use = self.disk.remove_folder(&self.at(folder));
        }
        Ok(())
    }

    fn put_in_place(&self) -> Result<(), WriteError> {
        for (from, to) in &self.work.saves {
            self.rename(&self.at(from), &self.at(to))?;
        }
        let mut made: BTreeSet<&str> = BTreeSet::new();
        for (index, write) in self.work.writes.iter().enumerate() {
            let target = self.at(&write.path);
            let parent = write.path.rfind('/').map_or("", |at| &write.path[..at]);
            if made.insert(parent) {
                self.make_folder(&self.at(parent))?;
            }
            self.rename(&self.staged('w', index), &target)?;
        }
        Ok(())
    }

    fn tidy(&self) -> Result<(), WriteError> {
        if let Some(text) = &self.work.still_pending {
            self.stage(&self.staged('q', 0), text.as_bytes(), false, true)?;
            self.rename(&self.staged('q', 0), &self.at(PENDING))?;
        } else if self.work.interrupted || self.work.touches_files() {
            self.remove(&self.at(PENDING))?;
        }
        for name in &self.work.unused {
            self.remove(&self.at(BASE).join(name))?;
        }
        self.disk
            .remove_folder(&self.at(TMP))
            .map_err(WriteError::io("remove", self.at(TMP)))
    }

    fn stage(
        &self,
        path: &Path,
        contents: &[u8],
        executable: bool,
        durable: bool,
    ) -> Result<(), WriteError> {
        self.disk
            .write_new(path, contents, executable, durable)
            .map_err(WriteError::io("write", path))
    }

    fn make_folder(&self, path: &Path) -> Result<(), WriteError> {
        self.disk
            .make_folder(path)
            .map_err(WriteError::io("make the folder", path))
    }

    fn rename_into(&self, from: &Path, to: &Path) -> Result<(), WriteError> {
        if let Some(parent) = to.parent() {
            self.make_folder(parent)?;
        }
        self.rename(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), WriteError> {
        self.disk
            .rename(from, to)
            .map_err(WriteError::io("write", to))
    }

    fn remove(&self, path: &Path) -> Result<(), WriteError> {
        self.disk
            .remove_file(path)
            .map_err(WriteError::io("remove", path))
    }

    /// Keeps a second msarch out for as long as the result lives. Where the system cannot lock a folder, nothing is kept out.
    fn guard(&self) -> Result<Option<File>, WriteError> {
        let Ok(folder) = File::open(self.at(".msarch")) else {
            return Ok(None);
        };
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => Err(WriteError::Busy(self.work.root.clone())),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(folder)),
        }
    }
}
