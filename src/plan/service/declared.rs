//! The work that the file declares for an operation, as the body of a function.

use super::parameters::{parameters, query_fields};
use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Root};
use crate::model::endpoint::{Action, Body, Endpoint, Method};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::model::types::Field;
use crate::plan::code::Code;
use crate::plan::contract::{request_fields, response_name};
use crate::plan::effects;
use crate::plan::expr::{self, Bindings, Shape};
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
}

/// Writes the work of an operation.
pub fn work(types: &Types<'_>, endpoint: &Endpoint, scope: &mut Scope) -> Work {
    let mut bindings = bindings(types, endpoint);
    let mut code = Code::new();
    let acted = action(&mut bindings, endpoint, scope, &mut code);
    effects::effects(&endpoint.effects, &mut bindings, scope, &mut code);
    effects::emissions(&endpoint.emits, &bindings, scope, &mut code);
    answer(&bindings, endpoint, acted, scope, &mut code);
    code.move_once("input.body");
    let name = |word: &str| {
        if code.mentions(word) {
            word.to_owned()
        } else {
            format!("_{word}")
        }
    };
    Work {
        uow: name("uow"),
        input: name("input"),
        code,
    }
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
            create(*entity, bindings, endpoint, scope, code);
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
            list(*entity, bindings, endpoint, scope, code);
            return None;
        }
        Action::Update(entity) => {
            update(*entity, &id, bindings, endpoint, scope, code);
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

fn create(
    entity: EntityId,
    bindings: &Bindings<'_>,
    endpoint: &Endpoint,
    scope: &mut Scope,
    code: &mut Code,
) {
    let name = scope.import(&effects::record_struct(bindings, entity));
    if bindings.types.model.entities[entity].fields.is_none() {
        code.open(format!("let record = {name} {{"));
        let uuid = scope.import("uuid::Uuid");
        code.line(format!("id: {uuid}::now_v7(),"));
        code.line("version: 1,");
        code.line("created_at: uow.now(),");
        code.line("updated_at: uow.now(),");
        code.line("body: input.body.body,");
        code.close("};");
    } else {
        effects::create(entity, "record", &endpoint.record, bindings, scope, code);
    }
    let used = !endpoint.effects.is_empty()
        || !endpoint.emits.is_empty()
        || !matches!(endpoint.response, Body::None);
    let bind = if used { "let record = " } else { "" };
    code.line(format!(
        "{bind}uow.repository::<{name}>().insert(record).await?;"
    ));
}

fn update(
    entity: EntityId,
    id: &str,
    bindings: &Bindings<'_>,
    endpoint: &Endpoint,
    scope: &mut Scope,
    code: &mut Code,
) {
    let name = scope.import(&effects::record_struct(bindings, entity));
    let expect = scope.import("msarch_runtime::http::expect_version");
    code.line(format!(
        "let mut record = uow.repository::<{name}>().get(input.{id}).await?;"
    ));
    code.line(format!("{expect}(input.version, record.version)?;"));
    let partial = endpoint.method == Method::Patch;
    let Some(fields) = &bindings.types.model.entities[entity].fields else {
        if partial {
            code.open("if let Some(body) = input.body.body {");
            code.line("record.body = body;");
            code.close("}");
        } else {
            code.line("record.body = input.body.body;");
        }
        code.line(format!(
            "let record = uow.repository::<{name}>().update(record).await?;"
        ));
        return;
    };
    for given in &endpoint.record {
        let Some(field) = fields.find(given.field.snake()) else {
            continue;
        };
        change(field, given, entity, partial, bindings, scope, code);
    }
    let used = !endpoint.effects.is_empty()
        || !endpoint.emits.is_empty()
        || !matches!(endpoint.response, Body::None);
    let bind = if used { "let record = " } else { "" };
    code.line(format!(
        "{bind}uow.repository::<{name}>().update(record).await?;"
    ));
}

/// Gives a field of the record what the request says of it.
fn change(
    field: &Field,
    given: &Assignment,
    entity: EntityId,
    partial: bool,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let rust = bindings.types.entity_field(entity, field);
    let ident = field.name.identifier();
    let from = match &given.value {
        crate::model::effect::Value::Path(at) => Some(expr::path(at, bindings, scope)),
        _ => None,
    };
    let cleared = from
        .as_ref()
        .filter(|_| partial)
        .and_then(|(found, ty)| Some((found.text.strip_suffix(".flatten()")?, ty)));
    if let Some((sent, ty)) = cleared {
        let value = expr::convert("value", ty, &rust, scope).text;
        code.open(format!("if let Some(value) = {sent} {{"));
        code.line(format!("record.{ident} = {value};"));
        code.close("}");
        return;
    }
    match from {
        Some((found, RustType::Option(inner))) if partial || !rust.is_option() => {
            let value = expr::convert("value", &inner, &rust, scope).text;
            let moved = if inner.is_copy() {
                found.text.clone()
            } else {
                format!("{}.clone()", found.text)
            };
            code.open(format!("if let Some(value) = {moved} {{"));
            code.line(format!("record.{ident} = {value};"));
            code.close("}");
        }
        _ => {
            let value = expr::value(&given.value, &rust, bindings, scope).text;
            code.line(format!("record.{ident} = {value};"));
        }
    }
}

fn list(
    entity: EntityId,
    bindings: &Bindings<'_>,
    endpoint: &Endpoint,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let name = scope.import(&effects::record_struct(bindings, entity));
    let lib = types
        .names
        .contract_lib(Party::Service(types.model.entities[entity].service));
    let resource = scope.import(&format!(
        "{lib}::api::{}",
        types.names.record(entity).pascal()
    ));
    let query = scope.import("msarch_runtime::storage::Query");
    let fields = query_fields(types, endpoint);
    if fields.is_empty() {
        code.line(format!("let query = {query}::default();"));
    } else {
        let filter = scope.import("msarch_runtime::storage::Filter");
        code.line(format!("let mut filter = {filter}::all();"));
        for (field, ty) in fields {
            let ident = field.identifier();
            let column = ident.trim_start_matches("r#");
            let value = if matches!(ty, RustType::Enum(_)) {
                "value.as_str()"
            } else {
                "value"
            };
            code.open(format!("if let Some(value) = input.filters.{ident} {{"));
            code.line(format!(
                "filter = filter.and({filter}::eq(\"{column}\", {value}));"
            ));
            code.close("}");
        }
        code.line(format!("let query = {query}::filter(filter);"));
    }
    code.line("let query = query.limit(input.page.limit).cursor(input.page.position().map(str::to_owned));");
    code.line(format!(
        "let listing = uow.repository::<{name}>().list(query).await?;"
    ));
    let page = scope.import("msarch_runtime::http::Page");
    code.line(format!(
        "let items = listing.items.into_iter().map({resource}::from).collect();"
    ));
    code.line(format!("Ok({page}::new(items, listing.next_cursor))"));
}

/// The last expression: what the handler gives back.
fn answer(
    bindings: &Bindings<'_>,
    endpoint: &Endpoint,
    acted: Option<EntityId>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let lib = bindings.types.names.contract_lib(endpoint.owner);
    match &endpoint.response {
        Body::Page(_) if matches!(endpoint.action, Action::List { .. }) => {}
        Body::None => code.line("Ok(())"),
        Body::Entity(entity) => {
            let variable = if acted == Some(*entity) {
                Some("record".to_owned())
            } else {
                bound(bindings, *entity)
            };
            match variable {
                Some(variable) => code.line(format!("Ok({variable}.into())")),
                None => found(*entity, endpoint, bindings, scope, code),
            }
        }
        Body::Page(_) => {
            let page = scope.import("msarch_runtime::http::Page");
            code.line(format!("Ok({page}::new(Vec::new(), None))"));
        }
        Body::Type(ty) => {
            let rust = bindings.types.of(
                ty,
                "",
                Place {
                    owner: "",
                    library: &lib,
                },
            );
            answer_struct(&rust, endpoint, bindings, scope, code);
        }
        Body::Fields(_) => {
            let rust = RustType::Struct(format!("{lib}::api::{}", response_name(endpoint)));
            answer_struct(&rust, endpoint, bindings, scope, code);
        }
    }
}

/// The variable that an effect has bound to a record of an entity.
fn bound(bindings: &Bindings<'_>, entity: EntityId) -> Option<String> {
    bindings
        .sources
        .iter()
        .rev()
        .find(|source| source.shape == Shape::Record(entity))
        .map(|source| source.text.clone())
}

/// Where nothing has read the record that goes out, it is read by the path's parameter.
fn found(
    entity: EntityId,
    endpoint: &Endpoint,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let name = scope.import(&effects::record_struct(bindings, entity));
    if parameters(endpoint).is_empty() {
        let problem = scope.import("msarch_runtime::problem::Problem");
        let query = scope.import("msarch_runtime::storage::Filter");
        code.line(format!(
            "let record = uow.repository::<{name}>().first({query}::all()).await?;"
        ));
        code.line(format!("record.map(Into::into).ok_or_else(|| {problem}::not_found(\"there is no such record\"))"));
    } else {
        code.line(format!(
            "Ok(uow.repository::<{name}>().get(input.{}).await?.into())",
            identity(endpoint)
        ));
    }
}

fn answer_struct(
    rust: &RustType,
    endpoint: &Endpoint,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let lib = types.names.contract_lib(endpoint.owner);
    let (fields, owner) = match (&endpoint.response, rust) {
        (Body::Fields(fields), RustType::Struct(owner)) => (fields.clone(), owner.clone()),
        (Body::Type(ty), RustType::Struct(owner)) => (types.record_of(ty), owner.clone()),
        _ => {
            code.line(format!("Ok({})", expr::placeholder(rust, scope)));
            return;
        }
    };
    let name = rust.spell(scope);
    code.open(format!("Ok({name} {{"));
    for field in &fields.fields {
        let place = Place {
            owner: &owner,
            library: &lib,
        };
        let ty = types.field(field, place);
        let given = endpoint
            .answer
            .iter()
            .find(|given| given.field == field.name);
        let value = match given {
            Some(given) => expr::value(&given.value, &ty, bindings, scope).text,
            None => expr::placeholder(&ty, scope),
        };
        let ident = field.name.identifier();
        code.line(if ident == value {
            format!("{ident},")
        } else {
            format!("{ident}: {value},")
        });
    }
    code.close("})");
}
