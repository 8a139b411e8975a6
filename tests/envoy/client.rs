//! Requests byte for byte: no client tidies up their paths.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// Sends a request, `GET /path`, to a port of this machine.
pub(crate) fn ask(port: u16, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    try_ask("127.0.0.1", port, line, headers, body)
        .unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// The same, where nobody may be there.
pub(crate) fn try_ask(
    host: &str,
    port: u16,
    line: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect((host, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut request = format!("{line} HTTP/1.1\r\nhost: twin.example\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !line.starts_with("GET") || !body.is_empty() {
        request.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status)?;
    let headers = told(&mut reader)?;
    let length = headers.get("content-length");
    let mut body = Vec::new();
    match length.and_then(|length| length.parse().ok()) {
        // Not until the connection closes: that may take a while.
        Some(length) => reader.take(length).read_to_end(&mut body)?,
        None => reader.read_to_end(&mut body)?,
    };
    let code = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok(Answer {
        status: code.ok_or_else(|| Error::other(format!("no answer: {status}")))?,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn told(reader: &mut impl BufRead) -> std::io::Result<BTreeMap<String, String>> {
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            return Ok(headers);
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
}
