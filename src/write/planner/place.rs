//! Paths of the tree.

use std::borrow::Cow;

use super::{OnDisk, Planner};
use crate::emit::tree::{File, Kind, is_under};
use crate::write::apply::Write;
use crate::write::changes::{Action, Change};
use crate::write::decide::{Case, Verdict, decide};
use crate::write::digest::Digest;
use crate::write::error::WriteError;
use crate::write::folder::{Found, Stamp};
use crate::write::pending::{Known, Pending};

impl<'t> Planner<'_, 't> {
    /// A path of the tree.
    pub(super) fn place(
        &mut self,
        path: &str,
        file: &'t File,
        known: &Known,
    ) -> Result<(), WriteError> {
        let disk = self.disk_at(path)?;
        let digest = Digest::of(&file.contents);
        let verdict = self.judge(path, file, digest, known, disk.as_ref());
        if let Some(entry) = verdict.entry {
            if entry.base == digest
                && entry.kind != Kind::Seeded
                && !self.previous.bases.has(digest)
            {
                self.work
                    .bases
                    .push((digest, Cow::Borrowed(&file.contents)));
            }
            if known.locked != Some(entry) {
                let before = disk.as_ref().map(|disk| Digest::of(&disk.contents));
                self.pending.push(Pending {
                    path: path.to_owned(),
                    before,
                    entry,
                });
            }
            self.entries.insert(path.to_owned(), entry);
        }
        self.record(path, file, verdict, disk)
    }

    fn judge(
        &self,
        path: &str,
        file: &'t File,
        digest: Digest,
        known: &Known,
        disk: Option<&OnDisk>,
    ) -> Verdict<'t> {
        let contents = disk.map(|disk| disk.contents.as_slice());
        // Hashing what is on the disk is only needed to sort out what a killed run has left.
        let entries = known.entries(
            contents
                .filter(|_| self.previous.interrupted)
                .map(Digest::of),
        );
        let verdict = decide(&Case {
            file,
            digest,
            disk: contents,
            locked: known.locked,
            entries: &entries,
            carried: self.carried.contains(path),
            mending: self.previous.mending,
            mode: self.options.mode,
            bases: &self.previous.bases,
        });
        let lost_bit = file.executable
            && file.kind == Kind::Generated
            && disk.is_some_and(|disk| !disk.executable);
        let recased = self.removed_spellings.contains(&path.to_lowercase());
        match contents {
            Some(contents) if verdict.action.is_none() && (lost_bit || recased) => {
                verdict.but_write(Action::Update, contents.to_vec())
            }
            _ => verdict,
        }
    }

    fn disk_at(&self, path: &str) -> Result<Option<OnDisk>, WriteError> {
        let gone = |path: &str| self.work.removals.contains(path);
        let blocked = |other: &str| {
            Err(WriteError::Blocked {
                path: path.to_owned(),
                other: self.folder.root().join(other),
            })
        };
        match self.folder.look(path)? {
            Found::Nothing => Ok(None),
            Found::File {
                contents,
                executable,
                stamp,
            } => Ok(Some(OnDisk {
                contents,
                executable,
                stamp,
            })),
            Found::Link => Err(WriteError::Link(self.folder.root().join(path))),
            // An empty folder goes only where this run, or the one that was killed before it, has taken its files.
            Found::Folder
                if self.work.prune.contains(path)
                    && self.folder.files_below(path).iter().all(|file| gone(file)) =>
            {
                Ok(None)
            }
            Found::Folder | Found::Special => blocked(path),
            Found::Under(file) if gone(&file) => Ok(None),
            Found::Under(file) => blocked(&file),
        }
    }

    /// Enters what was decided into the list and the work.
    fn record(
        &mut self,
        path: &str,
        file: &'t File,
        verdict: Verdict<'t>,
        disk: Option<OnDisk>,
    ) -> Result<(), WriteError> {
        let Some(mut action) = verdict.action else {
            return Ok(());
        };
        if let Some(contents) = &verdict.write {
            self.replace(
                path,
                contents.clone(),
                file.executable,
                &mut action,
                disk.as_ref(),
            )?;
        }
        let before = disk.map(|disk| disk.contents);
        let after = match (&action, verdict.write) {
            (Action::Refuse(_), _) => Some(Cow::Borrowed(&*file.contents)),
            (_, None) => before.clone().map(Cow::Owned),
            (_, written) => written,
        };
        self.list.push(Change {
            path: path.to_owned(),
            kind: file.kind,
            action,
            before,
            after,
        });
        Ok(())
    }

    /// Puts contents in the place of what is on the disk.
    pub(super) fn replace(
        &mut self,
        path: &str,
        contents: Cow<'t, [u8]>,
        executable: bool,
        action: &mut Action,
        disk: Option<&OnDisk>,
    ) -> Result<(), WriteError> {
        if let Action::Overwrite { saved_as } = action {
            *saved_as = self.free_name(path)?;
            self.work.saves.push((path.to_owned(), saved_as.clone()));
        }
        self.see(path, disk.map(|disk| disk.stamp));
        self.work.writes.push(Write {
            path: path.to_owned(),
            contents,
            executable: executable || disk.is_some_and(|disk| disk.executable),
            durable: matches!(action, Action::Merge | Action::Conflict),
        });
        Ok(())
    }

    pub(super) fn see(&mut self, path: &str, stamp: Option<Stamp>) {
        let moves = self
            .folder
            .moves()
            .iter()
            .any(|moved| is_under(path, &moved.to));
        if !moves {
            self.work.seen.push((path.to_owned(), stamp));
        }
    }

    fn free_name(&self, path: &str) -> Result<String, WriteError> {
        let mut name = format!("{path}.orig");
        let mut number = 0;
        while self.folder.look(&name)? != Found::Nothing || self.tree.get(&name).is_some() {
            number += 1;
            name = format!("{path}.orig.{number}");
        }
        Ok(name)
    }
}
