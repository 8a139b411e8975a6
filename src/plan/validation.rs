//! What is checked of a value beyond its type: its own limits, and those of what lies within it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::rust::{float, string};
use crate::model::Model;
use crate::model::arena::TypeId;
use crate::model::types::{Definition, Field, Limits, Type};

/// One check of one field: a method of the runtime's `Checks`.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The call, without its receiver: `min("/quantity", self.quantity, 1)`.
    pub call: String,
    /// The field's identifier where it may be missing.
    pub optional: Option<String>,
    /// Whether it may be null too, which is not the same in a patch.
    pub clearable: bool,
    /// The name that its value is bound to then.
    pub bare: String,
}

/// The checks of some fields, in their order; `name` says what a pointer calls a field.
pub fn checks<'a>(
    model: &Model,
    fields: impl Iterator<Item = &'a Field>,
    name: impl Fn(&Field) -> String,
) -> Vec<Check> {
    let of_field = |field: &Field| {
        let pointer = string(&format!("/{}", name(field)));
        of_field(model, field, &pointer)
    };
    fields.flat_map(of_field).collect()
}

/// Whether values of a type have limits somewhere within.
pub fn is_limited(model: &Model, ty: &Type) -> bool {
    within(model, ty, &mut BTreeSet::new())
}

fn within(model: &Model, ty: &Type, seen: &mut BTreeSet<TypeId>) -> bool {
    match model.resolved(ty) {
        Type::Array(item) => within(model, item, seen),
        Type::Named(id) if seen.insert(*id) => match &model.types[*id].definition {
            Definition::Record(fields) => fields.fields.iter().any(|field| {
                !of_limits(model, field, "").is_empty() || within(model, &field.ty, seen)
            }),
            Definition::Alias(_) => false,
        },
        _ => false,
    }
}

fn of_field(model: &Model, field: &Field, pointer: &str) -> Vec<Check> {
    let ident = field.name.identifier();
    let own = of_limits(model, field, pointer).into_iter();
    let own = own.map(|call| Check {
        call,
        optional: (!field.required).then(|| ident.clone()),
        clearable: false,
        bare: bound(field),
    });
    // What may be missing says so itself.
    let nested = is_limited(model, &field.ty).then(|| Check {
        call: format!("within({pointer}, &self.{ident})"),
        optional: None,
        clearable: false,
        bare: ident.clone(),
    });
    own.chain(nested).collect()
}

/// The name that the value of a field is bound to where it may be missing; `checks` is what collects.
fn bound(field: &Field) -> String {
    match field.name.identifier() {
        ident if ident == "checks" => "value".to_owned(),
        ident => ident,
    }
}

/// The calls for a field's own limits.
fn of_limits(model: &Model, field: &Field, pointer: &str) -> Vec<String> {
    let Limits {
        min,
        max,
        min_length,
        max_length,
        pattern,
    } = &*field.limits;
    let ty = model.resolved(&field.ty);
    let ident = field.name.identifier();
    let (place, lent, number) = if field.required {
        let place = format!("self.{ident}");
        (place.clone(), format!("&{place}"), place)
    } else {
        let bound = bound(field);
        (bound.clone(), bound.clone(), format!("*{bound}"))
    };
    let mut calls = Vec::new();
    if matches!(ty, Type::Integer | Type::Number | Type::Decimal) {
        calls.extend(min.map(|least| format!("min({pointer}, {number}, {})", limit(least, ty))));
        calls.extend(max.map(|most| format!("max({pointer}, {number}, {})", limit(most, ty))));
    }
    if matches!(ty, Type::String | Type::Array(_)) {
        let length = if *ty == Type::String {
            format!("{place}.chars().count()")
        } else {
            format!("{place}.len()")
        };
        calls.extend(min_length.map(|least| format!("min_length({pointer}, {length}, {least})")));
        calls.extend(max_length.map(|most| format!("max_length({pointer}, {length}, {most})")));
    }
    if *ty == Type::String {
        let pattern = pattern.iter();
        calls.extend(
            pattern.map(|pattern| format!("pattern({pointer}, {lent}, {})", string(pattern))),
        );
    }
    calls
}

fn limit(number: f64, ty: &Type) -> String {
    match ty {
        Type::Integer => format!("{number:.0}"),
        Type::Number => float(number),
        _ => {
            let text = number.to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            if fraction.is_empty() {
                format!("Decimal::from({whole})")
            } else {
                let digits = format!("{whole}{fraction}");
                // As a number, since leading zeros read as if they meant another base.
                let digits = digits.parse::<i128>().map_or(digits, |n| n.to_string());
                format!("Decimal::new({digits}, {})", fraction.len())
            }
        }
    }
}
