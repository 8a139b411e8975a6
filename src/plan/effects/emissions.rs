//! The publishing of events, with payloads made from their values.

use super::cells::is_maybe;
use super::{conditions, free_body};
use crate::model::effect::{Assignment, Emission, Value};
use crate::plan::code::Code;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::rust::{Scope, literal};

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
