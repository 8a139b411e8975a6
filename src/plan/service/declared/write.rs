//! What creates a record, and what changes one.

use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Value};
use crate::model::endpoint::{Body, Endpoint, Method};
use crate::model::types::Field;
use crate::plan::code::Code;
use crate::plan::effects;
use crate::plan::expr::{self, Bindings};
use crate::plan::rust::{RustType, Scope};

/// A new record of what the request says and what is declared.
pub(super) fn create(
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

/// The record as it is, with what the request says of it.
pub(super) fn update(
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
        Value::Path(at) => Some(expr::path(at, bindings, scope)),
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
