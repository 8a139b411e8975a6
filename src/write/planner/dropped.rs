//! Paths that an earlier run wrote and the tree does not have.

use std::borrow::Cow;

use super::{OnDisk, Planner};
use crate::emit::tree::Kind;
use crate::write::changes::{Action, Change, Kept, Refusal};
use crate::write::decide::Mode;
use crate::write::digest::Digest;
use crate::write::error::WriteError;
use crate::write::folder::Found;
use crate::write::lock::Entry;
use crate::write::pending::Known;

impl<'t> Planner<'_, 't> {
    /// A path that the tree does not have (any more).
    pub(super) fn drop_path(&mut self, path: &str, known: &Known) -> Result<(), WriteError> {
        let disk = match self.folder.look(path)? {
            Found::File {
                contents,
                executable,
                stamp,
            } => Some(OnDisk {
                contents,
                executable,
                stamp,
            }),
            _ => None,
        };
        let digest = disk.as_ref().map(|disk| Digest::of(&disk.contents));
        let entries = known.entries(digest);
        let Some(first) = entries.first().copied() else {
            return Ok(());
        };
        if first.kind == Kind::Frozen && self.tree.keeps_frozen(path) {
            return self.keep_frozen(path, first, disk);
        }
        self.prune_above(path);
        match disk {
            None => {}
            Some(disk) if entries.iter().any(|entry| Some(entry.base) == digest) => {
                self.work.removals.insert(path.to_owned());
                self.removed_spellings.insert(path.to_lowercase());
                self.see(path, Some(disk.stamp));
                let before = Some(disk.contents);
                self.list.push(Change {
                    path: path.to_owned(),
                    kind: first.kind,
                    action: Action::Remove,
                    before,
                    after: None,
                });
            }
            Some(_) => self.push(path, first.kind, Action::Keep(Kept::Dropped)),
        }
        Ok(())
    }

    /// A frozen file that stays although it is not rendered again.
    fn keep_frozen(
        &mut self,
        path: &str,
        entry: Entry,
        disk: Option<OnDisk>,
    ) -> Result<(), WriteError> {
        self.entries.insert(path.to_owned(), entry);
        if disk
            .as_ref()
            .is_some_and(|disk| Digest::of(&disk.contents) == entry.base)
        {
            return Ok(());
        }
        let base = self.previous.bases.load(entry.base);
        let mut action = match (&disk, &base) {
            (None, None) => return Ok(()),
            (None, Some(_)) => Action::Restore,
            (Some(_), Some(_)) if self.options.mode == Mode::Force => Action::Overwrite {
                saved_as: String::new(),
            },
            (Some(_), _) => Action::Refuse(Refusal::Frozen),
        };
        let after: Option<Cow<'t, [u8]>> = base.map(Cow::Owned);
        if let Some(contents) = after
            .clone()
            .filter(|_| !matches!(action, Action::Refuse(_)))
        {
            self.replace(path, contents, false, &mut action, disk.as_ref())?;
        }
        let before = disk.map(|disk| disk.contents);
        self.list.push(Change {
            path: path.to_owned(),
            kind: Kind::Frozen,
            action,
            before,
            after,
        });
        Ok(())
    }
}
