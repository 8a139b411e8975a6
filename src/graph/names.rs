//! Every name that becomes something in the generated system, with the scope in which it must be alone.

use std::borrow::Cow;
use std::fmt;

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
    /// What one of them is.
    pub what: What<'m>,
    /// The names.
    pub names: Vec<Cow<'m, Name>>,
}

/// What a name is of, put into words only where it is told: `service`, `field of event OrderCreated`.
#[derive(Debug, Clone, Copy)]
pub struct What<'m> {
    /// What it is itself.
    noun: &'static str,
    /// The field that it belongs to.
    field: Option<&'m Name>,
    /// What it belongs to: what that is, if it has to be said, and its name.
    of: Option<Owner<'m>>,
}

type Owner<'m> = (&'static str, &'m Name);

impl<'m> What<'m> {
    fn alone(noun: &'static str) -> Self {
        Self {
            noun,
            field: None,
            of: None,
        }
    }

    fn of(noun: &'static str, owner: &'static str, name: &'m Name) -> Self {
        Self {
            of: Some((owner, name)),
            ..Self::alone(noun)
        }
    }
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun)?;
        if let Some(field) = self.field {
            write!(f, " of field {field}")?;
        }
        match self.of {
            None => Ok(()),
            Some(("", name)) => write!(f, " of {name}"),
            Some((owner, name)) => write!(f, " of {owner} {name}"),
        }
    }
}

/// Shows every scope of a model, one after the other: together they are as large as the model.
pub fn each_scope<'m>(model: &'m Model, look: impl FnMut(&Scope<'m>)) {
    let mut scopes = Scopes {
        model,
        look,
        room: Vec::new(),
    };
    scopes.top(model);
    for service in model.services.iter() {
        let of = |noun| What::of(noun, "", &service.name);
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
        scopes.fields(("entity", &entity.name), entity.fields.as_ref());
    }
    for named in model.types.iter() {
        match &named.definition {
            Definition::Record(fields) => scopes.fields(("type", &named.name), Some(fields)),
            Definition::Alias(ty) => scopes.alternatives(("type", &named.name), None, ty),
        }
    }
    for event in model.events.iter() {
        for version in &event.versions {
            scopes.fields(("event", &event.name), Some(&version.schema));
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
}

struct Scopes<'m, F> {
    model: &'m Model,
    look: F,
    /// For the names of each scope in turn.
    room: Vec<Cow<'m, Name>>,
}

impl<'m, F: FnMut(&Scope<'m>)> Scopes<'m, F> {
    fn top(&mut self, model: &'m Model) {
        // A missing name is told by the reader.
        let system = Some(&model.system.name).filter(|name| name.span() != Span::default());
        self.add(Kind::Crate, What::alone("system"), system);
        let parties = model
            .services
            .iter()
            .map(|service| &service.name)
            .chain(model.externals.iter().map(|external| &external.name));
        self.add(Kind::Crate, What::alone("service"), parties);
        self.add(
            Kind::Item,
            What::alone("team"),
            model.teams.iter().map(|team| &team.name),
        );
        self.add(
            Kind::Item,
            What::alone("cache"),
            model.caches.iter().map(|cache| &cache.name),
        );
        self.add(
            Kind::Item,
            What::alone("metric"),
            model
                .observability
                .metrics
                .iter()
                .map(|metric| &metric.name),
        );
        self.add(
            Kind::Type,
            What::alone("type"),
            model.types.iter().map(|named| &named.name),
        );
        self.add(
            Kind::Type,
            What::alone("event"),
            model.events.iter().map(|event| &event.name),
        );
        self.add(
            Kind::Type,
            What::alone("aggregate"),
            model.aggregates.iter().map(|aggregate| &aggregate.name),
        );
        self.add(
            Kind::Type,
            What::alone("saga"),
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
            What::of("path parameter", "", &endpoint.name),
            parameters,
        );
        for body in [&endpoint.request, &endpoint.response] {
            if let Body::Fields(fields) = body {
                self.fields(("endpoint", &endpoint.name), Some(fields));
            }
        }
    }

    fn aggregate(&mut self, aggregate: &'m Aggregate) {
        self.add(
            Kind::Type,
            What::of("event", "aggregate", &aggregate.name),
            aggregate.events.iter().map(|event| &event.name),
        );
        self.add(
            Kind::Item,
            What::of("command", "aggregate", &aggregate.name),
            aggregate.commands.iter().map(|command| &command.name),
        );
        for event in aggregate
            .events
            .iter()
            .filter(|event| event.published.is_none())
        {
            self.fields(("event", &event.name), Some(&event.schema));
        }
        for command in &aggregate.commands {
            self.fields(("command", &command.name), Some(&command.input));
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
            What::of("step", "saga", &saga.name),
            steps.chain(compensations),
        );
        if saga.trigger.is_none() {
            self.fields(("saga", &saga.name), Some(&saga.input));
        }
        for step in &saga.steps {
            self.add(
                Kind::Field,
                What::of("input", "step", &step.action),
                step.inputs.iter().map(|input| &input.name),
            );
            self.add(
                Kind::Field,
                What::of("output", "step", &step.action),
                step.outputs.iter().map(|output| &output.name),
            );
        }
    }

    fn fields(&mut self, owner: Owner<'m>, fields: Option<&'m Fields>) {
        let Some(fields) = fields else { return };
        self.add(
            Kind::Field,
            What::of("field", owner.0, owner.1),
            fields.fields.iter().map(|field| &field.name),
        );
        for field in &fields.fields {
            self.alternatives(owner, Some(&field.name), &field.ty);
        }
    }

    fn alternatives(&mut self, owner: Owner<'m>, field: Option<&'m Name>, ty: &Type) {
        match ty {
            Type::Enum(words) => {
                let place = field.unwrap_or(owner.1).span();
                let places = self.model.alternatives.get(&place);
                let names = words.iter().enumerate().map(|(at, word)| {
                    let own = places.and_then(|places| places.get(at));
                    Cow::Owned(Name::new(word.clone(), own.copied().unwrap_or(place)))
                });
                let what = What {
                    field,
                    ..What::of("alternative", owner.0, owner.1)
                };
                self.show(Kind::Alternative, what, names);
            }
            Type::Array(item) => self.alternatives(owner, field, item),
            _ => {}
        }
    }

    fn add(&mut self, kind: Kind, what: What<'m>, names: impl IntoIterator<Item = &'m Name>) {
        self.show(kind, what, names.into_iter().map(Cow::Borrowed));
    }

    fn show(&mut self, kind: Kind, what: What<'m>, of: impl Iterator<Item = Cow<'m, Name>>) {
        let mut names = std::mem::take(&mut self.room);
        names.extend(of);
        let mut scope = Scope { kind, what, names };
        if !scope.names.is_empty() {
            (self.look)(&scope);
        }
        scope.names.clear();
        self.room = scope.names;
    }
}
