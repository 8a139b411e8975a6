//! The data of earlier runs.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use super::error::DevError;

/// Held by a run for as long as it lives; it stays in the folder afterwards.
const LOCK: &str = "run.lock";

/// Removes a data folder that a run of the system has made and none uses.
pub(super) fn remove(data: &Path) -> Result<(), DevError> {
    let metadata = match fs::symlink_metadata(data) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(DevError::data("looked at", data))?,
    };
    if !metadata.is_dir() {
        return Err(DevError::DataNotOurs(data.to_owned()));
    }
    let lock = match File::open(data.join(LOCK)) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(DevError::DataNotOurs(data.to_owned()));
        }
        lock => lock.map_err(DevError::data("looked at", data))?,
    };
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(DevError::DataInUse(data.to_owned())),
        Err(TryLockError::Error(source)) => return Err(DevError::data("locked", data)(source)),
    }
    fs::remove_dir_all(data).map_err(DevError::data("removed", data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_a_run_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        remove(&data).unwrap();
        fs::create_dir_all(data.join("services/orders")).unwrap();
        fs::write(data.join(LOCK), "").unwrap();
        remove(&data).unwrap();
        assert!(!data.exists());
    }

    #[test]
    fn a_folder_that_no_run_has_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("thesis.txt"), "mine").unwrap();
        assert!(matches!(remove(&data), Err(DevError::DataNotOurs(_))));
        assert!(data.join("thesis.txt").exists());
    }

    #[test]
    fn the_data_of_a_run_that_still_runs_stays() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        let lock = File::create(data.join(LOCK)).unwrap();
        lock.lock().unwrap();
        assert!(matches!(remove(&data), Err(DevError::DataInUse(_))));
        assert!(data.exists());
    }
}
