//! Files as they stood at a commit, read by the user's own git. Nothing is checked out, and nothing but git's plumbing is run.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::syntax::include::{Files, plain};

/// How many symbolic links are followed to one file.
const MOST_LINKS: usize = 8;

/// Why nothing can be read from git.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no git.
    #[error("git cannot be run; install it, or name a file to compare with")]
    Missing(#[source] io::Error),
    /// The folder is in no repository.
    #[error("{path}: in no work tree of git")]
    NoRepository {
        /// The folder.
        path: PathBuf,
        /// What git says.
        source: Told,
    },
    /// The reference leads to no commit.
    #[error(
        "no commit is called `{reference}`; where a clone is shallow, fetch it first: `git fetch origin {reference}`"
    )]
    NoCommit {
        /// The reference.
        reference: String,
        /// What git says.
        source: Told,
    },
    /// A reference that git would take for an option.
    #[error("no commit is called `{reference}`; write git:REF, such as git:main or git:v1.2")]
    NoReference {
        /// The word.
        reference: String,
    },
    /// git could not list the files of the commit.
    #[error("the files of `{reference}` cannot be listed")]
    Listing {
        /// The reference.
        reference: String,
        /// What git says.
        source: Told,
    },
}

/// What git says of a failure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Told(String);

/// The files of a commit, below one folder.
#[derive(Debug)]
pub struct Commit {
    here: PathBuf,
    root: PathBuf,
    hash: String,
    /// Files by their path in the repository, and whether they are symbolic links.
    files: BTreeMap<String, bool>,
}

impl Commit {
    /// The files of a commit below the folder of `path`, in the repository that holds it.
    ///
    /// # Errors
    /// When git cannot be run, or knows no such repository or commit.
    pub fn open(reference: &str, path: &Path) -> Result<Self, GitError> {
        let reference = reference.to_owned();
        // No reference begins so (git-check-ref-format), and git would read it as an option.
        if reference.is_empty() || reference.starts_with('-') {
            return Err(GitError::NoReference { reference });
        }
        let here = env::current_dir().unwrap_or_default();
        let folder = existing(&here.join(path));
        let root = git(&folder, &["rev-parse", "--show-toplevel"])?.map_err(|source| {
            let path = if folder == here {
                PathBuf::from(".")
            } else {
                folder.clone()
            };
            GitError::NoRepository { path, source }
        })?;
        let root = PathBuf::from(line(&root));
        let commit = format!("{reference}^{{commit}}");
        let asked = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            commit.as_str(),
        ];
        let hash = match git(&folder, &asked)? {
            Ok(hash) => line(&hash),
            Err(source) => return Err(GitError::NoCommit { reference, source }),
        };
        let mut commit = Self {
            here,
            root: root.canonicalize().unwrap_or(root),
            hash,
            files: BTreeMap::new(),
        };
        commit.list(path).map_err(|told| match told {
            Ok(source) => GitError::Listing { reference, source },
            Err(error) => error,
        })?;
        Ok(commit)
    }

    /// Whether there is a file here, or an `architecture.yaml` in a folder of this path.
    #[must_use]
    pub fn holds(&self, path: &Path) -> bool {
        let file = path.join(crate::syntax::include::DEFAULT_FILE);
        self.exists(path) || self.exists(&file)
    }

    /// Lists what is below the folder of a path: no include leads out of it.
    fn list(&mut self, path: &Path) -> Result<(), Result<Told, GitError>> {
        let Some(place) = self.inside(path) else {
            return Ok(());
        };
        let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut asked = vec![
            "ls-tree",
            "-r",
            "-z",
            "--full-tree",
            self.hash.as_str(),
            "--",
        ];
        let below = format!("{folder}/");
        if !folder.is_empty() {
            asked.push(&below);
        }
        let listed = git(&self.root, &asked).map_err(Err)?.map_err(Ok)?;
        for entry in String::from_utf8_lossy(&listed).split('\0') {
            // `<mode> <kind> <hash>\t<path>`; a submodule (160000) holds no files of ours.
            if let Some((facts, path)) = entry.split_once('\t')
                && !facts.starts_with("160000")
            {
                self.files
                    .insert(path.to_owned(), facts.starts_with("120000"));
            }
        }
        Ok(())
    }

    /// A path in the repository; none where it leads out.
    fn inside(&self, path: &Path) -> Option<String> {
        let full = self.here.join(path);
        let parent = full.parent().unwrap_or(&full);
        let base = existing(parent);
        let rest = full.strip_prefix(&base).unwrap_or(&full);
        let real = base.canonicalize().unwrap_or(base.clone()).join(rest);
        let below = plain(&real);
        let below = below.strip_prefix(&self.root).ok()?;
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    /// The file behind symbolic links.
    fn behind(&self, path: &Path) -> Option<String> {
        let mut place = self.inside(path)?;
        for _ in 0..MOST_LINKS {
            match self.files.get(&place)? {
                false => return Some(place),
                true => {
                    let target = self.blob(&place, 4096).ok()?;
                    let target = PathBuf::from(String::from_utf8(target).ok()?);
                    let folder = self.root.join(&place);
                    let next = plain(&folder.parent()?.join(target));
                    let parts = next.strip_prefix(&self.root).ok()?.iter();
                    let parts: Vec<_> = parts.map(|part| part.to_string_lossy()).collect();
                    place = parts.join("/");
                }
            }
        }
        None
    }

    /// The contents of a file; of one that is larger than `limit`, a little more than that. `git show` would run filters of the user's.
    fn blob(&self, place: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut child = command(&self.root)
            .args(["cat-file", "blob", &format!("{}:{place}", self.hash)])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut bytes = Vec::new();
        if let Some(out) = child.stdout.take() {
            out.take(limit + 1).read_to_end(&mut bytes)?;
        }
        let whole = bytes.len() as u64 <= limit;
        let ended = child.wait()?;
        if whole && !ended.success() {
            return Err(io::Error::other("git cannot read it"));
        }
        Ok(bytes)
    }

    /// A path in the repository as the user would write it.
    fn shown(&self, place: &str) -> PathBuf {
        let full = self.root.join(place);
        full.strip_prefix(&self.here)
            .map_or_else(|_| full.clone(), Path::to_path_buf)
    }
}

impl Files for Commit {
    fn is_dir(&self, path: &Path) -> bool {
        let Some(place) = self.inside(path) else {
            return false;
        };
        let below = if place.is_empty() {
            place
        } else {
            format!("{place}/")
        };
        let mut after = self.files.range(below.clone()..);
        after
            .next()
            .is_some_and(|(file, _)| file.starts_with(&below))
    }

    fn exists(&self, path: &Path) -> bool {
        self.behind(path).is_some()
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let place = self.behind(path).ok_or(io::ErrorKind::NotFound)?;
        self.blob(&place, limit)
    }

    fn stdin(&self, _: u64) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn glob(&self, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let Some(place) = self.inside(&folder.join("-")) else {
            return Ok(Vec::new());
        };
        let folder = place.strip_suffix('-').unwrap_or_default();
        let full = self.root.join(glob::Pattern::escape(folder)).join(pattern);
        let full = plain(&full);
        let Ok(below) = full.strip_prefix(&self.root) else {
            return Ok(Vec::new());
        };
        let pattern =
            glob::Pattern::new(&below.to_string_lossy()).map_err(|error| error.msg.to_owned())?;
        Ok(self
            .files
            .keys()
            .filter(|file| pattern.matches_with(file, crate::syntax::include::OPTIONS))
            .map(|file| self.shown(file))
            .collect())
    }

    fn identity(&self, path: &Path) -> PathBuf {
        let place = self.behind(path).or_else(|| self.inside(path));
        place.map_or_else(|| path.to_path_buf(), |place| self.root.join(place))
    }
}

/// Runs git, which may fail in its own way.
fn git(folder: &Path, arguments: &[&str]) -> Result<Result<Vec<u8>, Told>, GitError> {
    let ended = command(folder)
        .args(arguments)
        .output()
        .map_err(GitError::Missing)?;
    if ended.status.success() {
        return Ok(Ok(ended.stdout));
    }
    let told = String::from_utf8_lossy(&ended.stderr);
    let told = told.lines().find(|line| !line.trim().is_empty());
    Ok(Err(Told(
        told.unwrap_or("git knows nothing of this name").to_owned(),
    )))
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        // What is read once needs no lock, and a missing object is not fetched behind the user's back.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1");
    command
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches(['\n', '\r'])
        .to_owned()
}

/// The deepest folder on the way to a path that is there now: git has to be run somewhere.
fn existing(path: &Path) -> PathBuf {
    path.ancestors()
        .find(|folder| folder.is_dir())
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
