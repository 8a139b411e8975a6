//! Whoever publishes every message a second time, under another identifier of the broker, so that nothing but the inboxes can tell.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::secrets::ANYBODY;

/// The header by which JetStream knows a message again.
const MESSAGE_ID: &str = "Nats-Msg-Id: ";

/// Doubles messages until it is dropped.
pub(crate) struct Doubler {
    doubled: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Doubler {
    /// Begins at the broker on a port; starts over when the broker does.
    pub(crate) fn start(port: u16) -> Self {
        let doubler = Self {
            doubled: Arc::default(),
            stop: Arc::default(),
        };
        let (doubled, stop) = (Arc::clone(&doubler.doubled), Arc::clone(&doubler.stop));
        thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                let _ = double(port, &doubled, &stop);
                thread::sleep(Duration::from_millis(50));
            }
        });
        doubler
    }

    pub(crate) fn doubled(&self) -> usize {
        self.doubled.load(Ordering::SeqCst)
    }
}

impl Drop for Doubler {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

/// Speaks the broker's protocol (<https://docs.nats.io/reference/reference-protocols/nats-protocol>) until the connection ends.
fn double(port: u16, doubled: &AtomicUsize, stop: &AtomicBool) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let hello = serde_json::json!({
        "verbose": false, "headers": true, "no_responders": true, "echo": false, "user": ANYBODY, "pass": ANYBODY,
    });
    write!(stream, "CONNECT {hello}\r\nSUB > 1\r\n")?;
    let mut line = String::new();
    while !stop.load(Ordering::SeqCst) {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            break;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["PING"] => stream.write_all(b"PONG\r\n")?,
            // HMSG subject sid [reply] header-size total-size
            ["HMSG", subject, _, .., head, total] => {
                let (head, total) = (number(head), number(total));
                let mut message = vec![0; total + 2];
                reader.read_exact(&mut message)?;
                if subject.contains(".topic.")
                    && let Some(again) = renamed(&message[..head])
                {
                    let body = &message[head..total];
                    write!(
                        stream,
                        "HPUB {subject} {} {}\r\n",
                        again.len(),
                        again.len() + body.len()
                    )?;
                    stream.write_all(&again)?;
                    stream.write_all(body)?;
                    stream.write_all(b"\r\n")?;
                    doubled.fetch_add(1, Ordering::SeqCst);
                }
            }
            ["MSG", .., size] => {
                reader.read_exact(&mut vec![0; number(size) + 2])?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn number(text: &str) -> usize {
    text.parse().expect("a size")
}

/// The headers with another identifier; nothing where there is none, as in what the broker says itself.
fn renamed(head: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(head).ok()?;
    let begin = text.find(MESSAGE_ID)? + MESSAGE_ID.len();
    let twice = "again-";
    (!text[begin..].starts_with(twice))
        .then(|| format!("{}{twice}{}", &text[..begin], &text[begin..]).into_bytes())
}
