//! Names that the file does not spell: of records, of types made for an operation, of the crates.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::arena::{EntityId, EventId, ServiceId};
use crate::model::name::Name;
use crate::model::service::Party;

/// The English singular of a snake-case noun, as far as endings tell.
pub fn singular(noun: &str) -> String {
    let (head, last) = noun
        .rsplit_once('_')
        .map_or(("", noun), |(head, last)| (head, last));
    let ends = |ending: &str| last.len() > ending.len() + 1 && last.ends_with(ending);
    let cut = |count: usize| last[..last.len() - count].to_owned();
    let word = if matches!(
        last,
        "series" | "species" | "news" | "status" | "address" | "access" | "process"
    ) {
        last.to_owned()
    } else if ends("ies") {
        cut(3) + "y"
    } else if ends("sses")
        || ends("shes")
        || ends("ches")
        || ends("xes")
        || ends("zzes")
        || ends("uses") && !ends("auses")
    {
        cut(2)
    } else if ends("s") && !ends("ss") && !ends("us") && !ends("is") {
        cut(1)
    } else {
        last.to_owned()
    };
    if head.is_empty() {
        word
    } else {
        format!("{head}_{word}")
    }
}

/// Names of records, crates and modules of a whole architecture.
#[derive(Debug)]
pub struct Names<'m> {
    model: &'m Model,
    records: BTreeMap<EntityId, Name>,
}

impl<'m> Names<'m> {
    /// Spells the names of a model. Where two entities of a service have one singular, both keep their own names.
    pub fn new(model: &'m Model) -> Self {
        let mut records = BTreeMap::new();
        for service in model.services.iter() {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for id in &service.entities {
                *seen
                    .entry(singular(model.entities[*id].name.snake()))
                    .or_default() += 1;
            }
            for id in &service.entities {
                let entity = &model.entities[*id];
                let one = singular(entity.name.snake());
                let unique = seen.get(&one) == Some(&1);
                let name = if unique {
                    one
                } else {
                    entity.name.snake().to_owned()
                };
                records.insert(*id, Name::new(name, entity.name.span()));
            }
        }
        Self { model, records }
    }

    /// One record of an entity: `order_item` for `order_items`.
    pub fn record(&self, entity: EntityId) -> &Name {
        &self.records[&entity]
    }

    /// The library of a service, as Rust spells it.
    pub fn service_lib(&self, service: ServiceId) -> String {
        self.model.services[service].name.snake().to_owned()
    }

    /// The name of a party.
    pub fn party(&self, party: Party) -> &'m Name {
        match party {
            Party::Service(id) => &self.model.services[id].name,
            Party::External(id) => &self.model.externals[id].name,
        }
    }

    /// The contract library of a party, as Rust spells it.
    pub fn contract_lib(&self, party: Party) -> String {
        format!("contracts_{}", self.party(party).snake())
    }

    /// Who owns an event's types: its first producer.
    pub fn owner(&self, event: EventId) -> Option<Party> {
        self.model.events[event]
            .producers
            .first()
            .map(|producer| producer.value)
    }

    /// The library with an event's types.
    pub fn event_lib(&self, event: EventId) -> String {
        self.owner(event).map_or_else(
            || "contracts_external".to_owned(),
            |party| self.contract_lib(party),
        )
    }

    /// The path of an event's type, by its version's index.
    pub fn event_type(&self, event: EventId, version: usize) -> String {
        let declared = &self.model.events[event];
        let number = declared
            .versions
            .get(version)
            .map_or(1, |version| version.number);
        format!(
            "{}::events::{}V{number}",
            self.event_lib(event),
            declared.name.pascal()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_lose_their_plural() {
        for (many, one) in [
            ("customers", "customer"),
            ("categories", "category"),
            ("customer_preferences", "customer_preference"),
            ("inventory", "inventory"),
            ("order_status", "order_status"),
            ("boxes", "box"),
            ("addresses", "address"),
            ("purchases", "purchase"),
            ("as", "as"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
