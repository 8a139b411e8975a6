//! A running Envoy with the generated configuration; only addresses and ports are those of this machine.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client;

const PATIENCE: Duration = Duration::from_secs(60);

/// Envoy, until it is dropped. The thread that started it must live as long: Envoy ends with it.
pub(crate) struct Proxy {
    process: Child,
    /// Where requests go.
    pub(crate) port: u16,
    /// Where its metrics are.
    pub(crate) metrics: u16,
    /// Where its administration is.
    pub(crate) admin: u16,
    lines: Arc<Mutex<Vec<String>>>,
}

/// Says where a host is: `(name, its port in the file, its port here)`.
pub(crate) type Place<'a> = (&'a str, u16, u16);

impl Proxy {
    /// Starts it in a folder.
    pub(crate) fn start(
        mut envoy: Command,
        config: &str,
        places: &[Place<'_>],
        folder: &Path,
    ) -> Self {
        let [port, metrics, admin] = free_ports();
        let mut config = config.to_owned();
        let ours = [
            ("0.0.0.0", 8940, port),
            ("0.0.0.0", 8941, metrics),
            ("127.0.0.1", 9901, admin),
        ];
        for (host, from, to) in ours.iter().chain(places) {
            config = moved(&config, host, *from, *to);
        }
        let file = folder.join("envoy.yaml");
        std::fs::write(&file, config).expect("it can be written");
        let mut process = envoy
            .args([
                "--log-level",
                "warn",
                "--concurrency",
                "2",
                "--use-dynamic-base-id",
                "--config-path",
            ])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Envoy starts");
        let lines = Arc::new(Mutex::new(Vec::new()));
        keep(process.stdout.take().expect("piped"), &lines);
        keep(process.stderr.take().expect("piped"), &lines);
        let mut proxy = Self {
            process,
            port,
            metrics,
            admin,
            lines,
        };
        proxy.wait();
        proxy
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        loop {
            let ready = client::try_ask("127.0.0.1", self.metrics, "GET /ready", &[], "");
            if ready.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            let ended = self.process.try_wait().ok().flatten();
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "Envoy does not run: {ended:?}\n{}",
                self.lines.lock().expect("nobody panics").join("\n")
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The line of the access log that fits.
    pub(crate) fn logged(&self, fits: impl Fn(&Value) -> bool) -> Value {
        until("a line of the access log", || {
            let lines = self.lines.lock().expect("nobody panics").clone();
            let mut read = lines
                .iter()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            read.find(&fits)
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until something is there.
pub(crate) fn until<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        thread::sleep(Duration::from_millis(20));
    }
}

fn keep(stream: impl std::io::Read + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) {
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().expect("nobody panics").push(line);
        }
    });
}

/// Free for the moment; all are held at once, so that they differ.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("it is bound").port())
}

/// The configuration with one address in place of another.
fn moved(config: &str, host: &str, from: u16, to: u16) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut found = 0;
    for line in config.lines() {
        let before = lines.last().map(|line| {
            line.trim()
                .trim_start_matches("address: ")
                .trim_matches('"')
                .to_owned()
        });
        if line.trim() == format!("port_value: {from}") && before.as_deref() == Some(host) {
            let indent = &line[..line.len() - line.trim_start().len()];
            lines.pop();
            lines.push(format!("{indent}address: \"127.0.0.1\""));
            lines.push(format!("{indent}port_value: {to}"));
            found += 1;
        } else {
            lines.push(line.to_owned());
        }
    }
    assert!(found > 0, "{host}:{from} is not in the configuration");
    lines.join("\n")
}
