//! Who takes traces in the test: everything that is sent by OTLP over HTTP, as it came.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A collector that keeps what it is sent.
pub(crate) struct Collector {
    port: u16,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let bodies = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let kept = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let kept = Arc::clone(&kept);
                thread::spawn(move || take(stream, &kept));
            }
        });
        Self { port, bodies }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Which of these services sent spans of a trace.
    pub(crate) fn seen<'n>(&self, trace: &str, services: &[&'n str]) -> Vec<&'n str> {
        let raw: Vec<u8> = (0..trace.len() / 2)
            .map(|at| u8::from_str_radix(&trace[at * 2..at * 2 + 2], 16).expect("hexadecimal"))
            .collect();
        let bodies = self.bodies.lock().expect("no panic while keeping");
        let of_trace: Vec<&Vec<u8>> = bodies.iter().filter(|body| holds(body, &raw)).collect();
        let sent = |name: &&&str| of_trace.iter().any(|body| holds(body, &resource(name)));
        services.iter().filter(sent).copied().collect()
    }
}

/// The attribute `service.name` of a resource, as protobuf writes it (opentelemetry/proto/common/v1/common.proto, `KeyValue`).
fn resource(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).expect("a short name");
    let mut bytes = b"service.name".to_vec();
    bytes.extend([0x12, length + 2, 0x0a, length]);
    bytes.extend(name.as_bytes());
    bytes
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Reads requests from one connection until it ends.
fn take(mut stream: TcpStream, kept: &Mutex<Vec<Vec<u8>>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    while let Some(body) = request(&mut reader) {
        kept.lock().expect("no panic while keeping").push(body);
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
        );
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
    }
    if chunked {
        return chunks(reader);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// A body in chunks (RFC 9112 section 7.1).
fn chunks(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let size = usize::from_str_radix(line.trim().split(';').next()?, 16).ok()?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
