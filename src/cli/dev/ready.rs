//! Waiting until everything answers.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::error::DevError;
use super::process::{Process, Stop};

/// How long the first start may take: it makes the databases.
const PATIENCE: Duration = Duration::from_secs(60);
const PACE: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(2);

/// What a run notes in `run.json`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Noted {
    pub(super) pid: u32,
    pub(super) gateway: String,
    pub(super) admin: String,
    pub(super) services: BTreeMap<String, String>,
}

/// How waiting ended.
#[derive(Debug)]
pub(super) enum Waited {
    /// Everything answers.
    Ready(Noted),
    /// We are to stop.
    Stopped,
    /// The system ended by itself.
    Ended(ExitStatus),
}

/// The note in a data folder, if there is one.
pub(super) fn noted(data: &Path) -> Option<Noted> {
    serde_json::from_slice(&fs::read(data.join("run.json")).ok()?).ok()
}

/// Waits until the note is that of this process and every service is ready.
pub(super) fn wait(process: &mut Process, data: &Path, stop: &Stop) -> Result<Waited, DevError> {
    let begun = Instant::now();
    let pid = process.child().id();
    loop {
        if let Some(status) = process.ended().map_err(DevError::start(data))? {
            return Ok(Waited::Ended(status));
        }
        let noted = noted(data).filter(|noted| noted.pid == pid);
        let missing = match &noted {
            None => Some("nothing listens yet".to_owned()),
            Some(noted) => unready(noted),
        };
        match (noted, missing) {
            (Some(noted), None) => return Ok(Waited::Ready(noted)),
            (_, Some(missing)) if begun.elapsed() > PATIENCE => {
                return Err(DevError::NotReady {
                    seconds: PATIENCE.as_secs(),
                    missing,
                });
            }
            _ => {}
        }
        if stop.wait(PACE) {
            return Ok(Waited::Stopped);
        }
    }
}

/// The first service that is not ready.
fn unready(noted: &Noted) -> Option<String> {
    let unready = noted
        .services
        .iter()
        .find(|(_, address)| !status(address, "/health/ready").is_ok_and(|status| status == 200));
    unready.map(|(name, address)| format!("{name} at {address} is not ready"))
}

/// The status that an address answers with. A client of its own would weigh more than this question.
fn status(address: &str, path: &str) -> io::Result<u16> {
    let host = address.trim_start_matches("http://");
    let socket = host.parse().map_err(io::Error::other)?;
    let mut stream = TcpStream::connect_timeout(&socket, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let status = line
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other(format!("no answer of HTTP: {line}")))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A service that answers each request with this status line.
    fn service(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut stream = stream;
                let request = BufReader::new(&stream).lines();
                let _head = request.map_while(Result::ok).find(String::is_empty);
                let _ =
                    stream.write_all(format!("{answer}\r\ncontent-length: 0\r\n\r\n").as_bytes());
            }
        });
        address
    }

    fn run(services: &[(&str, String)]) -> Noted {
        Noted {
            pid: 1,
            gateway: String::new(),
            admin: String::new(),
            services: services
                .iter()
                .map(|(name, address)| ((*name).to_owned(), address.clone()))
                .collect(),
        }
    }

    #[test]
    fn the_service_that_is_not_ready_is_named() {
        let good = service("HTTP/1.1 200 OK");
        let late = service("HTTP/1.1 503 Service Unavailable");
        assert_eq!(unready(&run(&[("orders", good.clone())])), None);
        let missing = unready(&run(&[("orders", good), ("stock", late)])).unwrap();
        assert!(
            missing.starts_with("stock at http://127.0.0.1:"),
            "{missing}"
        );
    }

    #[test]
    fn a_service_that_does_not_listen_is_not_ready() {
        let free = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        assert!(unready(&run(&[("orders", format!("http://{free}"))])).is_some());
    }

    #[test]
    fn half_a_note_is_no_note() {
        let data = tempfile::tempdir().unwrap();
        assert!(noted(data.path()).is_none());
        fs::write(data.path().join("run.json"), "{\"pid\": 1,").unwrap();
        assert!(noted(data.path()).is_none());
    }
}
