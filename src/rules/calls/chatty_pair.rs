//! Two services that have a lot to say to each other may be one.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("chatty-pair"),
    family: Family::Calls,
    severity: Severity::Info,
    required: false,
    summary: "a service uses more than six operations of another",
    docs: include_str!("chatty_pair.md"),
    check: Check::Limited { limit: 6.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let mut pairs: BTreeMap<(ServiceId, ServiceId), (Span, BTreeSet<EndpointId>)> = BTreeMap::new();
    for call in graph
        .model
        .calls
        .iter()
        .filter(|call| call.operations_named)
    {
        if let Party::Service(to) = call.to {
            let pair = pairs.entry((call.from, to));
            let (_, operations) = pair.or_insert_with(|| (call.span, BTreeSet::new()));
            operations.extend(&call.operations);
        }
    }
    pairs
        .into_iter()
        .filter(|(_, (_, operations))| operations.len() as f64 > limit)
        .map(|((from, to), (span, operations))| finding(graph, from, to, span, &operations, limit))
        .collect()
}

fn finding(
    graph: &Graph<'_>,
    from: ServiceId,
    to: ServiceId,
    span: Span,
    operations: &BTreeSet<EndpointId>,
    limit: f64,
) -> Finding {
    let (from, to) = (
        &graph.model.services[from].name,
        &graph.model.services[to].name,
    );
    let names = operations
        .iter()
        .map(|operation| &graph.model.endpoints[*operation].name);
    let message = format!(
        "{from} uses {} of {to}, more than {limit}: {}",
        words::count(operations.len(), "operation"),
        words::some(names, 8)
    );
    RULE.finding(span, message)
        .here("a conversation, rather than a question")
        .about(format!("{from} -> {to}"))
        .about(from.as_str())
        .help(format!(
            "offer one operation of {to} for what {from} wants done, instead of its parts; or merge the two"
        ))
}
