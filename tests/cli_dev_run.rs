//! `msarch dev` from start to end, with stand-ins for cargo and for the system's program: what it starts, says, and leaves behind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

const SHOP: &str = "\
msarch: 1
name: corner-shop
services:
  order-service:
    data_ownership: {orders: {fields: {customer: string}}}
    endpoints: [POST /orders, GET /orders]
gateway:
  authentication: {type: JWT, algorithms: [HS256], secret: \"${KEY}\"}
  routes: [{path: /api/orders/*, method: ALL, service: order-service, rewrite: /orders, timeout: 5s}]
";

/// Says what cargo says of a program that it has built.
const CARGO: &str = r#"
[ "$1" = --version ] && { echo 'cargo 1.99.0'; exit 0; }
echo '{"reason":"compiler-artifact","target":{"kind":["bin"]},"executable":"PROGRAM"}'
"#;

/// Mints, or notes where it runs and lives as long as its standard input.
const PROGRAM: &str = r#"
[ "$1" = token ] && { echo tok.en; exit 0; }
while [ $# -gt 0 ]; do [ "$1" = --data ] && data=$2; shift; done
mkdir -p "$data"; : > "$data/run.lock"
echo "{\"system\":\"corner-shop\",\"pid\":$$,\"gateway\":\"http://127.0.0.1:18099\",\"admin\":\"http://127.0.0.1:18098\",\"services\":{}}" > "$data/run.json"
echo "order-service        INFO something happened"
cat > /dev/null
echo "order-service        INFO service stopped"
"#;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new(cargo: &str, program: &str) -> Self {
        let desk = Self {
            folder: TempDir::new().unwrap(),
        };
        fs::write(desk.at("architecture.yaml"), SHOP).unwrap();
        desk.script("tools/program", program);
        let built = desk.at("tools/program").display().to_string();
        desk.script("tools/cargo", &cargo.replace("PROGRAM", &built));
        desk
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn script(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn dev(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("msarch"));
        command
            .current_dir(self.folder.path())
            .args(["dev", "--out", "out", "--port", "0", "--admin-port", "0"])
            .args(arguments)
            .env("CARGO", self.at("tools/cargo"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn ended(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.dev(arguments).output().unwrap();
        (
            status.code(),
            String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned(),
        )
    }
}

/// A run that has said everything it says when the system is up.
struct Running {
    child: Child,
    said: String,
    system: u32,
}

fn running(desk: &Desk, arguments: &[&str]) -> Running {
    let mut child = desk.dev(arguments).spawn().unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    while !said.contains("Ctrl-C stops it") {
        let read = lines.read_line(&mut said).unwrap();
        assert!(read > 0, "it ended:\n{said}");
    }
    // Somebody has to read what follows.
    thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    let note: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.at("out/data/run.json")).unwrap()).unwrap();
    let system = u32::try_from(note["pid"].as_u64().unwrap()).unwrap();
    Running {
        child,
        said,
        system,
    }
}

fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([name, &pid.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn lives(pid: u32) -> bool {
    Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|output| {
            let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            !state.is_empty() && !state.starts_with('Z')
        })
}

fn dies(pid: u32) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if !lives(pid) {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

#[test]
fn a_run_tells_where_everything_is_with_requests_to_paste() {
    let desk = Desk::new(CARGO, PROGRAM);
    let mut run = running(&desk, &[]);
    let expected = [
        "corner-shop runs",
        "http://127.0.0.1:18099",
        "http://127.0.0.1:18098",
        "out/data",
        "out/services/*/src/handlers",
        "token --data out/data --subject alice",
        "-H 'authorization: Bearer tok.en' 'http://127.0.0.1:18099/api/orders'",
        "-d '{\"customer\":",
    ];
    for text in expected {
        assert!(run.said.contains(text), "nothing of {text}:\n{}", run.said);
    }
    signal("-INT", run.child.id());
    assert_eq!(run.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_system_that_reads_no_tokens_is_told_without_one() {
    let desk = Desk::new(CARGO, PROGRAM);
    let lines = SHOP.lines().filter(|line| !line.contains("authentication"));
    let open = lines.collect::<Vec<_>>().join("\n");
    let open = open.replace("timeout: 5s", "timeout: 5s, public: true");
    fs::write(desk.at("architecture.yaml"), open).unwrap();
    let mut run = running(&desk, &[]);
    assert!(
        run.said
            .contains("curl -i 'http://127.0.0.1:18099/api/orders'"),
        "{}",
        run.said
    );
    assert!(!run.said.contains("tok.en") && !run.said.contains("token"));
    signal("-INT", run.child.id());
    assert_eq!(run.child.wait().unwrap().code(), Some(0));
}

#[test]
fn an_end_by_signal_leaves_no_orphan_and_lets_the_system_finish() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let desk = Desk::new(CARGO, PROGRAM);
        let run = running(&desk, &[]);
        signal(name, run.child.id());
        let output = run.child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}");
        assert!(!lives(run.system), "{name}");
    }
}

#[test]
fn the_system_dies_with_a_run_that_is_killed() {
    let desk = Desk::new(CARGO, PROGRAM);
    let mut run = running(&desk, &[]);
    signal("-KILL", run.child.id());
    run.child.wait().unwrap();
    assert!(dies(run.system));
}

#[test]
fn the_logs_of_the_system_pass_through() {
    let desk = Desk::new(CARGO, PROGRAM);
    let run = running(&desk, &[]);
    signal("-INT", run.child.id());
    let output = run.child.wait_with_output().unwrap();
    let logs = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        logs.contains("order-service        INFO something happened"),
        "{logs}"
    );
}

#[test]
fn a_system_that_ends_by_itself_is_a_failure() {
    let desk = Desk::new(CARGO, "exit 7");
    let (code, said) = desk.ended(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("ended by itself") && said.contains('7'),
        "{said}"
    );
}

#[test]
fn a_build_that_fails_is_a_failure_and_nothing_runs() {
    let cargo = "[ \"$1\" = --version ] && exit 0\necho 'error: no such crate' >&2; exit 101";
    let desk = Desk::new(cargo, PROGRAM);
    let (code, said) = desk.ended(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("no such crate") && said.contains("does not build"),
        "{said}"
    );
    assert!(!desk.at("out/data").exists());
}

#[test]
fn no_run_stops_after_the_build() {
    let desk = Desk::new(CARGO, PROGRAM);
    let (code, said) = desk.ended(&["--no-run"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(desk.at("out/Cargo.toml").exists() && !desk.at("out/data").exists());
}

#[test]
fn fresh_removes_the_data_of_earlier_runs_and_nothing_else_does() {
    let desk = Desk::new(CARGO, PROGRAM);
    let stopped = |arguments: &[&str]| {
        let mut run = running(&desk, arguments);
        signal("-INT", run.child.id());
        run.child.wait().unwrap();
    };
    stopped(&[]);
    fs::write(desk.at("out/data/orders.db"), "rows").unwrap();
    stopped(&[]);
    assert!(desk.at("out/data/orders.db").exists());
    stopped(&["--fresh"]);
    assert!(!Path::new(&desk.at("out/data/orders.db")).exists());
}

#[test]
fn a_stop_during_the_build_ends_cargo_and_what_it_started() {
    let cargo = "[ \"$1\" = --version ] && exit 0\nsleep 300 &\necho $! > ../compiler.pid\nwait";
    let desk = Desk::new(cargo, PROGRAM);
    let mut child = desk.dev(&[]).spawn().unwrap();
    let begun = Instant::now();
    let compiler = loop {
        let noted = fs::read_to_string(desk.at("compiler.pid")).unwrap_or_default();
        if let Ok(pid) = noted.trim().parse::<u32>() {
            break pid;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "cargo was never started"
        );
        thread::sleep(Duration::from_millis(50));
    };
    signal("-INT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(dies(compiler));
}
