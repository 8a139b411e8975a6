//! Programs that a test runs for itself, each with a log and a folder; killed when the test ends.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port that nobody listened on a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A program that runs, and how to run it again.
pub(crate) struct Process {
    name: String,
    command: Command,
    child: Option<Child>,
    port: u16,
    log: PathBuf,
}

impl Process {
    /// A program whose sign of life is a port that it listens on.
    pub(crate) fn new(name: &str, command: Command, port: u16, logs: &Path) -> Self {
        Self {
            name: name.to_owned(),
            command,
            child: None,
            port,
            log: logs.join(format!("{name}.log")),
        }
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(name: &str, command: Command, port: u16, logs: &Path) -> Self {
        let mut process = Self::new(name, command, port, logs);
        process.run();
        process.until_up();
        process
    }

    /// Starts it, without waiting for it.
    pub(crate) fn run(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.expect("the log can be written");
        let also = log.try_clone().expect("the log can be shared");
        let command = self.command.stdin(Stdio::null()).stdout(log).stderr(also);
        // A group of its own, so that Ctrl-C at the test does not race with the test's own kills.
        let child = command.process_group(0).spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{}: {error}", self.name)));
    }

    /// Waits until it listens.
    pub(crate) fn until_up(&mut self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let gone = self.ended();
            assert!(
                gone.is_none(),
                "{} ended: {gone:?}\n{}",
                self.name,
                self.tail()
            );
            assert!(
                begun.elapsed() < PATIENCE,
                "{} is not up\n{}",
                self.name,
                self.tail()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub(crate) fn restart(&mut self) {
        self.kill();
        self.run();
    }

    /// Starts a killed server again until it listens. What the dead one began may outlive it for a moment and keep its place taken
    /// (PostgreSQL's shared memory): the new one ends then, and is run once more, as whatever keeps it would.
    pub(crate) fn bring_back(&mut self) {
        self.restart();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} does not come back\n{}",
                self.name,
                self.tail()
            );
            thread::sleep(Duration::from_millis(50));
            if self.ended().is_some() {
                self.run();
            }
        }
    }

    /// How it ended by itself, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let child = self.child.as_mut().expect("it was started");
        child.try_wait().ok().flatten()
    }

    /// The process, while it runs.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it was started").id()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Everything that it said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(crate) fn tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
