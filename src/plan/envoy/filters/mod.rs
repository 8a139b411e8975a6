//! What each request passes, in the declared order: one room a filter.

mod compression;
mod context;
mod cors;
pub(super) mod limit;
mod size;
pub(super) mod token;

use serde_json::{Map, Value, json};

use super::{Facts, extension};
use crate::model::gateway::{Middleware, Route};

/// The filters. Logging, metrics and tracing are no filters at Envoy: they see every request, wherever they stand in the list.
pub(super) fn filters(facts: &Facts<'_>) -> Vec<Value> {
    let mut filters = vec![context::filter(facts)];
    for middleware in &facts.passed {
        match middleware {
            Middleware::Authentication => filters.extend(token::filters(facts)),
            Middleware::RateLimiting => filters.extend(limit::filters(facts)),
            Middleware::Cors => filters.extend(cors::filters(facts)),
            Middleware::Compression => filters.push(compression::filter()),
            Middleware::Logging | Middleware::Metrics | Middleware::Tracing => {}
        }
    }
    filters.push(size::filter());
    filters.push(router());
    filters
}

/// What filters are told of every route.
pub(super) fn for_all(facts: &Facts<'_>) -> Map<String, Value> {
    let mut settings = Map::new();
    if facts.passes(Middleware::Cors)
        && let Some(cors) = &facts.gateway.cors
    {
        settings.insert(cors::NAME.to_owned(), cors::policy(cors));
    }
    if facts.passes(Middleware::Authentication) {
        settings.insert(token::NAME.to_owned(), token::optional());
    }
    settings
}

/// What filters are told of one route.
pub(super) fn for_route(facts: &Facts<'_>, route: &Route) -> Map<String, Value> {
    let mut settings = Map::new();
    if facts.passes(Middleware::Authentication) && !route.public {
        settings.insert(token::NAME.to_owned(), token::required());
        if let Some(scope) = &route.scope {
            settings.insert(token::SCOPE.to_owned(), token::scope(&scope.value));
        }
    }
    settings
}

fn router() -> Value {
    extension(
        "envoy.filters.http.router",
        "envoy.extensions.filters.http.router.v3.Router",
        json!({}),
    )
}
