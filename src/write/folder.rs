//! Looking at the output folder without changing it, and without following a link out of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::WriteError;
use crate::emit::tree::{Move, is_under};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    File {
        contents: Vec<u8>,
        executable: bool,
        stamp: Stamp,
    },
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Special,
    /// Nothing can: a folder above it is this file.
    Under(String),
}

/// By what a file is known not to have changed between looking and writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// The output folder, seen as it will be once the renamed folders have moved.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    moves: Vec<Move>,
    /// Folders that were looked at: `None` when they can hold files, else what stands in the way.
    known: RefCell<BTreeMap<String, Option<Found>>>,
}

impl Folder {
    /// The folder at a path that exists, or will be made.
    pub(super) fn open(root: &Path) -> Result<Self, WriteError> {
        let root = match fs::metadata(root) {
            Ok(metadata) if !metadata.is_dir() => {
                return Err(WriteError::NotAFolder(root.to_owned()));
            }
            Ok(_) => fs::canonicalize(root).map_err(WriteError::io("find", root))?,
            Err(error) if error.kind() == ErrorKind::NotFound => root.to_owned(),
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(WriteError::not_a_folder(root));
            }
            Err(error) => return Err(WriteError::io("look at", root)(error)),
        };
        Ok(Self {
            root,
            moves: Vec::new(),
            known: RefCell::default(),
        })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Looks at everything as if this move had been made.
    pub(super) fn pretend(&mut self, moved: Move) {
        self.known.get_mut().clear();
        self.moves.push(moved);
    }

    /// The moves that are still to be made.
    pub(super) fn moves(&self) -> &[Move] {
        &self.moves
    }

    fn place(&self, path: &str) -> PathBuf {
        let mut path = path.to_owned();
        // A later move may concern what an earlier one has moved.
        for moved in self.moves.iter().rev() {
            if is_under(&path, &moved.to) {
                path = format!("{}{}", moved.from, &path[moved.to.len()..]);
            } else if is_under(&path, &moved.from) {
                return self.root.join(".msarch/moved-away");
            }
        }
        self.root.join(path)
    }

    /// What stands at a path.
    pub(super) fn look(&self, path: &str) -> Result<Found, WriteError> {
        if let Some(parent) = path.rfind('/').map(|at| &path[..at])
            && let Some(obstacle) = self.look_at_folder(parent, path)?
        {
            return Ok(obstacle);
        }
        let place = self.place(path);
        let Some(metadata) = lstat(&place)? else {
            return Ok(Found::Nothing);
        };
        if metadata.is_symlink() {
            return Ok(Found::Link);
        }
        if metadata.is_dir() {
            return Ok(Found::Folder);
        }
        if !metadata.is_file() {
            return Ok(Found::Special);
        }
        let contents = fs::read(&place).map_err(WriteError::io("read", &place))?;
        Ok(Found::File {
            contents,
            executable: is_executable(&metadata),
            stamp: Stamp::of(&metadata),
        })
    }

    fn look_at_folder(&self, folder: &str, wanted: &str) -> Result<Option<Found>, WriteError> {
        if let Some(found) = self.known.borrow().get(folder) {
            return Ok(found.clone());
        }
        let above = match folder.rfind('/') {
            Some(at) => self.look_at_folder(&folder[..at], wanted)?,
            None => None,
        };
        let found = match above {
            Some(obstacle) => Some(obstacle),
            None => self.look_at_one(folder, wanted)?,
        };
        self.known
            .borrow_mut()
            .insert(folder.to_owned(), found.clone());
        Ok(found)
    }

    fn look_at_one(&self, folder: &str, wanted: &str) -> Result<Option<Found>, WriteError> {
        let place = self.place(folder);
        let Some(metadata) = lstat(&place)? else {
            // Below a folder that moves elsewhere, or that does not exist, there is nothing.
            return Ok(
                (!self.moves.iter().any(|moved| is_under(&moved.to, folder)))
                    .then_some(Found::Nothing),
            );
        };
        if metadata.is_dir() {
            return Ok(None);
        }
        if !metadata.is_symlink() {
            return Ok(Some(Found::Under(folder.to_owned())));
        }
        let inside = fs::canonicalize(&place)
            .is_ok_and(|real| real.starts_with(&self.root) && real.is_dir());
        if inside {
            Ok(None)
        } else {
            Err(WriteError::Outside {
                path: wanted.to_owned(),
                link: place,
            })
        }
    }

    /// The entries at the top of the folder, sorted.
    pub(super) fn top(&self) -> Result<Vec<String>, WriteError> {
        names_in(&self.root)
    }

    /// Every file below a folder, as paths; links count as files.
    pub(super) fn files_below(&self, folder: &str) -> Vec<String> {
        let place = self.place(folder);
        walkdir::WalkDir::new(&place)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| !entry.file_type().is_dir())
            .filter_map(|entry| {
                let below = entry
                    .path()
                    .strip_prefix(&place)
                    .ok()?
                    .to_string_lossy()
                    .replace('\\', "/");
                Some(format!("{folder}/{below}"))
            })
            .collect()
    }
}

/// The names in a folder, sorted; none when it does not exist.
pub(super) fn names_in(folder: &Path) -> Result<Vec<String>, WriteError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(WriteError::io("list", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(WriteError::io("list", folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// What stands at a place, links not followed; `None` for nothing.
pub(super) fn lstat(place: &Path) -> Result<Option<Metadata>, WriteError> {
    match fs::symlink_metadata(place) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(WriteError::io("look at", place)(error)),
    }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    true
}
