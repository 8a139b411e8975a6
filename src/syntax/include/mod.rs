//! From a path to one tree: the main file, and the files that it includes, joined at their top-level keys.

mod files;
mod merge;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

pub use files::{Disk, Files, Memory, OPTIONS, plain};

use super::decode::closest;
use super::fault;
use super::finding::{Finding, Severity};
use super::secrets;
use super::source::{SourceId, Sources, Span, Spanned};
use super::suggestion::{Change, Suggestion};
use super::suppression::{self, Suppression};
use super::yaml::{self, Entry, Node, Value};

/// How large one file may be, in bytes.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// How many files one architecture may have.
pub const MAX_FILES: usize = 10_000;

/// How deep files may include each other.
const MAX_INCLUDE_DEPTH: usize = 32;

/// The file that a folder stands for.
pub const DEFAULT_FILE: &str = "architecture.yaml";

/// What standard input is called where it has no other name.
pub const STDIN: &str = "<stdin>";

/// Why we could not read at all. What is wrong *in* a file is a finding.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is no such file.
    #[error("{path}: no such file")]
    Missing {
        /// The path as given.
        path: String,
    },
    /// The folder holds no `architecture.yaml`.
    #[error("{path}: this folder holds no {DEFAULT_FILE}{}", also(.found))]
    NoArchitecture {
        /// The folder.
        path: String,
        /// A file in it that may have been meant.
        found: Option<String>,
    },
    /// It is there and cannot be read.
    #[error("{path}: cannot be read")]
    Unreadable {
        /// The path as given.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The bytes are no UTF-8.
    #[error("{path}: not UTF-8: byte {offset} (line {line}) starts no valid character{}", if *.utf16 { "; the file looks like UTF-16, save it as UTF-8" } else { "" })]
    NotUtf8 {
        /// The path as given.
        path: String,
        /// The first byte that is wrong, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
        /// Whether the file begins like UTF-16.
        utf16: bool,
    },
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("{path}: larger than {} MiB, which is the most that is read; split it and use `include:`", MAX_FILE_BYTES / 1024 / 1024)]
    TooLarge {
        /// The path as given.
        path: String,
    },
    /// There are more than [`MAX_FILES`].
    #[error("{path}: includes lead to more than {MAX_FILES} files")]
    TooManyFiles {
        /// The file whose include was one too many.
        path: String,
    },
}

fn also(found: &Option<String>) -> String {
    found
        .as_ref()
        .map_or_else(String::new, |found| format!("; did you mean {found}?"))
}

/// Everything read: the files, the joined tree, and what is wrong so far.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The files, the main file first.
    pub sources: Sources,
    /// The joined tree; `None` when there is no document at all.
    pub root: Option<Node>,
    /// Faults of syntax and of includes.
    pub findings: Vec<Finding>,
    /// The suppressions of all files.
    pub suppressions: Vec<Suppression>,
    /// Whether a part could not be read; nothing may be concluded from what is absent.
    pub incomplete: bool,
}

/// Reads `path` (a file, a folder, or `-` for standard input) and all that it includes.
///
/// # Errors
/// When a file cannot be read at all.
pub fn load(files: &dyn Files, path: &str) -> Result<Loaded, LoadError> {
    if path == "-" {
        return load_input(files, STDIN);
    }
    let file = main_file(files, path)?;
    let mut loader = Loader::new(files, &file);
    loader.file(&file)?;
    Ok(loader.finish())
}

/// Reads standard input as if it stood in the file `name`, and all that it includes from there.
///
/// # Errors
/// When a file cannot be read at all.
pub fn load_input(files: &dyn Files, name: &str) -> Result<Loaded, LoadError> {
    let file = Path::new(name);
    let mut loader = Loader::new(files, file);
    let bytes = loader.bytes(name, files.stdin(MAX_FILE_BYTES))?;
    loader.open(file, bytes)?;
    Ok(loader.finish())
}

/// The tree of a text that is in no file and includes none, for tests and editors.
#[must_use]
pub fn load_text(name: &str, text: &str) -> Loaded {
    let (memory, file) = (Memory::default(), Path::new(name));
    let mut loader = Loader::new(&memory, file);
    match loader.open(file, text.as_bytes().to_vec()) {
        Ok(()) => loader.finish(),
        Err(_) => Loaded::default(),
    }
}

fn main_file(files: &dyn Files, path: &str) -> Result<PathBuf, LoadError> {
    if !files.is_dir(Path::new(path)) {
        return Ok(PathBuf::from(path));
    }
    let file = Path::new(path).join(DEFAULT_FILE);
    if files.exists(&file) {
        return Ok(file);
    }
    let names = files.glob(Path::new(path), "*.y*ml").unwrap_or_default();
    let names: Vec<String> = names
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let found = closest(DEFAULT_FILE, names.iter().map(String::as_str))
        .or_else(|| names.first().map(String::as_str));
    Err(LoadError::NoArchitecture {
        path: display(Path::new(path)),
        found: found.map(|name| display(&Path::new(path).join(name))),
    })
}

/// A path as we show it: parts separated by `/`, without a leading `./`.
fn display(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./")
        .map_or_else(|| text.clone(), str::to_owned)
}

struct Loader<'f> {
    files: &'f dyn Files,
    loaded: Loaded,
    /// Files by identity, and the include that named them first.
    seen: BTreeMap<PathBuf, Option<Span>>,
    /// The files whose includes are being read, by identity.
    open: Vec<PathBuf>,
    roots: Vec<Node>,
    /// The folder of the main file, by identity: nothing outside is read.
    home: PathBuf,
}

impl<'f> Loader<'f> {
    /// Before the main file.
    fn new(files: &'f dyn Files, main: &Path) -> Self {
        let folder = main.parent().filter(|path| !path.as_os_str().is_empty());
        Self {
            files,
            loaded: Loaded::default(),
            seen: BTreeMap::new(),
            open: Vec::new(),
            roots: Vec::new(),
            home: files.identity(folder.unwrap_or(Path::new("."))),
        }
    }

    fn bytes(&self, name: &str, read: io::Result<Vec<u8>>) -> Result<Vec<u8>, LoadError> {
        let path = name.to_owned();
        match read {
            Ok(bytes) if bytes.len() as u64 > MAX_FILE_BYTES => Err(LoadError::TooLarge { path }),
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(LoadError::Missing { path })
            }
            Err(source) => Err(LoadError::Unreadable { path, source }),
        }
    }

    fn file(&mut self, path: &Path) -> Result<(), LoadError> {
        let bytes = self.bytes(&display(path), self.files.read(path, MAX_FILE_BYTES))?;
        self.open(path, bytes)
    }

    fn open(&mut self, path: &Path, bytes: Vec<u8>) -> Result<(), LoadError> {
        let identity = self.files.identity(path);
        self.seen.entry(identity.clone()).or_insert(None);
        self.open.push(identity);
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let result = self.read(display(path), &folder, bytes);
        self.open.pop();
        result
    }

    fn read(&mut self, name: String, folder: &Path, bytes: Vec<u8>) -> Result<(), LoadError> {
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
        let id = self.loaded.sources.add(name, text);
        let source = self.loaded.sources.get(id);
        let parsed = yaml::parse(source.text(), id);
        let (suppressions, malformed) = suppression::collect(id, source, &parsed.comments);
        self.loaded.suppressions.extend(suppressions);
        self.loaded.findings.extend(malformed);
        self.loaded.incomplete |= parsed.incomplete;
        if parsed.root.as_ref().is_none_or(Node::is_null) {
            if parsed.findings.is_empty() {
                self.loaded.findings.push(empty(id));
            }
            self.loaded.findings.extend(parsed.findings);
            return Ok(());
        }
        self.loaded.findings.extend(parsed.findings);
        let Some(mut root) = parsed.root else {
            return Ok(());
        };
        let includes = take_includes(&mut root, &mut self.loaded.findings);
        self.roots.push(root);
        for include in includes {
            self.include(folder, &include)?;
        }
        Ok(())
    }

    fn include(&mut self, folder: &Path, include: &Spanned<String>) -> Result<(), LoadError> {
        let wild = include.contains(['*', '?', '[']);
        let paths = match self.files.glob(folder, include) {
            Ok(paths) => paths,
            Err(why) => {
                let message = format!("`{include}` is no pattern of files: {why}");
                self.loaded.findings.push(Finding::error(
                    fault::INVALID_VALUE,
                    include.span,
                    message,
                ));
                return Ok(());
            }
        };
        if paths.is_empty() {
            let place = if folder.as_os_str().is_empty() {
                "here".to_owned()
            } else {
                format!("in `{}`", display(folder))
            };
            let message = format!("`{include}` matches no file {place}");
            let finding = Finding::error(fault::INCLUDE_WITHOUT_MATCH, include.span, message)
                .help("the pattern is relative to the file that holds it; mend it or remove it");
            self.loaded.findings.push(finding);
        }
        for path in paths {
            let identity = self.files.identity(&path);
            if !identity.starts_with(&self.home) {
                let message = format!("`{include}` leads out of the folder of the main file");
                let finding = Finding::error(fault::INVALID_VALUE, include.span, message)
                    .here("not read")
                    .help("move the file below that folder: whoever may change this one could show any file otherwise");
                self.loaded.findings.push(finding);
                self.loaded.incomplete = true;
                break;
            }
            // A pattern may well match the file that it stands in, and one file by several names.
            let again = self.seen.get(&identity) == Some(&Some(include.span));
            if wild && (again || self.open.last() == Some(&identity)) {
                continue;
            }
            if let Some(finding) = self.repeated(&path, &identity, include) {
                self.loaded.findings.push(finding);
                continue;
            }
            if self.seen.len() >= MAX_FILES {
                return Err(LoadError::TooManyFiles {
                    path: display(&path),
                });
            }
            self.seen.insert(identity, Some(include.span));
            self.file(&path)?;
        }
        Ok(())
    }

    /// What is wrong with including this file here, if anything is.
    fn repeated(
        &self,
        path: &Path,
        identity: &PathBuf,
        include: &Spanned<String>,
    ) -> Option<Finding> {
        let name = display(path);
        if self.open.contains(identity) {
            let message = format!("`{name}` includes itself");
            return Some(
                Finding::error(fault::INCLUDE_CYCLE, include.span, message)
                    .here("this leads back to it")
                    .help("remove this include"),
            );
        }
        if self.open.len() >= MAX_INCLUDE_DEPTH {
            let message =
                format!("files include each other more than {MAX_INCLUDE_DEPTH} levels deep");
            return Some(
                Finding::error(fault::TOO_LARGE, include.span, message)
                    .help("name the files in the main file"),
            );
        }
        let first = self.seen.get(identity)?;
        let finding = Finding::new(
            fault::INCLUDED_TWICE,
            Severity::Warn,
            include.span,
            format!("`{name}` is included already; it is read once"),
        );
        let finding = finding
            .here("again here")
            .help("remove one of the two includes");
        let wild = include.contains(['*', '?', '[']);
        let finding = finding.suggest((!wild).then(|| Suggestion::of(Change::Item(include.span))));
        Some(match first {
            Some(first) => finding.label(*first, "first here"),
            None => finding,
        })
    }

    fn finish(mut self) -> Loaded {
        self.loaded.root = merge::join(self.roots, &mut self.loaded.findings);
        secrets::hide(self.loaded.root.as_ref(), &mut self.loaded.sources);
        if self.loaded.incomplete {
            secrets::hide_unread(&mut self.loaded.sources);
        }
        self.loaded
    }
}

fn empty(id: SourceId) -> Finding {
    Finding::error(
        fault::EMPTY_FILE,
        Span::new(id, 0, 0),
        "the file holds no document",
    )
    .help("an architecture begins with `msarch: 1` and `name:`; `msarch new` writes one")
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> LoadError {
    let offset = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let line = 1 + bytes[..offset]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    let utf16 = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    LoadError::NotUtf8 {
        path: name.to_owned(),
        offset,
        line,
        utf16,
    }
}

/// Takes `include:` out of a file's top level.
fn take_includes(root: &mut Node, findings: &mut Vec<Finding>) -> Vec<Spanned<String>> {
    let Value::Map(map) = &mut root.value else {
        return Vec::new();
    };
    let Some(at) = map
        .entries
        .iter()
        .position(|entry| &*entry.key.value == "include")
    else {
        return Vec::new();
    };
    let Entry { value, .. } = map.entries.remove(at);
    let items = match value.value {
        Value::List(items) => items,
        _ if value.is_null() => Vec::new(),
        _ => vec![value],
    };
    let mut patterns = Vec::new();
    for item in items {
        match item.as_str() {
            Some(text) => patterns.push(Spanned::new(text.to_owned(), item.span)),
            None => findings.push(
                Finding::error(
                    fault::WRONG_TYPE,
                    item.head(),
                    format!("expected a pattern of files, found {}", item.kind()),
                )
                .help("write `include: services/*.yaml`, or a list of such patterns"),
            ),
        }
    }
    patterns
}

#[cfg(test)]
mod tests;
