//! Data with two owners has two truths.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::EntityId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("entity-with-several-owners"),
    family: Family::Ownership,
    severity: Severity::Error,
    required: false,
    summary: "two services own the same data",
    docs: include_str!("entity_with_several_owners.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph
        .ownership
        .claims()
        .filter_map(|claims| finding(graph.model, claims))
        .collect()
}

fn finding(model: &Model, claims: &[EntityId]) -> Option<Finding> {
    let owners: BTreeSet<_> = claims
        .iter()
        .map(|claim| model.entities[*claim].service)
        .collect();
    if owners.len() < 2 {
        return None;
    }
    let first = &model.entities[claims[0]];
    let later = claims
        .iter()
        .find(|claim| model.entities[**claim].service != first.service)?;
    let owner = |claim: &EntityId| &model.services[model.entities[*claim].service].name;
    let names = owners.iter().map(|service| &model.services[*service].name);
    let message = format!("\"{}\" is owned by {}", first.name, words::list(names));
    let mut finding = RULE
        .finding(model.entities[*later].name.span(), message)
        .here(format!("{} claims it here", owner(later)))
        .about(first.name.as_str());
    for claim in claims.iter().filter(|claim| *claim != later) {
        finding = finding.label(
            model.entities[*claim].name.span(),
            format!("{} claims it here", owner(claim)),
        );
    }
    let help = format!(
        "leave \"{}\" to one of them; where another needs a copy, mark that one `projection: true` and feed it by events",
        first.name
    );
    Some(finding.help(help))
}
