//! What an operation takes and gives, and where the values of its record and answer come from.

use super::super::Lowering;
use super::super::bind::{ByName, Place, Target};
use super::super::fields::Reader;
use super::super::scope::{Frame, Scope};
use super::action::action_word;
use super::shape::Shape;
use crate::model::Fault;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::{Assignment, PathStep, Root};
use crate::model::endpoint::{Action, Body, Endpoint};
use crate::model::name::Name;
use crate::model::types::{Definition, Fields, Type};
use crate::syntax::document::{self, ActionWord, FieldsDecl, Values};
use crate::syntax::source::Span;

impl Lowering<'_> {
    /// What a request or answer holds: owned data by name, a type, or fields.
    pub(super) fn body(
        &mut self,
        service: Option<ServiceId>,
        declared: &FieldsDecl,
        role: &str,
    ) -> Body {
        if let FieldsDecl::Notation(text) = declared {
            let name = Name::snake_of(text);
            if let Some(entity) =
                service.and_then(|service| self.index.entities.get(&(service, name)).copied())
            {
                self.used(&self.model.entities[entity].name);
                return Body::Entity(entity);
            }
            let (ty, _) = self.notation(text, Reader::of(role));
            return Body::Type(ty);
        }
        Body::Fields(self.fields(declared, Reader::of(role)))
    }

    /// A body as something that values may be read from.
    pub(super) fn body_frame(&self, word: &str, root: Root, body: &Body) -> Frame {
        let unknown = match body {
            Body::Fields(fields) => fields.unknown,
            Body::Type(ty) => *self.model.resolved(ty) == Type::Unknown,
            Body::Entity(entity) => {
                let fields = self.model.entities[*entity].fields.as_ref();
                fields.is_some_and(|fields| fields.unknown)
            }
            Body::None | Body::Page(_) => false,
        };
        if unknown {
            return Frame::unknown(word, root);
        }
        Frame::record(word, root, self.body_steps(body))
    }

    /// The fields of a body that values may be read from.
    fn body_steps(&self, body: &Body) -> Vec<PathStep> {
        match body {
            Body::Fields(fields) => fields.steps(),
            Body::Type(ty) => self.model.fields_of(ty),
            Body::Entity(entity) => match &self.model.entities[*entity].fields {
                Some(fields) => fields.steps(),
                None => vec![PathStep {
                    field: Name::new("body", Span::default()),
                    ty: Type::Json,
                    required: true,
                }],
            },
            Body::None | Body::Page(_) => Vec::new(),
        }
    }

    /// What goes into owned data as it was sent has the limits of that data: a request is refused before anything else is done.
    pub(super) fn inherit(&mut self, endpoint: &mut Endpoint) {
        let Body::Fields(fields) = &endpoint.request else {
            return;
        };
        // What the user wrote as JSON Schema says all that is said to callers; the data keeps its limits itself.
        if fields.raw.is_some() {
            return;
        }
        let fed = self.model.fed_by_request(endpoint, fields);
        for field in &fed.fields {
            let (name, limits) = (&field.name, &field.limits);
            let wrong = if limits.allow_nothing() {
                Some("allows no value that its data allows too".to_owned())
            } else {
                let default = field.default.as_ref();
                let broken = default.and_then(|default| limits.broken_by(default));
                broken.map(|why| format!("has a default that its data refuses: {why}"))
            };
            if let Some(wrong) = wrong {
                self.fault(
                    Fault::new(
                        "invalid-value",
                        name.span(),
                        format!("`{name}` of operation {} {wrong}", endpoint.name),
                    )
                    .here("goes into owned data with limits of its own")
                    .help("keep what is sent within the limits of the data"),
                );
            }
        }
        endpoint.request = Body::Fields(fed);
    }

    /// What callers send where the file does not say: what a command of an aggregate takes, the fields of what is created or changed, or
    /// else nothing.
    pub(super) fn sent_by_default(
        &self,
        service: Option<ServiceId>,
        shape: &Shape,
        declared: &document::Endpoint,
        entity: Option<EntityId>,
    ) -> Body {
        let Some(service) = service else {
            return Body::None;
        };
        if let Some(command) = &declared.command {
            return match self.command_input(service, command) {
                Some(input) if !input.fields.is_empty() => Body::Fields(input.clone()),
                _ => Body::None,
            };
        }
        match (action_word(shape, declared, entity), entity) {
            (ActionWord::Create | ActionWord::Update, Some(entity)) => Body::Entity(entity),
            _ => Body::None,
        }
    }

    pub(super) fn default_response(&self, action: &Action) -> Body {
        match action {
            Action::Create(entity) | Action::Read(entity) | Action::Update(entity) => {
                Body::Entity(*entity)
            }
            Action::List { entity, .. } => Body::Page(*entity),
            Action::Aggregate(run) => Body::Entity(self.model.aggregates[run.aggregate].entity),
            Action::Delete(_) | Action::Command => Body::None,
        }
    }

    /// What the record's fields get from the request.
    pub(super) fn record_values(
        &mut self,
        action: &Action,
        request: &Body,
        shape: &Shape,
    ) -> Vec<Assignment> {
        let (entity, fill) = match action {
            Action::Create(entity) => (*entity, ByName::Required),
            Action::Update(entity) => (*entity, ByName::Found),
            _ => return Vec::new(),
        };
        let what = format!("data {}", self.model.entities[entity].name);
        let place = Place {
            what: &what,
            span: shape.name.span(),
            by_request: false,
        };
        let own = Scope::default().with(self.body_frame("request", Root::Request, request).open());
        match self.model.entities[entity].fields.as_ref().map(Target::all) {
            Some(targets) => self.assign(&targets, &Values::new(), &own, fill, &place),
            None => Vec::new(),
        }
    }

    /// What comes back, as the file says it. A list gives a page of its records, however its answer is written.
    pub(super) fn declared_response(
        &mut self,
        service: Option<ServiceId>,
        declared: &FieldsDecl,
        action: &Action,
        role: &str,
        shape: &Shape,
    ) -> Option<Body> {
        let body = self.body(service, declared, role);
        match (action, &body) {
            (Action::List { entity, .. }, Body::Entity(listed)) if entity == listed => {
                Some(Body::Page(*entity))
            }
            (Action::List { entity, .. }, _) => {
                let listed = &self.model.entities[*entity].name;
                self.fault(
                    Fault::new(
                        "malformed-endpoint",
                        shape.name.span(),
                        format!("{role} lists {listed}, and answers something else"),
                    )
                    .here("a list gives a page of its records")
                    .help("leave `response` out, or write `action: command` where your own code makes the answer"),
                );
                None
            }
            _ => Some(body),
        }
    }

    /// What fills an answer that is no record of owned data. Where something that must be there has no source, the answer is left to
    /// the handler's code.
    pub(super) fn answer(
        &mut self,
        service: Option<ServiceId>,
        response: &Body,
        given: &Values,
        scope: &Scope,
        shape: &Shape,
    ) -> Option<Vec<Assignment>> {
        if service.is_none() {
            return Some(Vec::new());
        }
        let Some(fields) = self.answered_fields(response) else {
            self.valueless(given, shape);
            return match response {
                Body::Type(_) => None,
                _ => Some(Vec::new()),
            };
        };
        let what = format!("answer of {}", shape.name);
        let place = Place {
            what: &what,
            span: shape.name.span(),
            by_request: false,
        };
        let targets = Target::all(&fields);
        // Who gives some values means to give them all.
        let is_known = |target| self.model.has_source(target, scope);
        if given.is_empty() && !targets.iter().all(is_known) {
            return None;
        }
        let before = self.model.faults.len();
        let values = self.assign(&targets, given, scope, ByName::Required, &place);
        let faults = self.model.faults[before..].iter_mut();
        for fault in faults.filter(|fault| fault.rule == "value-without-source") {
            fault.help.push_str(
                "; without any `values:` the whole answer is left to the handler, in code",
            );
        }
        Some(values)
    }

    /// The fields of an answer that values can be given to.
    fn answered_fields(&self, response: &Body) -> Option<Fields> {
        match response {
            Body::Fields(fields) => Some(fields.clone()),
            Body::Type(ty) => match self.model.resolved(ty) {
                Type::Named(id) => match &self.model.types[*id].definition {
                    Definition::Record(record) => Some(record.clone()),
                    Definition::Alias(_) => None,
                },
                Type::Unknown => Some(Fields {
                    unknown: true,
                    ..Fields::default()
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// Values for an answer that takes none.
    fn valueless(&mut self, given: &Values, shape: &Shape) {
        if let Some(first) = given.keys().next() {
            self.fault(
                Fault::new(
                    "malformed-endpoint",
                    first.span,
                    format!(
                        "the answer of operation {} has no fields of its own",
                        shape.name
                    ),
                )
                .here("nothing takes this value")
                .help("write the answer's fields under `response:`; a record gets values by an effect: `effects: [{create: ..., values: {...}}]`"),
            );
        }
    }
}
