//! Who may ask whom for what: nobody, but for the declared calls and routes, to method and path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::names::{SECURITY, ingress, principal, selector};
use super::{Facts, object, security};
use crate::graph::routes;
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::endpoint::{Method, Segment};
use crate::model::service::Party;

/// What is asked of whoever comes, besides proving which workload they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Bearer {
    /// Nothing.
    Anybody,
    /// A token that holds.
    Known,
    /// A token with a scope.
    Scoped(String),
}

/// Method by path.
type Operations = BTreeMap<String, BTreeSet<&'static str>>;

/// What is allowed at a service: by caller and by what it must bear.
type Allowed = BTreeMap<(String, Bearer), Operations>;

/// The policy of a service. One without any caller has none: what holds everywhere is that nobody may.
pub(super) fn of(facts: &Facts<'_>, id: ServiceId) -> Option<Value> {
    if facts.model.mesh.as_ref().is_some_and(security::is_plain) {
        return None;
    }
    let allowed = allowed(facts, id);
    if allowed.is_empty() {
        return None;
    }
    let rules = allowed.into_iter().map(|((caller, bearer), operations)| {
        let mut source = json!({"principals": [caller]});
        if bearer != Bearer::Anybody {
            source["requestPrincipals"] = json!(["*"]);
        }
        let mut rule = json!({"from": [{"source": source}], "to": to(operations)});
        if let Bearer::Scoped(scope) = bearer {
            rule["when"] = json!([{"key": "request.auth.claims[scope]", "values": [scope]}]);
        }
        rule
    });
    let name = facts.model.services[id].name.kebab();
    let spec = json!({
        "selector": selector(&name),
        "action": "ALLOW",
        "rules": rules.collect::<Vec<_>>(),
    });
    Some(object(
        (SECURITY, "AuthorizationPolicy"),
        &name,
        facts,
        spec,
    ))
}

fn allowed(facts: &Facts<'_>, id: ServiceId) -> Allowed {
    let model = facts.model;
    let mut allowed = Allowed::new();
    let mut allow = |caller: String, bearer: Bearer, endpoint: EndpointId| {
        let endpoint = &model.endpoints[endpoint];
        if endpoint.owner != Party::Service(id) {
            return;
        }
        let operations = allowed.entry((caller, bearer)).or_default();
        let methods = operations.entry(path(&endpoint.segments)).or_default();
        methods.insert(endpoint.method.as_str());
        // Whoever answers GET answers HEAD.
        if endpoint.method == Method::Get {
            methods.insert(Method::Head.as_str());
        }
    };
    for call in model
        .calls
        .iter()
        .filter(|call| call.to == Party::Service(id))
    {
        let caller = principal(facts, &model.services[call.from].name.kebab());
        for endpoint in &call.operations {
            allow(caller.clone(), Bearer::Anybody, *endpoint);
        }
    }
    let checked = security::keys(facts).is_some();
    let declared = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    for (route, facts) in declared.zip(routes::of(model)) {
        let bearer = match (&route.scope, checked && !route.public) {
            (_, false) => Bearer::Anybody,
            (Some(scope), true) => Bearer::Scoped(scope.value.clone()),
            (None, true) => Bearer::Known,
        };
        for endpoint in facts.operations {
            allow(ingress(), bearer.clone(), endpoint);
        }
    }
    allowed
}

/// Operations as Istio lists them: paths that allow the same methods stand together, so that no pair of method and path is allowed
/// that was not meant.
fn to(operations: Operations) -> Value {
    let mut alike: BTreeMap<BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for (path, methods) in operations {
        alike.entry(methods).or_default().push(path);
    }
    let operations = alike.into_iter();
    operations
        .map(|(methods, paths)| json!({"operation": {"methods": methods, "paths": paths}}))
        .collect()
}

/// A path with `{*}` for a segment that differs from request to request: it stands for one segment, neither none nor two.
fn path(segments: &[Segment]) -> String {
    let path = segments.iter().fold(String::new(), |path, segment| {
        let segment = match segment {
            Segment::Literal(text) => text.as_str(),
            Segment::Parameter(_) => "{*}",
        };
        format!("{path}/{segment}")
    });
    if path.is_empty() {
        "/".to_owned()
    } else {
        path
    }
}
