//! Who writes which owned data directly: operations, and effects of operations, consumers and sagas. What aggregates do is not direct.

use crate::model::Model;
use crate::model::arena::{EntityId, Id};
use crate::model::effect::Effect;
use crate::model::endpoint::Action;
use crate::model::name::Name;
use crate::syntax::source::Span;

/// Who writes which owned data.
#[derive(Debug)]
pub struct Writes {
    by_entity: Vec<Vec<Writer>>,
}

/// Something that writes data.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The operation, the consumer's service or the saga's step.
    pub name: Name,
    /// Where that is said.
    pub span: Span,
}

impl Writes {
    /// The writers in a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut writes = Self {
            by_entity: vec![Vec::new(); model.entities.len()],
        };
        for endpoint in model.endpoints.iter() {
            if let Action::Create(entity) | Action::Update(entity) | Action::Delete(entity) =
                endpoint.action
            {
                writes.add(entity, &endpoint.name, endpoint.span);
            }
            writes.effects(&endpoint.name, &endpoint.effects);
        }
        for consumer in model.consumers.iter() {
            let name = &model.services[consumer.service].name;
            writes.effects(name, &consumer.reaction().effects);
        }
        for saga in model.sagas.iter() {
            for step in &saga.steps {
                writes.effects(&step.action, &step.effects);
                if let Some(back) = &step.compensation {
                    writes.effects(&back.action, &back.effects);
                }
            }
            for end in saga.on_success.iter().chain(&saga.on_failure) {
                writes.effects(&saga.name, &end.effects);
            }
        }
        writes
    }

    /// Who writes an entity directly.
    #[must_use]
    pub fn directly(&self, entity: EntityId) -> &[Writer] {
        &self.by_entity[entity.index()]
    }

    fn effects(&mut self, name: &Name, effects: &[Effect]) {
        for effect in effects {
            self.add(effect.entity, name, effect.span);
        }
    }

    fn add(&mut self, entity: EntityId, name: &Name, span: Span) {
        let name = name.clone();
        self.by_entity[entity.index()].push(Writer { name, span });
    }
}
