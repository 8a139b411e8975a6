//! Effects and emissions as Rust statements over a unit of work.

use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Condition, Effect, EffectKind, Emission, Root, Value};
use crate::plan::code::Code;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::rust::{RustType, Scope, literal, string};

/// The name of the struct that a record of owned data is.
pub fn record_struct(bindings: &Bindings<'_>, entity: EntityId) -> String {
    let types = bindings.types;
    let service = types
        .names
        .service_lib(types.model.entities[entity].service);
    format!(
        "{service}::model::{}Record",
        types.names.record(entity).pascal()
    )
}

/// Writes effects, one after the other; what they bind is at hand for what follows.
pub fn effects(
    effects: &[Effect],
    bindings: &mut Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    for effect in effects {
        one(effect, bindings, scope, code);
        if let Some(name) = &effect.binds {
            bindings.bind(
                Root::Bound(name.clone()),
                name.identifier(),
                Shape::Record(effect.entity),
            );
        }
    }
}

fn one(effect: &Effect, bindings: &Bindings<'_>, scope: &mut Scope, code: &mut Code) {
    let mut within = bindings.clone();
    let list = effect.for_each.as_ref().map(|list| {
        let (items, ty) = expr::path(list, bindings, scope);
        let item = match ty.inner() {
            RustType::Vec(item) => (**item).clone(),
            other => other.clone(),
        };
        within.bind(Root::Item, "item", Shape::Plain(item));
        if ty.is_option() {
            format!("{}.iter().flatten()", items.text)
        } else {
            format!("&{}", items.text)
        }
    });
    let bound = effect
        .binds
        .as_ref()
        .map(crate::model::name::Name::identifier);
    let condition = conditions(&effect.when, &within, scope);
    let mut work = Code::new();
    if let Some(condition) = &condition {
        work.open(format!("if {condition} {{"));
    }
    change(effect, bound.as_deref(), &within, scope, &mut work);
    if condition.is_some() {
        work.close("}");
    }
    match list {
        Some(list) => {
            // An effect for each item need not look at it.
            let item = if work.reads("item") { "item" } else { "_item" };
            code.open(format!("for {item} in {list} {{"));
            code.append(&work);
            code.close("}");
        }
        None => code.append(&work),
    }
}

/// All conditions as one, if there are any.
pub fn conditions(
    when: &[Condition],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> Option<String> {
    let all: Vec<String> = when
        .iter()
        .map(|condition| expr::condition(condition, bindings, scope))
        .collect();
    (!all.is_empty()).then(|| all.join(" && "))
}

fn change(
    effect: &Effect,
    bound: Option<&str>,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let record = scope.import(&record_struct(bindings, effect.entity));
    let repository = format!("uow.repository::<{record}>()");
    let assigned = bound
        .map(|name| format!("let {name} = "))
        .unwrap_or_default();
    match &effect.kind {
        EffectKind::Create { values } => {
            let variable = bound.unwrap_or("record");
            create(effect.entity, variable, values, bindings, scope, code);
            code.line(format!("{assigned}{repository}.insert({variable}).await?;"));
        }
        EffectKind::Set {
            filter,
            values,
            or_create,
        } => {
            let filter_text = self::filter(effect.entity, filter, bindings, scope);
            let columns = columns(effect.entity, values, false, bindings, scope);
            let take = if bound.is_some() { ".remove(0)" } else { "" };
            if *or_create {
                code.line(format!("let filter = {filter_text};"));
                code.open(format!("if {repository}.count(&filter).await? == 0 {{"));
                let all: Vec<Assignment> = filter.iter().chain(values).cloned().collect();
                create(effect.entity, "record", &all, bindings, scope, code);
                code.line(format!("{repository}.insert(record).await?;"));
                code.close("} else {");
                code.open("");
                code.line(format!("{repository}.set(filter, &[{columns}]).await?;"));
                code.close("}");
            } else {
                code.line(format!(
                    "{assigned}{repository}.set({filter_text}, &[{columns}]).await?{take};"
                ));
            }
        }
        EffectKind::Adjust { filter, by, floors } => {
            let filter = self::filter(effect.entity, filter, bindings, scope);
            let columns = columns(effect.entity, by, true, bindings, scope);
            let floors: Vec<String> = floors
                .iter()
                .map(|(field, least)| {
                    let floor = scope.import("msarch_runtime::storage::Floor");
                    let ty = entity_type(effect.entity, field.snake(), bindings);
                    let least =
                        literal(&serde_json::Value::Number(least.clone()), ty.inner(), scope);
                    format!(
                        "{floor}::at_least({}, {})",
                        string(&column(field)),
                        suffixed(&least, &ty)
                    )
                })
                .collect();
            let take = if bound.is_some() { ".remove(0)" } else { "" };
            code.line(format!(
                "{assigned}{repository}.adjust({filter}, &[{columns}], &[{}]).await?{take};",
                floors.join(", ")
            ));
        }
    }
}

/// `let <variable> = XRecord { ... };`
pub fn create(
    entity: EntityId,
    variable: &str,
    values: &[Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let record = scope.import(&record_struct(bindings, entity));
    let id = values.iter().find(|value| value.field.snake() == "id");
    let id = match id {
        Some(given) => expr::value(&given.value, &RustType::Uuid, bindings, scope).text,
        None => format!("{}::now_v7()", scope.import("uuid::Uuid")),
    };
    code.open(format!("let {variable} = {record} {{"));
    code.line(format!("id: {id},"));
    code.line("version: 1,");
    code.line(format!("created_at: {},", bindings.now));
    code.line(format!("updated_at: {},", bindings.now));
    for (ident, text) in field_values(entity, values, bindings, scope) {
        code.line(if ident == text {
            format!("{ident},")
        } else {
            format!("{ident}: {text},")
        });
    }
    code.close("};");
}

/// Every field of a record of owned data with its value: given, or by default, or nothing.
pub fn field_values(
    entity: EntityId,
    values: &[Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> Vec<(String, String)> {
    let types = bindings.types;
    let Some(fields) = &types.model.entities[entity].fields else {
        return vec![("body".to_owned(), free_body(values, bindings, scope))];
    };
    fields
        .fields
        .iter()
        .map(|field| {
            let rust = types.entity_field(entity, field);
            let given = values.iter().find(|value| value.field == field.name);
            let text = match (given, &field.default) {
                (Some(given), _) => expr::value(&given.value, &rust, bindings, scope).text,
                (None, Some(default)) => literal(default, &rust, scope),
                (None, None) => expr::placeholder(&rust, scope),
            };
            (field.name.identifier(), text)
        })
        .collect()
}

fn free_body(values: &[Assignment], bindings: &Bindings<'_>, scope: &mut Scope) -> String {
    let whole = values
        .iter()
        .find(|value| value.field.snake() == "body" && values.len() == 1);
    if let Some(whole) = whole {
        return expr::value(&whole.value, &RustType::Json, bindings, scope).text;
    }
    let members: Vec<String> = values
        .iter()
        .map(|given| {
            let value = match &given.value {
                Value::Literal(json) => json.to_string(),
                other => expr::value(other, &RustType::Json, bindings, scope).text,
            };
            format!("{}: {value}", string(given.field.as_str()))
        })
        .collect();
    format!(
        "{}!({{ {} }})",
        scope.import("serde_json::json"),
        members.join(", ")
    )
}

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
fn columns(
    entity: EntityId,
    values: &[Assignment],
    signed: bool,
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
    let _ = signed;
    let uniform = cells.windows(2).all(|pair| pair[0].2 == pair[1].2);
    let wrap = |value: &str, scope: &mut Scope| {
        if uniform {
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
        .map(|(column, value, _)| format!("({}, {})", string(column), wrap(value, scope)))
        .collect();
    pairs.join(", ")
}

fn column(field: &crate::model::name::Name) -> String {
    field.identifier().trim_start_matches("r#").to_owned()
}

fn entity_type(entity: EntityId, field: &str, bindings: &Bindings<'_>) -> RustType {
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
fn cell(
    entity: EntityId,
    given: &Assignment,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> (String, String) {
    let ty = entity_type(entity, given.field.snake(), bindings);
    match (&given.value, ty.inner()) {
        (Value::Literal(serde_json::Value::Null), _) => {
            let value = scope.import("msarch_runtime::storage::Value");
            (format!("{value}::Null"), "value".to_owned())
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

fn is_maybe(value: &Value, bindings: &Bindings<'_>, scope: &mut Scope) -> bool {
    match value {
        Value::Path(at) | Value::Negative(at) => expr::path(at, bindings, scope).1.is_option(),
        _ => false,
    }
}

/// A bare integer literal would be an `i32`, a value of its own kind.
fn suffixed(text: &str, ty: &RustType) -> String {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let bare = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if bare && *ty.inner() == RustType::Integer {
        format!("{text}_i64")
    } else {
        text.to_owned()
    }
}

/// Writes the publishing of events.
pub fn emissions(emits: &[Emission], bindings: &Bindings<'_>, scope: &mut Scope, code: &mut Code) {
    for emission in emits {
        let condition = conditions(&emission.when, bindings, scope);
        if let Some(condition) = &condition {
            code.open(format!("if {condition} {{"));
        }
        let path = bindings
            .types
            .names
            .event_type(emission.event, emission.version);
        let version = &bindings.types.model.events[emission.event].versions[emission.version];
        let shape = Bindings::event_shape(bindings.types, emission.event, emission.version);
        let event = payload(
            &path,
            &shape,
            &version.schema,
            &emission.values,
            bindings,
            scope,
        );
        code.line(format!("uow.publish({event})?;"));
        if condition.is_some() {
            code.close("}");
        }
    }
}

/// `OrderPlacedV1::new(...).with_note(...)`: a payload from its values.
pub fn payload(
    path: &str,
    shape: &Shape,
    schema: &crate::model::types::Fields,
    values: &[Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> String {
    let name = scope.import(path);
    let Shape::Struct { owner, library } = shape else {
        return format!("{name}::default()");
    };
    let place = crate::plan::types::Place { owner, library };
    if schema.fields.is_empty() && schema.raw.is_some() {
        return format!("{name}({})", free_body(values, bindings, scope));
    }
    let given =
        |field: &crate::model::types::Field| values.iter().find(|value| value.field == field.name);
    let required: Vec<String> = schema
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| {
            let rust = bindings.types.field(field, place);
            match given(field) {
                Some(value) => expr::value(&value.value, &rust, bindings, scope).text,
                None => match &field.default {
                    Some(default) => literal(default, &rust, scope),
                    None => expr::placeholder(&rust, scope),
                },
            }
        })
        .collect();
    let mut text = format!("{name}::new({})", required.join(", "));
    for field in schema.fields.iter().filter(|field| !field.required) {
        let Some(value) = given(field) else { continue };
        if matches!(&value.value, Value::Literal(serde_json::Value::Null)) {
            continue;
        }
        let rust = bindings.types.field(field, place);
        let maybe = is_maybe(&value.value, bindings, scope);
        let target = if maybe {
            rust.clone()
        } else {
            rust.inner().clone()
        };
        let value = expr::value(&value.value, &target, bindings, scope).text;
        let bare = field.name.identifier();
        let setter = if maybe { "maybe" } else { "with" };
        text.push_str(&format!(
            ".{setter}_{}({value})",
            bare.trim_start_matches("r#")
        ));
    }
    text
}
