//! A generated Dockerfile is followed line by line in an empty folder: what it does not copy is not there, and is missed.
//!
//! `cargo test` has cargo check where an image builds; the deep script has it build. Nothing is fetched.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use glob::{MatchOptions, Pattern};
use support::Workspace;
use walkdir::WalkDir;

/// Whether cargo builds as the image says, or only checks.
#[derive(Clone, Copy, PartialEq)]
enum Cargo {
    Builds,
    Checks,
}

/// What the Dockerfile's `cargo` is where it only checks.
const CHECKING: &str = r#"#!/bin/sh
[ "$1" = build ] || exec CARGO "$@"
shift
for argument; do
    shift
    [ "$argument" = --release ] || set -- "$@" "$argument"
done
exec CARGO check "$@"
"#;

/// A folder in which images are made, by the rules of Docker as far as our Dockerfiles use them.
struct Builder {
    context: PathBuf,
    /// The file system of the build.
    stage: PathBuf,
    tools: PathBuf,
    cargo: Cargo,
}

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Builder {
    fn new(architecture: &str, cargo: Cargo) -> Self {
        let workspace = Workspace::generate(&at(architecture));
        // Whoever builds an image has committed a lock that is complete.
        workspace.cargo(&["update", "--workspace", "--offline"]);
        let tools = at("target/workspaces/image-tools");
        fs::create_dir_all(&tools).expect("the folder can be made");
        let script = tools.join("cargo");
        fs::write(&script, CHECKING.replace("CARGO", env!("CARGO"))).expect("it can be written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&script, mode).expect("it can be made a program");
        Self {
            context: workspace.folder,
            stage: at("target/workspaces/image"),
            tools,
            cargo,
        }
    }

    fn dockerfile(&self, service: &str) -> String {
        let path = self.context.join(format!("services/{service}/Dockerfile"));
        fs::read_to_string(path).expect("the service has a Dockerfile")
    }

    /// Follows a Dockerfile up to the image that runs.
    fn build(&self, dockerfile: &str) -> Result<(), String> {
        let _ = fs::remove_dir_all(&self.stage);
        fs::create_dir_all(&self.stage).expect("the folder can be made");
        if self.cargo == Cargo::Builds {
            let target = at("target/workspaces/image-target");
            fs::create_dir_all(&target).expect("the folder can be made");
            std::os::unix::fs::symlink(target, self.stage.join("target"))
                .expect("it can be linked");
        }
        for line in dockerfile
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            assert!(!line.ends_with('\\'), "a line that goes on: {line}");
            let (word, rest) = line
                .split_once(' ')
                .expect("an instruction and its arguments");
            match (word, rest.strip_prefix("--from=build ")) {
                ("COPY", Some(rest)) => self.take(rest)?,
                ("COPY", None) => self.copy(rest)?,
                ("RUN", _) => self.run(rest)?,
                ("ARG" | "FROM" | "WORKDIR" | "ENV" | "USER" | "EXPOSE" | "ENTRYPOINT", _) => {}
                _ => panic!("an instruction that this test does not know: {line}"),
            }
        }
        self.holds_no_placeholder()
    }

    /// `COPY from... to`
    fn copy(&self, arguments: &str) -> Result<(), String> {
        let mut froms: Vec<&str> = arguments.split(' ').collect();
        let to = froms.pop().expect("a place to copy to");
        for from in froms {
            let files = self.files_of(from);
            if files.is_empty() {
                return Err(format!("there is no {from} to copy"));
            }
            for file in files {
                let below = file.strip_prefix(from).expect("it is below");
                let target = match below.to_str() {
                    Some("") if to.ends_with('/') => {
                        self.stage.join(to).join(file.file_name().expect("a name"))
                    }
                    _ => self.stage.join(to).join(below),
                };
                copy_file(&self.context.join(&file), &target);
            }
        }
        Ok(())
    }

    /// The files of the context that a `COPY` sees.
    fn files_of(&self, from: &str) -> Vec<PathBuf> {
        let ignored = Ignored::read(&self.context.join(".dockerignore"));
        let below = |entry: &walkdir::DirEntry| {
            entry
                .path()
                .strip_prefix(&self.context)
                .map(Path::to_owned)
                .expect("it is below")
        };
        WalkDir::new(self.context.join(from))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| below(&entry))
            .filter(|path| !ignored.covers(path))
            .collect()
    }

    fn run(&self, command: &str) -> Result<(), String> {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(&self.stage)
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null());
        if self.cargo == Cargo::Checks {
            let path = std::env::var("PATH").expect("there is a path");
            shell
                .env("PATH", format!("{}:{path}", self.tools.display()))
                .env("CARGO_TARGET_DIR", at("target/workspaces/target"));
        }
        let done = shell.output().expect("there is a shell");
        if done.status.success() {
            return Ok(());
        }
        Err(format!(
            "{command}\n{}",
            String::from_utf8_lossy(&done.stderr)
        ))
    }

    /// `COPY --from=build [--chown=...] /build/from to`: what was built must be there.
    fn take(&self, arguments: &str) -> Result<(), String> {
        let from = arguments
            .split(' ')
            .find_map(|argument| argument.strip_prefix("/build/"));
        let from = from.expect("the build lies in /build");
        let built = self.cargo == Cargo::Checks && from.starts_with("target/")
            || self.stage.join(from).exists();
        built
            .then_some(())
            .ok_or_else(|| format!("{from} was not built"))
    }

    /// Where a source was not copied, what stood in for it while the dependencies were built would be in the image.
    fn holds_no_placeholder(&self) -> Result<(), String> {
        for entry in WalkDir::new(&self.stage).into_iter().filter_map(Result::ok) {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                let below = path.strip_prefix(&self.stage).expect("it is below");
                if fs::read(path).ok() != fs::read(self.context.join(below)).ok() {
                    return Err(format!("{} is not what the workspace has", below.display()));
                }
            }
        }
        Ok(())
    }
}

/// Copies as Docker does: with the time of the last change.
fn copy_file(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a folder")).expect("the folder can be made");
    fs::copy(from, to).expect("the file can be copied");
    let time = fs::metadata(from).and_then(|metadata| metadata.modified());
    let file = fs::File::options()
        .append(true)
        .open(to)
        .expect("it is there");
    file.set_modified(time.expect("a time"))
        .expect("the time can be set");
}

/// A `.dockerignore`: the last pattern that fits a path, or a folder above it, decides.
struct Ignored(Vec<(bool, Pattern)>);

impl Ignored {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("there is a .dockerignore");
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let patterns = lines.map(|line| match line.strip_prefix('!') {
            Some(pattern) => (false, Pattern::new(pattern).expect("a pattern")),
            None => (true, Pattern::new(line).expect("a pattern")),
        });
        Self(patterns.collect())
    }

    fn covers(&self, path: &Path) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let fits = |pattern: &Pattern| {
            path.ancestors()
                .any(|above| pattern.matches_path_with(above, options))
        };
        let last = self.0.iter().rfind(|(_, pattern)| fits(pattern));
        last.is_some_and(|(ignored, _)| *ignored)
    }
}

/// The Dockerfile without one of its lines.
fn without(dockerfile: &str, line: &str) -> String {
    let kept = dockerfile.lines().filter(|known| *known != line);
    kept.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_dockerfile_copies_all_that_its_service_is_built_from_and_nothing_to_spare() {
    let builder = Builder::new("examples/minimal.yaml", Cargo::Checks);
    for service in ["entry-service", "mail-service"] {
        let dockerfile = builder.dockerfile(service);
        assert_eq!(builder.build(&dockerfile), Ok(()), "{service}");
    }
    let dockerfile = builder.dockerfile("mail-service");
    let copies: Vec<&str> = dockerfile
        .lines()
        .filter(|line| line.starts_with("COPY ") && !line.contains("--from"))
        .collect();
    assert!(copies.len() > 5, "{copies:?}");
    for copy in copies {
        assert!(
            builder.build(&without(&dockerfile, copy)).is_err(),
            "nobody misses `{copy}`"
        );
    }
}

#[test]
#[ignore = "builds for release, which takes minutes; the deep script runs it"]
fn an_image_builds_for_release() {
    let builder = Builder::new("examples/ecommerce.yaml", Cargo::Builds);
    assert_eq!(builder.build(&builder.dockerfile("order-service")), Ok(()));
}
