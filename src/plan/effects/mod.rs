//! Effects and emissions as Rust statements over a unit of work.

mod cells;
mod emissions;

pub use cells::filter;
use cells::{column, columns, entity_type, suffixed};
pub use emissions::{emissions, payload};

use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Condition, Effect, EffectKind, Root, Value};
use crate::plan::code::Code;
use crate::plan::expr::{self, Bindings, Shape, variable};
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
                variable(name),
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
    let bound = effect.binds.as_ref().map(variable);
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
            let variable = bound.unwrap_or_else(|| bindings.unnamed());
            create(effect.entity, variable, values, bindings, scope, code);
            code.line(format!("{assigned}{repository}.insert({variable}).await?;"));
        }
        EffectKind::Set {
            filter,
            values,
            or_create,
        } => {
            let filter_text = self::filter(effect.entity, filter, bindings, scope);
            let columns = columns(effect.entity, values, bindings, scope);
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
            let columns = columns(effect.entity, by, bindings, scope);
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
