//! Older versions of an architecture: in another file, or in git.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Error;
use super::git::Commit;
use crate::graph::evolution::Older;
use crate::model::{Model, lower};
use crate::syntax::document;
use crate::syntax::include::{DEFAULT_FILE, Disk, load};

/// How a version in git begins.
const GIT: &str = "git:";

/// Where a version of an architecture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// A file or a folder.
    File(&'a str),
    /// In a commit, and in which file of it, where the user says so.
    Git {
        /// The commit.
        reference: &'a str,
        /// The file.
        path: Option<&'a str>,
    },
}

impl<'a> Place<'a> {
    /// Reads `git:REF`, `git:REF:FILE`, or the path of a file.
    pub(super) fn of(word: &'a str) -> Self {
        match word.strip_prefix(GIT) {
            None => Self::File(word),
            Some(rest) => match rest.split_once(':') {
                Some((reference, path)) => Self::Git {
                    reference,
                    path: Some(path),
                },
                None => Self::Git {
                    reference: rest,
                    path: None,
                },
            },
        }
    }

    /// The file that it names.
    pub(super) fn path(self) -> Option<&'a str> {
        match self {
            Self::File(path) => Some(path),
            Self::Git { path, .. } => path,
        }
    }
}

/// Whether a version is a file of its own, and so the past of one architecture alone.
pub(super) fn names_a_file(word: &str) -> bool {
    Place::of(word).path().is_some()
}

/// Reads versions that the user names, for what they meant alone; those in git are of `file`, where nothing else is said.
pub(super) fn all(words: &[String], file: &str) -> Result<Vec<Older>, Error> {
    let meant = |older| Older {
        document: None,
        ..older
    };
    words
        .iter()
        .map(|word| one(word, file).map(meant))
        .collect()
}

/// The file that is meant by the path of a file or folder.
fn file_of(path: &str) -> PathBuf {
    let path = Path::new(path);
    let file = if path.is_dir() {
        path.join(DEFAULT_FILE)
    } else {
        path.to_path_buf()
    };
    file.strip_prefix(".")
        .map(Path::to_path_buf)
        .unwrap_or(file)
}

/// Reads a version that the user names. Where only the commit is named, a file that was not there yet is an empty architecture:
/// everything is new.
pub(super) fn one(word: &str, file: &str) -> Result<Older, Error> {
    let name = word.to_owned();
    let mut loaded = match Place::of(word) {
        Place::File(path) => load(&Disk, path)?,
        Place::Git { reference, path } => {
            let named = path.is_some();
            let path = path.unwrap_or(file);
            if path == "-" {
                return Err(Error::NoPlaceInGit { name });
            }
            let commit = Commit::open(reference, Path::new(path))?;
            if !commit.holds(Path::new(path)) {
                let path = file_of(path);
                // Who names the file means it to be there: a slip of the pen would switch off what the past is read for.
                if named {
                    return Err(Error::NotInGit { path, name });
                }
                // Who reads nothing of standard error loses nothing but this remark.
                let _told = writeln!(
                    io::stderr().lock(),
                    "note: {} was not there in {name}; everything is new",
                    path.display()
                );
                return Ok(Older {
                    name,
                    model: Model::default(),
                    document: None,
                });
            }
            load(&commit, path)?
        }
    };
    let document = document::read(&mut loaded).filter(|_| !loaded.incomplete);
    match document {
        Some(document) => Ok(Older {
            model: lower(&document),
            document: Some(document),
            name,
        }),
        None => Err(Error::NotWhole { name }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_file_or_a_commit_with_or_without_a_file() {
        let git = |reference, path| Place::Git { reference, path };
        assert_eq!(Place::of("old/shop.yaml"), Place::File("old/shop.yaml"));
        assert_eq!(Place::of("git:main"), git("main", None));
        assert_eq!(Place::of("git:v1:a/b.yaml"), git("v1", Some("a/b.yaml")));
        assert_eq!(Place::of("git::x"), git("", Some("x")));
    }
}
