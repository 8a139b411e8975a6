//! Values as they go into columns, and conditions on them.

use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Root, Value};
use crate::plan::expr::{self, Bindings};
use crate::plan::rust::{RustType, Scope, string};

/// What is a value of a column already.
const VALUE: &str = "value";

/// A condition on records: every field equals its value.
pub fn filter(
    entity: EntityId,
    filter: &[Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> String {
    let name = scope.import("msarch_runtime::storage::Filter");
    let mut all: Vec<String> = filter
        .iter()
        .map(|given| {
            let (value, _) = cell(entity, given, bindings, scope);
            format!("{name}::eq({}, {value})", string(&column(&given.field)))
        })
        .collect();
    if all.is_empty() {
        return format!("{name}::all()");
    }
    let first = all.remove(0);
    all.into_iter()
        .fold(first, |text, next| format!("{text}.and({next})"))
}

/// `("status", "paid"), ("note", ...)`: values of one kind as they are, of several each as a `Value`.
pub(super) fn columns(
    entity: EntityId,
    values: &[Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> String {
    let cells: Vec<(String, String, String)> = values
        .iter()
        .map(|given| {
            let (value, kind) = cell(entity, given, bindings, scope);
            (column(&given.field), value, kind)
        })
        .collect();
    let uniform = cells.windows(2).all(|pair| pair[0].2 == pair[1].2);
    let wrap = |value: &str, kind: &str, scope: &mut Scope| {
        if uniform || kind == VALUE {
            value.to_owned()
        } else {
            format!(
                "{}::from({value})",
                scope.import("msarch_runtime::storage::Value")
            )
        }
    };
    let pairs: Vec<String> = cells
        .iter()
        .map(|(column, value, kind)| format!("({}, {})", string(column), wrap(value, kind, scope)))
        .collect();
    pairs.join(", ")
}

pub(super) fn column(field: &crate::model::name::Name) -> String {
    field.identifier().trim_start_matches("r#").to_owned()
}

pub(super) fn entity_type(entity: EntityId, field: &str, bindings: &Bindings<'_>) -> RustType {
    let types = bindings.types;
    match (
        field,
        types.model.entities[entity]
            .fields
            .as_ref()
            .and_then(|fields| fields.find(field)),
    ) {
        (_, Some(field)) => types.entity_field(entity, field),
        ("id", None) => RustType::Uuid,
        ("version", None) => RustType::Integer,
        ("created_at" | "updated_at", None) => RustType::Timestamp,
        _ => RustType::Json,
    }
}

/// A value as it goes into a column, and what kind of Rust value it is.
pub(super) fn cell(
    entity: EntityId,
    given: &Assignment,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> (String, String) {
    let ty = entity_type(entity, given.field.snake(), bindings);
    match (&given.value, ty.inner()) {
        (Value::Literal(serde_json::Value::Null), _) => {
            let value = scope.import("msarch_runtime::storage::Value");
            (format!("{value}::Null"), VALUE.to_owned())
        }
        (Value::Literal(json), RustType::String | RustType::Enum(_)) => (
            string(
                json.as_str()
                    .map_or_else(|| json.to_string(), str::to_owned)
                    .as_str(),
            ),
            "&str".to_owned(),
        ),
        (Value::Path(at), RustType::Enum(_)) => {
            let (found, from) = expr::path(at, bindings, scope);
            let (text, kind) = match (&from, from.inner()) {
                (RustType::Option(_), RustType::Enum(_)) => (
                    format!("{}.map(|value| value.as_str())", found.text),
                    "option",
                ),
                (RustType::Option(_), _) => (format!("{}.as_deref()", found.text), "option"),
                _ => (format!("{}.as_str()", found.text), "&str"),
            };
            (text, kind.to_owned())
        }
        (Value::Path(at), RustType::String) => {
            let (found, from) = expr::path(at, bindings, scope);
            match from {
                RustType::String if at.root == Root::Subject => (found.text, "String".to_owned()),
                RustType::String => (format!("{}.as_str()", found.text), "&str".to_owned()),
                RustType::Option(inner) if *inner == RustType::String => {
                    (format!("{}.as_deref()", found.text), "option".to_owned())
                }
                from => (
                    expr::convert(&found.text, &from, &ty, scope).text,
                    "String".to_owned(),
                ),
            }
        }
        (value, RustType::Struct(_) | RustType::Vec(_)) => (
            expr::value(value, &RustType::Json, bindings, scope).text,
            "json".to_owned(),
        ),
        (value, inner) => {
            let target = if ty.is_option() && is_maybe(value, bindings, scope) {
                ty.clone()
            } else {
                inner.clone()
            };
            let text = expr::value(value, &target, bindings, scope).text;
            (suffixed(&text, &target), format!("{target:?}"))
        }
    }
}

pub(super) fn is_maybe(value: &Value, bindings: &Bindings<'_>, scope: &mut Scope) -> bool {
    match value {
        Value::Path(at) | Value::Negative(at) => expr::path(at, bindings, scope).1.is_option(),
        _ => false,
    }
}

/// A bare integer literal would be an `i32`, a value of its own kind.
pub(super) fn suffixed(text: &str, ty: &RustType) -> String {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let bare = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if bare && *ty.inner() == RustType::Integer {
        format!("{text}_i64")
    } else {
        text.to_owned()
    }
}
