//! Operations and calls.

use std::time::Duration;

use super::Lowering;
use super::bind::{ByName, Place, Target};
use super::fields::Reader;
use super::scope::{Frame, Scope};
use crate::model::Fault;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::{Assignment, PathStep, Root};
use crate::model::endpoint::{Action, Body, Call, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::name::Name;
use crate::model::policy::Retry;
use crate::model::service::Party;
use crate::model::types::{Definition, Type};
use crate::syntax::decode::Named;
use crate::syntax::document::{
    self, ActionWord, EffectWord, FieldsDecl, IdempotencyWord, MethodWord, Values,
};
use crate::syntax::source::{Span, Spanned};

/// An endpoint's method and path, read from its keys or from its name (`GET /customers/{id}`).
struct Shape {
    name: Name,
    method: Method,
    path: Spanned<String>,
    segments: Vec<Segment>,
}

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
            let Some(shape) = self.checked(shape) else {
                continue;
            };
            let snake = shape.name.snake().to_owned();
            let Some(lowered) = self.endpoint(owner, shape, endpoint) else {
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

    fn shape(&self, name: &Spanned<String>, endpoint: &document::Endpoint) -> Result<Shape, Fault> {
        let short = name
            .value
            .split_once(' ')
            .map(|(method, path)| (method.trim(), path.trim()));
        let method = match (&endpoint.method, short) {
            (Some(method), _) => Some(Method::from(method.value)),
            (None, Some((method, _))) => MethodWord::from_word(method).map(Method::from),
            (None, None) => None,
        };
        let path = match (&endpoint.path, short) {
            (Some(path), _) => Some(path.clone()),
            (None, Some((_, path))) => Some(Spanned::new(path.to_owned(), name.span)),
            (None, None) => None,
        };
        let (Some(method), Some(path)) = (method, path) else {
            return Err(Fault::new(
                "malformed-endpoint",
                name.span,
                format!("operation `{name}` lacks its method or path"),
            )
            .here("what is its request?")
            .help("write `method:` and `path:`, or name it like `GET /customers/{id}`"));
        };
        let segments = segments(&path)?;
        let name = match short {
            Some(_) => Name::new(derived_name(method, &segments), name.span),
            None => name.into(),
        };
        Ok(Shape {
            name,
            method,
            path,
            segments,
        })
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
        let request_fields = declared
            .request
            .as_ref()
            .map(|request| self.body(service, request, &role));
        let mut scope = self.request_scope(&shape, entity, request_fields.as_ref());
        let action = self.action(service, &shape, declared, entity, &mut scope, &role)?;
        let request = request_fields.unwrap_or_else(|| self.default_request(&action));
        let record = self.record_values(&action, &request, &shape);
        let effects = match service {
            Some(service) => self.effects(service, &declared.effects, &mut scope, &role),
            None => Vec::new(),
        };
        let emits = self.emissions(&declared.emits, &scope, &role);
        let response = match &declared.response {
            Some(response) => self.body(service, response, &role),
            None => self.default_response(&action),
        };
        let answer = self.answer(service, &response, &scope, &shape);
        let cache = declared
            .cache
            .as_ref()
            .and_then(|cache| self.cache(cache, &role));
        let changes = declared
            .effect
            .as_ref()
            .map(|effect| effect.value == EffectWord::Write);
        Some(Endpoint {
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
            scope: declared.scope.clone(),
            public: declared.public.unwrap_or(false),
            writes: changes.unwrap_or(!shape.method.is_safe()),
            timeout: declared
                .timeout
                .as_ref()
                .map(|timeout| Spanned::new(timeout.to_std(), timeout.span)),
            idempotency_key: idempotency(declared.idempotency_key, shape.method),
            cache,
        })
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
            return self.entity(service, name, format!("data behind {role}"));
        }
        let first = shape.segments.iter().find_map(|segment| match segment {
            Segment::Literal(text) => Some(Name::snake_of(text)),
            Segment::Parameter(_) => None,
        })?;
        self.index.entities.get(&(service, first)).copied()
    }

    fn request_scope(
        &self,
        shape: &Shape,
        entity: Option<EntityId>,
        request: Option<&Body>,
    ) -> Scope {
        let parameters = shape.segments.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(PathStep {
                field: name.clone(),
                ty: Type::Uuid,
                required: true,
            }),
            Segment::Literal(_) => None,
        });
        let fields = match request {
            Some(body) => self.body_steps(body),
            None => entity
                .map(|entity| self.body_steps(&Body::Entity(entity)))
                .unwrap_or_default(),
        };
        Scope::default()
            .with(Frame::scalar("subject", Root::Subject, Type::String))
            .with(Frame::record(
                "path",
                Root::PathParameter,
                parameters.collect(),
            ))
            .with(Frame::record("request", Root::Request, fields).open())
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

    fn action(
        &mut self,
        service: Option<ServiceId>,
        shape: &Shape,
        declared: &document::Endpoint,
        entity: Option<EntityId>,
        scope: &mut Scope,
        role: &str,
    ) -> Option<Action> {
        let Some(service) = service else {
            return Some(Action::Command);
        };
        if let Some(command) = &declared.command {
            return self.aggregate_action(service, command, shape, scope, role);
        }
        let word = declared
            .action
            .as_ref()
            .map_or_else(|| default_action(shape, entity), |word| word.value);
        if word == ActionWord::Command {
            return Some(Action::Command);
        }
        let Some(entity) = entity else {
            let span = declared
                .action
                .as_ref()
                .map_or(shape.path.span, |word| word.span);
            self.fault(
                Fault::new(
                    "malformed-endpoint",
                    span,
                    format!("{role} has no data to {word}"),
                )
                .here("of what?")
                .help("add `entity:` with data that the service owns"),
            );
            return None;
        };
        let needs_id = matches!(
            word,
            ActionWord::Read | ActionWord::Update | ActionWord::Delete
        );
        if needs_id
            && !shape
                .segments
                .iter()
                .any(|segment| matches!(segment, Segment::Parameter(_)))
        {
            self.fault(
                Fault::new(
                    "malformed-endpoint",
                    shape.path.span,
                    format!("{role} does not say which record"),
                )
                .here("the path has no parameter")
                .help(format!(
                    "write `{}/{{id}}`",
                    shape.path.trim_end_matches('/')
                )),
            );
            return None;
        }
        if word != ActionWord::List {
            scope.push(
                self.model
                    .record_frame("record", Root::Bound(record_word()), entity),
            );
        }
        Some(match word {
            ActionWord::Create => Action::Create(entity),
            ActionWord::Read => Action::Read(entity),
            ActionWord::Update => Action::Update(entity),
            ActionWord::Delete => Action::Delete(entity),
            ActionWord::List | ActionWord::Command => Action::List {
                entity,
                filters: self.filters(entity, declared, role),
            },
        })
    }

    fn aggregate_action(
        &mut self,
        service: ServiceId,
        command: &Spanned<String>,
        shape: &Shape,
        scope: &mut Scope,
        role: &str,
    ) -> Option<Action> {
        let parameter = shape
            .segments
            .iter()
            .rev()
            .find_map(|segment| match segment {
                Segment::Parameter(name) => {
                    Some(Spanned::new(format!("$path.{name}"), shape.path.span))
                }
                Segment::Literal(_) => None,
            });
        let run = self.command_run(
            service,
            command,
            parameter.as_ref(),
            &Values::new(),
            scope,
            role,
        )?;
        let aggregate = &self.model.aggregates[run.aggregate];
        if aggregate.commands[run.command].creates && run.id.is_some() {
            self.fault(
                Fault::new(
                    "malformed-endpoint",
                    command.span,
                    format!("{command} begins a life, and the path names one"),
                )
                .here("no id is known yet")
                .help("leave the parameter out of the path, or give the command a `from:`"),
            );
            return None;
        }
        let entity = self.model.aggregates[run.aggregate].entity;
        scope.push(
            self.model
                .record_frame("record", Root::Bound(record_word()), entity),
        );
        Some(Action::Aggregate(run))
    }

    fn filters(
        &mut self,
        entity: EntityId,
        declared: &document::Endpoint,
        role: &str,
    ) -> Vec<Name> {
        let Some(fields) = self.model.entities[entity].fields.clone() else {
            for name in declared.filters.iter().flatten() {
                self.unresolved(name, "field", format!("filter of {role}"), Vec::new());
            }
            return Vec::new();
        };
        match &declared.filters {
            Some(named) => {
                let mut filters = Vec::new();
                for name in named {
                    match fields.find(name) {
                        Some(field)
                            if !matches!(
                                self.model.resolved(&field.ty),
                                Type::Array(_) | Type::Json
                            ) =>
                        {
                            filters.push(field.name.clone());
                        }
                        Some(_) => self.fault(
                            Fault::new(
                                "type-mismatch",
                                name.span,
                                format!("{name} cannot be compared with a text of the query"),
                            )
                            .here("a list or JSON")
                            .help("filter by fields with a single value"),
                        ),
                        None => {
                            let known = fields
                                .fields
                                .iter()
                                .map(|field| field.name.to_string())
                                .collect();
                            self.unresolved(name, "field", format!("filter of {role}"), known);
                        }
                    }
                }
                filters
            }
            None => fields
                .fields
                .iter()
                .filter(|field| {
                    field.unique || field.ty == Type::Uuid || self.model.words(&field.ty).is_some()
                })
                .map(|field| field.name.clone())
                .collect(),
        }
    }

    /// What a request or answer holds: owned data by name, a type, or fields.
    fn body(&mut self, service: Option<ServiceId>, declared: &FieldsDecl, role: &str) -> Body {
        if let FieldsDecl::Notation(text) = declared {
            let name = Name::snake_of(text);
            if let Some(entity) =
                service.and_then(|service| self.index.entities.get(&(service, name)).copied())
            {
                return Body::Entity(entity);
            }
            let (ty, _) = self.notation(text, &Reader::of(role));
            return Body::Type(ty);
        }
        Body::Fields(self.fields(declared, &Reader::of(role)))
    }

    fn default_request(&self, action: &Action) -> Body {
        match action {
            Action::Create(entity) | Action::Update(entity) => Body::Entity(*entity),
            Action::Aggregate(run) => {
                let input = &self.model.aggregates[run.aggregate].commands[run.command].input;
                if input.fields.is_empty() {
                    Body::None
                } else {
                    Body::Fields(input.clone())
                }
            }
            _ => Body::None,
        }
    }

    fn default_response(&self, action: &Action) -> Body {
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
    fn record_values(&mut self, action: &Action, request: &Body, shape: &Shape) -> Vec<Assignment> {
        let (entity, fill) = match action {
            Action::Create(entity) => (*entity, ByName::Required),
            Action::Update(entity) => (*entity, ByName::Found),
            _ => return Vec::new(),
        };
        let what = format!("data {}", self.model.entities[entity].name);
        let place = Place {
            what: &what,
            span: shape.name.span(),
        };
        let own = Scope::default()
            .with(Frame::record("request", Root::Request, self.body_steps(request)).open());
        match self.model.entities[entity].fields.as_ref().map(Target::all) {
            Some(targets) => self.assign(&targets, &Values::new(), &own, fill, &place),
            None => Vec::new(),
        }
    }

    /// What fills an answer that is no record of owned data.
    fn answer(
        &mut self,
        service: Option<ServiceId>,
        response: &Body,
        scope: &Scope,
        shape: &Shape,
    ) -> Vec<Assignment> {
        if service.is_none() {
            return Vec::new();
        }
        let fields = match response {
            Body::Fields(fields) => fields.clone(),
            Body::Type(ty) => match self.model.resolved(ty) {
                Type::Named(id) => match &self.model.types[*id].definition {
                    Definition::Record(record) => record.clone(),
                    Definition::Alias(_) => return Vec::new(),
                },
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let what = format!("answer of {}", shape.name);
        let place = Place {
            what: &what,
            span: shape.name.span(),
        };
        self.assign(
            &Target::all(&fields),
            &Values::new(),
            scope,
            ByName::Required,
            &place,
        )
    }

    /// Reads the calls between services.
    pub(super) fn define_calls(&mut self) {
        let document = self.document;
        let ids: Vec<ServiceId> = self.model.services.ids().collect();
        for (from, (name, service)) in ids.into_iter().zip(document.services.iter()) {
            for call in &service.calls {
                self.call(from, name, call);
            }
        }
    }

    fn call(&mut self, from: ServiceId, name: &Spanned<String>, declared: &document::Call) {
        let role = format!("call of {name} to {}", declared.to);
        let Some(to) = self.party(&declared.to, format!("callee of {name}")) else {
            return;
        };
        let offered = match to {
            Party::Service(service) => self.model.services[service].endpoints.clone(),
            Party::External(external) => self.model.externals[external].endpoints.clone(),
        };
        let mut operations = Vec::new();
        for operation in &declared.operations {
            match self.index.endpoints.get(&(to, Name::snake_of(operation))) {
                Some(id) => operations.push(*id),
                None => {
                    let known = offered
                        .iter()
                        .map(|id| self.model.endpoints[*id].name.to_string())
                        .collect();
                    self.unresolved(
                        operation,
                        "operation",
                        format!("operation of the {role}"),
                        known,
                    );
                }
            }
        }
        let named = !declared.operations.is_empty();
        let default_timeout = || {
            let timeout = self.document.resilience.as_ref()?.timeout.as_ref()?;
            Some(Spanned::new(timeout.to_std(), timeout.span))
        };
        let own_timeout = declared.timeout.as_ref();
        let timeout = own_timeout
            .map(|timeout| Spanned::new(timeout.to_std(), timeout.span))
            .or_else(default_timeout);
        let call = Call {
            from,
            to,
            span: declared.to.span,
            operations: if named { operations } else { offered },
            operations_named: named,
            timeout,
            retry: self.call_retry(declared, &role),
            circuit_breaker: self.circuit_breaker(declared.circuit_breaker.as_ref(), &role),
            bulkhead: self.bulkhead(declared.bulkhead.as_ref(), &role),
            hard: declared.dependency != Some(document::Dependency::Soft),
            fallback: declared.fallback.clone(),
            idempotency_key: declared.idempotency_key.unwrap_or(false),
        };
        let id = self.model.calls.push(call);
        self.model.services[from].calls.push(id);
    }

    /// `retries` counts tries after the first and overrides the policy's own count.
    fn call_retry(&mut self, declared: &document::Call, role: &str) -> Option<Retry> {
        let policy = self.retry(declared.retry.as_ref(), role);
        let Some(retries) = &declared.retries else {
            return policy;
        };
        let max_attempts = u32::try_from(***retries)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        Some(match policy {
            Some(policy) => Retry {
                max_attempts,
                ..policy
            },
            None => Retry {
                max_attempts,
                base_delay: Duration::from_millis(100),
                max_delay: Duration::from_secs(2),
                backoff_factor: 2.0,
                jitter: true,
                span: retries.span,
            },
        })
    }
}

/// The word that names an operation's own record in references.
fn record_word() -> Name {
    Name::new("record", Span::default())
}

fn default_action(shape: &Shape, entity: Option<EntityId>) -> ActionWord {
    if entity.is_none() {
        return ActionWord::Command;
    }
    match (shape.method, &shape.segments[..]) {
        (Method::Post, [Segment::Literal(_)]) => ActionWord::Create,
        (Method::Get | Method::Head, [Segment::Literal(_)]) => ActionWord::List,
        (Method::Get | Method::Head, [Segment::Literal(_), Segment::Parameter(_)]) => {
            ActionWord::Read
        }
        (Method::Put | Method::Patch, [Segment::Literal(_), Segment::Parameter(_)]) => {
            ActionWord::Update
        }
        (Method::Delete, [Segment::Literal(_), Segment::Parameter(_)]) => ActionWord::Delete,
        _ => ActionWord::Command,
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

fn segments(path: &Spanned<String>) -> Result<Vec<Segment>, Fault> {
    let malformed = |message: String| {
        Fault::new("malformed-endpoint", path.span, message)
            .here("not a path")
            .help("write a path like `/customers/{id}`")
    };
    let rest = path
        .value
        .strip_prefix('/')
        .ok_or_else(|| malformed(format!("`{path}` does not begin with `/`")))?;
    let mut seen = Vec::new();
    let mut segments = Vec::new();
    for piece in rest.split('/') {
        if let Some(name) = piece
            .strip_prefix('{')
            .and_then(|piece| piece.strip_suffix('}'))
        {
            let name = Name::new(name, path.span);
            let valid = name
                .snake()
                .starts_with(|first: char| first.is_ascii_lowercase());
            if !valid
                || seen.contains(&name)
                || !name
                    .as_str()
                    .chars()
                    .all(|char| char.is_ascii_alphanumeric() || char == '_')
            {
                return Err(malformed(format!(
                    "`{{{name}}}` is no parameter, or stands twice"
                )));
            }
            seen.push(name.clone());
            segments.push(Segment::Parameter(name));
        } else if !piece.is_empty()
            && piece
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "-_.~".contains(char))
        {
            segments.push(Segment::Literal(piece.to_owned()));
        } else {
            return Err(malformed(format!("`{piece}` is no piece of a path")));
        }
    }
    Ok(segments)
}

/// `GET /customers/{id}/orders` → `get_customers_by_id_orders`.
fn derived_name(method: Method, segments: &[Segment]) -> String {
    let pieces = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Name::snake_of(text),
        Segment::Parameter(name) => format!("by_{}", name.snake()),
    });
    std::iter::once(method.as_str().to_ascii_lowercase())
        .chain(pieces)
        .collect::<Vec<_>>()
        .join("_")
}

impl From<MethodWord> for Method {
    fn from(word: MethodWord) -> Self {
        match word {
            MethodWord::Get => Self::Get,
            MethodWord::Head => Self::Head,
            MethodWord::Post => Self::Post,
            MethodWord::Put => Self::Put,
            MethodWord::Patch => Self::Patch,
            MethodWord::Delete => Self::Delete,
        }
    }
}
