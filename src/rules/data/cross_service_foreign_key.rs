//! A foreign key into another service's table ties two databases, two migrations and two deployments together.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::graph::ownership::stem;
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::name::Name;
use crate::model::service::Table;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("cross-service-foreign-key"),
    family: Family::Data,
    severity: Severity::Error,
    required: false,
    summary: "a foreign key refers to a table of another service",
    docs: include_str!("cross_service_foreign_key.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let tables = Tables::of(graph.model);
    let mut findings = Vec::new();
    for store in graph.model.stores.iter() {
        for table in store.tables.iter().flatten() {
            for (column, target) in &table.foreign_keys {
                if let Some(owner) = tables.owner(store.service, target) {
                    let key = (table, column, target);
                    findings.push(finding(graph.model, store.service, key, owner));
                }
            }
        }
    }
    findings
}

/// Who holds the tables of a name.
struct Tables(BTreeMap<String, BTreeSet<ServiceId>>);

impl Tables {
    fn of(model: &Model) -> Self {
        let mut tables = Self(BTreeMap::new());
        for entity in model.entities.iter() {
            tables.add(&entity.name, entity.service);
        }
        for store in model.stores.iter() {
            for table in store.tables.iter().flatten() {
                tables.add(&table.name, store.service);
            }
        }
        tables
    }

    fn add(&mut self, name: &Name, service: ServiceId) {
        let known = self.0.entry(stem(name.snake()).into_owned()).or_default();
        known.insert(service);
    }

    /// The service that a key leads to, where it is not the key's own. What nobody lists is not known.
    fn owner(&self, own: ServiceId, target: &str) -> Option<ServiceId> {
        let holders = self.0.get(&*stem(&Name::snake_of(table_of(target))))?;
        if holders.contains(&own) {
            return None;
        }
        holders.first().copied()
    }
}

/// The table in `table.column` or `schema.table.column`.
fn table_of(target: &str) -> &str {
    let mut parts = target.rsplit('.');
    let last = parts.next().unwrap_or_default();
    parts.next().unwrap_or(last)
}

fn finding(
    model: &Model,
    own: ServiceId,
    (table, column, target): (&Table, &Spanned<String>, &Spanned<String>),
    owner: ServiceId,
) -> Finding {
    let (service, owner) = (&model.services[own], &model.services[owner]);
    let (name, other) = (&service.name, &owner.name);
    let message = format!(
        "{}.{column} of {name} refers to {}, a table of {other}",
        table.name,
        table_of(target)
    );
    let owned = owner.entities.iter().map(|id| &model.entities[*id].name);
    let wanted = Name::snake_of(table_of(target));
    let wanted = stem(&wanted);
    let place = owned
        .into_iter()
        .find(|entity| stem(entity.snake()) == wanted)
        .map_or(other.span(), Name::span);
    RULE.finding(target.span, message)
        .here("leads out of the service")
        .label(place, format!("belongs to {other}"))
        .about(format!("{name}.{}", table.name))
        .about(name.as_str())
        .help(format!(
            "keep {column} as a plain value without a foreign key; check it by a call to {other}, or by a copy that its events feed"
        ))
}

#[cfg(test)]
mod tests {
    use super::table_of;

    #[test]
    fn the_table_of_a_key_is_the_part_before_its_column() {
        assert_eq!(table_of("pets.id"), "pets");
        assert_eq!(table_of("clinic.pets.id"), "pets");
        assert_eq!(table_of("pets"), "pets");
    }
}
