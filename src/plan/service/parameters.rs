//! What an operation's address carries.

use crate::model::endpoint::{Action, Endpoint, Segment};
use crate::model::name::Name;
use crate::plan::rust::RustType;
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
pub fn query_fields<'t>(types: &'t Types<'_>, endpoint: &'t Endpoint) -> Vec<(&'t Name, RustType)> {
    let Action::List { entity, filters } = &endpoint.action else {
        return Vec::new();
    };
    let Some(fields) = &types.model.entities[*entity].fields else {
        return Vec::new();
    };
    filters
        .iter()
        .filter_map(|filter| fields.find(filter.snake()))
        .map(|field| {
            (
                &field.name,
                types.entity_field(*entity, field).inner().clone(),
            )
        })
        .filter(|(_, ty)| !matches!(ty, RustType::Struct(_) | RustType::Vec(_) | RustType::Json))
        .collect()
}
