//! Operations.

mod action;
mod body;
mod shape;

use super::Lowering;
use super::scope::{Frame, Scope};
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::{PathStep, Root};
use crate::model::endpoint::{Body, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::model::types::Type;
use crate::syntax::decode::Named;
use crate::syntax::document::{self, EffectWord, IdempotencyWord};
use crate::syntax::source::Spanned;
use shape::Shape;

impl Lowering<'_> {
    /// Reads the operations of services and externals.
    pub(super) fn define_endpoints(&mut self) {
        let document = self.document;
        for (id, (_, external)) in self
            .model
            .externals
            .ids()
            .collect::<Vec<_>>()
            .into_iter()
            .zip(document.externals.iter())
        {
            self.endpoints(Party::External(id), &external.endpoints);
        }
        for (id, (_, service)) in self
            .model
            .services
            .ids()
            .collect::<Vec<_>>()
            .into_iter()
            .zip(document.services.iter())
        {
            self.endpoints(Party::Service(id), &service.endpoints);
        }
    }

    fn endpoints(&mut self, owner: Party, declared: &Named<document::Endpoint>) {
        for (name, endpoint) in declared.iter() {
            let shape = self.shape(name, endpoint);
            let shape = self.checked(shape);
            let snake = shape.as_ref().map_or_else(
                || Name::snake_of(name),
                |shape| shape.name.snake().to_owned(),
            );
            let Some(lowered) = shape.and_then(|shape| self.endpoint(owner, shape, endpoint))
            else {
                self.lose_endpoint(owner, snake);
                continue;
            };
            let id = self.model.endpoints.push(lowered);
            match owner {
                Party::Service(service) => self.model.services[service].endpoints.push(id),
                Party::External(external) => self.model.externals[external].endpoints.push(id),
            }
            self.index.endpoints.insert((owner, snake), id);
        }
    }

    /// Notes an operation that could not be read, which is told: what refers to it is right.
    fn lose_endpoint(&mut self, owner: Party, snake: String) {
        if let Party::Service(service) = owner {
            self.model.services[service].lost_endpoints += 1;
        }
        self.lost_endpoints.insert((owner, snake));
    }

    fn endpoint(
        &mut self,
        owner: Party,
        shape: Shape,
        declared: &document::Endpoint,
    ) -> Option<Endpoint> {
        let service = match owner {
            Party::Service(service) => Some(service),
            Party::External(_) => None,
        };
        let role = format!("operation {}", shape.name);
        let entity =
            service.and_then(|service| self.entity_behind(service, &shape, declared, &role));
        let request = match &declared.request {
            Some(request) => self.body(service, request, &role),
            None => self.sent_by_default(service, &shape, declared, entity),
        };
        let mut scope = self.request_scope(&shape, &request);
        let action = self.action(service, &shape, declared, entity, &mut scope, &role)?;
        let record = self.record_values(&action, &request, &shape);
        let effects = match service {
            Some(service) => self.effects(service, &declared.effects, &mut scope, &role),
            None => Vec::new(),
        };
        let emits = self.emissions(&declared.emits, &scope, &role);
        let response = match &declared.response {
            Some(response) => self.declared_response(service, response, &action, &role, &shape)?,
            None => self.default_response(&action),
        };
        let answer = self.answer(service, &response, &declared.values, &scope, &shape);
        let cache = declared
            .cache
            .as_ref()
            .and_then(|cache| self.cache(cache, &role));
        let changes = declared
            .effect
            .as_ref()
            .map(|effect| effect.value == EffectWord::Write);
        let mut endpoint = Endpoint {
            span: shape.name.span(),
            name: shape.name,
            owner,
            description: declared.description.clone(),
            method: shape.method,
            path: shape.path,
            segments: shape.segments,
            action,
            request,
            response,
            record,
            effects,
            answer,
            emits,
            scope: self.token_scope(declared.scope.as_ref()),
            public: declared.public.unwrap_or(false),
            writes: changes.unwrap_or(!shape.method.is_safe()),
            timeout: declared
                .timeout
                .as_ref()
                .map(|timeout| Spanned::new(timeout.to_std(), timeout.span)),
            idempotency_key: idempotency(declared.idempotency_key, shape.method),
            cache,
        };
        self.inherit(&mut endpoint);
        Some(endpoint)
    }

    /// The owned data that an operation is about: named, or found by the path's first segment.
    fn entity_behind(
        &mut self,
        service: ServiceId,
        shape: &Shape,
        declared: &document::Endpoint,
        role: &str,
    ) -> Option<EntityId> {
        if let Some(name) = &declared.entity {
            return self.entity(service, name, format_args!("data behind {role}"));
        }
        let first = shape.segments.iter().find_map(|segment| match segment {
            Segment::Literal(text) => Some(Name::snake_of(text)),
            Segment::Parameter(_) => None,
        })?;
        let found = self.index.entities.get(&(service, first)).copied()?;
        self.used(&self.model.entities[found].name);
        Some(found)
    }

    fn request_scope(&self, shape: &Shape, request: &Body) -> Scope {
        let parameters = shape.segments.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(PathStep {
                field: name.clone(),
                ty: Type::Uuid,
                required: true,
            }),
            Segment::Literal(_) => None,
        });
        let scope = Scope::default()
            .with(Frame::scalar("subject", Root::Subject, Type::String))
            .with(Frame::record(
                "path",
                Root::PathParameter,
                parameters.collect(),
            ));
        match request {
            Body::None => scope,
            sent => scope.with(self.body_frame("request", Root::Request, sent).open()),
        }
    }
}

fn idempotency(declared: Option<IdempotencyWord>, method: Method) -> IdempotencyKey {
    match declared {
        Some(IdempotencyWord::Required) => IdempotencyKey::Required,
        Some(IdempotencyWord::Optional) => IdempotencyKey::Optional,
        Some(IdempotencyWord::None) => IdempotencyKey::None,
        None if method == Method::Post => IdempotencyKey::Optional,
        None => IdempotencyKey::None,
    }
}
