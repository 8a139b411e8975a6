//! A service that nobody owns is repaired by nobody; one without a boundary takes in whatever comes.

use crate::graph::Graph;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("service-without-boundary-or-team"),
    family: Family::Ownership,
    severity: Severity::Warn,
    required: false,
    summary: "a service names no boundary or no team, while most others do",
    docs: include_str!("service_without_boundary_or_team.md"),
    check: Check::Graph(check),
};

/// What most services say is a habit of the file; what few say is no rule for the others.
fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let services = &graph.model.services;
    let most = |says: fn(&Service) -> bool| {
        let count = services.iter().filter(|service| says(service)).count();
        count >= 2 && count * 2 > services.len()
    };
    let (bounded, owned) = (most(has_boundary), most(has_team));
    let incomplete = services.iter().filter_map(|service| {
        finding(
            service,
            bounded && !has_boundary(service),
            owned && !has_team(service),
        )
    });
    incomplete.collect()
}

fn has_boundary(service: &Service) -> bool {
    service.domain.is_some() || service.subdomain.is_some() || service.bounded_context.is_some()
}

/// A team that is not declared is told where it is named.
fn has_team(service: &Service) -> bool {
    service.team_name.is_some()
}

fn finding(service: &Service, unbounded: bool, unowned: bool) -> Option<Finding> {
    let name = &service.name;
    let (lacks, help) = match (unbounded, unowned) {
        (true, true) => (
            "no boundary and no team",
            "name its `domain`, its `bounded_context` and its `team_ownership`",
        ),
        (true, false) => ("no boundary", "name its `domain` and its `bounded_context`"),
        (false, true) => ("no team", "name the team in `team_ownership`"),
        (false, false) => return None,
    };
    let message = format!("{name} has {lacks}, while most other services do");
    Some(
        RULE.finding(name.span(), message)
            .here("declared here")
            .about(name.as_str())
            .help(help),
    )
}
