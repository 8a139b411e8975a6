//! A real `msarch generate` that dies in the middle of its writes: the next run completes, and no line of the user's is missing.
//!
//! `src/write/tests/kills.rs` kills the writer alone, in every mode. Here whole processes die, over an architecture that grew, lost a
//! service and renamed one.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use msarch::write::{Disk, RealDisk};
use tempfile::TempDir;

const BEFORE: &str = "\
msarch: 1
name: shop
services:
  order-service:
    data_ownership: {orders: {fields: {customer: string}}}
    endpoints: {place_order: POST /orders}
  stock-service: {data_ownership: [items]}
";

const AFTER: &str = "\
msarch: 1
name: shop
services:
  sales-service:
    renamed_from: order-service
    data_ownership: {orders: {fields: {customer: string, note: string?}}}
    endpoints: {place_order: POST /orders}
  till-service: {data_ownership: [tills]}
";

/// What a person wrote: into a scaffold that is renamed, into generated files that are merged, into a scaffold that is dropped, and
/// files of their own.
const EDITED: [&str; 4] = [
    "services/order-service/src/handlers/place_order.rs",
    "services/order-service/src/lib.rs",
    "services/stock-service/tests/service/own.rs",
    "Cargo.toml",
];
const OWN: [&str; 2] = [
    "services/order-service/src/own.rs",
    "services/stock-service/notes.md",
];

/// What a line of theirs says.
const MARK: &str = "a person wrote this";

const SIGKILL: i32 = 9;

/// A disk whose process is killed before one of the changes, or in the middle of writing a file.
struct DyingDisk(Cell<usize>);

impl DyingDisk {
    fn step(&self) {
        if !self.lives_on() {
            die();
        }
    }

    fn lives_on(&self) -> bool {
        let left = self.0.get().checked_sub(1);
        left.inspect(|left| self.0.set(*left)).is_some()
    }
}

fn die() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    unreachable!("nobody survives that")
}

impl Disk for DyingDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        RealDisk.make_folder(path)
    }

    fn write_new(
        &self,
        path: &Path,
        contents: &[u8],
        executable: bool,
        durable: bool,
    ) -> io::Result<()> {
        if self.lives_on() {
            return RealDisk.write_new(path, contents, executable, durable);
        }
        RealDisk.write_new(path, &contents[..contents.len() / 2], executable, false)?;
        die()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step();
        RealDisk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step();
        RealDisk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step();
        RealDisk.remove_folder(path)
    }
}

/// Where the process that dies finds its arguments and its number of changes.
const ARGUMENTS: &str = "MSARCH_TEST_ARGUMENTS";
const CHANGES: &str = "MSARCH_TEST_CHANGES";

#[test]
#[ignore = "other tests run it, in a process of its own"]
fn the_process_that_dies() {
    let (Ok(arguments), Ok(changes)) = (std::env::var(ARGUMENTS), std::env::var(CHANGES)) else {
        return;
    };
    let disk = DyingDisk(Cell::new(changes.parse().unwrap()));
    let done = msarch::cli::run_on(&disk, arguments.split('\n').map(Into::into));
    assert_eq!(done, ExitCode::SUCCESS);
}

/// A folder with an architecture, a workspace and what a person did to it.
struct Desk(TempDir);

impl Desk {
    /// The workspace of the first architecture, edited; the second is about to be generated.
    fn new() -> Self {
        let desk = Self(TempDir::new().unwrap());
        fs::write(desk.at("architecture.yaml"), BEFORE).unwrap();
        desk.generate();
        for path in EDITED {
            let path = desk.at("out").join(path);
            let comment = if path.extension().is_some_and(|ending| ending == "rs") {
                "//"
            } else {
                "#"
            };
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, format!("{text}\n{comment} {MARK}\n")).unwrap();
        }
        for path in OWN {
            fs::write(desk.at("out").join(path), format!("// {MARK}\n")).unwrap();
        }
        fs::write(desk.at("architecture.yaml"), AFTER).unwrap();
        desk
    }

    /// The same once more; files are linked, since every change is a new file that is renamed into place.
    fn copy(&self) -> Self {
        let copy = Self(TempDir::new().unwrap());
        for entry in walkdir::WalkDir::new(self.0.path()).min_depth(1) {
            let entry = entry.unwrap();
            let to = copy
                .0
                .path()
                .join(entry.path().strip_prefix(self.0.path()).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir(to).unwrap();
            } else {
                fs::hard_link(entry.path(), to).unwrap();
            }
        }
        copy
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn arguments(&self) -> [String; 5] {
        let (file, out) = (self.at("architecture.yaml"), self.at("out"));
        [
            "generate",
            file.to_str().unwrap(),
            "--merge",
            "--out",
            out.to_str().unwrap(),
        ]
        .map(str::to_owned)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msarch"));
        command.args(self.arguments()).stdout(Stdio::null());
        command
    }

    /// A run that nothing disturbs.
    fn generate(&self) {
        let status = self.command().status().unwrap();
        assert!(status.success(), "{status}");
    }

    /// A run that dies at a change of the disk.
    fn die_at(&self, changes: usize) -> ExitStatus {
        let arguments = [&["msarch".to_owned()][..], &self.arguments()]
            .concat()
            .join("\n");
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "the_process_that_dies",
                "--ignored",
                "--nocapture",
                "--test-threads",
                "1",
            ])
            .env(ARGUMENTS, arguments)
            .env(CHANGES, changes.to_string())
            .stdout(Stdio::null())
            .status()
            .unwrap()
    }

    /// Every file, `.msarch` included.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let out = self.at("out");
        let entries = walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files
            .map(|entry| {
                let path = entry
                    .path()
                    .strip_prefix(&out)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                (path, fs::read(entry.path()).unwrap())
            })
            .collect()
    }

    /// How many lines a person wrote.
    fn user_lines(&self) -> usize {
        let files = self.files();
        let texts = files
            .iter()
            .filter(|(path, _)| !path.starts_with(".msarch"))
            .map(|(_, bytes)| String::from_utf8_lossy(bytes));
        texts.map(|text| text.matches(MARK).count()).sum()
    }

    /// After a kill nothing of the user's is gone, and the next run gives what an undisturbed one would have given.
    fn completes_to(&self, wanted: &BTreeMap<String, Vec<u8>>, name: &str) {
        assert_eq!(
            self.user_lines(),
            EDITED.len() + OWN.len(),
            "{name}: a line of the user's is gone"
        );
        self.generate();
        let found = self.files();
        let differing: Vec<&String> = found
            .keys()
            .chain(wanted.keys())
            .filter(|path| found.get(*path) != wanted.get(*path))
            .collect();
        assert!(differing.is_empty(), "{name}: {differing:?}");
    }
}

fn undisturbed(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let whole = desk.copy();
    whole.generate();
    let files = whole.files();
    for (path, text) in [
        ("services/sales-service/src/handlers/place_order.rs", MARK),
        ("services/sales-service/src/lib.rs", MARK),
        ("services/sales-service/src/own.rs", MARK),
        (
            "services/sales-service/migrations/0002_add_note.sql",
            "note",
        ),
        ("services/stock-service/tests/service/own.rs", MARK),
        ("services/till-service/src/lib.rs", ""),
    ] {
        let found = files
            .get(path)
            .unwrap_or_else(|| panic!("{path} is not there"));
        assert!(
            String::from_utf8_lossy(found).contains(text),
            "{path} lacks {text}"
        );
    }
    assert!(
        !files
            .keys()
            .any(|path| path.starts_with("services/order-service") || path.contains("/tmp/"))
    );
    files
}

/// Kills a run at every change from `first` on, `stride` apart, until one lives; gives how many died.
fn kill_at_each(
    desk: &Desk,
    wanted: &BTreeMap<String, Vec<u8>>,
    first: usize,
    stride: usize,
) -> usize {
    for (died, changes) in (first..).step_by(stride).enumerate() {
        let desk = desk.copy();
        let ended = desk.die_at(changes);
        desk.completes_to(wanted, &format!("killed at change {changes}"));
        if ended.success() {
            return died;
        }
        assert_eq!(ended.signal(), Some(SIGKILL), "{ended}");
    }
    unreachable!("the numbers do not end")
}

fn kill(stride: usize) {
    let desk = Desk::new();
    let wanted = undisturbed(&desk);
    // Two at a time, as machines have two cores at least.
    let died: usize = thread::scope(|scope| {
        let all: Vec<_> = (0..2)
            .map(|half| {
                let (desk, wanted) = (&desk, &wanted);
                scope.spawn(move || kill_at_each(desk, wanted, half * stride, 2 * stride))
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    println!("{died} runs died");
    assert!(died * stride > 100, "only {died} runs died");
}

#[test]
fn a_run_that_is_killed_at_its_writes_is_completed_by_the_next() {
    kill(7);
}

#[test]
#[ignore = "takes a minute; the deep script runs it"]
fn a_run_that_is_killed_at_any_of_its_writes_is_completed_by_the_next() {
    kill(1);
}

#[test]
fn a_run_that_somebody_kills_is_completed_by_the_next() {
    let desk = Desk::new();
    let wanted = undisturbed(&desk);
    let mut midway = 0;
    for delay in [0, 1, 2, 3, 5, 8, 13, 21] {
        let desk = desk.copy();
        let mut run = desk.command().spawn().unwrap();
        let (staging, patience) = (desk.at("out/.msarch/tmp"), Instant::now());
        while !staging.exists()
            && run.try_wait().unwrap().is_none()
            && patience.elapsed() < Duration::from_secs(60)
        {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(delay));
        run.kill().unwrap();
        let ended = run.wait().unwrap();
        midway += usize::from(ended.signal() == Some(SIGKILL) && staging.exists());
        desk.completes_to(
            &wanted,
            &format!("killed {delay} ms after the first change"),
        );
    }
    assert!(midway > 0, "no run was killed while it wrote");
}
