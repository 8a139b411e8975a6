//! Requests to try: real ones of this system, through its gateway.

use std::collections::BTreeSet;

use serde_json::Value;

use super::unique;
use crate::model::Model;
use crate::model::arena::EndpointId;
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::gateway::{Access, Route};
use crate::model::service::Party;
use crate::plan::schema::example_of;

/// A request to try.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Its path at the gateway, or at its service where no route leads to it.
    pub(super) path: String,
    /// The service to ask, where no route leads to it.
    pub(super) service: Option<String>,
    pub(super) body: Option<Value>,
    /// A field of the body that no two records may share and that the shell cannot vary.
    pub(super) once: Option<String>,
    /// Whether it has to carry an `Idempotency-Key`.
    pub(super) keyed: bool,
    /// Whether it needs no token.
    pub(super) open: bool,
}

/// One request that reads and one that creates, as far as the system has such.
pub(super) fn requests(model: &Model) -> Vec<Request> {
    let first = |wanted: fn(&Action) -> bool| {
        let through = gateway_requests(model, wanted).next();
        through.or_else(|| direct_requests(model, wanted).next())
    };
    let creates = |action: &Action| matches!(action, Action::Create(_));
    let reads = |action: &Action| matches!(action, Action::List { .. });
    [first(creates), first(reads)]
        .into_iter()
        .flatten()
        .collect()
}

/// Every scope that a token of this system can be asked for.
pub(super) fn scopes(model: &Model) -> BTreeSet<&str> {
    let endpoints = model.endpoints.iter().map(|endpoint| &endpoint.scope);
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    let scopes = endpoints.chain(routes.map(|route| &route.scope)).flatten();
    scopes.map(|scope| scope.value.as_str()).collect()
}

fn gateway_requests<'m>(
    model: &'m Model,
    wanted: fn(&Action) -> bool,
) -> impl Iterator<Item = Request> + 'm {
    let routes = model.gateway.iter().flat_map(|gateway| {
        let routes = gateway.routes.iter();
        routes.filter(|route| gateway.access(route) != Access::Nobody)
    });
    routes.flat_map(move |route| {
        let service = route.service.map(|service| &model.services[service]);
        let endpoints = service.map_or(&[][..], |service| &service.endpoints);
        endpoints.iter().filter_map(move |id| {
            let endpoint = &model.endpoints[*id];
            let path = outside(route, &endpoint.path.value)?;
            let chosen = wanted(&endpoint.action) && is_best(model, route, &path, endpoint.method);
            let request = request(model, *id, path, None).filter(|_| chosen)?;
            Some(Request {
                open: request.open && route.public,
                ..request
            })
        })
    })
}

fn direct_requests<'m>(
    model: &'m Model,
    wanted: fn(&Action) -> bool,
) -> impl Iterator<Item = Request> + 'm {
    model.endpoints.entries().filter_map(move |(id, endpoint)| {
        let Party::Service(service) = endpoint.owner else {
            return None;
        };
        let name = model.services[service].name.kebab();
        request(model, id, endpoint.path.value.clone(), Some(name))
            .filter(|_| wanted(&endpoint.action))
    })
}

/// The request, where its path has no parameters and its body can be made up.
fn request(
    model: &Model,
    id: EndpointId,
    path: String,
    service: Option<String>,
) -> Option<Request> {
    let endpoint: &Endpoint = &model.endpoints[id];
    if endpoint
        .segments
        .iter()
        .any(|segment| matches!(segment, Segment::Parameter(_)))
    {
        return None;
    }
    let mut body = match &endpoint.request {
        Body::None => None,
        Body::Entity(entity) => Some(example_of(model, model.entities[*entity].fields.as_ref()?)),
        Body::Fields(fields) => Some(example_of(model, fields)),
        Body::Page(_) | Body::Type(_) => return None,
    };
    let once = body
        .as_mut()
        .and_then(|body| unique::vary(model, endpoint, body));
    let keyed = endpoint.idempotency_key == IdempotencyKey::Required;
    Some(Request {
        method: endpoint.method,
        path,
        service,
        body,
        once,
        keyed,
        open: endpoint.public || model.authentication().is_none(),
    })
}

/// The path at the gateway that a route turns into a service's path.
fn outside(route: &Route, inside: &str) -> Option<String> {
    let (prefix, wild) = match route.path.value.strip_suffix("/*") {
        Some(prefix) => (prefix, true),
        None => (route.path.value.as_str(), false),
    };
    if prefix.contains(['*', '{']) {
        return None;
    }
    let rewritten = route
        .rewrite
        .as_ref()
        .map_or(prefix, |rewrite| rewrite.value.trim_end_matches('/'));
    let rest = inside.strip_prefix(rewritten)?;
    let below = rest.starts_with('/') && wild;
    (rest.is_empty() || below).then(|| format!("{prefix}{rest}"))
}

/// Whether no route with a longer path takes the request away.
fn is_best(model: &Model, route: &Route, path: &str, method: Method) -> bool {
    let takes = |route: &Route| route.all_methods || route.methods.contains(&method);
    let length = |route: &Route| route.path.value.trim_end_matches("/*").len();
    let matches = |other: &Route| match other.path.value.strip_suffix("/*") {
        Some(prefix) => path
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => other.path.value == path,
    };
    let mut routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    takes(route)
        && !routes.any(|other| length(other) > length(route) && takes(other) && matches(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    fn model(text: &str) -> Model {
        let mut loaded = load_text("architecture.yaml", text);
        lower(&document::read(&mut loaded).unwrap())
    }

    fn lines(model: &Model) -> Vec<String> {
        requests(model)
            .iter()
            .map(|request| format!("{} {}", request.method.as_str(), request.path))
            .collect()
    }

    const SHOP: &str = "\
msarch: 1
name: shop
services:
  order-service:
    data_ownership:
      orders: {fields: {customer: string, items: integer}}
    endpoints:
      - GET /orders/{id}
      - POST /orders
      - GET /orders
";

    #[test]
    fn a_request_creates_and_one_reads_through_the_gateway() {
        let gateway = "gateway: {routes: [{path: /api/orders/*, method: ALL, service: order-service, rewrite: /orders, timeout: 5s, public: true}]}\n";
        let model = model(&format!("{SHOP}{gateway}"));
        assert_eq!(lines(&model), ["POST /api/orders", "GET /api/orders"]);
        let body = requests(&model)[0].body.clone().unwrap();
        assert!(
            body["customer"].is_string() && body["items"].is_i64(),
            "{body}"
        );
    }

    #[test]
    fn a_request_can_be_sent_again_or_says_what_to_change() {
        let create = |field: &str| {
            let text = SHOP.replace("items: integer", field);
            requests(&model(&text)).remove(0)
        };
        let email = create("email: {type: string, pattern: '^[^@ ]+@[^@ ]+$', unique: true}");
        assert_eq!(
            email.body.unwrap()["email"],
            format!("someone-{}@example.com", unique::NOW)
        );
        assert_eq!(email.once, None);
        let short = create("code: {type: string, max_length: 4, unique: true}");
        assert_eq!(short.once.as_deref(), Some("code"));
        let parent = create("parent: {type: uuid, unique: true}");
        let parent = parent.body.unwrap()["parent"].as_str().unwrap().to_owned();
        assert_eq!(parent.replace(unique::NOW, "1700000000").len(), 36);
    }

    #[test]
    fn a_text_matches_its_pattern() {
        let pattern = "^[A-Z]{2}[0-9]{6}$";
        let field = format!("mrn: {{type: string, pattern: '{pattern}'}}");
        let body = requests(&model(&SHOP.replace("items: integer", &field)))
            .remove(0)
            .body;
        let body = body.unwrap();
        let mrn = body["mrn"].as_str().unwrap();
        assert!(regex::Regex::new(pattern).unwrap().is_match(mrn), "{mrn}");
    }

    #[test]
    fn a_route_that_takes_another_method_is_passed_over() {
        let gateway = "gateway: {routes: [{path: /orders, method: GET, service: order-service, timeout: 5s, public: true}]}\n";
        let model = model(&format!("{SHOP}{gateway}"));
        let requests = requests(&model);
        assert_eq!(
            (requests[0].path.as_str(), requests[0].service.as_deref()),
            ("/orders", Some("order-service"))
        );
        assert_eq!(
            (requests[1].path.as_str(), requests[1].service.as_deref()),
            ("/orders", None)
        );
    }

    #[test]
    fn a_route_that_lets_nobody_in_is_passed_over_and_a_token_told_where_it_is_asked_for() {
        let asked = |gateway: &str| {
            let route = "path: /orders/*, method: ALL, service: order-service, timeout: 5s";
            let gateway = gateway.replace("ROUTE", route);
            let model = model(&format!("{SHOP}gateway: {gateway}\n"));
            let read = requests(&model).remove(1);
            (read.service.is_none(), read.open)
        };
        let authentication = "authentication: {type: JWT, algorithms: [HS256], secret: '${KEY}'}";
        assert_eq!(asked("{routes: [{ROUTE}]}"), (false, true));
        assert_eq!(asked("{routes: [{ROUTE, public: true}]}"), (true, true));
        let known = format!("{{{authentication}, routes: [{{ROUTE}}]}}");
        assert_eq!(asked(&known), (true, false));
        // The gateway lets everybody through, the service does not.
        let known = format!("{{{authentication}, routes: [{{ROUTE, public: true}}]}}");
        assert_eq!(asked(&known), (true, false));
    }

    #[test]
    fn a_system_without_a_gateway_is_asked_at_its_service() {
        let model = model(SHOP);
        assert_eq!(
            requests(&model)[0].service.as_deref(),
            Some("order-service")
        );
    }

    #[test]
    fn the_path_outside_is_the_inverse_of_the_rewrite() {
        let route = |path: &str, rewrite: &str| {
            let text = format!(
                "{SHOP}gateway: {{routes: [{{path: '{path}', method: ALL, service: order-service, timeout: 5s{rewrite}}}]}}\n"
            );
            model(&text).gateway.unwrap().routes.remove(0)
        };
        let cases = [
            (
                "/api/orders/*",
                ", rewrite: /orders",
                "/orders",
                Some("/api/orders"),
            ),
            (
                "/api/orders/*",
                ", rewrite: /orders",
                "/orders/open",
                Some("/api/orders/open"),
            ),
            ("/api/orders/*", ", rewrite: /orders", "/ordersX", None),
            ("/api/*", ", rewrite: /", "/orders", Some("/api/orders")),
            ("/orders/*", "", "/orders", Some("/orders")),
            ("/orders", "", "/orders/open", None),
            ("/api/*", "", "/orders", None),
        ];
        for (path, rewrite, inside, expected) in cases {
            assert_eq!(
                outside(&route(path, rewrite), inside).as_deref(),
                expected,
                "{path}{rewrite} {inside}"
            );
        }
    }
}
