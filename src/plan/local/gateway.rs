//! The gateway of the local run: what is declared, as calls on the runtime's builder.

use serde::Serialize;

use crate::model::Model;
use crate::model::endpoint::Method;
use crate::model::gateway::{Cors, Gateway, Middleware, Monitoring, RateLimit, Route};
use crate::model::policy::CircuitBreaker;
use crate::plan::rust::{Scope, string};
use crate::plan::service::assembly::correlation_header;
use crate::plan::service::duration;

/// How long a route may take where the file does not say, as the runtime has it.
pub(crate) const ROUTE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
/// The longest body that a route lets through, as the runtime has it.
pub(crate) const BODY_LIMIT: u32 = 10 * 1024 * 1024;

/// `crates/local/src/gateway.rs`.
#[derive(Debug, Clone, Serialize)]
pub struct GatewayPlan {
    /// What the file imports.
    pub imports: Scope,
    /// Breakers that routes share.
    pub breakers: Vec<BreakerPlan>,
    /// Calls on the builder.
    pub steps: Vec<String>,
}

/// A breaker's constant.
#[derive(Debug, Clone, Serialize)]
pub struct BreakerPlan {
    /// The constant.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Plans the gateway.
pub fn gateway(model: &Model, declared: &Gateway) -> GatewayPlan {
    let mut draft = Draft {
        scope: Scope::new("local::gateway"),
        breakers: Vec::new(),
    };
    draft.scope.all(["msarch_runtime::gateway::GatewayBuilder"]);
    let mut steps: Vec<String> = declared
        .routes
        .iter()
        .filter_map(|route| draft.route(model, route))
        .collect();
    steps.push(draft.middleware(declared));
    if let Some(header) = correlation_header(model, &mut draft.scope) {
        steps.push(format!("correlation_header({header})"));
    }
    if let Some(limit) = &declared.rate_limit {
        steps.push(draft.rate_limit(limit));
    }
    if let Some(cors) = &declared.cors {
        steps.push(draft.cors(cors));
    }
    GatewayPlan {
        imports: draft.scope,
        breakers: draft.breakers,
        steps,
    }
}

/// What each request passes, in order. Where nothing is listed, it is watched as declared; a guard that is declared stands on
/// its post even if the list leaves it out.
pub(crate) fn passed(declared: &Gateway) -> Vec<Middleware> {
    let guards = guards(declared);
    let mut passed = if declared.middleware.is_empty() {
        watched(declared)
    } else {
        let listed = declared.middleware.iter().map(|item| item.value);
        // Without `authentication` nothing says whose tokens hold: only public routes let anybody in.
        listed
            .filter(|item| *item != Middleware::Authentication || guards.contains(item))
            .collect()
    };
    for (position, guard) in guards.iter().enumerate() {
        if !passed.contains(guard) {
            let later = |item| guards[position..].contains(item);
            let place = passed.iter().position(later).unwrap_or(passed.len());
            passed.insert(place, *guard);
        }
    }
    passed
}

fn watched(declared: &Gateway) -> Vec<Middleware> {
    let wanted = |wanted: fn(&Monitoring) -> bool| declared.monitoring.as_ref().is_none_or(wanted);
    let watched = [
        (Middleware::Tracing, wanted(|m| m.tracing)),
        (Middleware::Metrics, wanted(|m| m.metrics)),
        (Middleware::Logging, wanted(|m| m.access_log)),
    ];
    chosen(watched)
}

/// Addresses are counted in front of the costlier look at the token, subjects behind it.
fn guards(declared: &Gateway) -> Vec<Middleware> {
    let routes = declared.routes.iter();
    let limits = routes.filter_map(|route| route.rate_limit.as_ref());
    let limits: Vec<&RateLimit> = limits.chain(&declared.rate_limit).collect();
    let by_subject = limits.iter().any(|limit| limit.by_subject);
    let limited = !limits.is_empty();
    chosen([
        (Middleware::Cors, declared.cors.is_some()),
        (Middleware::RateLimiting, limited && !by_subject),
        (
            Middleware::Authentication,
            declared.authentication.is_some(),
        ),
        (Middleware::RateLimiting, limited && by_subject),
    ])
}

fn chosen<const N: usize>(items: [(Middleware, bool); N]) -> Vec<Middleware> {
    let wanted = items.into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(item, _)| item).collect()
}

struct Draft {
    scope: Scope,
    breakers: Vec<BreakerPlan>,
}

impl Draft {
    fn route(&mut self, model: &Model, route: &Route) -> Option<String> {
        let service = &model.services[route.service?];
        let name = self.scope.import("msarch_runtime::gateway::Route");
        let mut text = format!(
            "{name}::new({}, {})",
            string(&route.path.value),
            string(service.name.as_str())
        );
        let mut add = |call: String| text.push_str(&format!(".{call}"));
        if !route.all_methods {
            add(format!("methods({})", self.methods(&route.methods)));
        }
        if let Some(timeout) = &route.timeout {
            add(format!("timeout({})", self.duration(timeout.value)));
        }
        if route.retries.value > 0 {
            let tries = route.retries.value.saturating_add(1);
            add(format!("max_attempts({tries})"));
            if let Some(methods) = &route.retry_methods {
                let methods: Vec<Method> = methods.iter().map(|method| method.value).collect();
                add(format!("retry_methods({})", self.methods(&methods)));
            }
            if route.idempotency_key {
                add("keyed_retries()".to_owned());
            }
        }
        if let Some(breaker) = &route.circuit_breaker {
            add(format!("breaker({})", self.breaker(breaker)));
        }
        if route.public {
            add("public()".to_owned());
        }
        if let Some(scope) = &route.scope {
            add(format!("scope({})", string(&scope.value)));
        }
        if let Some(rewrite) = &route.rewrite {
            add(format!("rewrite({})", string(&rewrite.value)));
        }
        if let Some(limit) = &route.rate_limit {
            add(self.rate_limit(limit));
        }
        Some(format!("route({text})"))
    }

    fn methods(&mut self, methods: &[Method]) -> String {
        let name = self.scope.import("http::Method");
        let methods: Vec<String> = methods
            .iter()
            .map(|method| format!("{name}::{}", method.as_str()))
            .collect();
        format!("[{}]", methods.join(", "))
    }

    fn duration(&mut self, time: std::time::Duration) -> String {
        self.scope.import("std::time::Duration");
        duration(time)
    }

    /// The constant of a breaker; equal ones share it.
    fn breaker(&mut self, breaker: &CircuitBreaker) -> String {
        let ty = self
            .scope
            .import("msarch_runtime::resilience::BreakerPolicy");
        let value = format!(
            "{ty} {{ failure_threshold: {}, monitor_window: {}, recovery_timeout: {}, success_threshold: {} }}",
            breaker.failure_threshold,
            self.duration(breaker.monitor_window),
            self.duration(breaker.recovery_timeout),
            breaker.success_threshold
        );
        if let Some(same) = self.breakers.iter().find(|other| other.value == value) {
            return same.name.clone();
        }
        let name = match self.breakers.len() {
            0 => "BREAKER".to_owned(),
            others => format!("BREAKER_{}", others + 1),
        };
        self.breakers.push(BreakerPlan {
            name: name.clone(),
            value,
        });
        name
    }

    fn middleware(&mut self, declared: &Gateway) -> String {
        let items: Vec<String> = passed(declared)
            .into_iter()
            .map(|item| {
                let name = self.scope.import("msarch_runtime::gateway::Middleware");
                format!("{name}::{}", variant(item))
            })
            .collect();
        format!("middleware([{}])", items.join(", "))
    }

    fn rate_limit(&mut self, limit: &RateLimit) -> String {
        let policy = self
            .scope
            .import("msarch_runtime::rate_limit::RateLimitPolicy");
        let by = self.scope.import("msarch_runtime::gateway::LimitBy");
        format!(
            "rate_limit({policy} {{ window: {}, max_requests: {} }}, {by}::{})",
            self.duration(limit.window),
            limit.max_requests,
            if limit.by_subject {
                "Subject"
            } else {
                "Address"
            }
        )
    }

    fn cors(&mut self, cors: &Cors) -> String {
        let name = self.scope.import("msarch_runtime::gateway::Cors");
        let methods = self.methods(&cors.allowed_methods);
        let age = cors.max_age.map_or_else(
            || "None".to_owned(),
            |age| format!("Some({})", self.duration(age)),
        );
        format!(
            "cors({name} {{ allowed_origins: {}, allowed_methods: vec!{methods}, allowed_headers: {}, exposed_headers: {}, max_age: {age} }})",
            super::owned(&cors.allowed_origins),
            super::owned(&cors.allowed_headers),
            super::owned(&cors.exposed_headers)
        )
    }
}

fn variant(middleware: Middleware) -> &'static str {
    match middleware {
        Middleware::Authentication => "Authentication",
        Middleware::RateLimiting => "RateLimiting",
        Middleware::Logging => "Logging",
        Middleware::Metrics => "Metrics",
        Middleware::Tracing => "Tracing",
        Middleware::Cors => "Cors",
        Middleware::Compression => "Compression",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    fn passed_with(gateway: &str) -> Vec<&'static str> {
        let text = format!(
            "msarch: 1\nname: shop\nservices: {{order-service: {{}}}}\ngateway: {gateway}\n"
        );
        let mut loaded = load_text("architecture.yaml", &text);
        let model = lower(&document::read(&mut loaded).unwrap());
        let gateway = model.gateway.as_ref().unwrap();
        passed(gateway).into_iter().map(variant).collect()
    }

    const TOKENS: &str = "authentication: {type: JWT, algorithms: [HS256], secret: '${KEY}'}";

    #[test]
    fn nothing_listed_is_watched() {
        assert_eq!(
            passed_with("{port: 8080}"),
            ["Tracing", "Metrics", "Logging"]
        );
        let quiet = "{monitoring: {metrics: false, tracing: false}}";
        assert_eq!(passed_with(quiet), ["Logging"]);
    }

    #[test]
    fn a_declared_guard_stands_on_its_post_whether_listed_or_not() {
        let listed = format!("{{middleware: [logging], {TOKENS}}}");
        assert_eq!(passed_with(&listed), ["Logging", "Authentication"]);
        let limit = "rate_limit: {window: 1m, max_requests: 5, key: ";
        let by_address =
            format!("{{middleware: [authentication, logging], {TOKENS}, {limit}address}}}}");
        assert_eq!(
            passed_with(&by_address),
            ["RateLimiting", "Authentication", "Logging"]
        );
        let by_subject =
            format!("{{middleware: [authentication, logging], {TOKENS}, {limit}subject}}}}");
        assert_eq!(
            passed_with(&by_subject),
            ["Authentication", "Logging", "RateLimiting"]
        );
        let pages = format!(
            "{{middleware: [authentication], {TOKENS}, cors: {{allowed_origins: ['https://a.example']}}}}"
        );
        assert_eq!(passed_with(&pages), ["Cors", "Authentication"]);
    }

    #[test]
    fn authentication_that_is_only_listed_verifies_nothing() {
        let listed = "{middleware: [logging, authentication]}";
        assert_eq!(passed_with(listed), ["Logging"]);
    }
}
