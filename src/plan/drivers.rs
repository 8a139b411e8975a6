//! Which drivers a service compiles in beside the embedded parts: one cargo feature each.

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::service::{Engine, Party, Store, StoreRole};

/// Data in PostgreSQL.
pub const POSTGRES: &str = "postgres";

/// The features of a service's crate, each of which stands for one of the runtime's; sorted.
pub fn features(model: &Model, service: ServiceId) -> Vec<&'static str> {
    let postgres = primary(model, service).is_some_and(|store| store.driver() == Engine::Postgres);
    let mut caches = model.services[service].caches.iter();
    let shared = caches.any(|cache| model.caches[*cache].shared.is_some());
    let drivers = [
        ("nats", talks(model, service)),
        ("otlp", model.observability.otlp_endpoint.is_some()),
        (POSTGRES, postgres),
        ("redis", shared),
    ];
    let wanted = drivers.into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(feature, _)| feature).collect()
}

/// Whether a service sends or receives messages over a broker that is a process of its own.
pub fn talks(model: &Model, id: ServiceId) -> bool {
    let broker = model.broker.as_ref();
    if broker.is_some_and(|broker| broker.kind.eq_ignore_ascii_case("embedded")) {
        return false;
    }
    let service = &model.services[id];
    let mut caches = service.caches.iter();
    let mut sagas = model.sagas.iter();
    !service.consumers.is_empty()
        || caches.any(|cache| !model.caches[*cache].invalidate_on.is_empty())
        || model.events.iter().any(|event| {
            event
                .producers
                .iter()
                .any(|by| by.value == Party::Service(id))
        })
        || sagas.any(|saga| {
            saga.coordinator == Some(id) || saga.steps.iter().any(|step| step.service == Some(id))
        })
}

/// The schema of a service's tables.
pub fn schema(model: &Model, service: ServiceId) -> String {
    let declared = primary(model, service).and_then(|store| store.schema.as_ref());
    declared.map_or_else(|| "public".to_owned(), |schema| schema.value.clone())
}

fn primary(model: &Model, service: ServiceId) -> Option<&Store> {
    let mut stores = model.services[service]
        .stores
        .iter()
        .map(|store| &model.stores[*store]);
    stores.find(|store| store.role == StoreRole::Primary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::plan::notices::notices;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    const SHOP: &str = "
msarch: 1
name: shop
teams: {team: {size: 7}}
services:
  order-service: {bounded_context: Orders, team_ownership: team, data_ownership: {orders: {fields: {total: decimal}}}}
  post-service: {bounded_context: Post, team_ownership: team, data_ownership: {letters: {fields: {text: string}}}}
  price-service: {bounded_context: Prices, team_ownership: team, data_ownership: {prices: {fields: {amount: decimal}}}}
events:
  OrderPlaced:
    version: v1
    schema: {orderId: uuid}
    producers: [order-service]
    consumers: [{service: post-service}]
";

    fn shop(broker: &str) -> Model {
        let text = format!("{SHOP}{broker}");
        let mut loaded = load_text("architecture.yaml", &text);
        lower(&document::read(&mut loaded).unwrap())
    }

    fn with_nats(model: &Model) -> Vec<&str> {
        let services = model.services.ids();
        let services = services.filter(|id| features(model, *id).contains(&"nats"));
        services
            .map(|id| model.services[id].name.as_str())
            .collect()
    }

    #[test]
    fn who_sends_or_receives_messages_compiles_the_driver_of_the_broker_and_nobody_else() {
        for broker in ["", "message_broker: {type: NATS}"] {
            let model = shop(broker);
            assert_eq!(with_nats(&model), ["order-service", "post-service"]);
            assert_eq!(notices(&model), [""; 0]);
        }
    }

    #[test]
    fn a_broker_that_is_declared_as_embedded_needs_no_driver() {
        assert_eq!(
            with_nats(&shop("message_broker: {type: embedded}")),
            [""; 0]
        );
    }

    #[test]
    fn a_broker_without_a_driver_is_told_and_stood_in_for() {
        let model = shop("message_broker: {type: Kafka}");
        assert_eq!(with_nats(&model), ["order-service", "post-service"]);
        let said = notices(&model).join("\n");
        assert!(said.contains("Kafka has no driver yet"), "{said}");
    }
}
