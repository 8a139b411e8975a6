//! Ports that servers of tests listen on.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// Waits until somebody listens on a port.
pub(crate) fn until_listening(port: u16) {
    for _ in 0..3000 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody listens on port {port}");
}
