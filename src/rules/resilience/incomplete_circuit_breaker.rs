//! A breaker that never counts, or never stays open, breaks nothing.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::policy::CircuitBreaker;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("incomplete-circuit-breaker"),
    family: Family::Resilience,
    severity: Severity::Error,
    required: false,
    summary: "a circuit breaker can never open, or closes again at once",
    docs: include_str!("incomplete_circuit_breaker.md"),
    check: Check::Graph(check),
};

/// Where a breaker is used, and by whom.
type Users = Vec<(Span, String)>;

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let calls = graph.model.calls.iter().filter_map(|call| {
        let breaker = call.circuit_breaker.as_ref()?;
        let from = &graph.model.services[call.from].name;
        let to = graph.model.name_of(call.to);
        Some((breaker, call.span, format!("{from} -> {to}")))
    });
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let routes = routes.filter_map(|route| {
        let breaker = route.circuit_breaker.as_ref()?;
        Some((breaker, route.path.span, route.path.value.clone()))
    });
    // A policy that many share is told once, at its own place.
    let mut users: BTreeMap<Span, (&CircuitBreaker, Users)> = BTreeMap::new();
    for (breaker, place, user) in calls.chain(routes) {
        let known = users.entry(breaker.span).or_insert((breaker, Vec::new()));
        known.1.push((place, user));
    }
    users
        .into_values()
        .filter_map(|(breaker, users)| finding(breaker, &users))
        .collect()
}

fn finding(breaker: &CircuitBreaker, users: &Users) -> Option<Finding> {
    let (message, here, help) = if breaker.monitor_window.is_zero() {
        (
            "a circuit breaker counts failures within no time: it never opens",
            "`monitor_window` is 0",
            "write `monitor_window: 60s`, or leave it out",
        )
    } else if breaker.recovery_timeout.is_zero() {
        (
            "a circuit breaker stays open for no time: it never keeps a call back",
            "`recovery_timeout` is 0",
            "write `recovery_timeout: 30s`, or leave it out",
        )
    } else {
        return None;
    };
    let mut finding = RULE.finding(breaker.span, message).here(here);
    for (place, user) in users.iter().take(3) {
        finding = finding.label(*place, "relies on it").about(user.as_str());
    }
    Some(finding.help(help))
}
