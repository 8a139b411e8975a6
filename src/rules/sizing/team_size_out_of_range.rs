//! A team that two pizzas do not feed is two teams.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::{Id, TeamId};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("team-size-out-of-range"),
    family: Family::Sizing,
    severity: Severity::Warn,
    required: false,
    summary: "a team is larger than ten people, or smaller than six",
    docs: include_str!("team_size_out_of_range.md"),
    check: Check::Limited { limit: 10.0, check },
};

/// Below this a team is advised to grow: the lower end of "6-10 people".
const FEW: u32 = 6;

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let owned = owned(graph.model);
    let teams = graph.model.teams.entries();
    teams
        .filter_map(|(id, _)| finding(graph.model, id, &owned[id.index()], limit))
        .collect()
}

fn owned(model: &Model) -> Vec<Vec<&str>> {
    let mut owned = vec![Vec::new(); model.teams.len()];
    for service in model.services.iter() {
        if let Some(team) = service.team {
            owned[team.index()].push(service.name.as_str());
        }
    }
    owned
}

fn finding(model: &Model, id: TeamId, services: &[&str], limit: f64) -> Option<Finding> {
    let team = &model.teams[id];
    let size = team.size.as_ref()?;
    let owns = if services.is_empty() {
        String::new()
    } else {
        format!(" and owns {}", words::some(services, 6))
    };
    if f64::from(size.value) > limit {
        let message = format!(
            "team {} has {} people; the limit is {limit}",
            team.name, size.value
        );
        let finding = RULE
            .finding(size.span, message)
            .here(format!("has {} people{owns}", size.value))
            .about(team.name.as_str());
        return Some(
            finding.help("split the team, and the services that it owns along their capabilities"),
        );
    }
    if size.value < FEW {
        let people = if size.value == 1 { "person" } else { "people" };
        let message = format!(
            "team {} has {} {people}; {FEW} to {limit} is the rule",
            team.name, size.value
        );
        let finding = RULE
            .advice(size.span, message)
            .here(format!("has {} {people}{owns}", size.value))
            .about(team.name.as_str());
        return Some(finding.help(
            "a small team cannot be on call for long: let it own little, or join it to a neighbour",
        ));
    }
    None
}
