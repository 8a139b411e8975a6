//! Whom a host in a manifest means: `orders`, `orders.shop.svc.cluster.local`, `api.example.com`.

use std::collections::{HashMap, HashSet};

use super::Manifest;
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::name::Name;

/// What a host means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// A service of the system.
    Service(ServiceId),
    /// A host outside that the file knows: of an external system, or of a `ServiceEntry`.
    Outside,
    /// A wildcard, or a service of another namespace: nothing is known of it.
    Elsewhere,
    /// Nobody.
    Nobody,
}

/// Every host that the file knows.
#[derive(Debug)]
pub struct Hosts<'m> {
    services: HashMap<&'m str, ServiceId>,
    outside: HashSet<String>,
    namespace: Option<&'m str>,
}

impl<'m> Hosts<'m> {
    /// The hosts of a model and of its manifests.
    #[must_use]
    pub fn of(model: &'m Model, manifests: &[Manifest<'m>]) -> Self {
        let services = model.services.entries();
        let externals = model.externals.iter().filter_map(|external| {
            let (_, rest) = external.url.as_ref()?.value.split_once("://")?;
            let host = rest.split(['/', ':', '?', '#']).next()?;
            Some(host.to_owned())
        });
        let entries = manifests
            .iter()
            .filter(|manifest| manifest.kind == "ServiceEntry")
            .flat_map(|manifest| manifest.texts("hosts"))
            .map(|(host, _)| host.to_owned());
        let mesh = model.mesh.as_ref();
        Self {
            services: services
                .map(|(id, service)| (service.name.snake(), id))
                .collect(),
            outside: externals.chain(entries).collect(),
            namespace: mesh
                .and_then(|mesh| mesh.namespace.as_ref())
                .map(|name| name.value.as_str()),
        }
    }

    /// What a host means in a manifest of a namespace.
    #[must_use]
    pub fn find(&self, host: &str) -> Host {
        if host.contains('*') {
            return Host::Elsewhere;
        }
        if self.outside.contains(host) {
            return Host::Outside;
        }
        let mut labels = host.split('.');
        let first = labels.next().unwrap_or_default();
        let (namespace, rest) = (labels.next(), labels.next());
        // `orders`, `orders.shop` and `orders.shop.svc...` are Kubernetes' spellings; anything else is a name of the world outside.
        if rest.is_some_and(|rest| rest != "svc") {
            return self.wild(host);
        }
        let ours = namespace.is_none_or(|given| self.namespace.is_none_or(|own| own == given));
        match self.services.get(Name::snake_of(first).as_str()) {
            Some(service) if ours => Host::Service(*service),
            _ if !ours => Host::Elsewhere,
            _ => self.wild(host),
        }
    }

    fn wild(&self, host: &str) -> Host {
        let parents = host.match_indices('.').map(|(at, _)| &host[at..]);
        let mut wild = parents.map(|parent| format!("*{parent}"));
        if wild.any(|wild| self.outside.contains(&wild)) {
            Host::Outside
        } else {
            Host::Nobody
        }
    }
}
