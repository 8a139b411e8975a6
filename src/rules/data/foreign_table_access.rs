//! A service that reaches into another's tables is part of it, whatever the drawing says.

use crate::graph::Graph;
use crate::graph::ownership::ForeignAccess;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("foreign-table-access"),
    family: Family::Data,
    severity: Severity::Error,
    required: false,
    summary: "a service reads or writes a table of another service",
    docs: include_str!("foreign_table_access.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph
        .ownership
        .foreign
        .iter()
        .map(|foreign| finding(graph, *foreign))
        .collect()
}

fn finding(graph: &Graph<'_>, foreign: ForeignAccess) -> Finding {
    let service = &graph.model.services[foreign.by];
    let access = &service.access[foreign.index];
    let (by, owner) = (&service.name, &graph.model.services[foreign.owner].name);
    let (verb, cure) = if access.writes {
        (
            "writes",
            format!("ask {owner} to change it, by a call or an event"),
        )
    } else {
        (
            "reads",
            format!("ask {owner}, or keep a copy fed by its events"),
        )
    };
    let mut finding = RULE
        .finding(
            access.table.span,
            format!("{by} {verb} \"{}\", which {owner} owns", access.table),
        )
        .here(format!("{verb} the table of another service"))
        .about(format!("{by}.{}", access.table))
        .about(by.as_str());
    let entities = &graph.model.services[foreign.owner].entities;
    if let Some(entity) = entities
        .iter()
        .map(|id| &graph.model.entities[*id])
        .find(|entity| entity.name.snake() == crate::model::name::Name::snake_of(&access.table))
    {
        finding = finding.label(entity.name.span(), format!("{owner} owns it"));
    }
    finding.help(cure)
}
