//! What is checked of a request beyond its types.

use serde::Serialize;

use super::rust::{float, string};
use crate::model::types::{Field, Limits, Type};

/// One check of one field: a method of the runtime's `Checks`.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The call, without its receiver: `min("/quantity", self.quantity, 1)`.
    pub call: String,
    /// The field's identifier where it may be missing.
    pub optional: Option<String>,
    /// The name that its value is bound to then.
    pub bare: String,
}

/// The checks of some fields, in their order.
pub fn checks<'a>(fields: impl Iterator<Item = &'a Field>) -> Vec<Check> {
    fields.flat_map(of_field).collect()
}

fn of_field(field: &Field) -> Vec<Check> {
    let Limits {
        min,
        max,
        min_length,
        max_length,
        pattern,
    } = &field.limits;
    let ident = field.name.identifier();
    let optional = (!field.required).then(|| ident.clone());
    let pointer = string(&format!("/{}", field.name));
    let numeric = matches!(field.ty, Type::Integer | Type::Number | Type::Decimal);
    let measured = matches!(field.ty, Type::String | Type::Array(_));
    let place = if field.required {
        format!("self.{ident}")
    } else {
        ident.clone()
    };
    let lent = if field.required {
        format!("&self.{ident}")
    } else {
        ident.clone()
    };
    let number = if field.required {
        place.clone()
    } else {
        format!("*{place}")
    };
    let mut calls = Vec::new();
    if numeric {
        calls.extend(
            min.map(|least| format!("min({pointer}, {number}, {})", limit(least, &field.ty))),
        );
        calls.extend(
            max.map(|most| format!("max({pointer}, {number}, {})", limit(most, &field.ty))),
        );
    }
    if measured {
        let length = if field.ty == Type::String {
            format!("{place}.chars().count()")
        } else {
            format!("{place}.len()")
        };
        calls.extend(min_length.map(|least| format!("min_length({pointer}, {length}, {least})")));
        calls.extend(max_length.map(|most| format!("max_length({pointer}, {length}, {most})")));
    }
    if field.ty == Type::String {
        calls.extend(
            pattern
                .iter()
                .map(|pattern| format!("pattern({pointer}, {lent}, {})", string(pattern))),
        );
    }
    calls
        .into_iter()
        .map(|call| Check {
            call,
            optional: optional.clone(),
            bare: ident.clone(),
        })
        .collect()
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
                format!("Decimal::new({whole}{fraction}, {})", fraction.len())
            }
        }
    }
}
