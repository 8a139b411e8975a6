//! The schemas of events that a contract carries, and what its tests send through its types.

use serde::Serialize;

use crate::model::arena::EventId;
use crate::plan::schema::{event_schema, example_of, file_name, pretty};
use crate::plan::types::Types;

/// `schemas/<Event>.v<n>.json` of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct SchemaFile {
    /// The file, without its folder.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The beginning of its test's name; none where the type is any JSON.
    pub test: Option<String>,
    /// The event, as written, and the version.
    pub event: String,
    /// See above.
    pub version: u32,
    /// The type that it is the schema of, as the contract's tests spell it.
    pub ty: String,
    /// A payload that fits, for the contract's tests.
    pub example: String,
}

pub(super) fn files(types: &Types<'_>, events: &[EventId]) -> Vec<SchemaFile> {
    let model = types.model;
    let of_event = |id: &EventId| {
        let (id, event) = (*id, &model.events[*id]);
        let versions = event.versions.iter().enumerate();
        versions.map(move |(index, version)| {
            let path = types.names.event_type(id, index);
            let any = version.schema.fields.is_empty() && version.schema.raw.is_some();
            SchemaFile {
                event: event.name.as_str().to_owned(),
                version: version.number,
                test: (!any).then(|| format!("{}_v{}", event.name.snake(), version.number)),
                file: file_name(event, version),
                text: pretty(&event_schema(model, event, version)),
                ty: path.rsplit("::").next().unwrap_or_default().to_owned(),
                example: pretty(&example_of(model, &version.schema)),
            }
        })
    };
    events.iter().flat_map(of_event).collect()
}
