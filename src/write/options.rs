//! How a run is to behave.

use std::path::PathBuf;

use super::decide::Mode;
use super::lock::Sections;
use crate::emit::tree::is_under;

/// How a run is to behave; the default is a whole run that refuses to overwrite edits.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What to do about files that a person has edited.
    pub mode: Mode,
    /// Only paths that are, or are inside of, one of these; `None` for all. The rest of the lock stays as it is.
    pub only: Option<Vec<String>>,
    /// The files of the architecture: a folder that holds one is ours to generate into.
    pub inputs: Vec<PathBuf>,
    /// What upper floors keep in the lock; `None` leaves what is there.
    pub sections: Option<Sections>,
}

impl Options {
    pub(super) fn covers(&self, path: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(|folder| is_under(path, folder)))
    }
}
