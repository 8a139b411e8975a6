//! One request to one address, without any policy: plain or over TLS, with pooled connections.

use std::time::Duration;

use axum::body::Body;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::problem::chain;

const CONNECT_PATIENCE: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(60);

/// Sends requests. Cheap to clone; clones share the connections.
#[derive(Clone, Debug)]
pub struct HttpTransport(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Plain(Client<HttpConnector, Body>),
    Tls(Client<HttpsConnector<HttpConnector>, Body>),
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The certificates of this machine cannot be read.
    #[error("the trusted certificates of this machine cannot be read: {0}")]
    Certificates(#[source] std::io::Error),
    /// The request was not answered.
    #[error("no answer{}", causes(.0))]
    Send(#[source] hyper_util::client::legacy::Error),
    /// The answer broke off.
    #[error("the answer broke off: {0}")]
    Body(String),
}

/// The library's own text is "client error (Connect)"; the reason stands in the sources.
fn causes(error: &hyper_util::client::legacy::Error) -> String {
    std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {}", chain(cause)))
}

impl HttpTransport {
    /// A transport for addresses of a scheme. Only `https` reads the machine's certificates.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn for_uri(uri: &Uri) -> Result<Self, TransportError> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_PATIENCE));
        connector.set_nodelay(true);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new());
        if uri.scheme_str() != Some("https") {
            return Ok(Self(Kind::Plain(builder.build(connector))));
        }
        connector.enforce_http(false);
        crate::tls::install_provider();
        let tls = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(TransportError::Certificates)?;
        let connector = tls.https_only().enable_http1().wrap_connector(connector);
        Ok(Self(Kind::Tls(builder.build(connector))))
    }

    /// Sends one request and waits for the head of the answer.
    ///
    /// # Errors
    /// No connection, or one that broke.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, TransportError> {
        let sent = match &self.0 {
            Kind::Plain(client) => client.request(request),
            Kind::Tls(client) => client.request(request),
        };
        sent.await.map_err(TransportError::Send)
    }
}
