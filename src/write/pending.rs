//! The note that a run leaves before it touches the first file, and takes away when its lock is in place.
//!
//! A killed run leaves a mixture of old and new files. With the lock alone, the next run would take the new ones
//! for edited ones. One line per path says what stood there and what the lock would have said:
//! `<sha256 of what stood there, or -> <line of the lock>`.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::lock::{Entry, Lock};

/// What an interrupted run was about to enter for a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) path: String,
    /// What stood there when that run looked.
    pub(super) before: Option<Digest>,
    pub(super) entry: Entry,
}

impl Pending {
    pub(super) fn line(&self) -> String {
        let before = self
            .before
            .map_or_else(|| "-".to_owned(), |digest| digest.to_string());
        format!("{before} {}", self.entry.line(&self.path))
    }
}

/// Reads the note; a line that makes no sense is left out.
pub(super) fn parse(text: &str) -> Vec<Pending> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Pending> {
    let (before, rest) = line.split_once(' ')?;
    let before = if before == "-" {
        None
    } else {
        Some(Digest::parse(before)?)
    };
    let (path, entry) = Entry::parse(rest)?;
    Some(Pending {
        path,
        before,
        entry,
    })
}

/// All that is known of one path: after a killed run or a bad merge, more than the lock's one entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The lock's own entry.
    pub(super) locked: Option<Entry>,
    doubles: Vec<Entry>,
    pending: Vec<Pending>,
}

impl Known {
    /// Adds what is known of the path that moved here.
    pub(super) fn absorb(&mut self, moved: Self) {
        self.locked = self.locked.or(moved.locked);
        self.doubles.extend(moved.doubles);
        self.pending.extend(moved.pending);
    }

    /// The entries that may be true of a file with these contents, the lock's first.
    pub(super) fn entries(&self, contents: Option<Digest>) -> Vec<Entry> {
        // What still has the contents that the interrupted run saw was not yet written by it.
        let written = self
            .pending
            .iter()
            .filter(|pending| contents.is_none() || pending.before != contents);
        let mut entries: Vec<Entry> = Vec::new();
        for entry in self
            .locked
            .iter()
            .chain(&self.doubles)
            .chain(written.map(|pending| &pending.entry))
        {
            if !entries.contains(entry) {
                entries.push(*entry);
            }
        }
        entries
    }
}

/// Brings together what is known of each path.
pub(super) fn gather(lock: &Lock, pending: &[Pending]) -> BTreeMap<String, Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for (path, entry) in &lock.entries {
        known.entry(path.clone()).or_default().locked = Some(*entry);
    }
    for (path, entry) in &lock.doubles {
        known.entry(path.clone()).or_default().doubles.push(*entry);
    }
    for entry in pending {
        known
            .entry(entry.path.clone())
            .or_default()
            .pending
            .push(entry.clone());
    }
    known
}
