//! The server: accepts connections until it is time to stop, then lets the running requests finish within the grace period.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;
use tracing::{Instrument, Span};

use crate::shutdown::Shutdown;

/// A connection that sends no complete request head for this long is closed.
const HEADER_PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before accepting again when the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why an address cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Something else listens there.
    #[error("{address} is taken by another process; stop it, or choose another address")]
    Taken {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The bound address cannot be told.
    #[error("cannot tell the address that was bound: {0}")]
    Address(#[source] io::Error),
}

/// Binds an address; port 0 takes a free one.
///
/// # Errors
/// An address that is taken or that this machine does not have.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::Taken { address },
            _ => ServeError::Bind { address, source },
        })
}

/// Serves a router until the shutdown is triggered. Requests that run then have the grace period to finish.
pub async fn serve(listener: TcpListener, router: Router, shutdown: Shutdown, grace: Duration) {
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    accept_failed(&error).await;
                    continue;
                }
            },
            () = shutdown.wait() => break,
        };
        let watcher = graceful.watcher();
        let router = router.clone();
        let connection = async move {
            let _ = stream.set_nodelay(true);
            // An error here is the peer's: a connection that was cut or that speaks no HTTP.
            if let Err(error) = watcher.watch(connection(stream, peer, router)).await {
                tracing::debug!(error = %error, peer = %peer, "connection ended early");
            }
        };
        tokio::spawn(connection.instrument(Span::current()));
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still running at the end of the grace period");
    }
}

type Connection<S> = http1::Connection<TokioIo<TcpStream>, S>;

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> Connection<
    impl hyper::service::HttpService<
        Incoming,
        ResBody = Body,
        Future: Send,
        Error = std::convert::Infallible,
    >,
> {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
}

async fn accept_failed(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        return;
    }
    tracing::error!(error = %error, "cannot accept connections");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn started(grace: Duration) -> (SocketAddr, Shutdown, tokio::task::JoinHandle<()>) {
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        };
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let router = Router::new().route("/slow", get(slow));
        let server = tokio::spawn(serve(listener, router, shutdown.clone(), grace));
        (address, shutdown, server)
    }

    async fn asked(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream
    }

    #[tokio::test]
    async fn a_running_request_finishes_after_the_stop() {
        let (address, shutdown, server) = started(Duration::from_secs(5)).await;
        let mut stream = asked(address).await;
        shutdown.trigger();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        server.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn the_grace_period_ends_the_wait() {
        let (address, shutdown, server) = started(Duration::from_millis(20)).await;
        let _stream = asked(address).await;
        shutdown.trigger();
        tokio::time::timeout(Duration::from_millis(150), server)
            .await
            .unwrap()
            .unwrap();
    }

    #[tokio::test]
    async fn a_taken_address_is_named() {
        let first = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = first.local_addr().unwrap();
        let error = bind(address).await.unwrap_err();
        assert!(
            error.to_string().starts_with(&address.to_string()),
            "{error}"
        );
        assert!(matches!(error, ServeError::Taken { .. }));
    }
}
