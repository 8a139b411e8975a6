//! The deployed system's files, in a folder of their own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use msarch::emit::emit;
use msarch::model::Model;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;
use serde_json::Value;
use tempfile::TempDir;

use crate::part;

/// `deploy/` and `gateway/` of a generated workspace.
pub(crate) struct Deployed {
    root: TempDir,
}

impl Deployed {
    pub(crate) fn of(model: &Model) -> Self {
        let before = Snapshot::default();
        let plan = of_model(model, &mut History::new(&before, false));
        let tree = emit(&plan).unwrap_or_else(|error| panic!("{error}"));
        let root = tempfile::tempdir().expect("a folder");
        let wanted = tree.iter().filter(|(path, _)| {
            let image = path.starts_with("services/") && path.ends_with("/Dockerfile");
            path.starts_with("deploy/") || path.starts_with("gateway/") || image
        });
        for (path, file) in wanted {
            let at = root.path().join(path);
            fs::create_dir_all(at.parent().expect("a folder")).expect("the folder is made");
            fs::write(&at, &file.contents).expect("the file is written");
            if file.executable {
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                fs::set_permissions(&at, mode).expect("it is made a program");
            }
        }
        Self { root }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("deploy")
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.at(path).exists()
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Puts another text in place of one, everywhere, and says whether that changed anything.
    pub(crate) fn changes(&self, path: &str, from: &str, to: &str) -> bool {
        let text = self.text(path);
        let changed = text.replace(from, to);
        fs::write(self.at(path), &changed).expect("the file is written");
        changed != text
    }

    /// The files whose names end so.
    pub(crate) fn with_ending(&self, ending: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it can be read") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with(ending) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The variables that compose wants to be given.
    pub(crate) fn variables(&self) -> BTreeSet<String> {
        let text = self.text("compose.yaml");
        let named = text
            .split("${")
            .skip(1)
            .filter_map(|part| part.split_once(":?"));
        named.map(|(name, _)| name.to_owned()).collect()
    }

    /// A YAML file as JSON, by a reader that is not ours.
    pub(crate) fn value(&self, path: &str) -> Option<Value> {
        let code =
            "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
        let mut python = part::python_code("yaml", "PyYAML", code)?;
        let output = python.arg(self.at(path)).output().expect("python runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{path}: {told}");
        Some(serde_json::from_slice(&output.stdout).expect("it is JSON"))
    }

    /// What a tool says that is run in the folder.
    pub(crate) fn judged(&self, command: Command) -> Result<(), String> {
        judged(command, &self.folder())
    }
}

/// What a tool says that is run in a folder.
pub(crate) fn judged(mut command: Command, folder: &Path) -> Result<(), String> {
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the tool runs");
    if output.status.success() {
        return Ok(());
    }
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(told(&output.stdout) + &told(&output.stderr))
}
