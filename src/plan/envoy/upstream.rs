//! Which clusters there are: one for each service, and one more for each further way in which routes stop calling it.

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::gateway::{Gateway, Route};
use crate::model::policy::CircuitBreaker;
use crate::model::service::Service;

/// A service as routes reach it.
pub(super) struct Upstream<'m> {
    /// The cluster's name.
    pub(super) name: String,
    id: ServiceId,
    /// The service.
    pub(super) service: &'m Service,
    /// When calls stop.
    pub(super) breaker: Option<&'m CircuitBreaker>,
}

/// Every way in which routes reach services, in the order of the file.
pub(super) struct Upstreams<'m>(Vec<Upstream<'m>>);

impl<'m> Upstreams<'m> {
    pub(super) fn of(model: &'m Model, gateway: &'m Gateway) -> Self {
        let mut all: Vec<Upstream<'m>> = Vec::new();
        for route in &gateway.routes {
            let Some(id) = route.service else { continue };
            let service = &model.services[id];
            let breaker = route.circuit_breaker.as_ref();
            let own = |known: &&Upstream<'_>| known.id == id;
            if all
                .iter()
                .filter(own)
                .any(|known| same(known.breaker, breaker))
            {
                continue;
            }
            let name = match all.iter().filter(own).count() {
                0 => service.name.kebab(),
                // The underscore sets it apart from every service.
                others => format!("{}_{}", service.name.kebab(), others + 1),
            };
            all.push(Upstream {
                name,
                id,
                service,
                breaker,
            });
        }
        Self(all)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Upstream<'m>> {
        self.0.iter()
    }

    /// The cluster that a route leads to.
    pub(super) fn of_route(&self, route: &Route) -> &str {
        let fits = |known: &&Upstream<'_>| {
            Some(known.id) == route.service && same(known.breaker, route.circuit_breaker.as_ref())
        };
        let found = self.0.iter().find(fits);
        found.map_or("", |known| known.name.as_str())
    }
}

/// Whether two routes stop alike, wherever that is declared.
fn same(a: Option<&CircuitBreaker>, b: Option<&CircuitBreaker>) -> bool {
    let rule = |breaker: &CircuitBreaker| (breaker.failure_threshold, breaker.recovery_timeout);
    a.map(rule) == b.map(rule)
}
