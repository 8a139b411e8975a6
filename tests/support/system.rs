//! A generated system that runs, and requests to its gateway.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::Client;
use super::gateway::{Answer, Gateway};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running system on ports and in a folder of its own; dropped, it is killed.
pub(crate) struct System {
    process: Child,
    client: Client,
    log: Arc<Mutex<Vec<String>>>,
}

impl System {
    /// Starts a system and waits until it answers.
    pub(crate) fn start(program: &Path, data: &Path, arguments: &[&str]) -> Self {
        let token = mint(program, data, "alice");
        let system = Self::begin(program, data, arguments, token);
        system.unwrap_or_else(|ended| panic!("{ended}"))
    }

    /// Starts a system with a token that was minted before.
    ///
    /// # Errors
    /// What it said, where it ended before it answered.
    pub(crate) fn begin(
        program: &Path,
        data: &Path,
        arguments: &[&str],
        token: String,
    ) -> Result<Self, String> {
        let mut process = spawn(program, data, arguments);
        let log = Arc::new(Mutex::new(Vec::new()));
        keep(process.stdout.take().expect("piped"), &log);
        keep(process.stderr.take().expect("piped"), &log);
        let gateway = Gateway::new(&address(data, &mut process, &log)?);
        Ok(Self {
            process,
            client: Client::new(gateway, token),
            log,
        })
    }

    /// Whether it has ended by itself.
    pub(crate) fn is_gone(&mut self) -> bool {
        self.process.try_wait().ok().flatten().is_some()
    }

    /// Starts a system and kills it after a while, wherever it is by then.
    pub(crate) fn start_and_kill(program: &Path, data: &Path, arguments: &[&str], after: Duration) {
        let mut process = spawn(program, data, arguments);
        let log = Arc::new(Mutex::new(Vec::new()));
        keep(process.stdout.take().expect("piped"), &log);
        keep(process.stderr.take().expect("piped"), &log);
        thread::sleep(after);
        let _ = process.kill();
        let _ = process.wait();
    }

    /// Asks with the token of `alice`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None, Some(self.token()), &[])
    }

    /// Sends a body with the token of `alice`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body), Some(self.token()), &[])
    }

    /// Sends a request.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        token: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.gateway()
            .ask(method, path, body, token, headers)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.tail()))
    }

    /// Somebody with the token of `alice`.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The way into it.
    pub(crate) fn gateway(&self) -> &Gateway {
        self.client.gateway()
    }

    /// Asks again and again until the answer is as wanted.
    pub(crate) fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{path} stays {answer:?}\n{}",
                self.tail()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The token of `alice`.
    pub(crate) fn token(&self) -> &str {
        self.client.token()
    }

    /// The log lines so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("no panic while logging").clone()
    }

    fn tail(&self) -> String {
        let log = self.log();
        log[log.len().saturating_sub(40)..].join("\n")
    }

    /// Kills the system at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for System {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A token of the system in a folder.
pub(crate) fn mint(program: &Path, data: &Path, subject: &str) -> String {
    let minted = Command::new(program)
        .args(["token", "--subject", subject, "--data"])
        .arg(data)
        .output()
        .expect("a token is minted");
    assert!(minted.status.success(), "{minted:?}");
    String::from_utf8_lossy(&minted.stdout).trim().to_owned()
}

fn spawn(program: &Path, data: &Path, arguments: &[&str]) -> Child {
    Command::new(program)
        .args(["run", "--port", "0", "--admin-port", "0", "--log", "json"])
        .arg("--data")
        .arg(data)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the system starts")
}

fn keep(stream: impl std::io::Read + Send + 'static, log: &Arc<Mutex<Vec<String>>>) {
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().expect("no panic while logging").push(line);
        }
    });
}

fn address(
    data: &Path,
    process: &mut Child,
    log: &Arc<Mutex<Vec<String>>>,
) -> Result<String, String> {
    let note: PathBuf = data.join("run.json");
    let begun = Instant::now();
    loop {
        let read = fs::read_to_string(&note)
            .ok()
            .and_then(|text| serde_json::from_str::<Value>(&text).ok());
        // A note of a killed run names another process.
        let mine = read.filter(|note| {
            note["pid"]
                .as_u64()
                .is_none_or(|pid| pid == u64::from(process.id()))
        });
        if let Some(gateway) = mine.as_ref().and_then(|note| note["gateway"].as_str()) {
            return Ok(gateway.to_owned());
        }
        let gone = process.try_wait().ok().flatten();
        let log = || log.lock().expect("no panic while logging").join("\n");
        if let Some(status) = gone {
            return Err(format!("the system ended: {status}\n{}", log()));
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "the system did not start\n{}",
            log()
        );
        thread::sleep(Duration::from_millis(5));
    }
}
