//! What of the new version is what of the old one: by name, and else by the name that it had before.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::name::Name;

/// Things that are there before and now.
#[derive(Debug)]
pub(super) struct Pairs<I> {
    /// Before and now, in the order of the new file.
    pub(super) kept: Vec<(I, I)>,
    /// Only before.
    pub(super) gone: Vec<I>,
    /// Only now.
    pub(super) added: Vec<I>,
    now: BTreeMap<I, I>,
}

impl<I: Copy + Ord> Pairs<I> {
    /// Pairs the things of two versions: each with its name, and the new with what they were called before.
    pub(super) fn of<'n>(
        old: impl Iterator<Item = (I, &'n Name)>,
        new: impl Iterator<Item = (I, &'n Name, Option<&'n Name>)>,
    ) -> Self {
        let old: Vec<(I, &Name)> = old.collect();
        let new: Vec<(I, &Name, Option<&Name>)> = new.collect();
        let known: BTreeMap<&str, I> = old.iter().map(|(id, name)| (name.snake(), *id)).collect();
        let names: BTreeSet<&str> = new.iter().map(|(_, name, _)| name.snake()).collect();
        let mut taken = BTreeSet::new();
        let (mut kept, mut added) = (Vec::new(), Vec::new());
        for (id, name, before) in &new {
            let same = known.get(name.snake());
            // A name that is still in use belongs to who uses it.
            let before = before.filter(|before| !names.contains(before.snake()));
            let was = same.or_else(|| known.get(before?.snake()));
            match was {
                Some(was) if taken.insert(*was) => kept.push((*was, *id)),
                _ => added.push(*id),
            }
        }
        Self {
            now: kept.iter().copied().collect(),
            gone: old
                .into_iter()
                .map(|(id, _)| id)
                .filter(|id| !taken.contains(id))
                .collect(),
            kept,
            added,
        }
    }

    /// The same with pairs that are known otherwise.
    pub(super) fn with(mut self, known: impl IntoIterator<Item = (I, I)>) -> Self {
        self.kept.extend(known);
        self.kept.sort_by_key(|(_, new)| *new);
        self.now = self.kept.iter().copied().collect();
        self
    }

    /// What something of the old version is now.
    pub(super) fn now(&self, old: I) -> Option<I> {
        self.now.get(&old).copied()
    }
}
