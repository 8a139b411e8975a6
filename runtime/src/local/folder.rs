//! The folder of a local run: one run at a time, and a note of where everything is.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// The broker's file; what else begins like this belongs to it.
const BROKER: &str = "broker.db";

/// Where everything of a local run is, as `run.json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// The name of the system.
    pub system: String,
    /// The process.
    pub pid: u32,
    /// The address of the gateway.
    pub gateway: String,
    /// The address of the admin page.
    pub admin: String,
    /// The address of each service.
    pub services: BTreeMap<String, String>,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another run uses it.
    #[error("{} is in use by another run; stop it, or choose another folder with --data", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The folder, held for one run. The hold ends with the process, whatever ends it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn hold(path: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(path).map_err(at(path))?;
        ignored_by_git(path)?;
        let lock_path = path.join("run.lock");
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(FolderError::File {
                path: lock_path,
                source,
            }),
        }
    }

    /// Takes away what earlier runs left, except for the key.
    pub(super) fn clear(&self) -> Result<(), FolderError> {
        let services = self.path.join("services");
        match fs::remove_dir_all(&services) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&services)(error))?,
            _ => {}
        }
        for entry in fs::read_dir(&self.path).map_err(at(&self.path))? {
            let path = entry.map_err(at(&self.path))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(BROKER) {
                fs::remove_file(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }

    /// The file of the broker.
    pub(super) fn of_broker(&self) -> PathBuf {
        self.path.join(BROKER)
    }

    /// The folder of one service.
    pub(super) fn of_service(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.path.join("services").join(name);
        fs::create_dir_all(&path).map_err(at(&path))?;
        Ok(path)
    }

    /// Writes `run.json`, so that nobody ever reads half of it.
    pub(super) fn note(&self, addresses: &Addresses) -> Result<(), FolderError> {
        let (path, fresh) = (self.path.join("run.json"), self.path.join("run.json.new"));
        let text = serde_json::to_string_pretty(addresses)
            .map_err(io::Error::other)
            .map_err(at(&path))?;
        fs::write(&fresh, text + "\n").map_err(at(&fresh))?;
        fs::rename(&fresh, &path).map_err(at(&path))
    }

    /// Takes `run.json` away: nothing runs any more.
    pub(super) fn forget(&self) {
        let _ = fs::remove_file(self.path.join("run.json"));
    }
}

/// Data and keys belong in no repository.
fn ignored_by_git(path: &Path) -> Result<(), FolderError> {
    let file = path.join(".gitignore");
    if file.exists() {
        Ok(())
    } else {
        fs::write(&file, "*\n").map_err(at(&file))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::File { path, source }
}
