//! Embeds `templates/` and `runtime/` into the binary, as lists of path and contents sorted by path.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The runtime's manifest in a package: cargo leaves out a folder that has a `Cargo.toml` (`scripts/package` renames it).
const PACKED_MANIFEST: &str = "Cargo.toml.packed";

fn main() -> io::Result<()> {
    let root = PathBuf::from(
        std::env::var_os("CARGO_MANIFEST_DIR")
            .ok_or_else(|| io::Error::other("cargo names no manifest folder"))?,
    );
    let out = PathBuf::from(
        std::env::var_os("OUT_DIR")
            .ok_or_else(|| io::Error::other("cargo names no output folder"))?,
    );
    let templates = list(&root.join("templates"), "str", "include_str!")?;
    let runtime = list(&root.join("runtime"), "[u8]", "include_bytes!")?;
    fs::write(out.join("templates.rs"), templates)?;
    fs::write(out.join("runtime.rs"), runtime)
}

/// A Rust expression: a slice of (path below the folder, contents).
fn list(folder: &Path, contents: &str, include: &str) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths = Vec::new();
    walk(folder, &mut paths)?;
    let mut files: Vec<(String, PathBuf)> = paths
        .into_iter()
        .filter_map(|path| {
            let below = path.strip_prefix(folder).ok()?;
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            let name = parts.join("/");
            let name = if name == PACKED_MANIFEST {
                "Cargo.toml".to_owned()
            } else {
                name
            };
            Some((name, path))
        })
        .collect();
    files.sort();
    let mut text = format!("{{ const FILES: &[(&str, &{contents})] = &[\n");
    for (name, path) in files {
        writeln!(
            text,
            "    ({name:?}, {include}({:?})),",
            path.display().to_string()
        )
        .map_err(io::Error::other)?;
    }
    text.push_str("]; FILES }\n");
    Ok(text)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let hidden = name.starts_with('.') && !name.ends_with(".j2") && name != ".github";
        if name == "target" || hidden {
            continue;
        }
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
