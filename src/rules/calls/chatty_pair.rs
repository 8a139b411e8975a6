//! Two services that have a lot to say to each other may be one.

use crate::graph::Graph;
use crate::graph::coupling::{self, Conversation};
use crate::model::arena::ServiceId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

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
    coupling::conversations(graph.model)
        .into_iter()
        .filter(|(_, pair)| pair.operations.len() as f64 > limit)
        .map(|((from, to), pair)| finding(graph, from, to, &pair, limit))
        .collect()
}

fn finding(
    graph: &Graph<'_>,
    from: ServiceId,
    to: ServiceId,
    pair: &Conversation,
    limit: f64,
) -> Finding {
    let (from, to) = (
        &graph.model.services[from].name,
        &graph.model.services[to].name,
    );
    let names = pair
        .operations
        .iter()
        .map(|operation| &graph.model.endpoints[*operation].name);
    let message = format!(
        "{from} uses {} of {to}, more than {limit}: {}",
        words::count(pair.operations.len(), "operation"),
        words::some(names, 8)
    );
    RULE.finding(graph.model.calls[pair.first].span, message)
        .here("a conversation, rather than a question")
        .about(format!("{from} -> {to}"))
        .about(from.as_str())
        .help(format!(
            "offer one operation of {to} for what {from} wants done, instead of its parts; or merge the two"
        ))
}
