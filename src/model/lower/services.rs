//! Teams, externals, services, the data that they own, and where it lies.

use std::collections::BTreeSet;

use super::Lowering;
use super::fields::Reader;
use super::index::spanned;
use crate::model::Fault;
use crate::model::arena::{ServiceId, StoreId};
use crate::model::name::Name;
use crate::model::service::{
    Entity, External, Service, Store, StoreRole, Table, TableAccess, Team,
};
use crate::model::types::Field;
use crate::syntax::decode::{Named, plain};
use crate::syntax::document::{self, AccessMode};
use crate::syntax::source::Spanned;

/// Ports are given from here to services that name none.
const FIRST_PORT: u16 = 3001;

/// What every record has of its own.
pub(super) const OWN_FIELDS: [&str; 4] = ["id", "version", "created_at", "updated_at"];

impl Lowering<'_> {
    /// Makes the names of teams, externals, services and owned data known.
    pub(super) fn declare_parties(&mut self) {
        for (name, team) in self.document.teams.iter() {
            let size = team
                .size
                .as_ref()
                .map(|size| Spanned::new(u32::try_from(***size).unwrap_or(u32::MAX), size.span));
            let (description, contact) = (team.description.clone(), team.contact.clone());
            let id = self.model.teams.push(Team {
                name: name.into(),
                size,
                description,
                contact,
            });
            self.index.teams.insert(name.value.clone(), id);
        }
        for (name, external) in self.document.externals.iter() {
            let id = self.model.externals.push(External {
                name: name.into(),
                description: external.description.clone(),
                url: plain(external.url.as_ref()),
                availability: external.availability.as_deref().copied(),
                endpoints: Vec::new(),
            });
            self.index.externals.insert(name.value.clone(), id);
        }
        self.model.services.reserve(self.document.services.len());
        for (name, service) in self.document.services.iter() {
            let id = self.model.services.push(undetailed(name, service));
            self.index.services.insert(name.value.clone(), id);
        }
        self.number_ports();
    }

    /// Services without a port get the next free one, in the order of the file.
    fn number_ports(&mut self) {
        let services = self.model.services.iter();
        let taken: BTreeSet<u16> = services.map(|service| service.port).collect();
        let mut free = (FIRST_PORT..=u16::MAX).filter(|port| !taken.contains(port));
        for id in self.model.services.ids().collect::<Vec<_>>() {
            if self.model.services[id].port != 0 {
                continue;
            }
            let Some(port) = free.next() else {
                let service = &self.model.services[id];
                let message = format!("no port is left for {}", service.name);
                let fault = Fault::new("invalid-value", service.span, message)
                    .about(service.name.as_str())
                    .here("one service too many")
                    .help("split the system: a machine has 65,535 ports");
                self.fault(fault);
                return;
            };
            self.model.services[id].port = port;
        }
    }

    /// Reads what services own and where it lies.
    pub(super) fn define_services(&mut self) {
        let document = self.document;
        let ids: Vec<ServiceId> = self.model.services.ids().collect();
        for (id, (name, service)) in ids.iter().copied().zip(document.services.iter()) {
            self.entities(id, &service.data_ownership);
            self.references(id, name, service);
            if let Some(store) = &service.store {
                self.stores(id, store);
            }
        }
        for (name, store) in &document.data_management {
            if let Some(id) = self
                .service(name, "key of data_management")
                .or_else(|| self.meant(name))
            {
                let declared = &self.model.services[id].stores;
                if let Some(first) = declared.first().map(|store| self.model.stores[*store].span) {
                    let message = format!("the store of {name} is declared twice");
                    self.fault(
                        Fault::new("duplicate-name", name.span, message)
                            .here("again here")
                            .related(first, "first here")
                            .help("keep one of them"),
                    );
                } else {
                    self.stores(id, store);
                }
            }
        }
    }

    /// The service that a key spells another way. That is told; what lies in its store is judged all the same.
    fn meant(&self, name: &Spanned<String>) -> Option<ServiceId> {
        let wanted = Name::snake_of(name);
        let same = |service: &Service| service.name.snake() == wanted;
        let (id, _) = self
            .model
            .services
            .entries()
            .find(|(_, service)| same(service))?;
        self.used(&self.model.services[id].name);
        Some(id)
    }

    fn references(&mut self, id: ServiceId, name: &Spanned<String>, service: &document::Service) {
        if let Some(team) = &service.team_ownership {
            let found = self.index.teams.get(&team.value).copied();
            match found {
                Some(id) => self.used(&self.model.teams[id].name),
                None if self.index.teams.is_empty() => {}
                None => self.unresolved_among(team, "team", format!("owner of {name}"), |known| {
                    let teams = known.model.teams.iter();
                    teams.map(|team| spanned(&team.name)).collect()
                }),
            }
            self.model.services[id].team = found;
        }
        let starts_after = service
            .depends_on
            .iter()
            .filter_map(|other| {
                Some(Spanned::new(
                    self.service(other, format_args!("start dependency of {name}"))?,
                    other.span,
                ))
            })
            .collect();
        self.model.services[id].starts_after = starts_after;
        let access = service
            .access
            .iter()
            .map(|access| TableAccess {
                span: access.span,
                service: access.service.as_ref().and_then(|owner| {
                    self.service(owner, format_args!("owner of a table that {name} touches"))
                }),
                database: access
                    .database
                    .as_ref()
                    .map(|database| database.value.clone()),
                table: access.table.clone(),
                writes: access.mode == Some(AccessMode::Write),
            })
            .collect();
        self.model.services[id].access = access;
    }

    fn entities(&mut self, service: ServiceId, owned: &Named<document::Entity>) {
        for (name, entity) in owned.iter() {
            let reader = Reader::of(name);
            let mut fields = entity
                .fields
                .as_ref()
                .map(|fields| self.fields(fields, reader));
            for field in fields.iter().flat_map(|fields| &fields.fields) {
                if OWN_FIELDS.contains(&field.name.snake()) {
                    let message = format!(
                        "every record of {name} has a field {} of its own",
                        field.name
                    );
                    self.fault(
                        Fault::new("reserved-field", field.name.span(), message)
                            .here("declared again here")
                            .help("leave it out; id, version, created_at and updated_at are kept for you"),
                    );
                }
            }
            let key = entity.key.as_ref().map(Name::from);
            if let (Some(key), Some(fields)) = (&key, &mut fields) {
                let named = |field: &&mut Field| field.name.snake() == key.snake();
                match fields.fields.iter_mut().find(named) {
                    // What people name a record by names one record alone.
                    Some(field) => field.unique = true,
                    None if fields.unknown => {}
                    None => {
                        let key = Spanned::new(key.to_string(), key.span());
                        self.unresolved(&key, "field", format!("key of {name}"), |_| {
                            let fields = fields.fields.iter();
                            fields.map(|field| field.name.to_string()).collect()
                        });
                    }
                }
            }
            let id = self.model.entities.push(Entity {
                name: name.into(),
                service,
                description: entity.description.clone(),
                fields,
                key,
                projection: entity.projection.unwrap_or(false),
                renamed_from: entity.renamed_from.as_ref().map(Name::from),
            });
            self.model.services[service].entities.push(id);
            self.index
                .entities
                .insert((service, Name::snake_of(name)), id);
        }
    }

    fn stores(&mut self, service: ServiceId, store: &document::Store) {
        if let Some(engine) = &store.database_type {
            let tables = self.tables(service, &[&store.tables, &store.collections]);
            let tables = tables.filter(|_| !store.torn);
            self.push_store(Store {
                service,
                span: engine.span,
                role: StoreRole::Primary,
                engine: Spanned::new(engine.plain(), engine.span),
                database: store.database.clone(),
                schema: store.schema.clone(),
                host: plain(store.host.as_ref()),
                user: plain(store.user.as_ref()),
                access_pattern: store.access_pattern.clone(),
                tables,
            });
        }
        if let Some(engine) = &store.search_engine {
            self.push_store(Store {
                service,
                span: engine.span,
                role: StoreRole::Search,
                engine: Spanned::new(engine.plain(), engine.span),
                database: None,
                schema: None,
                host: None,
                user: None,
                access_pattern: None,
                tables: None,
            });
        }
        for further in &store.stores {
            let tables = self.tables(service, &[&further.tables, &further.collections]);
            let tables = tables.filter(|_| !further.torn);
            self.push_store(Store {
                service,
                span: further.span,
                role: further.role.into(),
                engine: Spanned::new(further.database_type.plain(), further.database_type.span),
                database: further.database.clone(),
                schema: further.schema.clone(),
                host: plain(further.host.as_ref()),
                user: plain(further.user.as_ref()),
                access_pattern: None,
                tables,
            });
        }
    }

    fn push_store(&mut self, store: Store) -> StoreId {
        let service = store.service;
        let id = self.model.stores.push(store);
        self.model.services[service].stores.push(id);
        id
    }

    fn tables(
        &self,
        service: ServiceId,
        lists: &[&Option<Named<document::Table>>],
    ) -> Option<Vec<Table>> {
        let known: Vec<_> = lists.iter().filter_map(|list| list.as_ref()).collect();
        if known.is_empty() {
            return None;
        }
        let tables = known
            .into_iter()
            .flat_map(Named::iter)
            .map(|(name, table)| Table {
                name: name.into(),
                entity: self
                    .index
                    .entities
                    .get(&(service, Name::snake_of(name)))
                    .copied(),
                projection: table.projection.unwrap_or(false),
                technical: table
                    .technical
                    .unwrap_or_else(|| is_technical(&Name::snake_of(name))),
                foreign_keys: table
                    .foreign_keys
                    .iter()
                    .map(|(column, target)| (column.clone(), target.clone()))
                    .collect(),
            });
        Some(tables.collect())
    }
}

fn undetailed(name: &Spanned<String>, service: &document::Service) -> Service {
    Service {
        name: name.into(),
        span: name.span,
        description: service.description.clone(),
        domain: plain(service.domain.as_ref()),
        subdomain: plain(service.subdomain.as_ref()),
        bounded_context: plain(service.bounded_context.as_ref()),
        capabilities: service
            .business_capabilities
            .iter()
            .map(|words| Spanned::new(words.plain(), words.span))
            .collect(),
        team: None,
        entities: Vec::new(),
        stores: Vec::new(),
        endpoints: Vec::new(),
        calls: Vec::new(),
        lost_calls: 0,
        lost_endpoints: 0,
        lost_aggregates: 0,
        aggregates: Vec::new(),
        consumers: Vec::new(),
        caches: Vec::new(),
        port: service
            .port
            .as_ref()
            .map_or(0, |port| u16::try_from(***port).unwrap_or(0)),
        port_span: service.port.as_ref().map(|port| port.span),
        internal: service.internal.unwrap_or(false),
        replicas: service
            .replicas
            .map(|replicas| u32::try_from(*replicas).unwrap_or(u32::MAX)),
        availability: service.availability.as_deref().copied(),
        loc: service
            .loc
            .as_ref()
            .map(|loc| Spanned::new(***loc, loc.span)),
        without_outbox: service
            .outbox
            .as_ref()
            .filter(|outbox| !outbox.value)
            .map(|outbox| outbox.span),
        cpu: service
            .resources
            .as_ref()
            .and_then(|resources| Some(resources.cpu.as_ref()?.plain())),
        memory: service
            .resources
            .as_ref()
            .and_then(|resources| Some(resources.memory.as_ref()?.plain())),
        starts_after: Vec::new(),
        libraries: service.libraries.0.clone(),
        release_unit: service.release_unit.clone(),
        team_name: service.team_ownership.clone(),
        access: Vec::new(),
        renamed_from: service.renamed_from.as_ref().map(Name::from),
    }
}

fn is_technical(name: &str) -> bool {
    matches!(
        name,
        "outbox" | "inbox" | "saga_log" | "migrations" | "schema_migrations" | "idempotency_keys"
    )
}

impl From<document::StoreRole> for StoreRole {
    fn from(role: document::StoreRole) -> Self {
        match role {
            document::StoreRole::Primary => Self::Primary,
            document::StoreRole::Search => Self::Search,
            document::StoreRole::Cache => Self::Cache,
            document::StoreRole::Analytics => Self::Analytics,
            document::StoreRole::EventStore => Self::EventStore,
            document::StoreRole::Session => Self::Session,
        }
    }
}
