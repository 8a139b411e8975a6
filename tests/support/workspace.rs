//! Generated workspaces, all built in one target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A workspace under `target/workspaces`.
pub(crate) struct Workspace {
    pub(crate) folder: PathBuf,
}

impl Workspace {
    /// Generates the workspace of an architecture; what an earlier run left is brought up to date.
    pub(crate) fn generate(architecture: &Path) -> Self {
        let name = architecture
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a file name");
        Self::generate_into(architecture, &root().join("target/workspaces").join(name))
    }

    /// Generates the workspace of an architecture into a folder, or brings it up to date.
    pub(crate) fn generate_into(architecture: &Path, folder: &Path) -> Self {
        let made = Command::new(env!("CARGO_BIN_EXE_msarch"))
            .arg("generate")
            .arg(architecture)
            .arg("--out")
            .arg(folder)
            .output()
            .expect("msarch runs");
        assert!(
            made.status.success(),
            "{}{}",
            text(&made.stdout),
            text(&made.stderr)
        );
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Runs cargo in the workspace; its output is shown where it fails.
    pub(crate) fn cargo(&self, arguments: &[&str]) {
        let started = std::time::Instant::now();
        let done = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target())
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null())
            .output()
            .expect("cargo runs");
        let (out, error) = (text(&done.stdout), text(&done.stderr));
        assert!(
            done.status.success(),
            "cargo {arguments:?} in {}:\n{out}\n{error}",
            self.folder.display()
        );
        println!("cargo {}: {:.0?}", arguments.join(" "), started.elapsed());
    }

    /// The folder with the programs of these services, as they are deployed: without what a local run needs.
    pub(crate) fn services(&self, names: &[&str]) -> PathBuf {
        let packages = names.iter().flat_map(|name| ["--package", name]);
        self.cargo(&["build"].into_iter().chain(packages).collect::<Vec<_>>());
        target().join("debug")
    }

    /// The program that runs the whole system; built where it is not.
    pub(crate) fn program(&self) -> PathBuf {
        self.cargo(&["build", "--package", "local"]);
        let name = format!("local{}", std::env::consts::EXE_SUFFIX);
        let kept = self.folder.join("target-local").join(&name);
        // The next workspace builds a program of the same name into the shared target.
        std::fs::create_dir_all(kept.parent().expect("a folder")).expect("the folder can be made");
        // Renamed into its place, since an earlier copy may be running.
        let fresh = kept.with_extension("new");
        std::fs::copy(target().join("debug").join(&name), &fresh).expect("the program was built");
        std::fs::rename(&fresh, &kept).expect("the program can be put in its place");
        kept
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target() -> PathBuf {
    root().join("target/workspaces/target")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
