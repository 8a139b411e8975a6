//! Where a request may go, and what it passes on the way.

use std::time::Duration;

use http::Method;

use crate::rate_limit::RateLimitPolicy;
use crate::resilience::BreakerPolicy;

/// A way through the gateway.
#[derive(Clone, Debug)]
pub struct Route {
    pub(super) path: String,
    pub(super) service: String,
    pub(super) methods: Vec<Method>,
    pub(super) timeout: Duration,
    pub(super) max_attempts: u32,
    pub(super) retry_methods: Option<Vec<Method>>,
    pub(super) breaker: Option<BreakerPolicy>,
    pub(super) public: bool,
    pub(super) scope: Option<String>,
    pub(super) rewrite: Option<String>,
    pub(super) keyed_retries: bool,
    pub(super) rate_limit: Option<(RateLimitPolicy, LimitBy)>,
    pub(super) body_limit: u64,
}

impl Route {
    /// All methods of a path lead to a service: 30 s, one try, up to 10 MiB, and only for callers that are known. A gateway
    /// without [`Middleware::Authentication`] knows nobody, so that only [public](Route::public) routes let anybody in there.
    #[must_use]
    pub fn new(path: &str, service: &str) -> Self {
        Self {
            path: path.to_owned(),
            service: service.to_owned(),
            methods: Vec::new(),
            timeout: Duration::from_secs(30),
            max_attempts: 1,
            retry_methods: None,
            breaker: None,
            public: false,
            scope: None,
            rewrite: None,
            keyed_retries: false,
            rate_limit: None,
            body_limit: 10 * 1024 * 1024,
        }
    }

    /// Takes only these methods.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods.into_iter().collect();
        self
    }

    /// How long it may take until the answer begins, all tries included.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Tries in all, where a request may be repeated: by its method, or by its key if the route goes by that.
    #[must_use]
    pub fn max_attempts(mut self, tries: u32) -> Self {
        self.max_attempts = tries.max(1);
        self
    }

    /// The methods that are tried again without a key. Those that are not safe to repeat stay out even if named.
    #[must_use]
    pub fn retry_methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.retry_methods = Some(methods.into_iter().collect());
        self
    }

    /// A request with an `Idempotency-Key` may be sent again whatever its method.
    #[must_use]
    pub fn keyed_retries(mut self) -> Self {
        self.keyed_retries = true;
        self
    }

    /// When it stops trying.
    #[must_use]
    pub fn breaker(mut self, policy: BreakerPolicy) -> Self {
        self.breaker = Some(policy);
        self
    }

    /// Anybody may come in.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// The scope that a caller needs.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.to_owned());
        self
    }

    /// What the part of the path before `/*` becomes; `{name}` is what stands at `{name}` in the path.
    #[must_use]
    pub fn rewrite(mut self, to: &str) -> Self {
        self.rewrite = Some(to.to_owned());
        self
    }

    /// A limit of its own, besides that of the gateway.
    #[must_use]
    pub fn rate_limit(mut self, policy: RateLimitPolicy, by: LimitBy) -> Self {
        self.rate_limit = Some((policy, by));
        self
    }

    /// The longest body that is let through, in bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }
}

/// Who is counted where requests are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitBy {
    /// The token's subject; the address where nobody is known (yet).
    Subject,
    /// The address, whoever comes from there.
    Address,
}

/// What a request passes, in the declared order. Tracing is always on; compression is left to the gateway of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middleware {
    /// Who is it? 401 and 403 come from here.
    Authentication,
    /// Not too often: 429 comes from here.
    RateLimiting,
    /// One line per request.
    Logging,
    /// Count and duration per route.
    Metrics,
    /// The trace begins or goes on here.
    Tracing,
    /// What pages of other origins may do.
    Cors,
    /// Shorter answers.
    Compression,
}
