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
use crate::syntax::document::Values;
use crate::syntax::source::{Span, Spanned};

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
    /// Upcasts that wait for the version before, with the number of theirs.
    pub(super) upcasts: BTreeMap<EventId, Vec<(u32, Values)>>,
    /// Where a service takes which version of an event.
    pub(super) taken: BTreeMap<(EventId, ServiceId, usize), Span>,
}

/// How many names are collected in all that may have been meant: all of them for each name that leads nowhere would be a square
/// of the file.
const MAX_CANDIDATES: usize = 50_000;

impl Lowering<'_> {
    /// The service of a name, or a note that there is none.
    pub(super) fn service(
        &mut self,
        name: &Spanned<String>,
        role: impl fmt::Display,
    ) -> Option<ServiceId> {
        let found = self.index.services.get(&name.value).copied();
        match found {
            Some(id) => self.used(&self.model.services[id].name),
            None => self.unresolved_among(name, "service", role, |known| {
                let services = known.model.services.iter();
                services.map(|service| spanned(&service.name)).collect()
            }),
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
        match found {
            Some(party) => self.used(self.model.name_of(party)),
            None => self.unresolved_among(name, "service", role, |known| {
                let services = known.model.services.iter().map(|service| &service.name);
                let externals = known.model.externals.iter().map(|external| &external.name);
                services.chain(externals).map(spanned).collect()
            }),
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
        match found {
            Some(id) => self.used(&self.model.events[id].name),
            None => self.unresolved_among(name, "event", role, |known| {
                let events = known.model.events.iter();
                events.map(|event| spanned(&event.name)).collect()
            }),
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
        match found {
            Some(id) => self.used(&self.model.entities[id].name),
            None => self.unresolved_among(name, "owned data", role, |known| {
                let owned = known.model.services[service].entities.iter();
                owned
                    .map(|id| spanned(&known.model.entities[*id].name))
                    .collect()
            }),
        }
        found
    }

    /// Notes that something is named.
    pub(super) fn used(&self, name: &Name) {
        self.uses.borrow_mut().push(name.span());
    }

    /// Whether something that is declared may have any name, since its own could not be read.
    fn may_be_nameless(&self, expected: &str) -> bool {
        let document = self.document;
        let mut services = document.services.iter().map(|(_, service)| service);
        match expected {
            "service" => document.services.nameless || document.externals.nameless,
            "event" | "version" => document.events.nameless,
            "team" => document.teams.nameless,
            "cache" => document.caches.nameless,
            "operation" => services.any(|service| service.endpoints.nameless),
            "owned data" => services.any(|service| service.data_ownership.nameless),
            _ => false,
        }
    }

    /// Notes a name that leads nowhere, with those that would have led somewhere while there are not too many.
    pub(super) fn unresolved(
        &mut self,
        name: &Spanned<String>,
        expected: &'static str,
        role: impl fmt::Display,
        candidates: impl FnOnce(&Self) -> Vec<String>,
    ) {
        self.unresolved_among(name, expected, role, |known| {
            let bare = |name| Spanned::new(name, Span::default());
            candidates(known).into_iter().map(bare).collect()
        });
    }

    /// The same of things whose uses are noted.
    pub(super) fn unresolved_among(
        &mut self,
        name: &Spanned<String>,
        expected: &'static str,
        role: impl fmt::Display,
        candidates: impl FnOnce(&Self) -> Vec<Spanned<String>>,
    ) {
        if self.may_be_nameless(expected) {
            return;
        }
        let candidates = if self.candidates < MAX_CANDIDATES {
            candidates(self)
        } else {
            Vec::new()
        };
        self.candidates += candidates.len();
        self.model.unresolved.push(Unresolved {
            name: name.clone(),
            expected,
            role: role.to_string(),
            candidates,
            not: None,
        });
    }
}

/// A name and where it is declared.
pub(super) fn spanned(name: &Name) -> Spanned<String> {
    Spanned::new(name.to_string(), name.span())
}
