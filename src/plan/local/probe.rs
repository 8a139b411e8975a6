//! What the test of the whole system asks: of every service that routes lead to a list, and a record to create.

use serde::Serialize;
use serde_json::Value;

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::effect::EffectKind;
use crate::model::endpoint::{Action, Endpoint, IdempotencyKey, Method};
use crate::model::gateway::{Access, Gateway, Route};
use crate::model::pattern::Pattern;
use crate::model::service::Party;
use crate::plan::contract::request_fields;
use crate::plan::rust::string;
use crate::plan::schema::{Object, Schemas};
use crate::plan::service::request;
use crate::plan::types::Types;

/// Where nothing should be.
const LOST: &str = "/a-path-that-no-route-takes";

/// A request through the gateway.
#[derive(Debug, Clone, Serialize)]
pub struct ProbePlan {
    /// Its path.
    pub path: String,
    /// Its body, where it creates something.
    pub body: Option<BodyPlan>,
    /// Scopes that its token needs.
    pub scopes: Vec<String>,
    /// Whether it is answered without a token.
    pub open: bool,
    /// The whole probe as Rust.
    pub code: String,
}

/// A body, as a file beside the test.
#[derive(Debug, Clone, Serialize)]
pub struct BodyPlan {
    /// The file's name.
    pub file: String,
    /// Its JSON, laid out for people.
    pub text: String,
}

/// What can be asked, as far as the declared limits let a test ask.
pub fn probes(types: &Types<'_>) -> Vec<ProbePlan> {
    let Some(gateway) = &types.model.gateway else {
        return Vec::new();
    };
    let mut services: Vec<ServiceId> = gateway
        .routes
        .iter()
        .filter_map(|route| route.service)
        .collect();
    services.sort_by(|a, b| {
        types.model.services[*a]
            .name
            .cmp(&types.model.services[*b].name)
    });
    services.dedup();
    let probes = services.into_iter().flat_map(|service| {
        [lists as fn(&Endpoint) -> bool, creates]
            .into_iter()
            .filter_map(move |wanted| probe(types, gateway, service, wanted))
    });
    probes.take(budget(gateway)).collect()
}

/// A path that no route takes.
pub fn lost(model: &Model) -> Option<String> {
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    let free = routes
        .into_iter()
        .all(|route| !Pattern::outside(route).matches(LOST));
    free.then(|| LOST.to_owned())
}

/// How many probes the limits leave room for: each asks twice, and there is the path that no route takes.
fn budget(gateway: &Gateway) -> usize {
    let routes = gateway
        .routes
        .iter()
        .filter_map(|route| route.rate_limit.as_ref());
    let least = routes
        .chain(&gateway.rate_limit)
        .map(|limit| limit.max_requests)
        .min()
        .unwrap_or(u32::MAX);
    usize::try_from(least.saturating_sub(2) / 2).unwrap_or(usize::MAX)
}

fn lists(endpoint: &Endpoint) -> bool {
    matches!(endpoint.action, Action::List { .. }) && endpoint.method == Method::Get
}

/// Whether a fitting request creates something, whatever data there is.
fn creates(endpoint: &Endpoint) -> bool {
    let free =
        |effect: &crate::model::effect::Effect| matches!(effect.kind, EffectKind::Create { .. });
    matches!(endpoint.action, Action::Create(_))
        && endpoint.method == Method::Post
        && endpoint.effects.iter().all(free)
}

fn probe(
    types: &Types<'_>,
    gateway: &Gateway,
    service: ServiceId,
    wanted: fn(&Endpoint) -> bool,
) -> Option<ProbePlan> {
    let model = types.model;
    let routes = || {
        gateway
            .routes
            .iter()
            .filter(|route| route.service == Some(service))
            .filter(|route| gateway.access(route) != Access::Nobody)
    };
    let endpoints = model
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.owner == Party::Service(service));
    endpoints
        .filter(|endpoint| wanted(endpoint) && !endpoint.path.value.contains('{'))
        .find_map(|endpoint| {
            let (route, path) = routes().find_map(|route| {
                let path = entrance(route, &endpoint.path.value)?;
                let taken = taker(gateway, endpoint.method, &path)?;
                std::ptr::eq(taken, route).then_some((route, path))
            })?;
            told(types, gateway, route, endpoint, path)
        })
}

fn told(
    types: &Types<'_>,
    gateway: &Gateway,
    route: &Route,
    endpoint: &Endpoint,
    path: String,
) -> Option<ProbePlan> {
    let body = match endpoint.method {
        Method::Get => None,
        _ => Some(body(types, endpoint)?),
    };
    let mut scopes: Vec<String> = [&route.scope, &endpoint.scope]
        .into_iter()
        .flatten()
        .map(|scope| scope.value.clone())
        .collect();
    scopes.dedup();
    let open = route.public && (gateway.authentication.is_none() || endpoint.public);
    let mut code = match &body {
        None => format!("Probe::get({})", string(&path)),
        Some(body) => format!(
            "Probe::post({}, include_str!({}))",
            string(&path),
            string(&format!("bodies/{}", body.file))
        ),
    };
    if !scopes.is_empty() {
        let scopes: Vec<String> = scopes.iter().map(|scope| string(scope)).collect();
        code.push_str(&format!(".scopes(&[{}])", scopes.join(", ")));
    }
    if open {
        code.push_str(".open()");
    }
    if endpoint.idempotency_key == IdempotencyKey::Required {
        code.push_str(".keyed()");
    }
    Some(ProbePlan {
        path,
        body,
        scopes,
        open,
        code,
    })
}

fn body(types: &Types<'_>, endpoint: &Endpoint) -> Option<BodyPlan> {
    let text = request(types, endpoint).0?;
    if !fits(types, endpoint, &text) {
        return None;
    }
    let value: Value = serde_json::from_str(&text).ok()?;
    Some(BodyPlan {
        file: format!("{}.json", types.names.party(endpoint.owner).kebab()),
        text: serde_json::to_string_pretty(&value).ok()?,
    })
}

/// Whether a made-up body fits: a pattern may stand in the way.
fn fits(types: &Types<'_>, endpoint: &Endpoint, body: &str) -> bool {
    let fields = request_fields(types, endpoint);
    let schemas = Schemas::new(types.model, "#/$defs/");
    let named = types.model.types.ids();
    let named: Object = named
        .map(|id| (schemas.name(id), schemas.named(id)))
        .collect();
    let mut schema = schemas.record(fields.iter().map(|(field, _)| field));
    schema.insert("$defs".to_owned(), Value::Object(named));
    let validator = jsonschema::validator_for(&Value::Object(schema));
    let body: Result<Value, _> = serde_json::from_str(body);
    validator.is_ok_and(|validator| body.is_ok_and(|body| validator.is_valid(&body)))
}

/// The path by which a route leads to a path of its service.
fn entrance(route: &Route, path: &str) -> Option<String> {
    let pattern = &route.path.value;
    let (stem, below) = match pattern.strip_suffix("/*") {
        Some(stem) => (stem, true),
        None => (pattern.as_str(), false),
    };
    if stem.contains('{') {
        return None;
    }
    let Some(rewrite) = &route.rewrite else {
        return Pattern::outside(route)
            .matches(path)
            .then(|| path.to_owned());
    };
    let rest = path.strip_prefix(rewrite.value.trim_end_matches('/'))?;
    let leads = rest.is_empty() || below && rest.starts_with('/') && rest.len() > 1;
    let entrance = format!("{}{rest}", stem.trim_end_matches('/'));
    (leads && !entrance.is_empty()).then_some(entrance)
}

/// The route that takes a request.
fn taker<'g>(gateway: &'g Gateway, method: Method, path: &str) -> Option<&'g Route> {
    let mut fitting: Vec<&Route> = gateway
        .routes
        .iter()
        .filter(|route| route.methods.contains(&method) && Pattern::outside(route).matches(path))
        .collect();
    fitting.sort_by(|a, b| {
        let methods = a.all_methods.cmp(&b.all_methods);
        Pattern::outside(a)
            .before(&Pattern::outside(b))
            .then(methods)
    });
    fitting.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::plan::names::Names;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    fn asked(authentication: &str, route: &str) -> Vec<String> {
        let text = format!(
            "msarch: 1
name: shop
services:
  order-service:
    data_ownership: {{orders: {{fields: {{note: string}}}}}}
    endpoints: [GET /orders]
gateway: {{{authentication} routes: [{{path: /orders, service: order-service, timeout: 5s{route}}}]}}
"
        );
        let mut loaded = load_text("architecture.yaml", &text);
        let model = lower(&document::read(&mut loaded).unwrap());
        let names = Names::new(&model);
        let types = Types {
            model: &model,
            names: &names,
        };
        probes(&types).into_iter().map(|probe| probe.code).collect()
    }

    #[test]
    fn a_route_is_asked_as_whom_it_lets_in_and_not_at_all_where_that_is_nobody() {
        let known = "authentication: {type: JWT, algorithms: [HS256], secret: '${KEY}'},";
        let read = r#"Probe::get("/orders")"#;
        assert_eq!(asked("", ""), [""; 0]);
        assert_eq!(asked("", ", public: true"), [format!("{read}.open()")]);
        assert_eq!(asked(known, ""), [read]);
        // The service asks for a token where the gateway does not.
        assert_eq!(asked(known, ", public: true"), [read]);
    }
}
