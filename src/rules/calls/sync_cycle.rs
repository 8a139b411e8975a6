//! Services that call each other in a circle wait for each other, and fail together.

use crate::graph::Graph;
use crate::graph::calls::Cycle;
use crate::model::Model;
use crate::model::arena::CallId;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("sync-cycle"),
    family: Family::Calls,
    severity: Severity::Error,
    required: false,
    summary: "services call each other in a circle",
    docs: include_str!("sync_cycle.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph
        .calls
        .cycles
        .iter()
        .map(|cycle| finding(graph.model, cycle))
        .collect()
}

fn finding(model: &Model, cycle: &Cycle) -> Finding {
    let cheapest = &model.calls[cycle.path[0]];
    let members = cycle
        .services
        .iter()
        .map(|service| model.services[*service].name.as_str());
    let beyond = cycle.services.len() - cycle.path.len();
    let more = if beyond == 0 {
        String::new()
    } else {
        format!(
            " (one of several circles among {})",
            words::some(members.clone(), 8)
        )
    };
    let mut finding = RULE
        .finding(
            cheapest.span,
            format!(
                "services call each other in a circle: {}{more}",
                drawn(model, &cycle.path)
            ),
        )
        .here(format!(
            "the cheapest call to turn into an event: {}",
            weight(model, cycle.path[0])
        ));
    for call in cycle.path.iter().skip(1) {
        finding = finding.label(
            model.calls[*call].span,
            format!(
                "{} calls {}",
                model.services[model.calls[*call].from].name,
                callee(model, *call)
            ),
        );
    }
    for member in members {
        finding = finding.about(member);
    }
    finding.help(advice(model, cycle))
}

fn advice(model: &Model, cycle: &Cycle) -> String {
    let call = &model.calls[cycle.path[0]];
    let (from, to) = (
        &model.services[call.from].name,
        callee(model, cycle.path[0]),
    );
    if cycle.path.len() == 1 {
        return format!(
            "call the code behind the operation directly: {from} need not ask itself over the network"
        );
    }
    let reads = !call.operations.is_empty()
        && !call
            .operations
            .iter()
            .any(|operation| model.endpoints[*operation].writes);
    let cure = if reads {
        format!("let {to} publish what {from} asks for as an event, and let {from} keep a copy")
    } else {
        format!("let {from} publish an event that {to} consumes, instead of calling {to}")
    };
    if cycle.others_remain {
        format!("{cure}; further circles among these services remain after that")
    } else {
        cure
    }
}

/// `a -> b -> a`.
fn drawn(model: &Model, path: &[CallId]) -> String {
    let first = model.services[model.calls[path[0]].from].name.as_str();
    let callees = path.iter().map(|call| callee(model, *call));
    words::way(std::iter::once(first).chain(callees))
}

fn callee(model: &Model, call: CallId) -> &str {
    match model.calls[call].to {
        Party::Service(service) => model.services[service].name.as_str(),
        Party::External(external) => model.externals[external].name.as_str(),
    }
}

fn weight(model: &Model, call: CallId) -> String {
    let operations = &model.calls[call].operations;
    if operations.is_empty() {
        return "its operations are not declared".to_owned();
    }
    let kind = if operations
        .iter()
        .any(|operation| model.endpoints[*operation].writes)
    {
        "some of them write"
    } else {
        "read only"
    };
    format!("{}, {kind}", words::count(operations.len(), "operation"))
}
