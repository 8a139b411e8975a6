//! Requests that fit, and requests that do not: what the generated tests send.

use serde_json::Value;

use crate::model::endpoint::{Body, Endpoint};
use crate::model::types::{Definition, Field, Type};
use crate::plan::contract::request_fields;
use crate::plan::schema::{example, example_of};
use crate::plan::types::Types;

/// A body that fits, and one that does not with the pointer to what is wrong, both as JSON.
pub fn request(
    types: &Types<'_>,
    endpoint: &Endpoint,
) -> (Option<String>, Option<(String, String)>) {
    let fields: Vec<Field> = match &endpoint.request {
        Body::None | Body::Page(_) => return (None, None),
        Body::Type(ty) => {
            let example = match types.model.resolved(ty) {
                Type::Named(id) => match &types.model.types[*id].definition {
                    Definition::Record(fields) => example_of(types.model, fields),
                    Definition::Alias(_) => Value::Null,
                },
                _ => Value::Null,
            };
            return ((!example.is_null()).then(|| example.to_string()), None);
        }
        _ => request_fields(types, endpoint)
            .into_iter()
            .map(|(field, _)| field)
            .collect(),
    };
    let body: serde_json::Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.as_str().to_owned(), example(types.model, field)))
        .collect();
    let broken = fields
        .iter()
        .find(|field| field.required && field.ty != Type::Json)
        .map(|field| {
            let mut body = body.clone();
            body.remove(field.name.as_str());
            (Value::Object(body).to_string(), format!("/{}", field.name))
        });
    (Some(Value::Object(body).to_string()), broken)
}
