//! Who owns which data, and where it lies.

use super::{Edge, Flow, Group, Node, Shape, nodes};
use crate::model::Model;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::service::{Store, StoreRole};

/// The ownership of data: a frame per service, a box per table or collection, an arrow where derived data is fed by events of another.
#[must_use]
pub fn data(model: &Model) -> Flow {
    let owners = model
        .services
        .entries()
        .filter(|(_, service)| !service.entities.is_empty());
    let groups: Vec<Group> = owners.map(|(id, _)| group(model, id)).collect();
    Flow {
        title: format!("Data of {}", model.system.name),
        sideways: true,
        groups,
        nodes: Vec::new(),
        edges: Vec::new(),
    }
    .with_copies(model)
}

impl Flow {
    fn with_copies(mut self, model: &Model) -> Self {
        for (id, entity) in model.entities.entries() {
            for cache in model
                .caches
                .iter()
                .filter(|cache| cache.entity == id && cache.service != entity.service)
            {
                let from = nodes::entity_id(model, id);
                let to = nodes::service_id(model, cache.service);
                self.edges.push(Edge {
                    from,
                    to,
                    label: format!("cache {}", cache.name),
                    dashed: true,
                });
            }
        }
        let groups = &self.groups;
        let known = |id: &str| {
            groups
                .iter()
                .flat_map(|group| &group.nodes)
                .any(|node| node.id == id)
        };
        self.edges
            .retain(|edge| known(&edge.from) && known(&edge.to));
        self
    }
}

fn group(model: &Model, id: ServiceId) -> Group {
    let service = &model.services[id];
    let stores: Vec<&Store> = service
        .stores
        .iter()
        .map(|store| &model.stores[*store])
        .collect();
    let engines: Vec<String> = stores.iter().map(|store| engine(store)).collect();
    let label = if engines.is_empty() {
        service.name.as_str().to_owned()
    } else {
        format!("{}: {}", service.name, engines.join(", "))
    };
    Group {
        id: nodes::service_id(model, id),
        label,
        nodes: service
            .entities
            .iter()
            .map(|entity| node(model, *entity))
            .collect(),
    }
}

fn engine(store: &Store) -> String {
    match store.role {
        StoreRole::Primary => store.engine.value.clone(),
        role => format!("{} ({})", store.engine.value, role_word(role)),
    }
}

/// The role of a store, as the file writes it.
#[must_use]
fn role_word(role: StoreRole) -> &'static str {
    match role {
        StoreRole::Primary => "primary",
        StoreRole::Search => "search",
        StoreRole::Cache => "cache",
        StoreRole::Analytics => "analytics",
        StoreRole::EventStore => "event_store",
        StoreRole::Session => "session",
    }
}

fn node(model: &Model, id: EntityId) -> Node {
    let entity = &model.entities[id];
    let mut label = vec![entity.name.as_str().to_owned()];
    label.extend(entity.projection.then(|| "derived".to_owned()));
    Node {
        id: nodes::entity_id(model, id),
        label,
        shape: Shape::Store,
    }
}
