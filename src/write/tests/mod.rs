//! Tests of the whole floor, on real folders.

mod creates;
mod edits;
mod kills;
mod properties;
mod records;
mod safety;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::emit::tree::{File, Kind, Tree};

/// An output folder that tests generate into.
pub(super) struct Out {
    dir: TempDir,
}

impl Out {
    pub(super) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn put(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.root().join(path).exists()
    }

    pub(super) fn delete(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    /// Generates, and tells what it did: `word path` per change.
    pub(super) fn run(&self, tree: &Tree, mode: Mode) -> Result<Vec<String>, WriteError> {
        self.run_with(
            tree,
            &Options {
                mode,
                ..Options::default()
            },
            false,
        )
    }

    pub(super) fn run_with(
        &self,
        tree: &Tree,
        options: &Options,
        rebuild: bool,
    ) -> Result<Vec<String>, WriteError> {
        let previous = Previous::read(self.root(), rebuild)?;
        let changes = plan(&previous, tree, options)?;
        changes.apply(&kills::DyingDisk::immortal())?;
        Ok(words(&changes))
    }

    /// Generates where nothing stands in the way.
    pub(super) fn generate(&self, tree: &Tree) -> Vec<String> {
        self.run(tree, Mode::Refuse).unwrap()
    }

    /// Every file in the folder, `.msarch` included.
    pub(super) fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        snapshot(self.root())
    }
}

pub(super) fn snapshot(root: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let path = entry
                .path()
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (path, fs::read(entry.path()).unwrap_or_default())
        })
        .collect()
}

pub(super) fn words(changes: &Changes<'_>) -> Vec<String> {
    changes
        .list()
        .iter()
        .map(|change| {
            change
                .to_string()
                .split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

pub(super) fn tree(files: &[(&str, Kind, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, kind, text) in files {
        tree.insert(*path, File::new(*kind, (*text).to_owned()))
            .unwrap();
    }
    tree
}

pub(super) fn generated(files: &[(&str, &str)]) -> Tree {
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (*path, Kind::Generated, *text))
        .collect();
    tree(&files)
}
