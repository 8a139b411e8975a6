//! What the lock will say, and all that follows from it.

use super::Planner;
use crate::emit::tree::{Kind, is_under};
use crate::write::changes::Changes;
use crate::write::lock::Lock;
use crate::write::pending::Pending;

impl<'t> Planner<'_, 't> {
    pub(super) fn finish(mut self) -> Changes<'t> {
        let previous = self.previous;
        let left = self.left_pending();
        for (path, entry) in &previous.lock.entries {
            let moved = self.moved_away.iter().any(|folder| is_under(path, folder));
            if !moved && !self.options.covers(path) {
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
