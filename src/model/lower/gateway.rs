//! The gateway.

use std::collections::BTreeSet;

use super::Lowering;
use crate::model::Fault;
use crate::model::endpoint::Method;
use crate::model::gateway::{
    Algorithm, Authentication, Cors, Gateway, Middleware, Monitoring, RateLimit, Route,
};
use crate::model::pattern::is_pattern;
use crate::model::rewrite::{self, Misled};
use crate::syntax::decode::{Checked, plain};
use crate::syntax::document::{
    self, HeaderName, LimitKey, MethodWord, MiddlewareType, RouteKeyWord, RouteMethod,
};
use crate::syntax::source::Spanned;
use crate::syntax::suggestion::{Change, Suggestion};

const GATEWAY_PORT: u16 = 8080;
const ADMIN_PORT: u16 = 8081;

impl Lowering<'_> {
    /// Reads the gateway.
    pub(super) fn define_gateway(&mut self) {
        let document = self.document;
        let Some(declared) = &document.gateway else {
            return;
        };
        let routes = declared
            .routes
            .iter()
            .map(|route| self.route(route))
            .collect::<Vec<_>>();
        let middleware = self.middleware(declared);
        let cors = declared.cors.as_ref();
        let cors = cors.map(|cors| self::cors(cors, &routes, declared.authentication.is_some()));
        self.model.gateway = Some(Gateway {
            span: declared.span,
            port: declared.port.map_or(GATEWAY_PORT, |port| {
                u16::try_from(*port).unwrap_or(GATEWAY_PORT)
            }),
            routes,
            middleware,
            authentication: declared.authentication.as_ref().map(authentication),
            rate_limit: declared.rate_limit.as_ref().map(rate_limit),
            monitoring: declared.monitoring.as_ref().map(monitoring),
            cors,
        });
    }

    fn route(&mut self, declared: &document::Route) -> Route {
        let role = format!("route {}", declared.path);
        let path = declared.path.clone();
        if !is_pattern(&path.value) {
            self.fault(
                Fault::new(
                    "malformed-route",
                    path.span,
                    format!("`{path}` is no path of a route"),
                )
                .here("cannot be matched")
                .help("write `/api/customers`, or `/api/customers/*` for it and all below"),
            );
        }
        let (methods, all_methods) = methods(&declared.method);
        Route {
            span: declared.path.span,
            path,
            methods,
            all_methods,
            service: self.service(&declared.service, format_args!("target of {role}")),
            endpoint: declared.endpoint.clone(),
            timeout: declared
                .timeout
                .as_ref()
                .map(|timeout| Spanned::new(timeout.to_std(), timeout.span)),
            retries: declared
                .retries
                .as_ref()
                .map_or(Spanned::new(0, declared.path.span), |retries| {
                    Spanned::new(u32::try_from(***retries).unwrap_or(u32::MAX), retries.span)
                }),
            retry_methods: declared.retry_methods.as_ref().map(|methods| {
                let each = |word: &Spanned<RouteMethod>| {
                    let span = word.span;
                    expand(word.value)
                        .into_iter()
                        .map(move |method| Spanned::new(method, span))
                };
                methods.iter().flat_map(each).collect()
            }),
            idempotency_key: declared
                .idempotency_key
                .is_some_and(|word| word != RouteKeyWord::None),
            circuit_breaker: self.route_breaker(declared, &role),
            public: declared.public.unwrap_or(false),
            scope: self.token_scope(declared.scope.as_ref()),
            rewrite: self.rewrite(declared),
            rate_limit: declared.rate_limit.as_ref().map(rate_limit),
        }
    }

    /// What the path becomes. One that leads nowhere stays as written: nothing is concluded from it.
    fn rewrite(&mut self, declared: &document::Route) -> Option<Spanned<String>> {
        let (path, written) = (&declared.path, declared.rewrite.as_ref()?);
        if !is_pattern(path) {
            return Some(written.clone());
        }
        let Some(why) = rewrite::misled(path, written) else {
            return Some(written.clone().map(|to| rewrite::stem(&to)));
        };
        let (message, help) = misleading(path, written, &why);
        self.fault(
            Fault::new("malformed-route", written.span, message)
                .here("leads nowhere")
                .related(path.span, "the path of the route")
                .help(help),
        );
        Some(written.clone())
    }

    /// Routes have a breaker only where they ask for one.
    fn route_breaker(
        &mut self,
        declared: &document::Route,
        role: &str,
    ) -> Option<crate::model::policy::CircuitBreaker> {
        let given = declared.circuit_breaker.as_ref()?;
        self.circuit_breaker(Some(given), role)
    }

    /// In the order that the numbers say; those without a number keep their place in the file behind them.
    fn middleware(&mut self, declared: &document::Gateway) -> Vec<Spanned<Middleware>> {
        let mut ordered: Vec<(u64, Spanned<Middleware>)> = Vec::new();
        for (name, item) in declared.middleware.iter() {
            let Some(kind) = MiddlewareType::from_word(name) else {
                self.unresolved(
                    name,
                    "middleware",
                    "middleware of the gateway".to_owned(),
                    |_| {
                        MiddlewareType::ALL
                            .iter()
                            .map(|kind| kind.as_str().to_owned())
                            .collect()
                    },
                );
                continue;
            };
            let kind = Middleware::from(kind);
            if let Some((_, first)) = ordered.iter().find(|(_, other)| other.value == kind) {
                let first = first.span;
                self.fault(
                    Fault::new(
                        "duplicate-name",
                        name.span,
                        format!("middleware {name} stands twice"),
                    )
                    .here("again here")
                    .related(first, "first here")
                    .suggest(Suggestion::of(Change::Item(name.span)))
                    .help("keep one of them"),
                );
                continue;
            }
            let order = item.order.as_ref().map_or(u64::MAX, |order| ***order);
            ordered.push((order, Spanned::new(kind, name.span)));
        }
        ordered.sort_by_key(|(order, _)| *order);
        ordered
            .into_iter()
            .map(|(_, middleware)| middleware)
            .collect()
    }
}

fn methods(words: &[Spanned<RouteMethod>]) -> (Vec<Method>, bool) {
    let all = words.is_empty() || words.iter().any(|word| word.value == RouteMethod::All);
    if all {
        return (every_method(), true);
    }
    let mut methods: Vec<Method> = words.iter().flat_map(|word| expand(word.value)).collect();
    methods.sort_unstable();
    methods.dedup();
    (methods, false)
}

fn expand(word: RouteMethod) -> Vec<Method> {
    match word {
        RouteMethod::All => every_method(),
        RouteMethod::One(method) => vec![method.into()],
    }
}

fn every_method() -> Vec<Method> {
    MethodWord::ALL.iter().copied().map(Method::from).collect()
}

fn authentication(declared: &document::Authentication) -> Authentication {
    Authentication {
        span: declared.span,
        algorithms: declared
            .algorithms
            .iter()
            .map(|algorithm| Spanned::new(Algorithm::from(algorithm.value), algorithm.span))
            .collect(),
        secret: plain(declared.secret.as_ref()),
        jwks: plain(declared.jwks.as_ref()),
        issuer: declared.issuer.clone(),
        audience: declared.audience.clone(),
    }
}

fn rate_limit(declared: &document::RateLimit) -> RateLimit {
    RateLimit {
        span: declared.span,
        window: declared.window.to_std(),
        max_requests: u32::try_from(*declared.max_requests).unwrap_or(u32::MAX),
        by_subject: declared
            .key
            .as_ref()
            .is_none_or(|key| key.value != LimitKey::Address),
        says_who: declared.key.is_some(),
    }
}

/// What is wrong with a rewrite, and what to do.
fn misleading(path: &str, rewrite: &str, why: &Misled) -> (String, String) {
    match why {
        Misled::NoPath => {
            let bare = rewrite::stem(rewrite);
            let help = match is_pattern(&bare) {
                true => format!("write `{bare}`"),
                false => {
                    "write a path, as in `/customers` or `/customers/{id}`: `{id}` is a whole segment"
                        .to_owned()
                }
            };
            (
                format!("`{rewrite}` is no path that route {path} can lead to"),
                help,
            )
        }
        Misled::Below => (
            format!("the rewrite of route {path} ends with `/*`, and its path does not"),
            format!(
                "write what follows, by its name in the path if it has one there, or take `{path}/*` for the path"
            ),
        ),
        Misled::Stranger(name) => {
            let known: Vec<String> = rewrite::parameters(path)
                .map(|name| format!("`{{{name}}}`"))
                .collect();
            let help = match known.is_empty() {
                true => {
                    format!("write `{{{name}}}` in the path too, or take it out of the rewrite")
                }
                false => format!("write a name that the path has: {}", known.join(", ")),
            };
            (
                format!("the rewrite of route {path} names `{{{name}}}`, which its path does not"),
                help,
            )
        }
        Misled::Twice(name) => (
            format!("the rewrite of route {path} names `{{{name}}}`, which its path has twice"),
            "give each of them a name of its own in the path".to_owned(),
        ),
        Misled::TooMany => (
            format!("the rewrite of route {path} names more than nine parameters"),
            "name nine at most: gateways pass on no more".to_owned(),
        ),
    }
}

fn monitoring(declared: &document::Monitoring) -> Monitoring {
    Monitoring {
        span: declared.span,
        metrics: declared.metrics.unwrap_or(true),
        tracing: declared.tracing.unwrap_or(true),
        access_log: declared.access_log.unwrap_or(true),
        port: declared.port.map_or(ADMIN_PORT, |port| {
            u16::try_from(*port).unwrap_or(ADMIN_PORT)
        }),
    }
}

/// What is not said is what pages need to call the routes: methods, and the headers that generated services read and write.
fn cors(declared: &document::Cors, routes: &[Route], authenticated: bool) -> Cors {
    let of_routes = || {
        let methods = routes
            .iter()
            .flat_map(|route| route.methods.iter().copied());
        methods.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let sent = || {
        let authorization = authenticated.then_some("authorization");
        let others = [
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-match",
        ];
        owned(authorization.into_iter().chain(others))
    };
    Cors {
        allowed_origins: declared
            .allowed_origins
            .iter()
            .map(|origin| origin.plain())
            .collect(),
        allowed_methods: if declared.allowed_methods.is_empty() {
            of_routes()
        } else {
            methods(&declared.allowed_methods).0
        },
        allowed_headers: declared.allowed_headers.as_deref().map_or_else(sent, named),
        exposed_headers: declared
            .exposed_headers
            .as_deref()
            .map_or_else(|| owned(["etag", "location", "retry-after"]), named),
        max_age: declared.max_age.map(|age| age.to_std()),
    }
}

fn named(headers: &[Checked<HeaderName>]) -> Vec<String> {
    headers.iter().map(Checked::plain).collect()
}

fn owned<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

impl From<MiddlewareType> for Middleware {
    fn from(kind: MiddlewareType) -> Self {
        match kind {
            MiddlewareType::Authentication => Self::Authentication,
            MiddlewareType::RateLimiting => Self::RateLimiting,
            MiddlewareType::Logging => Self::Logging,
            MiddlewareType::Metrics => Self::Metrics,
            MiddlewareType::Tracing => Self::Tracing,
            MiddlewareType::Cors => Self::Cors,
            MiddlewareType::Compression => Self::Compression,
        }
    }
}

impl From<document::Algorithm> for Algorithm {
    fn from(algorithm: document::Algorithm) -> Self {
        match algorithm {
            document::Algorithm::Hs256 => Self::Hs256,
            document::Algorithm::Rs256 => Self::Rs256,
            document::Algorithm::EdDsa => Self::EdDsa,
        }
    }
}
