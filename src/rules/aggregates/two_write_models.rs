//! What happened is the truth, and its picture is written from it alone.

use crate::graph::Graph;
use crate::graph::writes::Writer;
use crate::model::Model;
use crate::model::event::Aggregate;
use crate::model::service::{StoreRole, Table};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("two-write-models"),
    family: Family::Aggregates,
    severity: Severity::Warn,
    required: false,
    summary: "event-sourced data is also written directly, or is a table in its own right",
    docs: include_str!("two_write_models.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let aggregates = graph.model.aggregates.iter();
    aggregates
        .filter_map(|aggregate| {
            let writers = graph.writes.directly(aggregate.entity);
            match writers {
                [] => of_table(graph.model, aggregate),
                writers => Some(of_writers(graph.model, aggregate, writers)),
            }
        })
        .collect()
}

fn of_writers(model: &Model, aggregate: &Aggregate, writers: &[Writer]) -> Finding {
    let entity = &model.entities[aggregate.entity].name;
    let first = &writers[0];
    let message = format!(
        "{entity} follow from the events of {}, but {} writes them directly",
        aggregate.name, first.name
    );
    let mut finding = RULE
        .finding(first.span, message)
        .here("past the aggregate: the next event overwrites it, and nobody is told")
        .label(
            aggregate.name.span(),
            format!("its events are the truth about {entity}"),
        );
    for writer in writers[1..].iter().take(3) {
        finding = finding.label(writer.span, format!("{} does too", writer.name));
    }
    about(finding, model, aggregate).help(format!(
        "let it run a command of {} instead, with `command:` or `runs:`",
        aggregate.name
    ))
}

/// A table that says nothing of being derived; where no table is listed, nothing is concluded.
fn of_table(model: &Model, aggregate: &Aggregate) -> Option<Finding> {
    let entity = &model.entities[aggregate.entity];
    let table = listed(model, aggregate).filter(|table| !table.projection && !entity.projection)?;
    let message = format!(
        "{} are event sourced and also a table: which one is the truth?",
        entity.name
    );
    let finding = RULE
        .finding(table.name.span(), message)
        .here("a table in its own right")
        .label(
            aggregate.name.span(),
            format!(
                "{} keeps its events, and its state follows from them",
                aggregate.name
            ),
        );
    Some(about(finding, model, aggregate).help(format!(
        "write `{{name: {}, projection: true}}`, or drop the aggregate if the table is the truth",
        table.name
    )))
}

fn listed<'m>(model: &'m Model, aggregate: &Aggregate) -> Option<&'m Table> {
    let stores = model.services[aggregate.service].stores.iter();
    stores
        .map(|store| &model.stores[*store])
        .filter(|store| store.role == StoreRole::Primary)
        .flat_map(|store| store.tables.iter().flatten())
        .find(|table| table.entity == Some(aggregate.entity))
}

fn about(finding: Finding, model: &Model, aggregate: &Aggregate) -> Finding {
    finding
        .about(format!(
            "{}.{}",
            model.services[aggregate.service].name, model.entities[aggregate.entity].name
        ))
        .about(aggregate.name.as_str())
        .about(model.services[aggregate.service].name.as_str())
}
