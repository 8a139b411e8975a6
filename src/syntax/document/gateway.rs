//! The API gateway.

use serde_json::{Value as Json, json};

use super::texts::{HeaderName, HostName, Origin, WebAddress, WithVariables};
use super::{CircuitBreaker, MethodWord, NameOr};
use crate::syntax::decode::{
    Bounded, Checked, Cx, Decode, Defs, Duration, Filled, Int, Millis, Named, OneOrMany, Positive,
    choice, decode_choice, record,
};
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::Node;

record! {
    /// The API gateway: routes, and what each request passes.
    #[parts(true)]
    pub struct Gateway {
        /// Its port. Default 8080.
        port: Option<Bounded<1, 65_535>>,
        /// Its public host name.
        host: Option<Checked<HostName>>,
        /// Its routes. The more specific path wins; of two alike the first.
        routes: Vec<Route>,
        /// What each request passes, with its place in the order, or names in order. Authentication, limits and CORS that
        /// are declared are passed even if they are left out here.
        middleware: Named<Middleware>,
        /// Whose tokens hold. Without it nobody comes in but through `public` routes.
        authentication: Option<Authentication>,
        /// How often.
        #[also("rateLimit")]
        rate_limit: Option<RateLimit>,
        /// What is watched.
        monitoring: Option<Monitoring>,
        /// What pages of other origins may do.
        cors: Option<Cors>,
    }
}

/// A method that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteMethod {
    /// Every method.
    All,
    /// One of them.
    One(MethodWord),
}

impl RouteMethod {
    fn from_word(word: &str) -> Option<Self> {
        if word == "*" || word.eq_ignore_ascii_case("ALL") {
            return Some(Self::All);
        }
        MethodWord::from_word(word).map(Self::One)
    }
}

impl Decode for RouteMethod {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let methods = MethodWord::ALL.iter().map(|method| method.as_str());
        let words: Vec<&'static str> = std::iter::once("ALL").chain(methods).collect();
        decode_choice(node, cx, &words, Self::from_word)
    }

    fn declared(&self) -> Json {
        match self {
            Self::All => json!("ALL"),
            Self::One(method) => method.declared(),
        }
    }

    fn unread(_: Span) -> Option<Self> {
        Some(Self::All)
    }

    fn schema(defs: &mut Defs) -> Json {
        defs.define("RouteMethod", |defs| {
            let one = MethodWord::schema(defs);
            let all = json!({"enum": ["ALL", "*"], "description": "Every method."});
            json!({"description": "A method that a route takes.", "anyOf": [all, one]})
        })
    }
}

choice! {
    /// What an `Idempotency-Key` means to a route.
    pub enum RouteKeyWord {
        /// Nothing.
        None = "none",
        /// A request that carries one may be repeated whatever its method.
        Header = "header",
        /// The same, and its operations ask for one.
        Required = "required",
    }
}

record! {
    /// A route to a service.
    pub struct Route {
        /// A name for logs and metrics. Default: the path.
        name: Option<Spanned<String>>,
        /// `/api/customers/*` takes `/api/customers` and all below it.
        path: Spanned<String>,
        /// GET, POST, ... or ALL. Default ALL.
        method: Checked<Filled<Spanned<RouteMethod>>>,
        /// Where it leads.
        service: Spanned<String>,
        /// The service's address; the service's name is enough.
        endpoint: Option<Spanned<String>>,
        /// How long it may take, tries included; a bare number is milliseconds.
        timeout: Option<Spanned<Millis>>,
        /// Tries after the first.
        retries: Option<Spanned<Bounded<0, 99>>>,
        /// Methods that are tried again. Default: those of the route.
        retry_methods: Option<Vec<Spanned<RouteMethod>>>,
        /// Whether requests with an `Idempotency-Key` may be repeated whatever their method. Default none.
        idempotency_key: Option<RouteKeyWord>,
        /// A circuit breaker, by name or in place.
        circuit_breaker: Option<NameOr<CircuitBreaker>>,
        /// Whether no token is needed. Default false.
        public: Option<bool>,
        /// The scope that the caller's token needs.
        scope: Option<Spanned<String>>,
        /// What the path before `/*` becomes. It may name parameters of the path: `/things/{id}`.
        rewrite: Option<Spanned<String>>,
        /// A limit of its own.
        rate_limit: Option<RateLimit>,
    }
}

choice! {
    /// Something that each request passes.
    pub enum MiddlewareType {
        /// Checks the token.
        Authentication = "authentication",
        /// Counts requests per caller.
        RateLimiting = "rate_limiting",
        /// Writes the access log.
        Logging = "logging",
        /// Counts and times requests.
        Metrics = "metrics",
        /// Takes part in traces.
        Tracing = "tracing",
        /// Answers pages of other origins.
        Cors = "cors",
        /// Compresses answers.
        Compression = "compression",
    }
}

record! {
    /// Something that each request passes.
    #[named("type")]
    pub struct Middleware {
        /// Its place in the order, from 1.
        order: Option<Spanned<Int>>,
    }
}

choice! {
    /// How callers prove who they are.
    pub enum AuthenticationType {
        /// JSON Web Tokens (RFC 7519).
        Jwt = "JWT",
    }
}

choice! {
    /// A signature's algorithm (RFC 7518, RFC 8037).
    pub enum Algorithm {
        /// HMAC with a shared secret: whoever checks tokens can make them.
        Hs256 = "HS256",
        /// RSA.
        Rs256 = "RS256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

record! {
    /// Who may come in.
    pub struct Authentication {
        /// JWT.
        r#type = "type": AuthenticationType,
        /// A reference to the shared secret: `${JWT_SECRET}`.
        secret: Option<Spanned<Checked<WithVariables>>>,
        /// Algorithms that are accepted.
        algorithms: Checked<Filled<Spanned<Algorithm>>>,
        /// Where the public keys are (RFC 7517).
        jwks: Option<Spanned<Checked<WebAddress>>>,
        /// Who issues tokens.
        issuer: Option<String>,
        /// For whom they are.
        audience: Option<String>,
    }
}

choice! {
    /// How requests are counted.
    pub enum RateLimitStrategy {
        /// No window of that length holds more.
        SlidingWindow = "sliding_window",
    }
}

choice! {
    /// Who is counted.
    pub enum LimitKey {
        /// The token's subject, else the client's address.
        Subject = "subject",
        /// The client's address.
        Address = "address",
    }
}

record! {
    /// How often somebody may ask.
    pub struct RateLimit {
        /// The window's length; a bare number is milliseconds.
        window: Spanned<Checked<Positive<Millis>>>,
        /// Requests within a window.
        max_requests: Bounded<1, 1_000_000_000>,
        /// sliding_window.
        strategy: Option<RateLimitStrategy>,
        /// Who is counted. Default subject.
        key: Option<Spanned<LimitKey>>,
    }
}

record! {
    /// What is watched at the gateway.
    pub struct Monitoring {
        /// Whether it counts and times requests. Default true.
        metrics: Option<bool>,
        /// Whether it takes part in traces. Default true.
        tracing: Option<bool>,
        /// Whether each request leaves a log line. Default true.
        access_log: Option<bool>,
        /// The admin page's port. Default 8081.
        port: Option<Bounded<1, 65_535>>,
    }
}

record! {
    /// What pages of other origins may do (Fetch standard).
    pub struct Cors {
        /// Origins: `https://shop.example`.
        allowed_origins: OneOrMany<Checked<Origin>>,
        /// Methods. Default those of the routes.
        allowed_methods: Checked<Filled<Spanned<RouteMethod>>>,
        /// Headers that they may send. Default those that generated services read: Authorization (with `authentication`), Content-Type, Idempotency-Key, If-Match, If-None-Match.
        allowed_headers: Option<Vec<Checked<HeaderName>>>,
        /// Headers of answers that they may read. Default those that generated services write: ETag, Location, Retry-After.
        exposed_headers: Option<Vec<Checked<HeaderName>>>,
        /// How long a browser remembers this.
        max_age: Option<Duration>,
    }
}
