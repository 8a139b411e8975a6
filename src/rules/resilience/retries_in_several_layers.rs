//! A hop is retried by one of those who could, or nobody knows how often it is.

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::endpoint::Call;
use crate::model::gateway::Route;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("retries-in-several-layers"),
    family: Family::Resilience,
    severity: Severity::Warn,
    required: false,
    summary: "the sender and the mesh both retry one hop",
    docs: include_str!("retries_in_several_layers.md"),
    check: Check::Graph(check),
};

/// Whoever sends a request again, and how often.
struct Sender<'g> {
    name: &'g str,
    what: String,
    retries: u32,
    span: Span,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes)
        .filter_map(|route| of_route(graph, route));
    let calls = graph.model.calls.iter();
    let calls = calls.filter_map(|call| of_call(graph, call));
    routes.chain(calls).collect()
}

fn of_route(graph: &Graph<'_>, route: &Route) -> Option<Finding> {
    let sender = Sender {
        name: "the gateway",
        what: format!("route {}", route.path),
        retries: route.retries.value,
        span: route.retries.span,
    };
    Some(finding(graph, &sender, route.service?)?.about(route.path.value.as_str()))
}

fn of_call(graph: &Graph<'_>, call: &Call) -> Option<Finding> {
    let (Party::Service(to), Some(retry)) = (call.to, &call.retry) else {
        return None;
    };
    let from = graph.model.services[call.from].name.as_str();
    let to_name = &graph.model.services[to].name;
    let sender = Sender {
        name: from,
        what: format!("{from} -> {to_name}"),
        retries: call.tries() - 1,
        span: retry.span,
    };
    let finding = finding(graph, &sender, to)?;
    Some(
        finding
            .label(call.span, "of this call")
            .about(format!("{from} -> {to_name}"))
            .about(from),
    )
}

fn finding(graph: &Graph<'_>, sender: &Sender<'_>, to: ServiceId) -> Option<Finding> {
    let mesh = graph.mesh.repeats(to).filter(|_| sender.retries > 0)?;
    let Sender {
        name,
        what,
        retries,
        span,
    } = sender;
    let most = (u64::from(*retries) + 1) * (u64::from(mesh.retries) + 1);
    let message = format!(
        "{what} is retried by {name} ({retries}) and by the mesh ({}): up to {most} tries of one request",
        mesh.retries
    );
    let finding = RULE
        .finding(*span, message)
        .here(format!("{name} tries again"))
        .label(
            mesh.retries_span,
            format!("and the mesh repeats each try up to {} times", mesh.retries),
        );
    Some(finding.help(format!(
        "let one of them retry: `retries: {{attempts: 0}}` of {} in the mesh, or `retries: 0` here",
        graph.model.services[to].name
    )))
}
