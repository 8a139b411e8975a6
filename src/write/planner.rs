//! Looks at every path of the tree and of the lock, and gathers what is to be done.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::apply::{Work, Write};
use super::changes::{Action, Change, Changes, Kept, Refusal};
use super::decide::{Case, Mode, Verdict, decide};
use super::digest::Digest;
use super::error::WriteError;
use super::folder::{Folder, Found, Stamp};
use super::lock::{Entry, Lock};
use super::options::Options;
use super::pending::{Known, Pending, gather};
use super::previous::Previous;
use crate::emit::tree::{File, Kind, Move, Tree, is_under};

/// Plans one run.
pub(super) struct Planner<'a, 't> {
    previous: &'a Previous,
    tree: &'t Tree,
    options: &'a Options,
    folder: Folder,
    known: BTreeMap<String, Known>,
    /// Paths that came from elsewhere by a rename.
    carried: BTreeSet<String>,
    /// The removed paths in lower case: on some file systems another spelling of a path is the same file.
    removed_spellings: BTreeSet<String>,
    entries: BTreeMap<String, Entry>,
    pending: Vec<Pending>,
    list: Vec<Change<'t>>,
    work: Work<'t>,
}

/// A file on the disk.
struct OnDisk {
    contents: Vec<u8>,
    executable: bool,
    stamp: Stamp,
}

impl<'a, 't> Planner<'a, 't> {
    pub(super) fn new(
        previous: &'a Previous,
        tree: &'t Tree,
        options: &'a Options,
    ) -> Result<Self, WriteError> {
        Ok(Self {
            folder: Folder::open(&previous.root)?,
            known: gather(&previous.lock, &previous.pending),
            carried: BTreeSet::new(),
            removed_spellings: BTreeSet::new(),
            entries: BTreeMap::new(),
            pending: Vec::new(),
            list: Vec::new(),
            work: Work::default(),
            previous,
            tree,
            options,
        })
    }

    pub(super) fn plan(mut self) -> Result<Changes<'t>, WriteError> {
        self.check_ours()?;
        for moved in self.tree.moves() {
            self.carry(moved)?;
        }
        let known = std::mem::take(&mut self.known);
        for (path, known) in known
            .iter()
            .filter(|(path, _)| self.tree.get(path).is_none())
        {
            if self.options.covers(path) {
                self.drop_path(path, known)?;
            }
        }
        let unknown = Known::default();
        for (path, file) in self
            .tree
            .iter()
            .filter(|(path, _)| self.options.covers(path))
        {
            self.place(path, file, known.get(path).unwrap_or(&unknown))?;
        }
        Ok(self.finish())
    }

    /// A folder with somebody's other work is not generated into.
    fn check_ours(&self) -> Result<(), WriteError> {
        let root = self.folder.root();
        let holds_input =
            self.options.inputs.iter().any(|input| {
                std::fs::canonicalize(input).is_ok_and(|input| input.starts_with(root))
            });
        if self.previous.exists()
            || self.previous.mending
            || self.options.mode == Mode::Force
            || holds_input
        {
            return Ok(());
        }
        let mut found = self.folder.top()?;
        found.retain(|name| !belongs_to_any_project(name) && self.tree.get(name).is_none());
        if found.is_empty() {
            Ok(())
        } else {
            Err(WriteError::NotOurs {
                root: root.to_owned(),
                found,
            })
        }
    }

    /// What the architecture renamed moves along, with all that the user put there.
    fn carry(&mut self, moved: &Move) -> Result<(), WriteError> {
        if !self.options.covers(&moved.to) {
            return Ok(());
        }
        let old: Vec<String> = self
            .known
            .keys()
            .filter(|path| is_under(path, &moved.from))
            .cloned()
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        let there = |path: &str| Ok(self.folder.look(path)? != Found::Nothing);
        match (there(&moved.from)?, there(&moved.to)?) {
            (true, true) => {
                return Err(WriteError::BothExist {
                    from: moved.from.clone(),
                    to: moved.to.clone(),
                });
            }
            (true, false) => {
                self.folder.pretend(moved.clone());
                self.push(
                    &moved.to,
                    Kind::Generated,
                    Action::Move {
                        from: moved.from.clone(),
                    },
                );
                self.prune_above(&moved.from);
                self.work.moves.push(moved.clone());
            }
            (false, _) => {}
        }
        for path in old {
            let Some(known) = self.known.remove(&path) else {
                continue;
            };
            let path = format!("{}{}", moved.to, &path[moved.from.len()..]);
            self.known.entry(path.clone()).or_insert(known);
            self.carried.insert(path);
        }
        Ok(())
    }

    fn push(&mut self, path: &str, kind: Kind, action: Action) {
        self.list.push(Change {
            path: path.to_owned(),
            kind,
            action,
            before: None,
            after: None,
        });
    }

    /// A path that the tree does not have (any more).
    fn drop_path(&mut self, path: &str, known: &Known) -> Result<(), WriteError> {
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

    /// A path of the tree.
    fn place(&mut self, path: &str, file: &'t File, known: &Known) -> Result<(), WriteError> {
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
            Found::Folder if self.folder.files_below(path).iter().all(|file| gone(file)) => {
                Ok(None)
            }
            Found::Folder => blocked(path),
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
    fn replace(
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

    fn see(&mut self, path: &str, stamp: Option<Stamp>) {
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

    fn prune_above(&mut self, path: &str) {
        self.work
            .prune
            .extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
    }

    fn finish(mut self) -> Changes<'t> {
        let previous = self.previous;
        let left = self.left_pending();
        for (path, entry) in &previous.lock.entries {
            if !self.options.covers(path) {
                self.entries.entry(path.clone()).or_insert(*entry);
            }
        }
        let sections = self.options.sections.clone();
        let lock = Lock {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            entries: self.entries,
            doubles: Vec::new(),
            sections: sections.unwrap_or_else(|| previous.lock.sections.clone()),
        };
        let held = lock
            .entries
            .values()
            .chain(left.iter().map(|pending| &pending.entry));
        let used = held
            .filter(|entry| entry.kind != Kind::Seeded)
            .map(|entry| entry.base)
            .collect();
        let text = lock.render();
        let lock_differs = previous.text.is_none() || lock.entries != previous.lock.entries;
        let mut work = self.work;
        work.root = self.folder.root().to_owned();
        work.pending = self
            .pending
            .iter()
            .chain(&previous.pending)
            .map(Pending::line)
            .collect();
        work.still_pending = (!left.is_empty()).then(|| left.iter().map(Pending::line).collect());
        work.interrupted = previous.interrupted;
        work.lock = (previous.text.as_ref() != Some(&text)).then_some(text);
        work.unused = previous.bases.unused(&used);
        work.leftovers = previous.leftovers.clone();
        work.bases.sort_by_key(|(digest, _)| *digest);
        work.bases.dedup_by_key(|(digest, _)| *digest);
        self.list.sort_by(|left, right| left.path.cmp(&right.path));
        Changes {
            list: self.list,
            work,
            lock_differs,
        }
    }

    /// What is still unsettled of paths that this run does not cover.
    fn left_pending(&self) -> Vec<Pending> {
        let lock = &self.previous.lock;
        let doubles = lock.doubles.iter().map(|(path, entry)| Pending {
            path: path.clone(),
            before: None,
            entry: *entry,
        });
        let all = self.previous.pending.iter().cloned().chain(doubles);
        all.filter(|pending| !self.options.covers(&pending.path))
            .collect()
    }
}

/// Whether a name at the top of a folder says nothing about what the folder is for.
fn belongs_to_any_project(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        ".msarch",
        ".git",
        ".gitignore",
        ".gitattributes",
        ".github",
        ".gitlab-ci.yml",
        ".editorconfig",
        ".vscode",
        ".idea",
        ".DS_Store",
    ];
    NAMES.contains(&name)
        || name.starts_with("README")
        || name.starts_with("LICENSE")
        || name.starts_with("architecture.")
        || name.ends_with(".md")
}
