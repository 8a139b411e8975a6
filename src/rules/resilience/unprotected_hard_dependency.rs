//! Who cannot do without another at least does not go down with it.

use crate::graph::Graph;
use crate::model::arena::CallId;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unprotected-hard-dependency"),
    family: Family::Resilience,
    severity: Severity::Warn,
    required: false,
    summary: "a call that the caller cannot do without has no breaker, bulkhead or fallback",
    docs: include_str!("unprotected_hard_dependency.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let calls = graph.model.calls.entries();
    // What a circle needs is to be opened.
    let bare = calls.filter(|(id, call)| {
        call.binds()
            && call.circuit_breaker.is_none()
            && call.bulkhead.is_none()
            && !graph.calls.on_a_cycle(graph.model, *id)
    });
    bare.map(|(id, _)| finding(graph, id)).collect()
}

fn finding(graph: &Graph<'_>, id: CallId) -> Finding {
    let call = &graph.model.calls[id];
    let from = &graph.model.services[call.from].name;
    let to = graph.model.name_of(call.to);
    RULE.finding(
        call.span,
        format!("{from} cannot do without {to}, and nothing keeps it from going down with {to}"),
    )
    .here("neither a circuit breaker nor a bulkhead nor a fallback")
    .about(format!("{from} -> {to}"))
    .about(from.as_str())
    .help("add `circuit_breaker: {}` (its defaults do well) or `bulkhead: {}`, for all calls under `resilience` by the name `default`; or say what stands in as `fallback`; or `dependency: soft`")
}
