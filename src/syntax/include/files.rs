//! Where files come from: the disk, or memory in tests.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// A place to read files from.
pub trait Files {
    /// Whether this is a folder.
    fn is_dir(&self, path: &Path) -> bool;

    /// Whether this is there.
    fn exists(&self, path: &Path) -> bool;

    /// Reads a file; of one that is larger than `limit`, a little more than that.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Reads standard input, like a file.
    ///
    /// # Errors
    /// When it cannot be read.
    fn stdin(&self, limit: u64) -> io::Result<Vec<u8>>;

    /// The files that match a pattern relative to a folder, sorted.
    ///
    /// # Errors
    /// When the pattern is none; the text says why.
    fn glob(&self, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String>;

    /// A path that two names of one file have in common.
    fn identity(&self, path: &Path) -> PathBuf;
}

/// How the patterns of includes match.
pub const OPTIONS: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The real disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = fs::File::open(path)?;
        // What is no plain file has another length than it tells, or none.
        let length = file.metadata().map_or(0, |about| about.len().min(limit));
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn stdin(&self, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn glob(&self, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let folder = glob::Pattern::escape(&folder.to_string_lossy());
        let full = if folder.is_empty() || Path::new(pattern).is_absolute() {
            pattern.to_owned()
        } else {
            format!("{folder}/{pattern}")
        };
        // Found paths do not say `.`, and would not match.
        let full = full.replace("/./", "/");
        let full = full.trim_start_matches("./");
        let pattern = glob::Pattern::new(full).map_err(|error| error.msg.to_owned())?;
        let mut found: Vec<PathBuf> = match above(full) {
            Some(top) => named(top)?
                .iter()
                .flat_map(|top| below(top, &pattern))
                .collect(),
            None => named(full)?,
        };
        found.retain(|path| !path.is_dir());
        found.sort();
        found.dedup();
        Ok(found)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
    }
}

/// What of a pattern stands before its first `**`.
fn above(pattern: &str) -> Option<&str> {
    let mut at = 0;
    for segment in pattern.split('/') {
        if segment == "**" {
            let above = &pattern[..at];
            return Some(match above.trim_end_matches('/') {
                "" => above,
                top => top,
            });
        }
        at += segment.len() + 1;
    }
    None
}

/// What matches a pattern without `**`; the empty one is the folder where we are.
fn named(pattern: &str) -> Result<Vec<PathBuf>, String> {
    if !pattern.contains(['*', '?', '[']) {
        let path = PathBuf::from(pattern);
        let there = pattern.is_empty() || path.exists();
        return Ok(if there { vec![path] } else { Vec::new() });
    }
    let paths = glob::glob_with(pattern, OPTIONS).map_err(|error| error.msg.to_owned())?;
    Ok(paths.filter_map(Result::ok).collect())
}

/// What matches below a folder. No link to a folder is followed there: links may lead round in circles, and to one file by many ways.
fn below(top: &Path, pattern: &glob::Pattern) -> Vec<PathBuf> {
    let here = top.as_os_str().is_empty();
    let root = if here { Path::new(".") } else { top };
    // What is hidden is meant only where it is named.
    let hidden = pattern.as_str().contains("/.");
    let seen = |entry: &walkdir::DirEntry| {
        hidden || entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let entries = walkdir::WalkDir::new(root).into_iter().filter_entry(seen);
    let paths = entries.filter_map(Result::ok).filter_map(|entry| {
        let path = entry.path();
        let path = if here {
            path.strip_prefix(root).ok()?
        } else {
            path
        };
        Some(path.to_path_buf())
    });
    paths
        .filter(|path| pattern.matches_path_with(path, OPTIONS))
        .collect()
}

/// Files in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    input: Vec<u8>,
}

impl Memory {
    /// Adds a file.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.insert(PathBuf::from(path), bytes.into());
    }

    /// Sets what standard input gives.
    pub fn set_stdin(&mut self, bytes: impl Into<Vec<u8>>) {
        self.input = bytes.into();
    }
}

/// Resolves `.` and `..` by name alone.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

impl Files for Memory {
    fn is_dir(&self, path: &Path) -> bool {
        let path = plain(path);
        self.files
            .keys()
            .any(|file| file != &path && file.starts_with(&path))
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(&plain(path))
    }

    fn read(&self, path: &Path, _: u64) -> io::Result<Vec<u8>> {
        self.files
            .get(&plain(path))
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn stdin(&self, _: u64) -> io::Result<Vec<u8>> {
        Ok(self.input.clone())
    }

    fn glob(&self, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let full =
            plain(&Path::new(&glob::Pattern::escape(&folder.to_string_lossy())).join(pattern));
        let pattern =
            glob::Pattern::new(&full.to_string_lossy()).map_err(|error| error.msg.to_owned())?;
        Ok(self
            .files
            .keys()
            .filter(|path| pattern.matches_path_with(path, OPTIONS))
            .cloned()
            .collect())
    }

    fn identity(&self, path: &Path) -> PathBuf {
        plain(path)
    }
}
