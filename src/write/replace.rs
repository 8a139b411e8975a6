//! One file of the user's that gets other contents, whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::error::WriteError;

/// What the name of the new file ends in until it takes the place of the old one.
const WAITING: &str = ".msarch-tmp";

/// Gives a file these contents, or makes it: they are written beside it and renamed over it, so that a kill leaves the one or the
/// other. The file keeps its permissions, and a link the place that it leads to.
///
/// # Errors
/// When the disk fails; then the file is what it was.
pub fn replace(path: &Path, contents: &[u8], disk: &dyn Disk) -> Result<(), WriteError> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let waiting = waiting(&path);
    match disk.remove_file(&waiting) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(WriteError::io("remove", &waiting)(error));
        }
        _ => {}
    }
    let written = disk
        .write_new(&waiting, contents, false, true)
        .and_then(|()| match fs::metadata(&path) {
            Ok(old) => fs::set_permissions(&waiting, old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| disk.rename(&waiting, &path));
    written.map_err(|error| {
        // What is left of it is removed by the next run, if not by this one.
        let _ = disk.remove_file(&waiting);
        WriteError::io("write", &path)(error)
    })
}

fn waiting(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(WAITING);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::super::disk::RealDisk;
    use super::*;

    #[test]
    fn a_file_gets_other_contents_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(waiting(&path), "left by a run that was killed").unwrap();
        replace(&path, b"one", &RealDisk).unwrap();
        replace(&path, b"two", &RealDisk).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let nowhere = folder.path().join("none").join("a.yaml");
        assert!(replace(&nowhere, b"one", &RealDisk).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (
            folder.path().join("a.yaml"),
            folder.path().join("link.yaml"),
        );
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"two", &RealDisk).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }
}
