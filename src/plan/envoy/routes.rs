//! Which route takes which request: the more specific path first, and on one path named methods before all of them.

use serde_json::{Map, Value, json};

use super::{Facts, filters, header, limits, path, retry, seconds};
use crate::model::endpoint::Method;
use crate::model::gateway::{Access, Route};
use crate::model::pattern::{Pattern, is_pattern};
use crate::plan::local::gateway::ROUTE_TIMEOUT;

/// What the access log and the metrics call requests that no route takes.
const UNMATCHED: &str = "unmatched";

/// Empty and dot segments, encoded ones too, and backslashes.
const UNCLEAR: &str = r".*(//|\\).*|(.*/)?(\.|%2[eE]){1,2}(/.*)?";

/// The routes of a gateway, and what is said of requests that none takes.
pub(super) fn config(facts: &Facts<'_>) -> Value {
    let ordered = ordered(&facts.gateway.routes);
    let mut routes = Vec::new();
    routes.extend(questions(facts));
    routes.push(unclear());
    for (route, _) in &ordered {
        routes.extend(entries(facts, route));
    }
    routes.extend(other_methods(&ordered));
    routes.push(direct(
        json!({"prefix": "/"}),
        404,
        "no route leads there",
        Map::new(),
    ));
    let mut host = json!({"name": "gateway", "domains": ["*"], "routes": routes});
    let settings = filters::for_all(facts);
    if !settings.is_empty() {
        host["typed_per_filter_config"] = Value::Object(settings);
    }
    json!({"name": "gateway", "virtual_hosts": [host]})
}

/// The routes that lead somewhere, in the order in which they are asked.
fn ordered(routes: &[Route]) -> Vec<(&Route, Pattern)> {
    let leading = routes
        .iter()
        .filter(|route| route.service.is_some() && is_pattern(&route.path.value));
    let mut ordered: Vec<(&Route, Pattern)> = leading
        .map(|route| (route, Pattern::outside(route)))
        .collect();
    ordered
        .sort_by(|(a, own), (b, their)| own.before(their).then(a.all_methods.cmp(&b.all_methods)));
    ordered
}

/// Questions of pages from elsewhere (CORS) are asked of every path, and answered by the filter, which passes over direct answers:
/// so they have a route, to nobody.
fn questions(facts: &Facts<'_>) -> Option<Value> {
    facts.gateway.cors.as_ref()?;
    let present = |name: &str| json!({"name": name, "present_match": true});
    let headers = json!([
        method(&["OPTIONS"]),
        present("origin"),
        present("access-control-request-method")
    ]);
    Some(json!({
        "name": UNMATCHED,
        "match": {"prefix": "/", "headers": headers},
        "route": {"cluster": super::clusters::NOBODY},
    }))
}

/// What could be read in two ways is refused as it comes, rather than tidied up: services see the path that was judged here.
fn unclear() -> Value {
    let matched = json!({"safe_regex": {"regex": UNCLEAR}});
    direct(
        matched,
        400,
        "the path has empty or dot segments",
        Map::new(),
    )
}

fn direct(matched: Value, status: u16, detail: &str, further: Map<String, Value>) -> Value {
    let mut route = Map::new();
    route.insert("name".to_owned(), UNMATCHED.into());
    route.insert("match".to_owned(), matched);
    route.insert(
        "direct_response".to_owned(),
        json!({"status": status, "body": {"inline_string": detail}}),
    );
    route.extend(further);
    Value::Object(route)
}

/// One declared route: twice where requests with a key are repeated and others are not.
fn entries(facts: &Facts<'_>, route: &Route) -> Vec<Value> {
    if facts.gateway.access(route) == Access::Nobody {
        let detail = "the route is not public, and no token is verified here";
        let mut closed = direct(matched(route, &[], false), 401, detail, Map::new());
        closed["name"] = route.path.value.as_str().into();
        return vec![closed];
    }
    let mut entries = Vec::new();
    if retry::keyed(route) {
        let harmful: Vec<&str> = route
            .methods
            .iter()
            .filter(|method| !method.is_idempotent())
            .map(|method| method.as_str())
            .collect();
        let policy = Some(retry::always(route));
        entries.push(entry(facts, route, matched(route, &harmful, true), policy));
    }
    let policy = retry::policy(route, &retry::repeated(route));
    entries.push(entry(facts, route, matched(route, &[], false), policy));
    entries
}

fn matched(route: &Route, methods: &[&str], keyed: bool) -> Value {
    let mut matched = path::matched(&route.path.value);
    let own: Vec<&str> = route.methods.iter().map(|m| m.as_str()).collect();
    let mut headers = Vec::new();
    if !methods.is_empty() {
        headers.push(method(methods));
    } else if !route.all_methods {
        headers.push(method(&own));
    }
    if keyed {
        headers.push(json!({"name": "idempotency-key", "present_match": true}));
    }
    if !headers.is_empty() {
        matched["headers"] = headers.into();
    }
    matched
}

/// The method is one of these.
pub(super) fn method(methods: &[&str]) -> Value {
    let matched = match methods {
        [one] => json!({"exact": one}),
        some => json!({"safe_regex": {"regex": some.join("|")}}),
    };
    json!({"name": ":method", "string_match": matched})
}

fn entry(facts: &Facts<'_>, route: &Route, matched: Value, retry: Option<Value>) -> Value {
    let timeout = route.timeout.as_ref().map_or(ROUTE_TIMEOUT, |t| t.value);
    let mut action = json!({
        "cluster": facts.upstreams.of_route(route),
        "timeout": seconds(timeout),
        "auto_host_rewrite": true,
    });
    if timeout > limits::IDLE {
        action["idle_timeout"] = seconds(timeout).into();
    }
    if let Some(rewrite) = &route.rewrite {
        let (how, to) = path::rewritten(&route.path.value, &rewrite.value);
        action[how] = to;
    }
    if let Some(retry) = retry {
        action["retry_policy"] = retry;
    }
    let mut entry = json!({
        "name": route.path.value,
        "match": matched,
        "stat_prefix": route.path.value.replace('.', "_"),
        "route": action,
        "request_headers_to_add": [
            header("x-forwarded-host", "%REQ(:AUTHORITY)%"),
            // Services stop when nobody waits for them any more.
            header("x-deadline-ms", &timeout.as_millis().to_string()),
        ],
    });
    if let Some(limit) = filters::limit::of_route(route) {
        entry["metadata"] = limit;
    }
    let settings = filters::for_route(facts, route);
    if !settings.is_empty() {
        entry["typed_per_filter_config"] = Value::Object(settings);
    }
    entry
}

/// Paths that some route takes, with methods that none takes there.
fn other_methods(ordered: &[(&Route, Pattern)]) -> Vec<Value> {
    let mut told: Vec<&Pattern> = Vec::new();
    let mut entries = Vec::new();
    for (route, pattern) in ordered {
        let fitting = || {
            let covers = |(_, other): &&(&Route, Pattern)| other.covers(pattern);
            ordered.iter().filter(covers).map(|(route, _)| *route)
        };
        if told.contains(&pattern) || fitting().any(|route| route.all_methods) {
            continue;
        }
        told.push(pattern);
        let mut allowed: Vec<&str> = Vec::new();
        for method in fitting().flat_map(|route| &route.methods) {
            if !allowed.contains(&method.as_str()) {
                allowed.push(Method::as_str(*method));
            }
        }
        let mut further = Map::new();
        further.insert(
            "response_headers_to_add".to_owned(),
            json!([header("allow", &allowed.join(", "))]),
        );
        let detail = "the route does not take this method";
        entries.push(direct(
            path::matched(&route.path.value),
            405,
            detail,
            further,
        ));
    }
    entries
}
