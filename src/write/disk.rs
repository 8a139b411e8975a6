//! The few operations that change the disk. Each leaves a sound state behind if the process is killed
//! before or after it; tests put a disk in this place that does kill it there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// A disk that can be changed.
pub trait Disk {
    /// Makes a folder and those above it; one that exists is fine.
    ///
    /// # Errors
    /// What the system says.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Writes a file that does not exist yet. `durable` means: on the platter before this returns.
    ///
    /// # Errors
    /// What the system says.
    fn write_new(
        &self,
        path: &Path,
        contents: &[u8],
        executable: bool,
        durable: bool,
    ) -> io::Result<()>;

    /// Renames a file or folder, in one step; a file at `to` is replaced.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// What the system says.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    ///
    /// # Errors
    /// What the system says, and when it is not empty.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn write_new(
        &self,
        path: &Path,
        contents: &[u8],
        executable: bool,
        durable: bool,
    ) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(
            &mut options,
            if executable { 0o777 } else { 0o666 },
        );
        #[cfg(not(unix))]
        let _ = executable;
        let mut file = options.open(path)?;
        file.write_all(contents)?;
        if durable { file.sync_all() } else { Ok(()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => rename_across(from, to),
            result => result,
        }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

/// A folder inside the workspace can be a mount of its own; then the temporary file must be on that mount too.
fn rename_across(from: &Path, to: &Path) -> io::Result<()> {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".msarch-tmp");
    let beside = to.with_file_name(name);
    fs::copy(from, &beside)?;
    fs::rename(&beside, to)?;
    fs::remove_file(from)
}
