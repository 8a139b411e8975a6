//! How often somebody may ask: a bucket of tokens for each caller, that of the route first.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Facts, extension, header, seconds, whole_seconds};
use super::token;
use crate::model::gateway::{Middleware, RateLimit, Route};

/// Where routes with a limit of their own keep its name.
const METADATA: &str = "limit";
/// The subject of those who have no token.
const NOBODY: &str = "-";
/// Callers that are told apart at once. Who has not been seen for longest is forgotten first.
const CALLERS: u32 = 100_000;
/// Envoy fills buckets no more often than this.
const SHORTEST: Duration = Duration::from_millis(50);

pub(super) fn filters(facts: &Facts<'_>) -> Vec<Value> {
    let routes = facts.gateway.routes.iter();
    let own: Vec<(&Route, &RateLimit)> = routes
        .filter_map(|route| Some((route, route.rate_limit.as_ref()?)))
        .collect();
    let mut filters = Vec::new();
    if !own.is_empty() {
        let (mut descriptors, mut counted) = (Vec::new(), Vec::new());
        for (route, limit) in &own {
            for key in keys(facts, limit) {
                let named = json!({"key": "route", "value": name(route)});
                descriptors.push(bucket(limit, [vec![named], key.entries].concat()));
                let actions = [vec![by_route()], key.actions].concat();
                let actions = json!({"actions": actions});
                if !counted.contains(&actions) {
                    counted.push(actions);
                }
            }
        }
        let limits = own.iter().map(|(_, limit)| *limit);
        filters.push(filter("route_limit", limits, descriptors, counted));
    }
    if let Some(limit) = &facts.gateway.rate_limit {
        let (mut descriptors, mut counted) = (Vec::new(), Vec::new());
        for key in keys(facts, limit) {
            descriptors.push(bucket(limit, key.entries));
            counted.push(json!({"actions": key.actions}));
        }
        filters.push(filter(
            "limit",
            std::iter::once(limit),
            descriptors,
            counted,
        ));
    }
    filters
}

/// What a route with a limit of its own is told of it.
pub(in super::super) fn of_route(route: &Route) -> Option<Value> {
    route.rate_limit.as_ref()?;
    Some(json!({"filter_metadata": {METADATA: {"route": name(route)}}}))
}

/// Routes without a limit have no name here, and are not counted.
fn by_route() -> Value {
    json!({
        "metadata": {
            "descriptor_key": "route",
            "metadata_key": {"key": METADATA, "path": [{"key": "route"}]},
            "source": "ROUTE_ENTRY",
        },
    })
}

/// Routes of one path and other methods have limits of their own.
fn name(route: &Route) -> String {
    let methods: Vec<&str> = if route.all_methods {
        vec!["ALL"]
    } else {
        route.methods.iter().map(|method| method.as_str()).collect()
    };
    format!("{} {}", methods.join(","), route.path.value)
}

/// Who is counted: how Envoy finds out, and how a bucket is named.
struct Key {
    actions: Vec<Value>,
    entries: Vec<Value>,
}

/// The token's subject, and the address of those who have none; the address of all where subjects are not known yet.
fn keys(facts: &Facts<'_>, limit: &RateLimit) -> Vec<Key> {
    let address = json!({"remote_address": {}});
    let by_address = json!({"key": "remote_address"});
    if !limit.by_subject || !knows_subjects(facts) {
        return vec![Key {
            actions: vec![address],
            entries: vec![by_address],
        }];
    }
    let subject = |default: Option<&str>| {
        let mut found = json!({
            "descriptor_key": "subject",
            "metadata_key": {"key": token::NAME, "path": [{"key": "payload"}, {"key": "sub"}]},
            "source": "DYNAMIC",
        });
        if let Some(default) = default {
            found["default_value"] = default.into();
        }
        json!({"metadata": found})
    };
    vec![
        Key {
            actions: vec![subject(None)],
            entries: vec![json!({"key": "subject"})],
        },
        Key {
            actions: vec![subject(Some(NOBODY)), address],
            entries: vec![json!({"key": "subject", "value": NOBODY}), by_address],
        },
    ]
}

/// Whether tokens are checked before requests are counted.
fn knows_subjects(facts: &Facts<'_>) -> bool {
    let place = |wanted| facts.passed.iter().position(|item| *item == wanted);
    match (
        place(Middleware::Authentication),
        place(Middleware::RateLimiting),
    ) {
        (Some(tokens), Some(limit)) => tokens < limit,
        _ => false,
    }
}

fn bucket(limit: &RateLimit, entries: Vec<Value>) -> Value {
    json!({
        "entries": entries,
        "token_bucket": {
            "max_tokens": limit.max_requests,
            "tokens_per_fill": limit.max_requests,
            "fill_interval": seconds(limit.window.max(SHORTEST)),
        },
    })
}

fn filter<'m>(
    name: &str,
    limits: impl Iterator<Item = &'m RateLimit>,
    descriptors: Vec<Value>,
    counted: Vec<Value>,
) -> Value {
    let wait = limits.map(next_token).max().unwrap_or_default();
    let always = json!({"default_value": {"numerator": 100}});
    let settings = json!({
        "stat_prefix": name,
        "filter_enabled": always,
        "filter_enforced": always,
        "max_dynamic_descriptors": CALLERS,
        "response_headers_to_add": [header("retry-after", &wait.to_string())],
        "rate_limits": counted,
        "descriptors": descriptors,
    });
    extension(
        name,
        "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        settings,
    )
}

/// Seconds after which the next request is let through: buckets fill evenly.
fn next_token(limit: &RateLimit) -> u64 {
    whole_seconds(limit.window / limit.max_requests.max(1)).max(1)
}
