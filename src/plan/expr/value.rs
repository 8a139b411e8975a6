//! Values and references as expressions.

use serde_json::Value as Json;

use super::Expr;
use super::bindings::{Bindings, Shape, variable};
use super::convert::{convert, placeholder};
use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Condition, Path, PathStep, Root, Value};
use crate::model::types::{Field, Type};
use crate::plan::rust::{RustType, Scope, literal, string};
use crate::plan::types::Place;

/// A value of the file as an expression of a type, owned.
pub fn value(value: &Value, to: &RustType, bindings: &Bindings<'_>, scope: &mut Scope) -> Expr {
    match value {
        Value::Literal(json) => Expr::sure(literal(json, to, scope)),
        Value::Path(at) => {
            let (found, from) = owned(at, bindings, scope);
            let converted = convert(&found.text, &from, to, scope);
            Expr {
                fallible: converted.fallible || found.fallible,
                ..converted
            }
        }
        Value::Negative(at) => {
            let (found, from) = owned(at, bindings, scope);
            let negative = negative(&found.text, &from, scope);
            let converted = convert(&negative.text, &from, to, scope);
            Expr {
                fallible: converted.fallible || negative.fallible,
                ..converted
            }
        }
        Value::Sum { list, factors, ty } => sum(list, factors, ty, to, bindings, scope),
        Value::Now => match to.inner() {
            RustType::Timestamp => convert(&bindings.now, &RustType::Timestamp, to, scope),
            _ => convert(&bindings.now, &RustType::Timestamp, to, scope),
        },
        Value::NewId => {
            let id = format!("{}::now_v7()", scope.import("uuid::Uuid"));
            convert(&id, &RustType::Uuid, to, scope)
        }
        Value::Placeholder => Expr::sure(placeholder(to, scope)),
    }
}

/// A member of a struct's literal: what is given for its field, or else a placeholder.
pub fn member(
    field: &Field,
    ty: &RustType,
    given: &[Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> String {
    let text = match given.iter().find(|given| given.field == field.name) {
        Some(given) => value(&given.value, ty, bindings, scope).text,
        None => placeholder(ty, scope),
    };
    initialized(&field.name.identifier(), &text)
}

/// `field: value`, or the field alone where its value has its name.
pub fn initialized(ident: &str, value: &str) -> String {
    if ident == value {
        ident.to_owned()
    } else {
        format!("{ident}: {value}")
    }
}

/// A reference as it stands, not cloned: a place in memory, and its type.
pub fn path(at: &Path, bindings: &Bindings<'_>, scope: &mut Scope) -> (Expr, RustType) {
    let Some(source) = bindings.find(&at.root) else {
        return (
            Expr::sure(placeholder(&RustType::Json, scope)),
            RustType::Json,
        );
    };
    if at.root == Root::Subject {
        scope.import("msarch_runtime::context::RequestContext");
        return (Expr::sure(source.text.clone()), RustType::String);
    }
    let (mut text, mut shape) = (source.text.clone(), source.shape.clone());
    let mut ty = match &shape {
        Shape::Plain(ty) => ty.clone(),
        Shape::Struct { owner, .. } => RustType::Struct(owner.clone()),
        Shape::Record(entity) => RustType::Struct(bindings.types.entity_owner(*entity)),
        Shape::Fields(_) => RustType::Json,
    };
    let mut maybe = false;
    for step in &at.steps {
        let (step_ty, next) = step_type(step, &shape, bindings);
        let ident = step.field.identifier();
        let optional = match &shape {
            Shape::Fields(_) => step_ty.is_option(),
            _ => !step.required,
        };
        let step_ty = step_ty.inner().clone();
        let field_ty = step_ty.clone().required(!optional);
        if maybe {
            let read = if field_ty.is_copy() {
                format!("it.{ident}")
            } else {
                format!("it.{ident}.clone()")
            };
            let method = if optional { "and_then" } else { "map" };
            text = format!("{text}.as_ref().{method}(|it| {read})");
        } else {
            // A variable for each field, where no struct holds them.
            text = match text.as_str() {
                "" => variable(&step.field),
                prefix if prefix.ends_with('_') && matches!(shape, Shape::Fields(_)) => {
                    format!("{prefix}{}", step.field.snake())
                }
                owner => format!("{owner}.{ident}"),
            };
        }
        if step_ty.is_option() {
            // What a patch clears is as good as missing to whoever only reads it.
            let copy = if step_ty.is_copy() { "" } else { ".clone()" };
            text = format!("{text}{copy}.flatten()");
        }
        maybe = maybe || optional;
        ty = step_ty.required(!maybe);
        shape = next;
    }
    (Expr::sure(text), ty)
}

/// A reference as a value of its own.
fn owned(at: &Path, bindings: &Bindings<'_>, scope: &mut Scope) -> (Expr, RustType) {
    let (found, ty) = path(at, bindings, scope);
    let fresh = found.text.ends_with(')') || at.root == Root::Subject;
    if at.root == Root::Item && at.steps.is_empty() && ty.is_copy() {
        return (found.map(|text| format!("*{text}")), ty);
    }
    if ty.is_copy() || fresh {
        (found, ty)
    } else {
        (found.map(|text| format!("{text}.clone()")), ty)
    }
}

fn step_type(step: &PathStep, shape: &Shape, bindings: &Bindings<'_>) -> (RustType, Shape) {
    let types = bindings.types;
    let pascal = step.field.pascal();
    let (ty, library) = match shape {
        Shape::Record(entity) => (
            record_field(*entity, step, bindings),
            types.names.contract_lib(service_of(*entity, bindings)),
        ),
        Shape::Fields(fields) => {
            let found = fields.iter().find(|(name, _)| name == step.field.snake());
            let ty = found.map_or(RustType::Json, |(_, ty)| ty.clone());
            let library = match ty.inner() {
                RustType::Struct(path) => path.split("::").next().unwrap_or_default().to_owned(),
                _ => String::new(),
            };
            (ty, library)
        }
        Shape::Struct { owner, library } => (
            types.of(&step.ty, &pascal, Place { owner, library }),
            library.clone(),
        ),
        Shape::Plain(RustType::Struct(owner)) => {
            let library = owner.split("::").next().unwrap_or_default().to_owned();
            (
                types.of(
                    &step.ty,
                    &pascal,
                    Place {
                        owner,
                        library: &library,
                    },
                ),
                library,
            )
        }
        Shape::Plain(_) => (
            types.of(
                &step.ty,
                &pascal,
                Place {
                    owner: "",
                    library: "",
                },
            ),
            String::new(),
        ),
    };
    let next = match ty.inner().inner() {
        RustType::Struct(owner) => Shape::Struct {
            owner: owner.clone(),
            library,
        },
        other => Shape::Plain(other.clone()),
    };
    (ty, next)
}

fn service_of(entity: EntityId, bindings: &Bindings<'_>) -> crate::model::service::Party {
    crate::model::service::Party::Service(bindings.types.model.entities[entity].service)
}

fn record_field(entity: EntityId, step: &PathStep, bindings: &Bindings<'_>) -> RustType {
    let types = bindings.types;
    let declared = types.model.entities[entity]
        .fields
        .as_ref()
        .and_then(|fields| fields.find(step.field.snake()));
    match (step.field.snake(), declared) {
        (_, Some(field)) => types.entity_field(entity, field).inner().clone(),
        ("id", None) => RustType::Uuid,
        ("version", None) => RustType::Integer,
        ("created_at" | "updated_at", None) => RustType::Timestamp,
        _ => RustType::Json,
    }
}

/// A number with the other sign. The opposite of the least integer is none.
fn negative(number: &str, ty: &RustType, scope: &mut Scope) -> Expr {
    let function = match ty.inner() {
        RustType::Integer => scope.import("msarch_runtime::arithmetic::negative"),
        _ if ty.is_option() => return Expr::sure(format!("{number}.map(|number| -number)")),
        _ => return Expr::sure(format!("-{number}")),
    };
    Expr::fallible(if ty.is_option() {
        format!("{number}.map({function}).transpose()?")
    } else {
        format!("{function}({number})?")
    })
}

fn sum(
    list: &Path,
    factors: &[PathStep],
    ty: &Type,
    to: &RustType,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> Expr {
    let (items, list_ty) = path(list, bindings, scope);
    let target = bindings.types.of(
        ty,
        "",
        Place {
            owner: "",
            library: "",
        },
    );
    let item = match list_ty.inner() {
        RustType::Vec(item) => (**item).clone(),
        other => other.clone(),
    };
    let mut within = bindings.clone();
    within.bind(Root::Item, "item", Shape::Plain(item));
    let factors: Vec<String> = factors
        .iter()
        .map(|factor| {
            let at = Path {
                root: Root::Item,
                steps: vec![factor.clone()],
                ty: factor.ty.clone(),
                required: factor.required,
                span: list.span,
            };
            let (found, from) = path(&at, &within, scope);
            match from {
                RustType::Option(inner) => {
                    convert(
                        &format!("{}.unwrap_or_default()", found.text),
                        &inner,
                        &target,
                        scope,
                    )
                    .text
                }
                from => convert(&found.text, &from, &target, scope).text,
            }
        })
        .collect();
    let iter = if list_ty.is_option() {
        ".iter().flatten()"
    } else {
        ".iter()"
    };
    let names: Vec<&str> = list.steps.iter().map(|step| step.field.as_str()).collect();
    let text = format!(
        "{}({}, {}{iter}.map(|item| [{}]))?",
        scope.import("msarch_runtime::arithmetic::sum_of_products"),
        string(&names.join(".")),
        items.text,
        factors.join(", "),
    );
    Expr {
        fallible: true,
        ..convert(&text, &target, to, scope)
    }
}

/// A condition as a Rust `bool`.
pub fn condition(condition: &Condition, bindings: &Bindings<'_>, scope: &mut Scope) -> String {
    let (found, ty) = path(&condition.path, bindings, scope);
    let text = found.text;
    match (&ty, &condition.equals) {
        (RustType::Boolean, Json::Bool(true)) => text,
        (RustType::Boolean, Json::Bool(false)) => format!("!{text}"),
        (RustType::Option(_), Json::Null) => format!("{text}.is_none()"),
        (RustType::String, Json::String(expected)) => format!("{text} == {}", string(expected)),
        (RustType::Option(inner), Json::String(expected)) if **inner == RustType::String => {
            format!("{text}.as_deref() == Some({})", string(expected))
        }
        (RustType::Struct(_) | RustType::Vec(_) | RustType::Json, expected) => {
            let json = scope.import("serde_json::json");
            format!("{json}!({text}) == {json}!({expected})")
        }
        (ty, expected) => format!("{text} == {}", literal(expected, ty, scope)),
    }
}
