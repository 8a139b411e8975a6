//! What an operation's address carries.

use crate::model::endpoint::{Action, Endpoint, Segment};
use crate::model::name::Name;
use crate::model::types::Field;
use crate::plan::rust::{FieldDef, RustType, Scope};
use crate::plan::types::Types;

/// The parameters of an operation's path, in order: each names a record.
pub fn parameters(endpoint: &Endpoint) -> Vec<(&Name, RustType)> {
    let parameters = endpoint
        .segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Parameter(name) => Some((name, RustType::Uuid)),
            Segment::Literal(_) => None,
        });
    parameters.collect()
}

/// The equality filters that a list takes in its query, with their types.
pub fn query_fields<'t>(
    types: &'t Types<'_>,
    endpoint: &'t Endpoint,
) -> Vec<(&'t Field, RustType)> {
    let Action::List { entity, filters } = &endpoint.action else {
        return Vec::new();
    };
    let Some(fields) = &types.model.entities[*entity].fields else {
        return Vec::new();
    };
    filters
        .iter()
        .filter_map(|filter| fields.find(filter.snake()))
        .map(|field| (field, types.entity_field(*entity, field).inner().clone()))
        .filter(|(_, ty)| !matches!(ty, RustType::Struct(_) | RustType::Vec(_) | RustType::Json))
        .collect()
}

/// The filters of a list as the fields of a struct.
pub fn filter_fields(types: &Types<'_>, endpoint: &Endpoint, scope: &mut Scope) -> Vec<FieldDef> {
    query_fields(types, endpoint)
        .into_iter()
        .map(|(field, ty)| {
            let doc = format!("only records with this `{}`", field.name);
            FieldDef {
                sensitive: field.sensitive,
                ..FieldDef::new(&field.name, ty.required(false), Some(&doc), scope)
            }
        })
        .collect()
}
