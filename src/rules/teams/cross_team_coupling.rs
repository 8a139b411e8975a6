//! Services that talk to each other make their teams talk to each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
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
    let teams = teams(graph);
    let mut findings = Vec::new();
    for (team, members) in &teams {
        // A team with one service has nobody of its own to talk to.
        if members.len() < 2 {
            continue;
        }
        let misplaced: Vec<Finding> = members
            .iter()
            .filter_map(|service| misplaced(graph, team, *service))
            .collect();
        if misplaced.is_empty() {
            findings.extend(leaving(graph, team, members, limit));
        }
        findings.extend(misplaced);
    }
    findings
}

/// The services of each team, by its name as written.
fn teams<'m>(graph: &Graph<'m>) -> BTreeMap<&'m str, Vec<ServiceId>> {
    let mut teams: BTreeMap<&str, Vec<ServiceId>> = BTreeMap::new();
    for (id, service) in graph.model.services.entries() {
        if let Some(team) = &service.team_name {
            teams.entry(team.as_str()).or_default().push(id);
        }
    }
    teams
}

/// A service with more neighbours in one other team than in its own.
fn misplaced(graph: &Graph<'_>, team: &str, id: ServiceId) -> Option<Finding> {
    let model = graph.model;
    let neighbours = graph.coupling.neighbours(model, id);
    let own = neighbours.get(team).map_or(0, BTreeSet::len);
    let others = neighbours.iter().filter(|(other, _)| **other != team);
    let (other, there) = others.max_by_key(|(_, there)| there.len())?;
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
                place(graph, there)?.span,
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
fn leaving(graph: &Graph<'_>, team: &str, members: &[ServiceId], limit: f64) -> Option<Finding> {
    let model = graph.model;
    let owned = |id: &ServiceId| model.services[*id].team_name.as_ref();
    let callees = members.iter().flat_map(|id| graph.coupling.callees(*id));
    let known: Vec<&str> = callees
        .filter_map(|callee| owned(callee).map(|team| team.as_str()))
        .collect();
    let out = known.iter().filter(|other| **other != team).count();
    if known.len() < CALLS || out as f64 <= limit * known.len() as f64 {
        return None;
    }
    let others: BTreeSet<&str> = known
        .iter()
        .copied()
        .filter(|other| *other != team)
        .collect();
    let message = format!(
        "{out} of {} calls of {team} lead to services of {}",
        known.len(),
        words::some(others, 4)
    );
    let at = owned(members.first()?)?;
    Some(
        RULE.finding(at.span, message)
            .here("the first of its services")
            .about(team)
            .help("cut services along what one team can change alone, or let others publish what is asked of them"),
    )
}
