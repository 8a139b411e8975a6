//! What an operation does: with owned data, with an aggregate, or as a command of its own.

use super::super::Lowering;
use super::super::scope::Scope;
use super::shape::Shape;
use crate::model::Fault;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::Root;
use crate::model::endpoint::{Action, Method, Segment};
use crate::model::name::Name;
use crate::model::types::{Field, Type};
use crate::syntax::document::{self, ActionWord, Values};
use crate::syntax::source::{Span, Spanned};

impl Lowering<'_> {
    /// What an operation does; what it works on comes into reach.
    pub(super) fn action(
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
        let word = action_word(shape, declared, entity);
        if word == ActionWord::Command && (entity.is_some() || declared.entity.is_none()) {
            return Some(Action::Command);
        }
        let Some(entity) = entity else {
            // Data that is named and not there is told already.
            if declared.entity.is_none() {
                self.fault(without_data(word, shape, declared, role));
            }
            return None;
        };
        if needs_id(word) && !shape.names_a_record() {
            self.fault(without_record(shape, role));
            return None;
        }
        if needs_id(word)
            && let Some(fault) = self.named_otherwise(shape, entity, role)
        {
            self.fault(fault);
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

    /// A parameter that names a record by another field than its identifier.
    fn named_otherwise(&self, shape: &Shape, entity: EntityId, role: &str) -> Option<Fault> {
        let mut segments = shape.segments.iter().rev();
        let parameter = segments.find_map(|segment| match segment {
            Segment::Parameter(name) => Some(name),
            Segment::Literal(_) => None,
        })?;
        let entity = &self.model.entities[entity];
        let field = entity.fields.as_ref()?.find(parameter.snake())?;
        let message = format!(
            "{role} finds {} by their {}, which is not their identifier",
            entity.name, field.name
        );
        let list = shape.path.split(&format!("/{{{parameter}}}")).next()?;
        Some(
            Fault::new("malformed-endpoint", shape.path.span, message)
                .here("what names a record in a path is its identifier (UUID)")
                .related(field.name.span(), "declared here")
                .help(format!(
                    "write `{list}/{{id}}`, and find by {0} with a filter of the list: `GET {list}?{0}=...` (`filters: [{0}]`)",
                    field.name
                )),
        )
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
                self.unresolved(name, "field", format!("filter of {role}"), |_| Vec::new());
            }
            return Vec::new();
        };
        match &declared.filters {
            Some(named) => {
                let mut filters = Vec::new();
                for name in named {
                    match fields.find(name) {
                        Some(field) if names_a_page(field) => self.fault(page_word(name)),
                        Some(field)
                            if !matches!(
                                self.model.resolved(&field.ty),
                                Type::Array(_) | Type::Json | Type::Unknown
                            ) =>
                        {
                            filters.push(field.name.clone());
                        }
                        // Told where its type is written.
                        Some(field) if *self.model.resolved(&field.ty) == Type::Unknown => {}
                        Some(_) => self.fault(
                            Fault::new(
                                "type-mismatch",
                                name.span,
                                format!("{name} cannot be compared with a text of the query"),
                            )
                            .here("a list or JSON")
                            .help("filter by fields with a single value"),
                        ),
                        None if fields.unknown => {}
                        None => {
                            self.unresolved(name, "field", format!("filter of {role}"), |_| {
                                fields
                                    .fields
                                    .iter()
                                    .map(|field| field.name.to_string())
                                    .collect()
                            });
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
                .filter(|field| !names_a_page(field))
                .map(|field| field.name.clone())
                .collect(),
        }
    }
}

impl Shape {
    fn names_a_record(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| matches!(segment, Segment::Parameter(_)))
    }
}

fn needs_id(word: ActionWord) -> bool {
    matches!(
        word,
        ActionWord::Read | ActionWord::Update | ActionWord::Delete
    )
}

/// Whether the query says by a field's name which page is asked for.
fn names_a_page(field: &Field) -> bool {
    matches!(field.name.as_str(), "limit" | "cursor")
}

fn page_word(name: &Spanned<String>) -> Fault {
    Fault::new(
        "malformed-endpoint",
        name.span,
        format!("`{name}` of a query says which page is asked for, and cannot be a filter"),
    )
    .here("every list takes `limit` and `cursor` of its own")
    .help("leave it out of `filters:`, or give the field another name")
}

fn without_data(
    word: ActionWord,
    shape: &Shape,
    declared: &document::Endpoint,
    role: &str,
) -> Fault {
    let span = declared
        .action
        .as_ref()
        .map_or(shape.path.span, |word| word.span);
    let message = format!("{role} has no data to {word}");
    Fault::new("malformed-endpoint", span, message)
        .here("of what?")
        .help("add `entity:` with data that the service owns")
}

fn without_record(shape: &Shape, role: &str) -> Fault {
    let message = format!("{role} does not say which record");
    Fault::new("malformed-endpoint", shape.path.span, message)
        .here("the path has no parameter")
        .help(format!(
            "write `{}/{{id}}`",
            shape.path.trim_end_matches('/')
        ))
}

/// The word that names an operation's own record in references.
fn record_word() -> Name {
    Name::new("record", Span::default())
}

/// What an operation does with owned data: as written, or by its method and path.
pub(super) fn action_word(
    shape: &Shape,
    declared: &document::Endpoint,
    entity: Option<EntityId>,
) -> ActionWord {
    let written = declared.action.as_ref().map(|word| word.value);
    written.unwrap_or_else(|| default_action(shape, entity))
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
