//! The way in: routes, and what each request passes.

use std::time::Duration;

use super::arena::ServiceId;
use super::endpoint::Method;
use super::policy::CircuitBreaker;
use crate::syntax::source::{Span, Spanned};

/// The gateway.
#[derive(Debug, Clone)]
pub struct Gateway {
    /// Where it is declared.
    pub span: Span,
    /// Its port.
    pub port: u16,
    /// Its routes, as ordered in the file.
    pub routes: Vec<Route>,
    /// What each request passes, in order.
    pub middleware: Vec<Spanned<Middleware>>,
    /// Whose tokens hold.
    pub authentication: Option<Authentication>,
    /// How often.
    pub rate_limit: Option<RateLimit>,
    /// What is watched.
    pub monitoring: Option<Monitoring>,
    /// What other origins may do.
    pub cors: Option<Cors>,
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where it is declared.
    pub span: Span,
    /// `/api/customers/*` takes `/api/customers` and all below it.
    pub path: Spanned<String>,
    /// Methods that it takes; all where it says `ALL`.
    pub methods: Vec<Method>,
    /// Whether the file says `ALL`.
    pub all_methods: bool,
    /// Where it leads; none where an undeclared service is named.
    pub service: Option<ServiceId>,
    /// The address that the file repeats.
    pub endpoint: Option<Spanned<String>>,
    /// How long it may take, tries included.
    pub timeout: Option<Spanned<Duration>>,
    /// Tries after the first.
    pub retries: Spanned<u32>,
    /// Methods that are tried again; where the file does not say, those that are safe to repeat.
    pub retry_methods: Option<Vec<Spanned<Method>>>,
    /// Whether a request that carries an `Idempotency-Key` may be repeated whatever its method.
    pub idempotency_key: bool,
    /// When it stops.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Whether no token is needed.
    pub public: bool,
    /// Scope needed.
    pub scope: Option<Spanned<String>>,
    /// What the path before `/*` becomes, as [`super::rewrite`] reads it.
    pub rewrite: Option<Spanned<String>>,
    /// A limit of its own.
    pub rate_limit: Option<RateLimit>,
}

/// Whom a route lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever comes.
    Everybody,
    /// Whoever has a token.
    Known,
    /// Nobody: it asks for a token, and nothing says whose tokens hold.
    Nobody,
}

impl Gateway {
    /// Whom one of its routes lets in.
    #[must_use]
    pub fn access(&self, route: &Route) -> Access {
        match (route.public, &self.authentication) {
            (true, _) => Access::Everybody,
            (false, Some(_)) => Access::Known,
            (false, None) => Access::Nobody,
        }
    }
}

/// What a request passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the file, explained there")]
pub enum Middleware {
    Authentication,
    RateLimiting,
    Logging,
    Metrics,
    Tracing,
    Cors,
    Compression,
}

impl Middleware {
    /// As written in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::RateLimiting => "rate_limiting",
            Self::Logging => "logging",
            Self::Metrics => "metrics",
            Self::Tracing => "tracing",
            Self::Cors => "cors",
            Self::Compression => "compression",
        }
    }
}

/// How tokens are checked.
#[derive(Debug, Clone)]
pub struct Authentication {
    /// Where it is declared.
    pub span: Span,
    /// The signature's algorithms (RFC 7518 section 3.1).
    pub algorithms: Vec<Spanned<Algorithm>>,
    /// Environment variable that holds the shared secret.
    pub secret: Option<Spanned<String>>,
    /// Where the public keys are (RFC 7517).
    pub jwks: Option<Spanned<String>>,
    /// Who issues tokens.
    pub issuer: Option<String>,
    /// For whom they are.
    pub audience: Option<String>,
}

/// A signature's algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "RFC 7518 and RFC 8037 document them")]
pub enum Algorithm {
    Hs256,
    Rs256,
    EdDsa,
}

impl Algorithm {
    /// As written in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// How often somebody may ask: no window of this length holds more requests.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimit {
    /// Where it is declared.
    pub span: Span,
    /// The window's length.
    pub window: Duration,
    /// Requests in it.
    pub max_requests: u32,
    /// Whether the token's subject counts, or the client's address.
    pub by_subject: bool,
    /// Whether the file says who is counted.
    pub says_who: bool,
}

/// What is watched at the gateway.
#[derive(Debug, Clone, Copy)]
pub struct Monitoring {
    /// Where it is declared.
    pub span: Span,
    /// Whether it counts and times.
    pub metrics: bool,
    /// Whether it takes part in traces.
    pub tracing: bool,
    /// Whether each request leaves a log line.
    pub access_log: bool,
    /// The admin page's port.
    pub port: u16,
}

/// Cross-origin resource sharing (Fetch standard).
#[derive(Debug, Clone)]
pub struct Cors {
    /// Origins that may ask.
    pub allowed_origins: Vec<String>,
    /// Methods that they may use.
    pub allowed_methods: Vec<Method>,
    /// Headers that they may send.
    pub allowed_headers: Vec<String>,
    /// Headers of answers that they may read.
    pub exposed_headers: Vec<String>,
    /// How long a browser remembers this.
    pub max_age: Option<Duration>,
}
