//! Asks a service on this machine whether it is ready: what a platform does that has nothing but the service's own binary.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than the checks may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// More than the first line of any answer.
const FIRST_LINE: u64 = 256;

/// Why a service is taken to be unable to serve.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// It could not be asked.
    #[error("{address} cannot be asked: {source}")]
    Unreachable {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It did not answer in time.
    #[error("{address} does not answer in time")]
    Silent {
        /// Who.
        address: SocketAddr,
    },
    /// It says so itself.
    #[error("{address} answers `{status}`")]
    Unready {
        /// Who.
        address: SocketAddr,
        /// With which words.
        status: String,
    },
}

/// Asks the service that listens on an address of this machine for `/health/ready`.
///
/// # Errors
/// When it is not ready, or does not say that it is.
pub async fn ask(listening: SocketAddr) -> Result<(), NotReady> {
    let address = near(listening);
    let answer = tokio::time::timeout(PATIENCE, first_line(address)).await;
    let answer = answer.map_err(|_| NotReady::Silent { address })?;
    let status = answer.map_err(|source| NotReady::Unreachable { address, source })?;
    if status.split(' ').nth(1) == Some("200") {
        Ok(())
    } else {
        Err(NotReady::Unready { address, status })
    }
}

async fn first_line(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    stream.take(FIRST_LINE).read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Whoever listens on every address is reached on the loopback one.
fn near(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        address
    }

    #[tokio::test]
    async fn a_service_is_ready_when_it_says_so() {
        let address = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
        assert!(ask(address).await.is_ok());
    }

    #[tokio::test]
    async fn a_service_that_says_otherwise_or_nothing_is_not_ready() {
        let address = answering("HTTP/1.1 503 Service Unavailable\r\n\r\n200").await;
        let told = ask(address).await.unwrap_err();
        assert!(
            told.to_string()
                .ends_with("answers `HTTP/1.1 503 Service Unavailable`"),
            "{told}"
        );
        let nobody = answering("").await;
        assert!(matches!(ask(nobody).await, Err(NotReady::Unready { .. })));
        assert!(matches!(
            ask(nobody).await,
            Err(NotReady::Unreachable { .. })
        ));
    }
}
