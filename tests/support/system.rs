//! A generated system that runs, and requests to its gateway.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running system on ports and in a folder of its own; dropped, it is killed.
pub(crate) struct System {
    process: Child,
    gateway: String,
    token: String,
    agent: ureq::Agent,
    log: Arc<Mutex<Vec<String>>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Answer {
    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl System {
    /// Starts a system and waits until it answers.
    pub(crate) fn start(program: &Path, data: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(program)
            .args([
                "run",
                "--port",
                "0",
                "--admin-port",
                "0",
                "--log",
                "json",
                "--data",
            ])
            .arg(data)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the system starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        keep(process.stdout.take().expect("piped"), &log);
        keep(process.stderr.take().expect("piped"), &log);
        let gateway = address(data, &mut process, &log);
        let minted = Command::new(program)
            .args(["token", "--subject", "alice", "--data"])
            .arg(data)
            .output()
            .expect("a token is minted");
        let token = String::from_utf8_lossy(&minted.stdout).trim().to_owned();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build();
        Self {
            process,
            gateway,
            token,
            agent: config.into(),
            log,
        }
    }

    /// Asks with the token of `alice`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None, Some(&self.token), &[])
    }

    /// Sends a body with the token of `alice`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body), Some(&self.token), &[])
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
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.gateway));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_string());
                self.agent.run(request.expect("a valid request"))
            }
            None => self.agent.run(request.body(()).expect("a valid request")),
        };
        let mut response =
            response.unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.tail()));
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    value.to_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status: response.status().as_u16(),
            headers,
            body,
        }
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
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The token of `alice`.
    pub(crate) fn token(&self) -> &str {
        &self.token
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

fn keep(stream: impl std::io::Read + Send + 'static, log: &Arc<Mutex<Vec<String>>>) {
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().expect("no panic while logging").push(line);
        }
    });
}

fn address(data: &Path, process: &mut Child, log: &Arc<Mutex<Vec<String>>>) -> String {
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
            return gateway.trim_end_matches('/').to_owned();
        }
        let gone = process.try_wait().ok().flatten();
        let log = || log.lock().expect("no panic while logging").join("\n");
        assert!(gone.is_none(), "the system ended: {gone:?}\n{}", log());
        assert!(
            begun.elapsed() < PATIENCE,
            "the system did not start\n{}",
            log()
        );
        thread::sleep(Duration::from_millis(50));
    }
}
