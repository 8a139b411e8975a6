//! Who waits without end is taken down by whatever hangs.

use std::time::Duration;

use crate::graph::Graph;
use crate::model::endpoint::Call;
use crate::model::gateway::Route;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::{Span, Spanned};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("missing-timeout"),
    family: Family::Resilience,
    severity: Severity::Warn,
    required: false,
    summary: "a call or a route may wait for ever",
    docs: include_str!("missing_timeout.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let chained = graph
        .model
        .calls
        .iter()
        .any(|call| calls_on(graph, call.to));
    let calls = graph
        .model
        .calls
        .iter()
        .filter_map(|call| of_call(graph, call, chained));
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes)
        .filter_map(of_route);
    calls.chain(routes).collect()
}

/// Whether who is called calls others in turn.
fn calls_on(graph: &Graph<'_>, party: Party) -> bool {
    match party {
        Party::Service(service) => !graph.model.services[service].calls.is_empty(),
        Party::External(_) => false,
    }
}

/// `chained` says that somebody who is called calls others: no one timeout fits all calls then.
fn of_call(graph: &Graph<'_>, call: &Call, chained: bool) -> Option<Finding> {
    let from = &graph.model.services[call.from].name;
    let to = match call.to {
        Party::Service(service) => &graph.model.services[service].name,
        Party::External(external) => &graph.model.externals[external].name,
    };
    let finding = endless(
        call.timeout.as_ref(),
        call.span,
        format!("{from} calls {to}"),
    )?;
    let finding = finding
        .about(format!("{from} -> {to}"))
        .about(from.as_str());
    Some(finding.help(match (calls_on(graph, call.to), chained) {
        (true, _) => format!("add a `timeout` that is longer than {to} waits for those that it calls, and shorter than callers of {from} wait"),
        (false, true) => format!("add a `timeout` that is shorter than callers of {from} wait, such as `timeout: 1s`"),
        (false, false) => "add `timeout: 2s` or what fits the callers, or set one for all calls under `resilience.timeout`".to_owned(),
    }))
}

fn of_route(route: &Route) -> Option<Finding> {
    let finding = endless(
        route.timeout.as_ref(),
        route.path.span,
        format!("route {} leads on", route.path),
    )?;
    Some(
        finding
            .about(route.path.value.as_str())
            .help("add `timeout: 5s` or what its callers are willing to wait"),
    )
}

fn endless(timeout: Option<&Spanned<Duration>>, place: Span, what: String) -> Option<Finding> {
    match timeout {
        None => Some(
            RULE.finding(place, format!("{what} without a timeout"))
                .here("no timeout"),
        ),
        Some(timeout) if timeout.value.is_zero() => Some(
            RULE.finding(
                timeout.span,
                format!("{what} with a timeout of 0, which means none"),
            )
            .here("no timeout"),
        ),
        Some(_) => None,
    }
}
