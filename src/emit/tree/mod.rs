//! The tree in memory: every file that should exist, by its path, with what kind of file it is.
//!
//! A `Tree` is sound by construction: its paths stay inside the folder, mean the same on every
//! file system, and never clash with each other. `write` relies on that.

mod path;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

pub use path::{PathFault, check_path, is_under};

/// What may happen to a file after it was written for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Ours: kept up to date.
    Generated,
    /// Written once, then the user's.
    Scaffolded,
    /// Written once, never rewritten, and not to be edited: a migration.
    Frozen,
    /// Written once, then another tool's (`Cargo.lock`): never compared.
    Seeded,
}

impl Kind {
    /// The word for this kind in the lock and in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Scaffolded => "scaffolded",
            Self::Frozen => "frozen",
            Self::Seeded => "seeded",
        }
    }

    /// The kind that a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Generated,
            Self::Scaffolded,
            Self::Frozen,
            Self::Seeded,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What may happen to it later.
    pub kind: Kind,
    /// Its bytes; borrowed where they are part of the program (the vendored runtime).
    pub contents: Cow<'static, [u8]>,
    /// Whether it can be run.
    pub executable: bool,
}

impl File {
    /// A file of a kind.
    pub fn new(kind: Kind, contents: impl Into<Contents>) -> Self {
        Self {
            kind,
            contents: contents.into().0,
            executable: false,
        }
    }

    /// A file that is kept up to date.
    pub fn generated(contents: impl Into<Contents>) -> Self {
        Self::new(Kind::Generated, contents)
    }

    /// A file that is written once and then the user's.
    pub fn scaffolded(contents: impl Into<Contents>) -> Self {
        Self::new(Kind::Scaffolded, contents)
    }

    /// A file that is written once and never rewritten.
    pub fn frozen(contents: impl Into<Contents>) -> Self {
        Self::new(Kind::Frozen, contents)
    }

    /// A file that is written once and then another tool's.
    pub fn seeded(contents: impl Into<Contents>) -> Self {
        Self::new(Kind::Seeded, contents)
    }

    /// The same file, made to be run.
    #[must_use]
    pub fn executable(mut self) -> Self {
        self.executable = true;
        self
    }
}

/// Bytes for a file, from whatever a renderer has at hand.
#[derive(Debug, Clone)]
pub struct Contents(Cow<'static, [u8]>);

impl From<String> for Contents {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text.into_bytes()))
    }
}

impl From<Vec<u8>> for Contents {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }
}

impl From<&'static str> for Contents {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }
}

impl From<&'static [u8]> for Contents {
    fn from(bytes: &'static [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

/// A folder (or file) that the architecture renamed: what stands there moves along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where it was.
    pub from: String,
    /// Where it is now.
    pub to: String,
}

/// Every file that should exist, sorted by path.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: BTreeMap<String, File>,
    /// Paths in lower case → as given: what a case-insensitive file system would see.
    folded: BTreeMap<String, String>,
    moves: Vec<Move>,
    kept_frozen: Vec<String>,
}

impl Tree {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. The path is relative, with `/` between its parts.
    ///
    /// # Errors
    /// When the path is unfit, taken, or a folder of (or inside) another file, upper and lower case being the same.
    pub fn insert(&mut self, path: impl Into<String>, file: File) -> Result<(), TreeError> {
        let path = path.into();
        check_path(&path).map_err(|fault| TreeError::Path {
            path: path.clone(),
            fault,
        })?;
        let folded = path.to_lowercase();
        if let Some(other) = self.clash(&folded) {
            return Err(TreeError::Clash {
                path,
                other: other.to_owned(),
            });
        }
        self.folded.insert(folded, path.clone());
        self.files.insert(path, file);
        Ok(())
    }

    fn clash(&self, folded: &str) -> Option<&str> {
        let parents = folded.match_indices('/').map(|(at, _)| &folded[..at]);
        let inside = format!("{folded}/");
        parents
            .chain([folded])
            .find_map(|path| self.folded.get(path))
            .or_else(|| {
                let (path, given) = self.folded.range(inside.clone()..).next()?;
                path.starts_with(&inside).then_some(given)
            })
            .map(String::as_str)
    }

    /// Says that what stands at `from` is now at `to`: the user's files there move along.
    ///
    /// # Errors
    /// When one of the paths is unfit.
    pub fn moved(
        &mut self,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Result<(), TreeError> {
        let (from, to) = (from.into(), to.into());
        for path in [&from, &to] {
            check_path(path).map_err(|fault| TreeError::Path {
                path: path.clone(),
                fault,
            })?;
        }
        if from != to {
            self.moves.push(Move { from, to });
        }
        Ok(())
    }

    /// Says that frozen files that were written under this folder before are still wanted, as they are.
    pub fn keep_frozen_under(&mut self, folder: impl Into<String>) {
        self.kept_frozen.push(folder.into());
    }

    /// The files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// The files of a folder, sorted by path; it ends in `/`.
    pub fn under<'t>(&'t self, folder: &'t str) -> impl Iterator<Item = (&'t str, &'t File)> {
        let from = (Bound::Included(folder), Bound::Unbounded);
        self.files
            .range::<str, _>(from)
            .map(|(path, file)| (path.as_str(), file))
            .take_while(move |(path, _)| path.starts_with(folder))
    }

    /// The file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What the architecture renamed.
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Whether a frozen file at this path stays although the tree does not name it.
    #[must_use]
    pub fn keeps_frozen(&self, path: &str) -> bool {
        self.kept_frozen.iter().any(|folder| is_under(path, folder))
    }
}

/// Why a file cannot be added to a tree.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The path is unfit.
    #[error("`{path}` is not a path that can be generated: {fault}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// The path is taken, in this or another case, or needs a folder where the other is a file.
    #[error(
        "`{path}` and `{other}` cannot both be generated: on some file systems they are the same place"
    )]
    Clash {
        /// The path to add.
        path: String,
        /// The path that is there already.
        other: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(tree: &mut Tree, path: &str) -> Result<(), TreeError> {
        tree.insert(path, File::generated("x"))
    }

    #[test]
    fn a_path_that_leaves_the_folder_is_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "C:/a",
            "a\nb",
            ".msarch/lock",
            ".GIT/config",
        ] {
            assert!(
                matches!(add(&mut Tree::new(), path), Err(TreeError::Path { .. })),
                "{path:?}"
            );
        }
    }

    #[test]
    fn paths_that_are_one_on_a_case_insensitive_file_system_clash() {
        let mut tree = Tree::new();
        add(&mut tree, "src/Order.rs").unwrap();
        assert!(matches!(
            add(&mut tree, "src/order.rs"),
            Err(TreeError::Clash { .. })
        ));
        assert!(matches!(
            add(&mut tree, "SRC"),
            Err(TreeError::Clash { .. })
        ));
        assert!(matches!(
            add(&mut tree, "src/order.RS/x"),
            Err(TreeError::Clash { .. })
        ));
        add(&mut tree, "src/Order.rs.bak").unwrap();
        assert_eq!(tree.len(), 2);
    }

    #[test]
    fn a_folder_does_not_hold_its_longer_namesake() {
        assert!(is_under("services/orders/src", "services/orders"));
        assert!(is_under("services/orders", "services/orders/"));
        assert!(!is_under("services/orders-archive/src", "services/orders"));
    }
}
