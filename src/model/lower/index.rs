//! Names to ids, while the file is lowered.

use std::collections::BTreeMap;
use std::fmt;

use super::Lowering;
use crate::model::Unresolved;
use crate::model::arena::{
    AggregateId, CacheId, EndpointId, EntityId, EventId, ExternalId, ServiceId, TeamId, TypeId,
};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::syntax::source::Spanned;

/// Every name that may be referred to.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) teams: BTreeMap<String, TeamId>,
    pub(super) services: BTreeMap<String, ServiceId>,
    pub(super) externals: BTreeMap<String, ExternalId>,
    pub(super) types: BTreeMap<String, TypeId>,
    /// By service and snake-case name.
    pub(super) entities: BTreeMap<(ServiceId, String), EntityId>,
    pub(super) events: BTreeMap<String, EventId>,
    /// By owner and snake-case name.
    pub(super) endpoints: BTreeMap<(Party, String), EndpointId>,
    /// By service and snake-case name.
    pub(super) aggregates: BTreeMap<(ServiceId, String), AggregateId>,
    pub(super) caches: BTreeMap<String, CacheId>,
    /// Upcasts that wait for the version before: event, version, values.
    pub(super) upcasts: Vec<(EventId, u32, crate::syntax::document::Values)>,
}

/// For how many names that lead nowhere those are collected that may have been meant.
const MAX_SUGGESTED: usize = 200;

impl Lowering<'_> {
    /// The service of a name, or a note that there is none.
    pub(super) fn service(
        &mut self,
        name: &Spanned<String>,
        role: impl fmt::Display,
    ) -> Option<ServiceId> {
        let found = self.index.services.get(&name.value).copied();
        if found.is_none() {
            let candidates = self.candidates(self.index.services.keys());
            self.unresolved(name, "service", role, candidates);
        }
        found
    }

    /// The service or external system of a name, or a note that there is none.
    pub(super) fn party(
        &mut self,
        name: &Spanned<String>,
        role: impl fmt::Display,
    ) -> Option<Party> {
        let service = self
            .index
            .services
            .get(&name.value)
            .map(|id| Party::Service(*id));
        let found = service.or_else(|| {
            self.index
                .externals
                .get(&name.value)
                .map(|id| Party::External(*id))
        });
        if found.is_none() {
            let services = self.index.services.keys();
            let candidates = self.candidates(services.chain(self.index.externals.keys()));
            self.unresolved(name, "service", role, candidates);
        }
        found
    }

    /// The event of a name, or a note that there is none.
    pub(super) fn event(
        &mut self,
        name: &Spanned<String>,
        role: impl fmt::Display,
    ) -> Option<EventId> {
        let found = self.index.events.get(&name.value).copied();
        if found.is_none() {
            let candidates = self.candidates(self.index.events.keys());
            self.unresolved(name, "event", role, candidates);
        }
        found
    }

    /// The data of a name that a service owns, or a note that there is none.
    pub(super) fn entity(
        &mut self,
        service: ServiceId,
        name: &Spanned<String>,
        role: impl fmt::Display,
    ) -> Option<EntityId> {
        let found = self
            .index
            .entities
            .get(&(service, Name::snake_of(name)))
            .copied();
        if found.is_none() {
            let owned = &self.model.services[service].entities;
            let candidates = owned
                .iter()
                .map(|id| self.model.entities[*id].name.to_string())
                .collect();
            self.unresolved(name, "owned data", role, candidates);
        }
        found
    }

    /// Names that would have been found. Past so many names that lead nowhere none are collected: all names for each of
    /// them would be a square of the file.
    fn candidates<'n>(&self, names: impl Iterator<Item = &'n String>) -> Vec<String> {
        if self.model.unresolved.len() >= MAX_SUGGESTED {
            return Vec::new();
        }
        names.cloned().collect()
    }

    /// Notes a name that leads nowhere.
    pub(super) fn unresolved(
        &mut self,
        name: &Spanned<String>,
        expected: &'static str,
        role: impl fmt::Display,
        candidates: Vec<String>,
    ) {
        self.model.unresolved.push(Unresolved {
            name: name.clone(),
            expected,
            role: role.to_string(),
            candidates,
        });
    }
}
