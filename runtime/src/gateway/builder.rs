//! Puts a gateway together, and checks that every route leads somewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use http::{Method, Uri};
use serde::Serialize;

use super::cors::Cors;
use super::pattern::{Pattern, PatternError, Rewrite};
use super::pipeline;
use super::route::{LimitBy, Middleware, Route};
use crate::auth::Authenticate;
use crate::client::{HttpTransport, TransportError};
use crate::context::CorrelationHeader;
use crate::rate_limit::{RateLimitPolicy, RateLimiter};
use crate::resilience::{Breaker, BreakerState, RetryPolicy};
use crate::telemetry::Metrics;

/// Why a gateway cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A path that is no pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A path that cannot become what its route says.
    #[error(
        "the route `{path}` cannot become `{rewrite}`: that is no path, or names what the route does not"
    )]
    Rewrite {
        /// The route.
        path: String,
        /// What it should become.
        rewrite: String,
    },
    /// A route to a service whose address nobody told.
    #[error("the route `{path}` leads to `{service}`, whose address is not known")]
    NoUpstream {
        /// The route.
        path: String,
        /// The service.
        service: String,
    },
    /// An address that is none.
    #[error("`{address}` is no address of `{service}`")]
    Address {
        /// The service.
        service: String,
        /// The address as given.
        address: String,
    },
    /// The connection to the services cannot be prepared.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Authentication is in the list, but nothing verifies tokens.
    #[error("the gateway is to authenticate, but nothing verifies tokens")]
    NoAuthenticator,
}

/// A gateway. Cheap to clone; clones share breakers, limits and connections.
#[derive(Clone)]
pub struct Gateway(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) routes: Vec<Arc<Bound>>,
    pub(super) middleware: Vec<Middleware>,
    pub(super) authenticator: Option<Arc<dyn Authenticate>>,
    pub(super) limiter: Option<(RateLimiter, LimitBy)>,
    pub(super) cors: Option<Cors>,
    pub(super) correlation: CorrelationHeader,
    pub(super) metrics: Metrics,
}

/// A route with everything that it needs at hand.
pub(super) struct Bound {
    pub(super) route: Route,
    pub(super) pattern: Pattern,
    pub(super) rewrite: Option<Rewrite>,
    pub(super) base: String,
    pub(super) transport: HttpTransport,
    pub(super) breaker: Option<Breaker>,
    pub(super) limiter: Option<(RateLimiter, LimitBy)>,
    pub(super) retry: RetryPolicy,
    pub(super) correlation: CorrelationHeader,
}

/// What the admin page shows of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteStatus {
    /// The path pattern.
    pub path: String,
    /// The methods, or `ALL`.
    pub methods: String,
    /// The service that it leads to.
    pub service: String,
    /// The state of its breaker, if it has one.
    pub breaker: Option<String>,
    /// Whether anybody may come in.
    pub public: bool,
}

impl Gateway {
    /// Begins a gateway.
    #[must_use]
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder {
            routes: Vec::new(),
            middleware: Vec::new(),
            upstreams: BTreeMap::new(),
            authenticator: None,
            rate_limit: None,
            cors: None,
            correlation: CorrelationHeader::default(),
            metrics: Metrics::new("gateway"),
        }
    }

    /// The router that takes every request.
    pub fn router(&self) -> Router {
        let gateway = self.clone();
        Router::new().fallback(move |request: Request| pipeline::enter(gateway.clone(), request))
    }

    /// The metrics of the gateway.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The routes, the most specific first.
    #[must_use]
    pub fn status(&self) -> Vec<RouteStatus> {
        self.0.routes.iter().map(|bound| bound.status()).collect()
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("routes", &self.status())
            .finish_non_exhaustive()
    }
}

impl Bound {
    fn status(&self) -> RouteStatus {
        let methods: Vec<_> = self.route.methods.iter().map(Method::as_str).collect();
        RouteStatus {
            path: self.route.path.clone(),
            methods: if methods.is_empty() {
                "ALL".to_owned()
            } else {
                methods.join(" ")
            },
            service: self.route.service.clone(),
            breaker: self.breaker.as_ref().map(|breaker| match breaker.state() {
                BreakerState::Closed => "closed".to_owned(),
                BreakerState::Open => "open".to_owned(),
                BreakerState::HalfOpen => "half-open".to_owned(),
            }),
            public: self.route.public,
        }
    }
}

/// Collects what a gateway consists of.
pub struct GatewayBuilder {
    routes: Vec<Route>,
    middleware: Vec<Middleware>,
    upstreams: BTreeMap<String, String>,
    authenticator: Option<Arc<dyn Authenticate>>,
    rate_limit: Option<(RateLimitPolicy, LimitBy)>,
    cors: Option<Cors>,
    correlation: CorrelationHeader,
    metrics: Metrics,
}

impl GatewayBuilder {
    /// Adds a route.
    #[must_use]
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// What each request passes, in order.
    #[must_use]
    pub fn middleware(mut self, middleware: impl IntoIterator<Item = Middleware>) -> Self {
        self.middleware = middleware.into_iter().collect();
        self
    }

    /// The address of a service.
    #[must_use]
    pub fn upstream(mut self, service: &str, base_url: &str) -> Self {
        self.upstreams.insert(
            service.to_owned(),
            base_url.trim_end_matches('/').to_owned(),
        );
        self
    }

    /// Verifies tokens.
    #[must_use]
    pub fn authenticator(mut self, authenticator: Arc<dyn Authenticate>) -> Self {
        self.authenticator = Some(authenticator);
        self
    }

    /// How often a caller may come.
    #[must_use]
    pub fn rate_limit(mut self, policy: RateLimitPolicy, by: LimitBy) -> Self {
        self.rate_limit = Some((policy, by));
        self
    }

    /// What pages of other origins may do.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    /// The header that carries the correlation identifier.
    #[must_use]
    pub fn correlation_header(mut self, header: CorrelationHeader) -> Self {
        self.correlation = header;
        self
    }

    /// Uses a registry in which metrics were declared already.
    #[must_use]
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// The finished gateway.
    ///
    /// # Errors
    /// A route that is none or leads nowhere; authentication that cannot be done.
    pub fn build(self) -> Result<Gateway, GatewayError> {
        if self.middleware.contains(&Middleware::Authentication) && self.authenticator.is_none() {
            return Err(GatewayError::NoAuthenticator);
        }
        let mut transports = BTreeMap::new();
        for (service, address) in &self.upstreams {
            let wrong = || GatewayError::Address {
                service: service.clone(),
                address: address.clone(),
            };
            let uri: Uri = address.parse().map_err(|_| wrong())?;
            if uri.host().is_none() || !matches!(uri.scheme_str(), Some("http" | "https")) {
                return Err(wrong());
            }
            transports.insert(
                service.clone(),
                (address.clone(), HttpTransport::for_uri(&uri)?),
            );
        }
        let bind = |route: Route| bound(route, &transports, &self.correlation, &self.metrics);
        let mut routes = self
            .routes
            .into_iter()
            .map(bind)
            .collect::<Result<Vec<_>, _>>()?;
        // Named methods before all of them; the sort is stable, so that the declared order decides between equals.
        routes.sort_by(|a, b| {
            let methods = a.route.methods.is_empty().cmp(&b.route.methods.is_empty());
            a.pattern.more_specific(&b.pattern).then(methods)
        });
        Ok(Gateway(Arc::new(Shared {
            routes: routes.into_iter().map(Arc::new).collect(),
            middleware: self.middleware,
            authenticator: self.authenticator,
            limiter: self.rate_limit.map(limiter),
            cors: self.cors,
            correlation: self.correlation,
            metrics: self.metrics,
        })))
    }
}

fn limiter((policy, by): (RateLimitPolicy, LimitBy)) -> (RateLimiter, LimitBy) {
    (RateLimiter::new(policy), by)
}

fn bound(
    route: Route,
    transports: &BTreeMap<String, (String, HttpTransport)>,
    correlation: &CorrelationHeader,
    metrics: &Metrics,
) -> Result<Bound, GatewayError> {
    let Some((base, transport)) = transports.get(&route.service) else {
        return Err(GatewayError::NoUpstream {
            path: route.path,
            service: route.service,
        });
    };
    let pattern = Pattern::parse(&route.path)?;
    let read = |to: &String| {
        pattern.rewrite(to).ok_or_else(|| GatewayError::Rewrite {
            path: route.path.clone(),
            rewrite: to.clone(),
        })
    };
    let rewrite = route.rewrite.as_ref().map(read).transpose()?;
    Ok(Bound {
        pattern,
        rewrite,
        base: base.clone(),
        transport: transport.clone(),
        breaker: route
            .breaker
            .map(|policy| Breaker::observed(policy, &route.path, metrics)),
        limiter: route.rate_limit.map(limiter),
        retry: RetryPolicy {
            max_attempts: route.max_attempts,
            base_delay: Duration::from_millis(25),
            max_delay: Duration::from_millis(250),
            backoff_factor: 2.0,
            jitter: true,
        },
        correlation: correlation.clone(),
        route,
    })
}
