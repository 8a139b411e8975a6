//! The local run: every service and the gateway in one process.

use serde::Serialize;

use super::rust::{Scope, string};
use super::service::duration;
use crate::model::Model;
use crate::model::endpoint::Method;
use crate::model::gateway::{Cors, Gateway, Middleware, RateLimit, Route};
use crate::model::policy::CircuitBreaker;

/// What `crates/local` prints.
#[derive(Debug, Clone, Serialize)]
pub struct Local {
    /// The gateway's port.
    pub port: u16,
    /// The admin page's port.
    pub admin_port: u16,
    /// Who issues tokens, as an expression.
    pub issuer: String,
    /// For whom they are, as an expression.
    pub audience: String,
    /// Every scope that an operation or a route asks for, as Rust strings.
    pub scopes: Vec<String>,
    /// The path of a request to try, as a Rust string.
    pub example: Option<String>,
    /// The gateway, where there is one.
    pub gateway: Option<GatewayPlan>,
}

/// `gateway.rs` of the local run.
#[derive(Debug, Clone, Serialize)]
pub struct GatewayPlan {
    /// What the file imports.
    pub imports: Scope,
    /// Routes, as expressions.
    pub routes: Vec<String>,
    /// Calls on the builder after the routes.
    pub steps: Vec<String>,
}

/// Plans the local run.
pub fn local(model: &Model) -> Local {
    let gateway = model.gateway.as_ref();
    let authentication = gateway.and_then(|gateway| gateway.authentication.as_ref());
    let maybe = |text: Option<&str>| {
        text.map_or_else(
            || "None".to_owned(),
            |text| format!("Some({}.to_owned())", string(text)),
        )
    };
    let routed = gateway
        .iter()
        .flat_map(|gateway| &gateway.routes)
        .filter_map(|route| route.scope.as_deref());
    let asked = model
        .endpoints
        .iter()
        .filter_map(|endpoint| endpoint.scope.as_ref().map(|scope| scope.value.as_str()));
    let mut scopes: Vec<String> = routed.chain(asked).map(string).collect();
    scopes.sort();
    scopes.dedup();
    let readable = |route: &&Route| {
        route.service.is_some() && (route.all_methods || route.methods.contains(&Method::Get))
    };
    let example = gateway.and_then(|gateway| gateway.routes.iter().find(readable));
    Local {
        port: gateway.map_or(8080, |gateway| gateway.port),
        admin_port: gateway
            .and_then(|gateway| gateway.monitoring)
            .map_or(8081, |monitoring| monitoring.port),
        issuer: maybe(authentication.and_then(|declared| declared.issuer.as_deref())),
        audience: maybe(authentication.and_then(|declared| declared.audience.as_deref())),
        scopes,
        example: example.map(|route| string(route.path.value.trim_end_matches("/*"))),
        gateway: gateway.map(|gateway| plan(model, gateway)),
    }
}

fn plan(model: &Model, gateway: &Gateway) -> GatewayPlan {
    let mut scope = Scope::new("local::gateway");
    scope.import("msarch_runtime::gateway::GatewayBuilder");
    let routes: Vec<String> = gateway
        .routes
        .iter()
        .filter_map(|declared| route(model, declared, &mut scope))
        .collect();
    let mut steps = Vec::new();
    if !gateway.middleware.is_empty() {
        let name = scope.import("msarch_runtime::gateway::Middleware");
        let words: Vec<String> = gateway
            .middleware
            .iter()
            .map(|word| format!("{name}::{}", middleware(word.value)))
            .collect();
        steps.push(format!("middleware([{}])", words.join(", ")));
    }
    if let Some(limit) = &gateway.rate_limit {
        let by = scope.import("msarch_runtime::gateway::LimitBy");
        let by = format!(
            "{by}::{}",
            if limit.by_subject {
                "Subject"
            } else {
                "Address"
            }
        );
        steps.push(format!(
            "rate_limit({}, {by})",
            rate_limit(limit, &mut scope)
        ));
    }
    if let Some(declared) = &gateway.cors {
        steps.push(format!("cors({})", cors(declared, &mut scope)));
    }
    GatewayPlan {
        imports: scope,
        routes,
        steps,
    }
}

fn route(model: &Model, declared: &Route, scope: &mut Scope) -> Option<String> {
    let service = &model.services[declared.service?];
    let name = scope.import("msarch_runtime::gateway::Route");
    let mut text = format!(
        "{name}::new({}, {})",
        string(&declared.path.value),
        string(service.name.as_str())
    );
    if !declared.all_methods {
        text.push_str(&format!(
            ".methods([{}])",
            methods(&declared.methods, scope)
        ));
    }
    if let Some(timeout) = &declared.timeout {
        scope.import("std::time::Duration");
        text.push_str(&format!(".timeout({})", duration(timeout.value)));
    }
    if declared.retries.value > 0 {
        text.push_str(&format!(".max_attempts({})", declared.retries.value + 1));
    }
    if let Some(named) = &declared.retry_methods {
        let named: Vec<Method> = named.iter().map(|method| method.value).collect();
        text.push_str(&format!(".retry_methods([{}])", methods(&named, scope)));
    }
    if let Some(declared) = &declared.circuit_breaker {
        text.push_str(&format!(".breaker({})", breaker(declared, scope)));
    }
    if declared.public {
        text.push_str(".public()");
    }
    if let Some(needed) = &declared.scope {
        text.push_str(&format!(".scope({})", string(needed)));
    }
    if let Some(rewrite) = &declared.rewrite {
        text.push_str(&format!(".rewrite({})", string(&rewrite.value)));
    }
    if let Some(limit) = &declared.rate_limit {
        text.push_str(&format!(".rate_limit({})", rate_limit(limit, scope)));
    }
    Some(text)
}

fn methods(methods: &[Method], scope: &mut Scope) -> String {
    let name = scope.import("http::Method");
    let words: Vec<String> = methods
        .iter()
        .map(|method| format!("{name}::{}", method.as_str()))
        .collect();
    words.join(", ")
}

fn breaker(declared: &CircuitBreaker, scope: &mut Scope) -> String {
    let name = scope.import("msarch_runtime::resilience::BreakerPolicy");
    scope.import("std::time::Duration");
    format!(
        "{name} {{ failure_threshold: {}, monitor_window: {}, recovery_timeout: {}, success_threshold: {} }}",
        declared.failure_threshold,
        duration(declared.monitor_window),
        duration(declared.recovery_timeout),
        declared.success_threshold
    )
}

fn rate_limit(declared: &RateLimit, scope: &mut Scope) -> String {
    let name = scope.import("msarch_runtime::rate_limit::RateLimitPolicy");
    scope.import("std::time::Duration");
    format!(
        "{name} {{ window: {}, max_requests: {} }}",
        duration(declared.window),
        declared.max_requests
    )
}

fn cors(declared: &Cors, scope: &mut Scope) -> String {
    let name = scope.import("msarch_runtime::gateway::Cors");
    let texts = |all: &[String]| {
        all.iter()
            .map(|text| format!("{}.to_owned()", string(text)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let age = match declared.max_age {
        Some(age) => {
            scope.import("std::time::Duration");
            format!("Some({})", duration(age))
        }
        None => "None".to_owned(),
    };
    format!(
        "{name} {{ allowed_origins: vec![{}], allowed_methods: vec![{}], allowed_headers: vec![{}], max_age: {age} }}",
        texts(&declared.allowed_origins),
        methods(&declared.allowed_methods, scope),
        texts(&declared.allowed_headers)
    )
}

fn middleware(word: Middleware) -> &'static str {
    match word {
        Middleware::Authentication => "Authentication",
        Middleware::RateLimiting => "RateLimiting",
        Middleware::Logging => "Logging",
        Middleware::Metrics => "Metrics",
        Middleware::Tracing => "Tracing",
        Middleware::Cors => "Cors",
        Middleware::Compression => "Compression",
    }
}
