//! Services that talk to each other make their teams talk to each other.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::graph::teams::{self, Pull, Teams};
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("cross-team-coupling"),
    family: Family::Teams,
    severity: Severity::Info,
    required: false,
    summary: "a service works mostly with another team's, or a team's calls mostly leave it",
    docs: include_str!("cross_team_coupling.md"),
    check: Check::Limited { limit: 0.5, check },
};

/// Services of one other team, from which on a service may be misplaced.
const NEIGHBOURS: usize = 3;
/// Calls of a team, from which on their share says something.
const CALLS: usize = 4;

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let teams = Teams::of(graph.model, &graph.coupling);
    let mut findings = Vec::new();
    for (team, members) in &teams.members {
        // A team with one service has nobody of its own to talk to.
        if members.len() < 2 {
            continue;
        }
        let misplaced: Vec<Finding> = members
            .iter()
            .filter_map(|service| misplaced(graph, team, *service))
            .collect();
        if misplaced.is_empty() {
            findings.extend(leaving(graph.model, &teams, team, limit));
        }
        findings.extend(misplaced);
    }
    findings
}

/// A service with more neighbours in one other team than in its own.
fn misplaced(graph: &Graph<'_>, team: &str, id: ServiceId) -> Option<Finding> {
    let model = graph.model;
    let Pull {
        team: other,
        there,
        own,
    } = teams::pull(model, &graph.coupling, id)?;
    if there.len() < NEIGHBOURS || there.len() <= own {
        return None;
    }
    let service = &model.services[id];
    let (name, at) = (&service.name, service.team_name.as_ref()?);
    let named = words::some(there.iter().map(|id| &model.services[*id].name), 4);
    let message = format!(
        "{name} of {team} works with {} of {other} ({named}) and with {} of its own team",
        words::count(there.len(), "service"),
        if own == 0 {
            "none".to_owned()
        } else {
            own.to_string()
        }
    );
    Some(
        RULE.finding(at.span, message)
            .here("owned by this team")
            .label(
                place(graph, &there)?.span,
                format!("{other} owns those it works with"),
            )
            .about(name.as_str())
            .about(team)
            .help(format!(
                "give {name} to {other}, or move the boundary so that fewer calls cross it"
            )),
    )
}

fn place<'m>(graph: &Graph<'m>, services: &BTreeSet<ServiceId>) -> Option<&'m Spanned<String>> {
    let first = services.first()?;
    graph.model.services[*first].team_name.as_ref()
}

/// A team most of whose calls lead to services of others.
fn leaving(model: &Model, teams: &Teams<'_>, team: &str, limit: f64) -> Option<Finding> {
    let (team, members) = teams.members.get_key_value(team)?;
    let known: usize = teams.called_by(team).map(|(_, calls)| calls).sum();
    let others = || teams.called_by(team).filter(|(other, _)| other != team);
    let out: usize = others().map(|(_, calls)| calls).sum();
    if known < CALLS || out as f64 <= limit * known as f64 {
        return None;
    }
    let message = format!(
        "{out} of {known} calls of {team} lead to services of {}",
        words::some(others().map(|(other, _)| other), 4)
    );
    let at = model.services[*members.first()?].team_name.as_ref()?;
    Some(
        RULE.finding(at.span, message)
            .here("the first of its services")
            .about(*team)
            .help("cut services along what one team can change alone, or let others publish what is asked of them"),
    )
}
