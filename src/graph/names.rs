//! Every name that becomes something in the generated system, with the scope in which it must be alone.

use std::borrow::Cow;

use crate::model::Model;
use crate::model::endpoint::{Body, Endpoint, Segment};
use crate::model::event::Aggregate;
use crate::model::name::Name;
use crate::model::saga::Saga;
use crate::model::types::{Definition, Fields, Type};
use crate::syntax::source::Span;

/// What a name becomes; decides how it may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A system, service or external: a folder, a crate, a host.
    Crate,
    /// A team, entity, endpoint, command, step, cache or metric: a module, a table, a function.
    Item,
    /// A type, event, aggregate or saga: a Rust type.
    Type,
    /// A field of a record.
    Field,
    /// An alternative of an enum.
    Alternative,
}

/// Names that must differ from each other in every spelling.
#[derive(Debug)]
pub struct Scope<'m> {
    /// What they become.
    pub kind: Kind,
    /// What one of them is called, in words: `service`, `field of OrderCreated`.
    pub what: String,
    /// The names.
    pub names: Vec<Cow<'m, Name>>,
}

/// Every scope of a model.
#[must_use]
pub fn scopes(model: &Model) -> Vec<Scope<'_>> {
    let mut scopes = Scopes(Vec::new());
    scopes.top(model);
    for service in model.services.iter() {
        let of = |what: &str| format!("{what} of {}", service.name);
        scopes.add(
            Kind::Item,
            of("entity"),
            service.entities.iter().map(|id| &model.entities[*id].name),
        );
        scopes.add(
            Kind::Item,
            of("endpoint"),
            service
                .endpoints
                .iter()
                .map(|id| &model.endpoints[*id].name),
        );
    }
    for entity in model.entities.iter() {
        scopes.fields(&format!("entity {}", entity.name), entity.fields.as_ref());
    }
    for named in model.types.iter() {
        match &named.definition {
            Definition::Record(fields) => {
                scopes.fields(&format!("type {}", named.name), Some(fields))
            }
            Definition::Alias(ty) => {
                scopes.alternatives(&format!("type {}", named.name), ty, &named.name)
            }
        }
    }
    for event in model.events.iter() {
        for version in &event.versions {
            scopes.fields(&format!("event {}", event.name), Some(&version.schema));
        }
    }
    model
        .endpoints
        .iter()
        .for_each(|endpoint| scopes.endpoint(endpoint));
    model
        .aggregates
        .iter()
        .for_each(|aggregate| scopes.aggregate(aggregate));
    model.sagas.iter().for_each(|saga| scopes.saga(saga));
    scopes.0
}

struct Scopes<'m>(Vec<Scope<'m>>);

impl<'m> Scopes<'m> {
    fn top(&mut self, model: &'m Model) {
        // A missing name is told by the reader.
        let system = Some(&model.system.name).filter(|name| name.span() != Span::default());
        self.add(Kind::Crate, "system".to_owned(), system);
        let parties = model
            .services
            .iter()
            .map(|service| &service.name)
            .chain(model.externals.iter().map(|external| &external.name));
        self.add(Kind::Crate, "service".to_owned(), parties);
        self.add(
            Kind::Item,
            "team".to_owned(),
            model.teams.iter().map(|team| &team.name),
        );
        self.add(
            Kind::Item,
            "cache".to_owned(),
            model.caches.iter().map(|cache| &cache.name),
        );
        self.add(
            Kind::Item,
            "metric".to_owned(),
            model
                .observability
                .metrics
                .iter()
                .map(|metric| &metric.name),
        );
        self.add(
            Kind::Type,
            "type".to_owned(),
            model.types.iter().map(|named| &named.name),
        );
        self.add(
            Kind::Type,
            "event".to_owned(),
            model.events.iter().map(|event| &event.name),
        );
        self.add(
            Kind::Type,
            "aggregate".to_owned(),
            model.aggregates.iter().map(|aggregate| &aggregate.name),
        );
        self.add(
            Kind::Type,
            "saga".to_owned(),
            model.sagas.iter().map(|saga| &saga.name),
        );
    }

    fn endpoint(&mut self, endpoint: &'m Endpoint) {
        let parameters = endpoint
            .segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Parameter(name) => Some(name),
                Segment::Literal(_) => None,
            });
        self.add(
            Kind::Field,
            format!("path parameter of {}", endpoint.name),
            parameters,
        );
        for body in [&endpoint.request, &endpoint.response] {
            if let Body::Fields(fields) = body {
                self.fields(&format!("endpoint {}", endpoint.name), Some(fields));
            }
        }
    }

    fn aggregate(&mut self, aggregate: &'m Aggregate) {
        self.add(
            Kind::Type,
            format!("event of aggregate {}", aggregate.name),
            aggregate.events.iter().map(|event| &event.name),
        );
        self.add(
            Kind::Item,
            format!("command of aggregate {}", aggregate.name),
            aggregate.commands.iter().map(|command| &command.name),
        );
        for event in aggregate
            .events
            .iter()
            .filter(|event| event.published.is_none())
        {
            self.fields(&format!("event {}", event.name), Some(&event.schema));
        }
        for command in &aggregate.commands {
            self.fields(&format!("command {}", command.name), Some(&command.input));
        }
    }

    fn saga(&mut self, saga: &'m Saga) {
        let steps = saga.steps.iter().map(|step| &step.action);
        let compensations = saga
            .steps
            .iter()
            .filter_map(|step| step.compensation.as_ref())
            .map(|compensation| &compensation.action);
        self.add(
            Kind::Item,
            format!("step of saga {}", saga.name),
            steps.chain(compensations),
        );
        if saga.trigger.is_none() {
            self.fields(&format!("saga {}", saga.name), Some(&saga.input));
        }
        for step in &saga.steps {
            self.add(
                Kind::Field,
                format!("input of step {}", step.action),
                step.inputs.iter().map(|input| &input.name),
            );
            self.add(
                Kind::Field,
                format!("output of step {}", step.action),
                step.outputs.iter().map(|output| &output.name),
            );
        }
    }

    fn fields(&mut self, owner: &str, fields: Option<&'m Fields>) {
        let Some(fields) = fields else { return };
        self.add(
            Kind::Field,
            format!("field of {owner}"),
            fields.fields.iter().map(|field| &field.name),
        );
        for field in &fields.fields {
            self.alternatives(
                &format!("field {} of {owner}", field.name),
                &field.ty,
                &field.name,
            );
        }
    }

    fn alternatives(&mut self, owner: &str, ty: &Type, place: &Name) {
        match ty {
            Type::Enum(words) => {
                let names: Vec<Name> = words
                    .iter()
                    .map(|word| Name::new(word.clone(), place.span()))
                    .collect();
                let what = format!("alternative of {owner}");
                self.0.push(Scope {
                    kind: Kind::Alternative,
                    what,
                    names: names.into_iter().map(Cow::Owned).collect(),
                });
            }
            Type::Array(item) => self.alternatives(owner, item, place),
            _ => {}
        }
    }

    fn add(&mut self, kind: Kind, what: String, names: impl IntoIterator<Item = &'m Name>) {
        let names: Vec<Cow<'m, Name>> = names.into_iter().map(Cow::Borrowed).collect();
        if !names.is_empty() {
            self.0.push(Scope { kind, what, names });
        }
    }
}
