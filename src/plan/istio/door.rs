//! The door: Istio's ingress gateway takes the declared routes, and leads each straight to its service.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::control::certificate;
use super::names::{NETWORKING, duration};
use super::path::{Matched, matched};
use super::{Facts, Manifest, object, routing};
use crate::model::arena::ServiceId;
use crate::model::endpoint::Method;
use crate::model::gateway::{Cors, Gateway, Route};
use crate::model::pattern::{Pattern, is_pattern};
use crate::plan::deployment::host;
use crate::plan::deployment::surroundings::mesh::{GATEWAY, NAMESPACE};

/// When the door sends a request again that is safe to repeat.
const RETRY_ON: &str = "connect-failure,refused-stream,reset,gateway-error";

/// The header that tells services how long they have.
const DEADLINE: &str = "x-deadline-ms";

/// The header by which a repeated request is recognised.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The gateway and its routes, where one is declared.
pub(super) fn manifest(facts: &Facts<'_>) -> Option<Manifest> {
    let gateway = facts.model.gateway.as_ref()?;
    // No service may be called so.
    let name = host::GATEWAY;
    let credential = certificate(&facts.system);
    let (key, value) = GATEWAY;
    let door = json!({
        "selector": {key: value},
        "servers": [
            {
                "port": {"number": 80, "name": "http", "protocol": "HTTP"},
                "hosts": ["*"],
                "tls": {"httpsRedirect": true},
            },
            {
                "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
                "hosts": ["*"],
                "tls": {"mode": "SIMPLE", "credentialName": credential, "minProtocolVersion": "TLSV1_2"},
            },
        ],
    });
    let mut documents = vec![object((NETWORKING, "Gateway"), name, facts, door)];
    let rules = rules(facts, gateway);
    if !rules.is_empty() {
        let spec = json!({"hosts": ["*"], "gateways": [name], "http": rules});
        documents.push(object((NETWORKING, "VirtualService"), name, facts, spec));
    }
    let manifest = Manifest::new("gateway.yaml", documents).about(format!(
        "The certificate is the Secret `{credential}` in the namespace {NAMESPACE}, beside the ingress gateway."
    ));
    Some(said(gateway, manifest))
}

/// What the declared gateway does and this one does not.
fn said(gateway: &Gateway, manifest: Manifest) -> Manifest {
    let limited = gateway.rate_limit.is_some()
        || gateway
            .routes
            .iter()
            .any(|route| route.rate_limit.is_some());
    if limited {
        manifest.about("Rate limits are not here: Istio has none of its own that counts by caller. Put a rate limit service beside the ingress gateway.")
    } else {
        manifest
    }
}

/// The rules of all routes: the more specific first, as Istio takes the first that fits.
fn rules(facts: &Facts<'_>, gateway: &Gateway) -> Vec<Value> {
    let sound = gateway
        .routes
        .iter()
        .filter(|route| is_pattern(&route.path.value));
    let mut routes: Vec<(Pattern, &Route)> = sound
        .map(|route| (Pattern::outside(route), route))
        .collect();
    // Named methods before all of them; the sort is stable, so that the declared order decides between equals.
    routes.sort_by(|(a, left), (b, right)| {
        a.before(b).then(left.all_methods.cmp(&right.all_methods))
    });
    let routes = routes
        .into_iter()
        .filter_map(|(_, route)| Some((route, route.service?)));
    routes
        .flat_map(|(route, service)| {
            let rewrite = route.rewrite.as_ref().map(|to| to.value.as_str());
            let cors = gateway.cors.as_ref();
            let kinds = kinds(facts, route, service);
            let mut rules = Vec::new();
            for path in merged(matched(&route.path.value, rewrite)) {
                rules.extend(
                    kinds
                        .iter()
                        .map(|kind| rule(facts, route, service, kind, &path, cors)),
                );
            }
            rules
        })
        .collect()
}

/// Paths that become the same share one rule.
fn merged(paths: Vec<Matched>) -> Vec<(Vec<Value>, Option<Value>)> {
    if paths.iter().any(|path| path.rewrite.is_some()) {
        let each = paths.into_iter();
        return each.map(|path| (vec![path.uri], path.rewrite)).collect();
    }
    vec![(paths.into_iter().map(|path| path.uri).collect(), None)]
}

/// Requests of a route that are treated alike.
struct Kind {
    /// Their methods; all that are left where there are none.
    methods: Vec<Method>,
    /// Whether they carry a key by which a repetition is recognised.
    keyed: bool,
    /// How often they are sent again.
    retries: Value,
}

/// What is sent again, and what is not. Whoever may GET may ask for the HEAD.
fn kinds(facts: &Facts<'_>, route: &Route, service: ServiceId) -> Vec<Kind> {
    let mut methods = route.methods.clone();
    if methods.contains(&Method::Get) && !methods.contains(&Method::Head) {
        methods.push(Method::Head);
    }
    let listed = |methods: &[Method]| match route.all_methods {
        true => Vec::new(),
        false => methods.to_vec(),
    };
    if route.retries.value == 0 {
        let declared = routing::policy(facts, service).and_then(|policy| policy.retries.as_ref());
        let retries = routing::retries(declared);
        return vec![Kind {
            methods: listed(&methods),
            keyed: false,
            retries,
        }];
    }
    let named = route.retry_methods.as_ref();
    let again = |method: &Method| match named {
        Some(named) => {
            named.iter().any(|it| it.value == *method)
                || *method == Method::Head && named.iter().any(|it| it.value == Method::Get)
        }
        None => method.is_idempotent(),
    };
    let (safe, rest): (Vec<Method>, Vec<Method>) = methods.iter().copied().partition(again);
    let retries = json!({"attempts": route.retries.value, "retryOn": RETRY_ON});
    let mut kinds = Vec::new();
    if rest.is_empty() {
        return vec![Kind {
            methods: listed(&safe),
            keyed: false,
            retries,
        }];
    }
    if !safe.is_empty() {
        kinds.push(Kind {
            methods: safe,
            keyed: false,
            retries: retries.clone(),
        });
    }
    if route.idempotency_key {
        kinds.push(Kind {
            methods: listed(&rest),
            keyed: true,
            retries,
        });
    }
    kinds.push(Kind {
        methods: listed(&rest),
        keyed: false,
        retries: routing::never(),
    });
    kinds
}

fn rule(
    facts: &Facts<'_>,
    route: &Route,
    service: ServiceId,
    kind: &Kind,
    (uris, rewrite): &(Vec<Value>, Option<Value>),
    cors: Option<&Cors>,
) -> Value {
    let mut rule = Map::new();
    let matches = uris.iter().map(|uri| condition(uri, kind, cors.is_some()));
    rule.insert("match".to_owned(), matches.collect());
    if let Some(rewrite) = rewrite {
        rule.insert("rewrite".to_owned(), rewrite.clone());
    }
    rule.insert("route".to_owned(), routing::destinations(facts, service));
    if let Some(timeout) = timeout(facts, route, service) {
        rule.insert("timeout".to_owned(), duration(timeout).into());
        let set = json!({DEADLINE: timeout.as_millis().to_string()});
        rule.insert("headers".to_owned(), json!({"request": {"set": set}}));
    }
    rule.insert("retries".to_owned(), kind.retries.clone());
    if let Some(cors) = cors {
        rule.insert("corsPolicy".to_owned(), shared(cors));
    }
    Value::Object(rule)
}

fn condition(uri: &Value, kind: &Kind, cors: bool) -> Value {
    let mut condition = json!({"uri": uri});
    let mut methods: Vec<&str> = kind.methods.iter().map(|method| method.as_str()).collect();
    if cors && !methods.is_empty() {
        // Browsers ask before they send, and the policy for other origins answers.
        methods.push("OPTIONS");
    }
    match methods.as_slice() {
        [] => {}
        [one] => condition["method"] = json!({"exact": one}),
        several => condition["method"] = json!({"regex": several.join("|")}),
    }
    if kind.keyed {
        condition["headers"] = json!({IDEMPOTENCY_KEY: {"regex": ".+"}});
    }
    condition
}

/// How long a request may take: as the route says, or the mesh, whichever ends first. One proxy stands for both.
fn timeout(facts: &Facts<'_>, route: &Route, service: ServiceId) -> Option<Duration> {
    let mesh = routing::policy(facts, service).and_then(|policy| policy.timeout);
    let times = [route.timeout, mesh];
    let times = times.into_iter().flatten().map(|time| time.value);
    times.filter(|time| !time.is_zero()).min()
}

fn shared(cors: &Cors) -> Value {
    let origins = cors
        .allowed_origins
        .iter()
        .map(|origin| match origin.as_str() {
            "*" => json!({"regex": ".*"}),
            origin => json!({"exact": origin}),
        });
    let mut policy = json!({"allowOrigins": origins.collect::<Vec<_>>()});
    let methods: Vec<&str> = cors
        .allowed_methods
        .iter()
        .map(|method| method.as_str())
        .collect();
    if !methods.is_empty() {
        policy["allowMethods"] = json!(methods);
    }
    if !cors.allowed_headers.is_empty() {
        policy["allowHeaders"] = json!(cors.allowed_headers);
    }
    if !cors.exposed_headers.is_empty() {
        policy["exposeHeaders"] = json!(cors.exposed_headers);
    }
    if let Some(age) = cors.max_age {
        policy["maxAge"] = duration(age).into();
    }
    policy
}
