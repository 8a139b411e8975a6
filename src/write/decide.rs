//! What to do about one path: a pure function of its kind, its render, what is on the disk and what is known of it.

use std::borrow::Cow;

use super::changes::{Action, Kept, Refusal};
use super::digest::Digest;
use super::lock::{Edit, Entry};
use super::merge::{distance, has_markers, is_binary, merge};
use super::previous::Bases;
use crate::emit::tree::{File, Kind};

/// What to do about files that a person has edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Write nothing at all if one would be overwritten.
    #[default]
    Refuse,
    /// Merge the new contents into them, with conflict markers where both sides changed the same lines.
    Merge,
    /// Overwrite them, and keep what was there beside, as `.orig`.
    Force,
}

/// All that bears on one path of the tree.
pub(super) struct Case<'a, 't> {
    pub(super) file: &'t File,
    /// The hash of the render.
    pub(super) digest: Digest,
    /// What is on the disk.
    pub(super) disk: Option<&'a [u8]>,
    /// The lock's entry.
    pub(super) locked: Option<Entry>,
    /// Every entry that may be true of what is on the disk, the lock's first.
    pub(super) entries: &'a [Entry],
    /// Whether it came here by a rename in the architecture.
    pub(super) carried: bool,
    /// Whether the lock is being rebuilt: then a file that it does not know may still be ours.
    pub(super) mending: bool,
    pub(super) mode: Mode,
    pub(super) bases: &'a Bases,
}

/// The decision.
pub(super) struct Verdict<'t> {
    /// What to tell; `None` when the file is as it should be.
    pub(super) action: Option<Action>,
    /// What to write.
    pub(super) write: Option<Cow<'t, [u8]>>,
    /// What the lock will say; `None` leaves its entry as it is.
    pub(super) entry: Option<Entry>,
}

impl<'t> Verdict<'t> {
    fn stay(entry: Entry) -> Self {
        Self {
            action: None,
            write: None,
            entry: Some(entry),
        }
    }

    fn keep(kept: Kept, entry: Entry) -> Self {
        Self {
            action: Some(Action::Keep(kept)),
            write: None,
            entry: Some(entry),
        }
    }

    fn refuse(refusal: Refusal) -> Self {
        Self {
            action: Some(Action::Refuse(refusal)),
            write: None,
            entry: None,
        }
    }

    /// The same entry in the lock, but the file is written.
    pub(super) fn but_write(self, action: Action, contents: Vec<u8>) -> Self {
        Self {
            action: Some(action),
            write: Some(contents.into()),
            entry: self.entry,
        }
    }

    fn write(action: Action, contents: Cow<'t, [u8]>, entry: Entry) -> Self {
        Self {
            action: Some(action),
            write: Some(contents),
            entry: Some(entry),
        }
    }
}

/// Decides about a path of the tree.
pub(super) fn decide<'t>(case: &Case<'_, 't>) -> Verdict<'t> {
    match (case.disk, case.file.kind) {
        (None, Kind::Frozen) => case.put_back(),
        (None, _) => Verdict::write(case.first_or_again(), case.render(), case.fresh(Edit::None)),
        (Some(disk), _) if disk == case.render().as_ref() => Verdict::stay(case.fresh(Edit::None)),
        (Some(disk), Kind::Generated) => case.generated(disk),
        (Some(disk), Kind::Scaffolded) => case.scaffolded(disk),
        (Some(disk), Kind::Frozen) => case.frozen(disk),
        (Some(_), Kind::Seeded) => Verdict::stay(case.first_entry()),
    }
}

impl<'t> Case<'_, 't> {
    fn render(&self) -> Cow<'t, [u8]> {
        Cow::Borrowed(&self.file.contents)
    }

    fn fresh(&self, edit: Edit) -> Entry {
        Entry {
            kind: self.file.kind,
            base: self.digest,
            edit,
        }
    }

    /// The entry of the first write.
    fn first_entry(&self) -> Entry {
        self.entries
            .first()
            .map_or(self.fresh(Edit::None), |entry| self.entry_of(entry.base))
    }

    fn entry_of(&self, base: Digest) -> Entry {
        Entry {
            kind: self.file.kind,
            base,
            edit: Edit::None,
        }
    }

    fn first_or_again(&self) -> Action {
        if self.entries.is_empty() {
            Action::Create
        } else {
            Action::Restore
        }
    }

    fn was_rendered(&self, disk: Digest) -> bool {
        self.entries.iter().any(|entry| entry.base == disk)
    }

    fn generated(&self, disk: &[u8]) -> Verdict<'t> {
        let digest = Digest::of(disk);
        let has = |edit| self.entries.contains(&self.fresh(edit));
        if self.was_rendered(digest) {
            return Verdict::write(Action::Update, self.render(), self.fresh(Edit::None));
        }
        if self.mode == Mode::Force {
            return self.overwrite(self.render(), self.fresh(Edit::None));
        }
        if has(Edit::Settled(digest)) {
            return Verdict::keep(Kept::Settled, self.fresh(Edit::Settled(digest)));
        }
        let unresolved = has_markers(disk) && !has_markers(&self.file.contents);
        if unresolved && has(Edit::Conflicted) {
            return Verdict::keep(Kept::Unresolved, self.fresh(Edit::Conflicted));
        }
        if unresolved {
            return Verdict::refuse(Refusal::Unresolved);
        }
        if self.locked == Some(self.fresh(Edit::Conflicted)) {
            return Verdict {
                action: Some(Action::Adopt),
                write: None,
                entry: Some(self.fresh(Edit::Settled(digest))),
            };
        }
        match self.mode {
            Mode::Merge if is_binary(disk) || is_binary(&self.file.contents) => {
                Verdict::refuse(Refusal::Binary)
            }
            Mode::Merge => self.merge(disk, digest),
            _ if self.entries.is_empty() && !self.mending => Verdict::refuse(Refusal::Foreign),
            _ => Verdict::refuse(Refusal::Edited),
        }
    }

    fn merge(&self, disk: &[u8], digest: Digest) -> Verdict<'t> {
        let merged = merge(
            self.closest_base(disk).as_deref(),
            disk,
            &self.file.contents,
        );
        if merged.conflict {
            return Verdict::write(
                Action::Conflict,
                merged.contents.into(),
                self.fresh(Edit::Conflicted),
            );
        }
        if merged.contents == disk {
            return Verdict {
                action: Some(Action::Adopt),
                write: None,
                entry: Some(self.fresh(Edit::Settled(digest))),
            };
        }
        let edit = match Digest::of(&merged.contents) {
            same if same == self.digest => Edit::None,
            other => Edit::Settled(other),
        };
        Verdict::write(Action::Merge, merged.contents.into(), self.fresh(edit))
    }

    /// The render that the user most likely began to edit.
    fn closest_base(&self, disk: &[u8]) -> Option<Vec<u8>> {
        let bases = self
            .entries
            .iter()
            .filter_map(|entry| self.bases.load(entry.base));
        bases.min_by_key(|base| distance(base, disk))
    }

    fn scaffolded(&self, disk: &[u8]) -> Verdict<'t> {
        let digest = Digest::of(disk);
        if self.entries.is_empty() {
            return Verdict::keep(Kept::Existing, self.fresh(Edit::None));
        }
        let untouched = self.was_rendered(digest);
        if !self.carried {
            return Verdict::stay(if untouched {
                self.entry_of(digest)
            } else {
                self.first_entry()
            });
        }
        // A rename changes names in it that other files rely on.
        if untouched {
            return Verdict::write(Action::Update, self.render(), self.fresh(Edit::None));
        }
        let mergeable = !is_binary(disk) && !is_binary(&self.file.contents);
        if let Some(base) = self.closest_base(disk).filter(|_| mergeable) {
            let merged = merge(Some(&base), disk, &self.file.contents);
            if merged.contents == disk {
                return Verdict::stay(self.fresh(Edit::None));
            }
            if !merged.conflict {
                return Verdict::write(
                    Action::Merge,
                    merged.contents.into(),
                    self.fresh(Edit::None),
                );
            }
        }
        Verdict::keep(Kept::Carried, self.fresh(Edit::None))
    }

    fn frozen(&self, disk: &[u8]) -> Verdict<'t> {
        let digest = Digest::of(disk);
        if self.was_rendered(digest) {
            return Verdict::stay(self.entry_of(digest));
        }
        match self.mode {
            Mode::Force => {
                let (contents, entry) = self.as_first_written();
                self.overwrite(contents, entry)
            }
            _ if self.entries.is_empty() && !self.mending => Verdict::refuse(Refusal::Foreign),
            _ => Verdict::refuse(Refusal::Frozen),
        }
    }

    fn put_back(&self) -> Verdict<'t> {
        let (contents, entry) = self.as_first_written();
        Verdict::write(self.first_or_again(), contents, entry)
    }

    /// A frozen file as it was written once, whatever the render would be today.
    fn as_first_written(&self) -> (Cow<'t, [u8]>, Entry) {
        self.entries
            .iter()
            .find_map(|entry| {
                Some((
                    Cow::Owned(self.bases.load(entry.base)?),
                    self.entry_of(entry.base),
                ))
            })
            .unwrap_or_else(|| (self.render(), self.fresh(Edit::None)))
    }

    /// The planner fills in where the old file is kept.
    fn overwrite(&self, contents: Cow<'t, [u8]>, entry: Entry) -> Verdict<'t> {
        Verdict::write(
            Action::Overwrite {
                saved_as: String::new(),
            },
            contents,
            entry,
        )
    }
}
