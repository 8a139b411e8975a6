//! Looks at every path of the tree and of the lock, and gathers what is to be done.

mod carry;
mod dropped;
mod ours;
mod outcome;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use super::apply::Work;
use super::changes::{Action, Change, Changes};
use super::error::WriteError;
use super::folder::{Folder, Stamp};
use super::lock::Entry;
use super::options::Options;
use super::pending::{Known, Pending, gather};
use super::previous::Previous;
use crate::emit::tree::{Kind, Tree};

/// Plans one run.
pub(super) struct Planner<'a, 't> {
    previous: &'a Previous,
    tree: &'t Tree,
    options: &'a Options,
    folder: Folder,
    known: BTreeMap<String, Known>,
    /// Paths that came from elsewhere by a rename.
    carried: BTreeSet<String>,
    /// Where they came from.
    moved_away: Vec<String>,
    /// The removed paths in lower case: on some file systems another spelling of a path is the same file.
    removed_spellings: BTreeSet<String>,
    entries: BTreeMap<String, Entry>,
    pending: Vec<Pending>,
    list: Vec<Change<'t>>,
    work: Work<'t>,
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
            moved_away: Vec::new(),
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

    /// Enters a change that has no contents to show.
    fn push(&mut self, path: &str, kind: Kind, action: Action) {
        self.list.push(Change {
            path: path.to_owned(),
            kind,
            action,
            before: None,
            after: None,
        });
    }

    fn prune_above(&mut self, path: &str) {
        self.work
            .prune
            .extend(path.match_indices('/').map(|(at, _)| path[..at].to_owned()));
    }
}

/// A file on the disk.
struct OnDisk {
    contents: Vec<u8>,
    executable: bool,
    stamp: Stamp,
}
