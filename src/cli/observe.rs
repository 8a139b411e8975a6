//! Looks at the code of an existing workspace, and hands facts to the graph: lines of code, and crates that services share.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use walkdir::{DirEntry, WalkDir};

use crate::graph::observations::Observations;

/// Why a workspace cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// cargo does not know it.
    #[error("{path}: cargo cannot tell what is in this workspace")]
    Metadata {
        /// The workspace.
        path: PathBuf,
        /// Why.
        source: cargo_metadata::Error,
    },
    /// A folder of it cannot be walked.
    #[error("{path}: cannot be looked through")]
    Walk {
        /// The package's folder.
        path: PathBuf,
        /// Why.
        source: walkdir::Error,
    },
    /// A file of it cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Looks at the workspace in a folder, by cargo's own account of it. Nothing is fetched.
///
/// # Errors
/// When cargo cannot describe it, or a file cannot be read.
pub fn workspace(path: &Path) -> Result<Observations, ObserveError> {
    let metadata = MetadataCommand::new()
        .current_dir(path)
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec();
    let metadata = metadata.map_err(|source| ObserveError::Metadata {
        path: path.to_owned(),
        source,
    })?;
    let members: BTreeSet<&str> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut observations = Observations::default();
    for package in services(&metadata) {
        let name = package.name.replace('_', "-");
        let folder = package
            .manifest_path
            .parent()
            .map_or_else(PathBuf::new, |folder| folder.as_std_path().to_owned());
        observations.lines.insert(name.clone(), lines(&folder)?);
        let shared = package
            .dependencies
            .iter()
            .map(|dependency| dependency.name.as_str());
        let shared: BTreeSet<String> = shared
            .filter(|name| members.contains(name) && !is_generated(name))
            .map(str::to_owned)
            .collect();
        observations
            .shared_crates
            .insert(name, shared.into_iter().collect());
    }
    Ok(observations)
}

/// The packages that are services: those in the folder `services`, or all where there is none.
fn services(metadata: &Metadata) -> Vec<&Package> {
    let folder = metadata.workspace_root.join("services");
    let inside: Vec<&Package> = metadata
        .packages
        .iter()
        .filter(|package| package.manifest_path.starts_with(&folder))
        .collect();
    if inside.is_empty() {
        metadata.packages.iter().collect()
    } else {
        inside
    }
}

/// Crates that msarch generates for all services; contracts are what services are meant to share.
fn is_generated(name: &str) -> bool {
    name.starts_with("contracts-")
        || ["contracts", "local", "msarch-runtime", "runtime"].contains(&name)
}

/// Lines of Rust in a folder, without blank lines and comments.
fn lines(folder: &Path) -> Result<u64, ObserveError> {
    let mut sum = 0;
    for entry in WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(is_source)
    {
        let entry = entry.map_err(|source| ObserveError::Walk {
            path: folder.to_owned(),
            source,
        })?;
        if entry.file_type().is_file()
            && entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
        {
            let text = fs::read(entry.path()).map_err(|source| ObserveError::Read {
                path: entry.path().to_owned(),
                source,
            })?;
            sum += String::from_utf8_lossy(&text)
                .lines()
                .filter(|line| is_code(line))
                .count() as u64;
        }
    }
    Ok(sum)
}

fn is_source(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.depth() == 0 || (name != "target" && !name.starts_with('.'))
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn package(root: &Path, name: &str, dependencies: &str, code: &str) {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let name = name.rsplit('/').next().unwrap();
        fs::write(
            folder.join("Cargo.toml"),
            format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"
            ),
        )
        .unwrap();
        fs::write(folder.join("src/lib.rs"), code).unwrap();
    }

    #[test]
    fn lines_and_shared_crates_of_services_are_found() {
        let root = tempfile::tempdir().unwrap();
        fs::write(
            root.path().join("Cargo.toml"),
            "[workspace]\nresolver = \"3\"\nmembers = [\"services/*\", \"crates/*\"]\n",
        )
        .unwrap();
        package(root.path(), "crates/domain-types", "", "// nothing\n");
        package(root.path(), "crates/contracts-orders", "", "");
        let shared = "domain-types = { path = \"../../crates/domain-types\" }\ncontracts-orders = { path = \"../../crates/contracts-orders\" }\n";
        package(
            root.path(),
            "services/orders",
            shared,
            "//! Room.\n\nfn one() {}\nfn two() {}\n",
        );
        package(root.path(), "services/stock", shared, "fn one() {}\n");
        let seen = workspace(root.path()).unwrap();
        assert_eq!(
            seen.lines,
            BTreeMap::from([("orders".to_owned(), 2), ("stock".to_owned(), 1)])
        );
        assert_eq!(
            seen.libraries(),
            BTreeMap::from([("domain-types", vec!["orders", "stock"])])
        );
    }

    #[test]
    fn a_folder_without_a_workspace_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = workspace(root.path()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains(&root.path().display().to_string()),
            "{error}"
        );
    }
}
