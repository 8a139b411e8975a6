//! The work that the file declares for an operation, as the body of a function.

mod answer;
mod list;
mod write;

use super::parameters::parameters;
use crate::model::arena::EntityId;
use crate::model::effect::Root;
use crate::model::endpoint::{Action, Body, Endpoint};
use crate::model::name::Name;
use crate::plan::code::Code;
use crate::plan::contract::request_fields;
use crate::plan::effects;
use crate::plan::expr::{Bindings, Shape};
use crate::plan::rust::{RustType, Scope};
use crate::plan::types::{Place, Types};
use crate::syntax::source::Span;

/// The body of a function over a unit of work and an input.
pub struct Work {
    /// Its statements.
    pub code: Code,
    /// `uow`, or `_uow` where it is not used.
    pub uow: String,
    /// `input`, or `_input` where it is not used.
    pub input: String,
    /// What it gives: `Output`, or what there is where the handler's code makes the output of it.
    pub gives: String,
}

/// Writes the work of an operation; none where there is nothing but an answer that the handler makes.
pub fn work(types: &Types<'_>, endpoint: &Endpoint, scope: &mut Scope) -> Option<Work> {
    let by_handler = endpoint.answer.is_none();
    if by_handler && !does_anything(endpoint) {
        return None;
    }
    let mut bindings = bindings(types, endpoint);
    let mut code = Code::new();
    let acted = action(&mut bindings, endpoint, scope, &mut code);
    effects::effects(&endpoint.effects, &mut bindings, scope, &mut code);
    effects::emissions(&endpoint.emits, &bindings, scope, &mut code);
    let gives = if by_handler {
        answer::left_to_the_handler(&bindings, acted, scope, &mut code)
    } else {
        answer::answer(&bindings, endpoint, acted, scope, &mut code);
        "Output".to_owned()
    };
    code.move_once("input.body");
    code.unbind();
    Some(Work {
        uow: code.parameter("uow"),
        input: code.parameter("input"),
        gives,
        code,
    })
}

/// Whether an operation does anything but answer.
fn does_anything(endpoint: &Endpoint) -> bool {
    !matches!(endpoint.action, Action::Command)
        || !endpoint.effects.is_empty()
        || !endpoint.emits.is_empty()
}

/// What an operation has at hand.
pub fn bindings<'m>(types: &'m Types<'m>, endpoint: &Endpoint) -> Bindings<'m> {
    let lib = types.names.contract_lib(endpoint.owner);
    let path = parameters(endpoint)
        .iter()
        .map(|(name, ty)| (name.snake().to_owned(), ty.clone()))
        .collect();
    let request = match &endpoint.request {
        Body::Type(ty) => match types.of(
            ty,
            "",
            Place {
                owner: "",
                library: &lib,
            },
        ) {
            RustType::Struct(owner) => Shape::Struct {
                owner,
                library: lib,
            },
            other => Shape::Plain(other),
        },
        _ => Shape::Fields(
            request_fields(types, endpoint)
                .into_iter()
                .map(|(field, rust)| (field.name.snake().to_owned(), rust))
                .collect(),
        ),
    };
    Bindings::new(types)
        .with(Root::Request, "input.body", request)
        .with(Root::PathParameter, "input", Shape::Fields(path))
        .with(
            Root::Subject,
            "RequestContext::subject_id()",
            Shape::Plain(RustType::String),
        )
}

/// The last parameter of the path: what names the record.
fn identity(endpoint: &Endpoint) -> String {
    parameters(endpoint)
        .last()
        .map_or_else(|| "id".to_owned(), |(name, _)| name.identifier())
}

/// The action itself. Gives the entity whose record is in `record` now.
fn action(
    bindings: &mut Bindings<'_>,
    endpoint: &Endpoint,
    scope: &mut Scope,
    code: &mut Code,
) -> Option<EntityId> {
    let id = identity(endpoint);
    let follows = !endpoint.effects.is_empty() || !endpoint.emits.is_empty();
    let entity = match &endpoint.action {
        Action::Create(entity) => {
            write::create(*entity, bindings, endpoint, scope, code);
            *entity
        }
        Action::Read(entity) => {
            let name = scope.import(&effects::record_struct(bindings, *entity));
            code.line(format!(
                "let record = uow.repository::<{name}>().get(input.{id}).await?;"
            ));
            *entity
        }
        Action::List { entity, .. } => {
            list::list(*entity, bindings, endpoint, scope, code);
            return None;
        }
        Action::Update(entity) => {
            write::update(*entity, &id, bindings, endpoint, scope, code);
            *entity
        }
        Action::Delete(entity) => {
            let name = scope.import(&effects::record_struct(bindings, *entity));
            let expect = scope.import("msarch_runtime::http::expect_version");
            code.line(format!(
                "let record = uow.repository::<{name}>().get(input.{id}).await?;"
            ));
            code.line(format!("{expect}(input.version, record.version)?;"));
            code.line(format!(
                "uow.repository::<{name}>().delete(record.id).await?;"
            ));
            *entity
        }
        Action::Aggregate(run) => {
            let entity = bindings.types.model.aggregates[run.aggregate].entity;
            let wanted = follows || !matches!(endpoint.response, Body::None);
            super::aggregate::run(run, wanted.then_some("record"), bindings, scope, code);
            entity
        }
        Action::Command => return None,
    };
    bindings.bind(
        Root::Bound(Name::new("record", Span::default())),
        "record",
        Shape::Record(entity),
    );
    Some(entity)
}
