//! A service that many call and that calls many is where every change and every failure passes through.

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("hub-service"),
    family: Family::Sizing,
    severity: Severity::Info,
    required: false,
    summary: "five services call it, and it calls five",
    docs: include_str!("hub_service.md"),
    check: Check::Limited { limit: 5.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let services = graph.model.services.ids();
    services
        .filter_map(|service| finding(graph, service, limit))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId, limit: f64) -> Option<Finding> {
    let (callers, callees) = (graph.coupling.callers(id), graph.coupling.callees(id));
    if (callers.len() as f64) < limit || (callees.len() as f64) < limit {
        return None;
    }
    let named = |services: &std::collections::BTreeSet<ServiceId>| {
        words::some(services.iter().map(|id| &graph.model.services[*id].name), 6)
    };
    let name = &graph.model.services[id].name;
    let message = format!(
        "{name} is a hub: {} call it ({}), and it calls {} ({})",
        words::count(callers.len(), "service"),
        named(callers),
        callees.len(),
        named(callees)
    );
    Some(
        RULE.finding(name.span(), message)
            .here("stands between all of them")
            .about(name.as_str())
            .help(format!(
                "split {name} along what its callers want of it (reading apart from writing, say), or let it publish events instead of calling"
            )),
    )
}
