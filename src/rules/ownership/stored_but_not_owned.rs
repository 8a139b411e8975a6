//! A table that nobody owns is changed by everybody.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::graph::ownership::{primary_tables, stem};
use crate::model::arena::ServiceId;
use crate::model::service::Table;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("stored-but-not-owned"),
    family: Family::Ownership,
    severity: Severity::Warn,
    required: false,
    summary: "a service stores a table that it does not own",
    docs: include_str!("stored_but_not_owned.md"),
    check: Check::Graph(check),
};

/// Tables that hold nothing of the business, whether or not the file says so.
const TECHNICAL: &[&str] = &[
    "outbox",
    "inbox",
    "saga_log",
    "migrations",
    "schema_migrations",
    "idempotency_keys",
    "event_store",
    "snapshots",
    "events",
];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let tables = primary_tables(graph.model)
        .flat_map(|(_, service, tables)| tables.iter().map(move |table| (service, table)));
    let owned: Owned<'_> = graph
        .model
        .entities
        .iter()
        .map(|entity| (entity.service, stem(entity.name.snake())))
        .collect();
    let unowned = tables.filter(|(service, table)| !is_owned(&owned, *service, table));
    unowned
        .map(|(service, table)| finding(graph, service, table))
        .collect()
}

/// Who owns what, projections too.
type Owned<'m> = BTreeSet<(ServiceId, Cow<'m, str>)>;

fn is_owned(owned: &Owned<'_>, service: ServiceId, table: &Table) -> bool {
    let name = table.name.snake();
    let technical = table.technical
        || TECHNICAL.iter().any(|known| {
            name == *known || name.ends_with(&format!("_{known}")) && *known != "events"
        });
    technical
        || table.projection
        || table.entity.is_some()
        || owned.contains(&(service, stem(name)))
}

fn finding(graph: &Graph<'_>, service: ServiceId, table: &Table) -> Finding {
    let name = &graph.model.services[service].name;
    let finding = RULE
        .finding(
            table.name.span(),
            format!(
                "\"{}\" is stored by {name}, but is not in its data_ownership",
                table.name
            ),
        )
        .here("stored here")
        .about(format!("{name}.{}", table.name))
        .about(name.as_str());
    let owner = graph
        .ownership
        .owners(&table.name)
        .iter()
        .find(|entity| graph.model.entities[**entity].service != service);
    let Some(owner) = owner else {
        return finding.help(format!("add \"{}\" to the data_ownership of {name}; where it is no business data, mark the table `technical: true`", table.name));
    };
    let entity = &graph.model.entities[*owner];
    let owner = &graph.model.services[entity.service].name;
    finding
        .label(entity.name.span(), format!("{owner} owns it"))
        .help(format!("ask {owner} for it; where this is a copy fed by events, mark the table `projection: true`"))
}
