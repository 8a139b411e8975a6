//! A new folder, whole or not at all: everything is written aside and then renamed into place.
//!
//! Unlike a generated workspace the folder gets no lock: every file in it is the user's from the first moment.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::error::WriteError;
use super::folder::{lstat, names_in};
use crate::emit::tree::Tree;

/// Where the files wait: beside the new folder, or inside one that exists and is empty.
const STAGE: &str = ".msarch-new";

/// What may stand in a folder that counts as empty.
const IGNORED: &[&str] = &[".git", STAGE];

/// Writes a tree into a folder that does not exist yet or is empty (but for `.git`). A run that was killed is
/// completed by the next one.
///
/// # Errors
/// When the folder holds something else, or the disk fails; then nothing of the tree stands in the folder.
pub fn create(root: &Path, tree: &Tree, disk: &dyn Disk) -> Result<(), WriteError> {
    let exists = look(root, tree)?;
    let stage = if exists {
        root.join(STAGE)
    } else {
        beside(root)
    };
    empty(&stage)?;
    let written = write_all(&stage, tree, disk).and_then(|()| {
        if exists {
            move_in(&stage, root, tree, disk)
        } else {
            disk.rename(&stage, root)
                .map_err(WriteError::io("make", root))
        }
    });
    if written.is_err() {
        undo(&stage, root, exists);
    }
    written
}

/// Takes back what was begun. What cannot be removed is left to the next run: the first error is the one to tell.
fn undo(stage: &Path, root: &Path, exists: bool) {
    let begun = exists
        && names_in(root)
            .is_ok_and(|names| names.iter().any(|name| name != STAGE && name != ".git"));
    if !begun {
        let _ = clear(stage);
    }
}

/// Whether the folder exists; refuses one that holds something else.
fn look(root: &Path, tree: &Tree) -> Result<bool, WriteError> {
    match fs::metadata(root) {
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            let file = root.ancestors().find(|above| above.is_file());
            return Err(WriteError::Taken(file.unwrap_or(root).to_owned()));
        }
        Err(_) if lstat(root)?.is_none() => return Ok(false),
        Err(error) => return Err(WriteError::io("look at", root)(error)),
        Ok(metadata) if !metadata.is_dir() => return Err(WriteError::Taken(root.to_owned())),
        Ok(_) => {}
    }
    let ours = top_of(tree);
    let names = names_in(root)?;
    let killed = names.iter().any(|name| name == STAGE);
    let mut found = Vec::new();
    for name in names {
        let left_by_us = killed && ours.contains(name.as_str()) && is_as_written(root, &name, tree);
        if !left_by_us && !IGNORED.contains(&name.as_str()) {
            found.push(name);
        }
    }
    if found.is_empty() {
        return Ok(true);
    }
    Err(WriteError::NotEmpty {
        root: root.to_owned(),
        found,
    })
}

/// The names at the top of the tree.
fn top_of(tree: &Tree) -> BTreeSet<&str> {
    tree.iter()
        .map(|(path, _)| path.split('/').next().unwrap_or(path))
        .collect()
}

/// Whether what stands at the top under this name is, file by file, what the tree holds: a killed run left it.
fn is_as_written(root: &Path, top: &str, tree: &Tree) -> bool {
    let mut left = 0;
    for entry in walkdir::WalkDir::new(root.join(top)) {
        let Ok(entry) = entry else { return false };
        if entry.file_type().is_dir() {
            continue;
        }
        let Ok(below) = entry.path().strip_prefix(root) else {
            return false;
        };
        let path = below.to_string_lossy().replace('\\', "/");
        let same = entry.file_type().is_file()
            && tree.get(&path).is_some_and(|file| {
                fs::read(entry.path()).is_ok_and(|contents| contents == *file.contents)
            });
        if !same {
            return false;
        }
        left += 1;
    }
    left > 0
}

fn beside(root: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(root.file_name().unwrap_or_default());
    name.push(STAGE);
    root.with_file_name(name)
}

/// Removes what a killed run has left aside; the folder itself goes last of all, since it tells that a run was killed.
fn empty(stage: &Path) -> Result<(), WriteError> {
    if lstat(stage)?.is_none_or(|metadata| !metadata.is_dir()) {
        return clear(stage);
    }
    for name in names_in(stage)? {
        clear(&stage.join(name))?;
    }
    Ok(())
}

fn clear(stage: &Path) -> Result<(), WriteError> {
    match lstat(stage)? {
        None => Ok(()),
        Some(metadata) if metadata.is_dir() => {
            fs::remove_dir_all(stage).map_err(WriteError::io("remove", stage))
        }
        Some(_) => fs::remove_file(stage).map_err(WriteError::io("remove", stage)),
    }
}

fn write_all(stage: &Path, tree: &Tree, disk: &dyn Disk) -> Result<(), WriteError> {
    for (path, file) in tree.iter() {
        let place = stage.join(path);
        let folder = place.parent().unwrap_or(stage);
        disk.make_folder(folder)
            .map_err(WriteError::io("make the folder", folder))?;
        disk.write_new(&place, &file.contents, file.executable, true)
            .map_err(WriteError::io("write", &place))?;
    }
    Ok(())
}

/// Renames what was written into a folder that exists: it may be the current one, which cannot be replaced.
fn move_in(stage: &Path, root: &Path, tree: &Tree, disk: &dyn Disk) -> Result<(), WriteError> {
    for name in top_of(tree) {
        let place = root.join(name);
        if lstat(&place)?.is_none() {
            disk.rename(&stage.join(name), &place)
                .map_err(WriteError::io("write", &place))?;
        }
    }
    clear(stage)
}
