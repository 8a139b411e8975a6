//! Paths that stay inside their folder and are spelt alike on every file system.

use std::fmt;

/// Whether a path is this folder or file, or inside of it.
#[must_use]
pub fn is_under(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Checks that a path stays inside its folder and is spelt alike on every file system.
///
/// # Errors
/// With what is wrong.
pub fn check_path(path: &str) -> Result<(), PathFault> {
    if path.starts_with('/') {
        return Err(PathFault::Absolute);
    }
    for part in path.split('/') {
        match part {
            "" => return Err(PathFault::Empty),
            "." | ".." => return Err(PathFault::Climbs),
            _ if part.ends_with(['.', ' ']) => return Err(PathFault::Ending),
            _ if part.chars().any(unfit) => return Err(PathFault::Character),
            _ => {}
        }
    }
    let first = path.split('/').next().unwrap_or_default().to_lowercase();
    if first == ".msarch" || first == ".git" {
        return Err(PathFault::Reserved);
    }
    Ok(())
}

fn unfit(character: char) -> bool {
    character.is_control() || matches!(character, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Why a path cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathFault {
    /// It begins at the root of the file system.
    Absolute,
    /// It, or a part of it, is empty.
    Empty,
    /// It has a part `.` or `..`.
    Climbs,
    /// A part ends in a dot or a space, which Windows drops.
    Ending,
    /// It has a character that some file systems forbid.
    Character,
    /// It belongs to msarch's own records or to Git.
    Reserved,
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "it is absolute",
            Self::Empty => "a part of it is empty",
            Self::Climbs => "it has a part `.` or `..`",
            Self::Ending => "a part of it ends in a dot or a space",
            Self::Character => "it has a character that some file systems forbid",
            Self::Reserved => "it is inside `.msarch` or `.git`",
        })
    }
}
