//! Who owns which data, and who touches the data of others.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;
use crate::model::arena::{EntityId, Id, ServiceId, StoreId};
use crate::model::name::Name;
use crate::model::service::{StoreRole, Table, TableAccess};

/// Who owns which data.
#[derive(Debug)]
pub struct Ownership {
    owners: BTreeMap<String, Vec<EntityId>>,
    stored: Vec<Option<BTreeSet<String>>>,
    /// Accesses to tables of other services: who touches, whose it is, and the access's place in the service's list.
    pub foreign: Vec<ForeignAccess>,
    touching: BTreeSet<(ServiceId, ServiceId)>,
}

/// A service that touches another's table.
#[derive(Debug, Clone, Copy)]
pub struct ForeignAccess {
    /// Who touches.
    pub by: ServiceId,
    /// The place in its list.
    pub index: usize,
    /// Whose the table is.
    pub owner: ServiceId,
}

impl Ownership {
    /// The ownership in a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut owners: BTreeMap<String, Vec<EntityId>> = BTreeMap::new();
        for (id, entity) in model
            .entities
            .entries()
            .filter(|(_, entity)| !entity.projection)
        {
            owners
                .entry(stem(entity.name.snake()).into_owned())
                .or_default()
                .push(id);
        }
        let mut stored = vec![None; model.services.len()];
        for (_, store, tables) in primary_tables(model) {
            let known = stored[store.index()].get_or_insert_with(BTreeSet::new);
            known.extend(
                tables
                    .iter()
                    .map(|table| stem(table.name.snake()).into_owned()),
            );
        }
        for store in model
            .stores
            .iter()
            .filter(|store| store.role == StoreRole::Primary && store.tables.is_none())
        {
            stored[store.service.index()] = None;
        }
        let mut ownership = Self {
            owners,
            stored,
            foreign: Vec::new(),
            touching: BTreeSet::new(),
        };
        ownership.foreign = ownership.foreign_access(model);
        ownership.touching = ownership
            .foreign
            .iter()
            .map(|access| (access.by, access.owner))
            .collect();
        ownership
    }

    /// Data of one name (whatever its spelling and number) with everybody who claims it; projections make no claim.
    pub fn claims(&self) -> impl Iterator<Item = &[EntityId]> {
        self.owners.values().map(Vec::as_slice)
    }

    /// Who owns the data of a name.
    #[must_use]
    pub fn owners(&self, name: &Name) -> &[EntityId] {
        self.owners
            .get(&*stem(name.snake()))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a primary store of the service holds the data; none where the file does not list its tables.
    #[must_use]
    pub fn is_stored(&self, service: ServiceId, name: &Name) -> Option<bool> {
        self.stored[service.index()]
            .as_ref()
            .map(|tables| tables.contains(&*stem(name.snake())))
    }

    /// Whether one of two services touches a table of the other.
    #[must_use]
    pub fn touches(&self, a: ServiceId, b: ServiceId) -> bool {
        self.touching.contains(&(a, b)) || self.touching.contains(&(b, a))
    }

    fn foreign_access(&self, model: &Model) -> Vec<ForeignAccess> {
        let listed = tables_by_database(model);
        let mut found = Vec::new();
        for (by, service) in model.services.entries() {
            for (index, access) in service.access.iter().enumerate() {
                if let Some(owner) = self
                    .owner_of(model, &listed, by, access)
                    .filter(|owner| *owner != by)
                {
                    found.push(ForeignAccess { by, index, owner });
                }
            }
        }
        found
    }

    /// The service named, else the one whose database lists the table, else the one that owns data of that name.
    fn owner_of(
        &self,
        model: &Model,
        listed: &Listed,
        by: ServiceId,
        access: &TableAccess,
    ) -> Option<ServiceId> {
        if access.service.is_some() {
            return access.service;
        }
        let table = Name::snake_of(&access.table);
        if let Some(database) = &access.database
            && let Some(service) = listed.get(&(Name::snake_of(database), table.clone()))
        {
            return Some(*service);
        }
        let owners = self.owners.get(&*stem(&table))?;
        let owners: Vec<_> = owners
            .iter()
            .map(|entity| model.entities[*entity].service)
            .collect();
        if owners.contains(&by) {
            Some(by)
        } else {
            owners.first().copied()
        }
    }
}

type Listed = BTreeMap<(String, String), ServiceId>;

fn tables_by_database(model: &Model) -> Listed {
    let mut listed = BTreeMap::new();
    for store in model.stores.iter() {
        for table in store.tables.iter().flatten() {
            for name in [&store.database, &store.schema].into_iter().flatten() {
                listed
                    .entry((Name::snake_of(name), table.name.snake().to_owned()))
                    .or_insert(store.service);
            }
        }
    }
    listed
}

/// The tables of primary stores, with their stores and services.
pub fn primary_tables(model: &Model) -> impl Iterator<Item = (StoreId, ServiceId, &[Table])> {
    let primary = model
        .stores
        .entries()
        .filter(|(_, store)| store.role == StoreRole::Primary);
    primary.filter_map(|(id, store)| Some((id, store.service, store.tables.as_deref()?)))
}

/// A name without its plural: `orders` and `order`, `categories` and `category` are one thing.
#[must_use]
pub fn stem(snake: &str) -> Cow<'_, str> {
    if let Some(start) = snake.strip_suffix("ies").filter(|start| start.len() > 1) {
        return format!("{start}y").into();
    }
    let without = |letters: usize| Cow::Borrowed(&snake[..snake.len() - letters]);
    let endings = ["sses", "shes", "ches", "xes", "zes"];
    if endings.iter().any(|ending| snake.ends_with(ending)) {
        return without(2);
    }
    if snake.ends_with('s') && !snake.ends_with("ss") && !snake.ends_with("us") && snake.len() > 2 {
        return without(1);
    }
    snake.into()
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_plural_and_its_singular_have_one_stem() {
        for (one, many) in [
            ("order", "orders"),
            ("category", "categories"),
            ("address", "addresses"),
            ("box", "boxes"),
            ("status", "status"),
        ] {
            assert_eq!(stem(one), stem(many));
        }
        assert_ne!(stem("order_items"), stem("orders"));
    }
}
