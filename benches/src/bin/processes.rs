//! Prints what whole processes cost, from their start to their end: CPU time, that of the user and that of the system, the least of
//! several rounds. It says the same on a machine that has other work to do.
//!
//! `processes` holds msarch against `buf lint` too, where a `buf` is on the path: as many messages as events, with the same fields.
//! Neither finds anything.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use msarch_benches::{architecture, messages, system};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

const ROUNDS: usize = 15;

/// So many services with so many events each: 2,000 in all.
const EVENTS: (usize, usize) = (40, 50);

fn main() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let folder = folder.path();
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(path, text).expect("the disk has room");
    };
    write("services.yaml", architecture(50));
    write("events.yaml", system(EVENTS.0, EVENTS.1));
    write(
        "buf.yaml",
        "version: v2\nlint: {use: [STANDARD]}\n".to_owned(),
    );
    write("synthetic/v1/events.proto", messages(EVENTS.0, EVENTS.1));

    let msarch = beside_this("msarch");
    let ours = |file: &str| {
        // Anything that a rule found would be printed, and measured besides.
        let arguments = ["validate", "--deny", "info", file];
        cost(&msarch, &arguments, folder).expect("msarch is built beside this program")
    };
    println!("{:<42} {:>10}", "CPU time of the whole process", "least");
    row("msarch validate, 50 services", ours("services.yaml"), None);
    let events = ours("events.yaml");
    row("msarch validate, 2,000 events", events, None);
    match cost(Path::new("buf"), &["lint"], folder) {
        Some(theirs) => row("buf lint, 2,000 messages", theirs, Some(events)),
        None => println!("buf lint: no `buf` is on the path"),
    }
}

fn row(name: &str, cost: Duration, other: Option<Duration>) {
    let ratio = other.map_or_else(String::new, |other| {
        format!("{:.1}x", cost.as_secs_f64() / other.as_secs_f64())
    });
    println!("{name:<42} {:>10} {ratio:>7}", format!("{cost:.1?}"));
}

fn beside_this(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("this program is somewhere");
    this.with_file_name(name)
}

/// The least that a program costs; nothing where there is no such program.
fn cost(program: &Path, arguments: &[&str], folder: &Path) -> Option<Duration> {
    let run = || {
        let before = used();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        let done = command.stdout(Stdio::null()).status().ok()?;
        assert!(done.success(), "{}: {done}", program.display());
        Some(used() - before)
    };
    (0..ROUNDS).map(|_| run()).min().flatten()
}

/// What all children that have ended have used.
fn used() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("every Unix tells");
    let time = |value: TimeVal| Duration::from_micros(value.num_microseconds().unsigned_abs());
    time(usage.user_time()) + time(usage.system_time())
}
