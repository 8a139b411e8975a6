//! A service that does as requests say: `x-case` names who counts, `x-fails` how often it fails, `x-status` how, `x-sleep-ms` for how long
//! it waits. It answers with what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;

type Seen = Arc<Mutex<Vec<Request>>>;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    fn number(&self, header: &str) -> Option<u64> {
        self.headers.get(header)?.parse().ok()
    }

    fn is_of(&self, case: &str) -> bool {
        self.headers
            .get("x-case")
            .is_some_and(|known| known == case)
    }
}

/// The service, on a port of its own, until the test ends.
pub(crate) struct Upstream {
    pub(crate) port: u16,
    seen: Seen,
}

impl Upstream {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let seen = Seen::default();
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&kept);
                thread::spawn(move || serve(&stream, &seen));
            }
        });
        Self { port, seen }
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("nobody panics").clone()
    }

    /// How many requests of a case arrived.
    pub(crate) fn hits(&self, case: &str) -> usize {
        self.seen()
            .iter()
            .filter(|request| request.is_of(case))
            .count()
    }
}

fn serve(stream: &TcpStream, seen: &Seen) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let (status, body) = answered(&request, seen);
        let answer = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = stream;
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn answered(request: &Request, seen: &Seen) -> (u64, String) {
    let case = request.headers.get("x-case").cloned().unwrap_or_default();
    let before = {
        let mut seen = seen.lock().expect("nobody panics");
        let before = seen.iter().filter(|known| known.is_of(&case)).count();
        seen.push(request.clone());
        before
    };
    if let Some(pause) = request.number("x-sleep-ms") {
        thread::sleep(Duration::from_millis(pause));
    }
    let fails = request.number("x-fails").unwrap_or(0);
    let status = if (before as u64) < fails {
        request.number("x-status").unwrap_or(503)
    } else {
        200
    };
    let (method, path) = request.line.split_once(' ').unwrap_or_default();
    let path = path.split(' ').next().unwrap_or_default();
    let saw = format!("{method} {path}");
    let told = json!({"saw": saw, "headers": request.headers, "length": request.body.len()});
    (status, told.to_string())
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut request = Request {
        line: line.trim().to_owned(),
        headers,
        body: Vec::new(),
    };
    if let Some(length) = request.number("content-length") {
        request.body = vec![0; usize::try_from(length).ok()?];
        reader.read_exact(&mut request.body).ok()?;
    } else if request.headers.contains_key("transfer-encoding") {
        request.body = chunks(reader)?;
    }
    Some(request)
}

fn chunks(reader: &mut BufReader<&TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
