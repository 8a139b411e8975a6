//! A client for one service: built once, shared by all its callers.

use std::fmt::{self, Display};
use std::sync::Arc;

use http::{Method, Uri};

use super::error::ClientError;
use super::path::filled;
use super::policy::CallPolicy;
use super::request::CallRequest;
use super::token::{CallAs, TokenSource};
use super::transport::HttpTransport;
use crate::context::CorrelationHeader;
use crate::resilience::{Breaker, Bulkhead};
use crate::telemetry::{Counter, Histogram, Metrics};

const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// A client for one service. Cheap to clone; clones share connections, breaker and bulkhead.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) target: String,
    pub(super) base: String,
    pub(super) policy: CallPolicy,
    pub(super) transport: HttpTransport,
    pub(super) breaker: Option<Breaker>,
    pub(super) bulkhead: Option<Bulkhead>,
    pub(super) call_as: CallAs,
    pub(super) correlation: CorrelationHeader,
    pub(super) own_token: Option<Arc<dyn TokenSource>>,
    pub(super) meters: Meters,
}

/// What is counted about calls.
pub(super) struct Meters {
    pub(super) duration: Histogram<4>,
    pub(super) retries: Counter<1>,
}

impl Meters {
    fn new(metrics: &Metrics) -> Self {
        let labels = ["target", "method", "route", "outcome"];
        let help = "Duration of calls to other services, tries and pauses included";
        Self {
            duration: metrics.histogram("client_request_duration_seconds", help, labels, &BUCKETS),
            retries: metrics.counter("client_retries_total", "Tries after the first", ["target"]),
        }
    }
}

impl Client {
    /// Begins a client for a service at an address, such as `http://stock:3002`. Without one (an empty text), calls fail as unavailable.
    #[must_use]
    pub fn builder(target: &str, base_url: &str) -> ClientBuilder {
        ClientBuilder {
            target: target.to_owned(),
            base_url: base_url.to_owned(),
            policy: CallPolicy::default(),
            metrics: None,
            call_as: CallAs::default(),
            correlation: CorrelationHeader::default(),
            own_token: None,
        }
    }

    /// The service that is called.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// Begins a GET; the `{...}` of the path are filled in order.
    pub fn get(&self, path: &str, values: &[&dyn Display]) -> CallRequest {
        self.request(Method::GET, path, values)
    }

    /// Begins a POST.
    pub fn post(&self, path: &str, values: &[&dyn Display]) -> CallRequest {
        self.request(Method::POST, path, values)
    }

    /// Begins a PUT.
    pub fn put(&self, path: &str, values: &[&dyn Display]) -> CallRequest {
        self.request(Method::PUT, path, values)
    }

    /// Begins a PATCH.
    pub fn patch(&self, path: &str, values: &[&dyn Display]) -> CallRequest {
        self.request(Method::PATCH, path, values)
    }

    /// Begins a DELETE.
    pub fn delete(&self, path: &str, values: &[&dyn Display]) -> CallRequest {
        self.request(Method::DELETE, path, values)
    }

    /// Begins a request of any method.
    pub fn request(&self, method: Method, path: &str, values: &[&dyn Display]) -> CallRequest {
        CallRequest::new(self.clone(), method, path.to_owned(), filled(path, values))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("target", &self.0.target)
            .field("base", &self.0.base)
            .finish_non_exhaustive()
    }
}

/// Collects what a client needs.
pub struct ClientBuilder {
    target: String,
    base_url: String,
    policy: CallPolicy,
    metrics: Option<Metrics>,
    call_as: CallAs,
    correlation: CorrelationHeader,
    own_token: Option<Arc<dyn TokenSource>>,
}

impl ClientBuilder {
    /// How to call.
    #[must_use]
    pub fn policy(mut self, policy: CallPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Where calls are counted.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        self.metrics = Some(metrics.clone());
        self
    }

    /// On whose behalf to call.
    #[must_use]
    pub fn call_as(mut self, call_as: CallAs) -> Self {
        self.call_as = call_as;
        self
    }

    /// The header that carries the correlation identifier.
    #[must_use]
    pub fn correlation_header(mut self, header: &CorrelationHeader) -> Self {
        self.correlation = header.clone();
        self
    }

    /// The service's own token.
    #[must_use]
    pub fn own_token(mut self, source: impl TokenSource) -> Self {
        self.own_token = Some(Arc::new(source));
        self
    }

    /// The finished client.
    ///
    /// # Errors
    /// An address that is none, or certificates that cannot be read.
    pub fn build(self) -> Result<Client, ClientError> {
        let wrong = || ClientError::Address {
            target: self.target.clone(),
            address: self.base_url.clone(),
        };
        let mut base = Uri::default();
        if !self.base_url.is_empty() {
            base = self.base_url.parse().map_err(|_| wrong())?;
            let known = matches!(base.scheme_str(), Some("http" | "https"));
            if !known || base.host().is_none() || base.query().is_some() {
                return Err(wrong());
            }
        }
        let transport = HttpTransport::for_uri(&base).map_err(|source| ClientError::Transport {
            target: self.target.clone(),
            source,
        })?;
        let metrics = self.metrics.unwrap_or_else(|| Metrics::new(&self.target));
        let breaker = self
            .policy
            .breaker
            .map(|policy| Breaker::observed(policy, &self.target, &metrics));
        Ok(Client(Arc::new(Shared {
            base: self.base_url.trim_end_matches('/').to_owned(),
            transport,
            breaker,
            bulkhead: self.policy.bulkhead.map(Bulkhead::new),
            policy: self.policy,
            call_as: self.call_as,
            correlation: self.correlation,
            own_token: self.own_token,
            meters: Meters::new(&metrics),
            target: self.target,
        })))
    }
}
