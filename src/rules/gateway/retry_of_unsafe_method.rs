//! A request that is repeated after a slow answer is done twice.

use crate::graph::Graph;
use crate::graph::mesh::MeshPolicy;
use crate::graph::routes::RouteFacts;
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::endpoint::{Call, IdempotencyKey, Method};
use crate::model::gateway::Route;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("retry-of-unsafe-method"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: false,
    summary: "a request that changes something may be repeated, and done twice",
    docs: include_str!("retry_of_unsafe_method.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let routes = routes
        .zip(&graph.routes)
        .filter_map(|(route, facts)| of_route(graph, route, facts));
    let calls = graph
        .model
        .calls
        .iter()
        .filter_map(|call| of_call(graph, call));
    let mesh = graph.model.services.ids().flat_map(|service| {
        graph
            .mesh
            .to(service)
            .iter()
            .filter_map(move |policy| of_mesh(graph, service, policy))
    });
    routes.chain(calls).chain(mesh).collect()
}

fn of_route(graph: &Graph<'_>, route: &Route, facts: &RouteFacts) -> Option<Finding> {
    if route.retries.value == 0 || route.idempotency_key {
        return None;
    }
    let repeated: Vec<Method> = match &route.retry_methods {
        Some(methods) => methods.iter().map(|method| method.value).collect(),
        None => route.methods.clone(),
    };
    // Operations that nobody has written down yet may be of any kind.
    let service = route.service.map(|service| &graph.model.services[service]);
    let known = service.is_some_and(|service| !service.endpoints.is_empty());
    let harmful = unrecognised(graph, &facts.operations);
    let answered = |method: &Method| {
        let mut operations = harmful.iter().map(|id| &graph.model.endpoints[*id]);
        !known || operations.any(|operation| operation.method == *method)
    };
    let repeated: Vec<Method> = repeated
        .into_iter()
        .filter(|method| !method.is_idempotent() && answered(method))
        .collect();
    if repeated.is_empty() {
        return None;
    }
    let named = if route.all_methods && route.retry_methods.is_none() {
        "ALL methods".to_owned()
    } else {
        methods(&repeated)
    };
    let tries = u64::from(route.retries.value) + 1;
    let message = format!(
        "route {} repeats {named} up to {}: a slow {} is done up to {tries} times",
        route.path,
        words::count(tries as usize - 1, "time"),
        repeated[0].as_str()
    );
    let finding = RULE
        .finding(route.retries.span, message)
        .here("repeats whatever fails or is late")
        .about(route.path.value.as_str());
    let key = "`idempotency_key: header` so that a repeated request is recognised";
    let harmless = route.methods.iter().filter(|method| method.is_idempotent());
    let harmless: Vec<&str> = harmless.map(|method| method.as_str()).collect();
    Some(finding.help(match &harmless[..] {
        [] => format!("write {key}, or remove `retries`"),
        _ if route.all_methods => format!("write `retry_methods: [GET, PUT, DELETE]`, or {key}"),
        _ => format!("write `retry_methods: [{}]`, or {key}", harmless.join(", ")),
    }))
}

fn of_call(graph: &Graph<'_>, call: &Call) -> Option<Finding> {
    let retry = call
        .retry
        .as_ref()
        .filter(|retry| retry.max_attempts > 1 && !call.idempotency_key)?;
    let harmful = harmful(graph, &call.operations);
    // A call that names no operations may use the harmless ones alone.
    if harmful.is_empty() || (!call.operations_named && harmful.len() < call.operations.len()) {
        return None;
    }
    let from = &graph.model.services[call.from].name;
    let to = match call.to {
        Party::Service(service) => &graph.model.services[service].name,
        Party::External(external) => &graph.model.externals[external].name,
    };
    let operation = &graph.model.endpoints[harmful[0]];
    let message = format!(
        "{from} tries {} of {to} up to {} times: a slow {} is done more than once",
        operation.name,
        retry.max_attempts,
        operation.method.as_str()
    );
    let mut finding = RULE
        .finding(call.span, message)
        .here("the call")
        .about(format!("{from} -> {to}"))
        .about(from.as_str());
    finding = finding.label(retry.span, "tries again").label(
        operation.span,
        format!("{} is not safe to repeat", operation.method.as_str()),
    );
    Some(
        finding.help("send an `idempotency_key: true`, or `retries: 0` for what changes something"),
    )
}

fn of_mesh(graph: &Graph<'_>, service: ServiceId, policy: &MeshPolicy) -> Option<Finding> {
    if policy.retries == 0 || policy.repeats_before_arrival_only() {
        return None;
    }
    let service = &graph.model.services[service];
    let harmful = unrecognised(graph, &service.endpoints);
    let operation = &graph.model.endpoints[*harmful.first()?];
    let message = format!(
        "the mesh repeats requests to {} up to {}, {} of {} among them",
        service.name,
        words::count(policy.retries as usize, "time"),
        operation.method.as_str(),
        operation.name
    );
    let finding = RULE
        .finding(policy.span, message)
        .here("repeats whatever fails")
        .about(service.name.as_str());
    let finding = finding.label(
        operation.span,
        format!("{} is not safe to repeat", operation.method.as_str()),
    );
    Some(finding.help("write `retry_on: connect-failure,refused-stream`, or ask for an `idempotency_key: required` at its operations"))
}

/// What does its work twice when it is asked twice. A POST that only reads and tells nobody (a query with a body) does not.
fn harmful(graph: &Graph<'_>, operations: &[EndpointId]) -> Vec<EndpointId> {
    let operations = operations.iter().copied().filter(|operation| {
        let operation = &graph.model.endpoints[*operation];
        let works = operation.writes || !operation.emits.is_empty();
        !operation.method.is_idempotent() && works
    });
    operations.collect()
}

/// The same, where no key that every request has to bear shows that it was asked before.
fn unrecognised(graph: &Graph<'_>, operations: &[EndpointId]) -> Vec<EndpointId> {
    let mut harmful = harmful(graph, operations);
    harmful.retain(|operation| {
        graph.model.endpoints[*operation].idempotency_key != IdempotencyKey::Required
    });
    harmful
}

fn methods(methods: &[Method]) -> String {
    words::list(methods.iter().map(|method| method.as_str()))
}
