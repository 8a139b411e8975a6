//! The catalogue of events.

use serde::Serialize;

use super::markdown::{code, codes, or_dash, text};
use crate::model::Model;
use crate::model::event::{Event, EventVersion};
use crate::model::service::Party;
use crate::model::types::{Definition, Field, Fields, Type};

/// An event.
#[derive(Debug, Clone, Serialize)]
pub struct EventPage {
    /// Its name.
    pub name: String,
    /// What happened.
    pub description: Option<String>,
    /// Who publishes it.
    pub producers: String,
    /// Who receives it, and when.
    pub consumers: String,
    /// The field that orders events of one thing.
    pub key: String,
    /// Its versions, the newest first.
    pub versions: Vec<VersionPage>,
}

/// One version of an event.
#[derive(Debug, Clone, Serialize)]
pub struct VersionPage {
    /// Its number.
    pub number: u32,
    /// Whether nobody should take it up any more.
    pub deprecated: bool,
    /// Its schema, as seen from the folder of documents.
    pub schema: String,
    /// Its fields.
    pub fields: Vec<FieldRow>,
}

/// A field, as a row of a table.
#[derive(Debug, Clone, Serialize)]
pub struct FieldRow {
    /// Its name.
    pub name: String,
    /// Its type in words.
    pub ty: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub description: String,
}

pub(super) fn catalogue(model: &Model) -> Vec<EventPage> {
    model
        .events
        .iter()
        .map(|event| page(model, event))
        .collect()
}

fn page(model: &Model, event: &Event) -> EventPage {
    let producers = event
        .producers
        .iter()
        .map(|producer| party(model, producer.value));
    let consumers: Vec<String> = event
        .consumers
        .iter()
        .map(|id| {
            let consumer = &model.consumers[*id];
            let name = code(model.services[consumer.service].name.as_str());
            if consumer.reaction().when.is_empty() {
                name
            } else {
                format!("{name} (some only)")
            }
        })
        .collect();
    EventPage {
        name: event.name.as_str().to_owned(),
        description: event.description.as_deref().map(text),
        producers: codes(producers),
        consumers: or_dash(consumers.join(", ")),
        key: event
            .key
            .as_ref()
            .map_or_else(|| "–".to_owned(), |key| code(key.as_str())),
        versions: event
            .versions
            .iter()
            .rev()
            .map(|version| of_version(model, event, version))
            .collect(),
    }
}

/// The name of a service or of a system that is not ours.
pub(super) fn party(model: &Model, party: Party) -> &str {
    match party {
        Party::Service(id) => model.services[id].name.as_str(),
        Party::External(id) => model.externals[id].name.as_str(),
    }
}

fn of_version(model: &Model, event: &Event, version: &EventVersion) -> VersionPage {
    let owner = event
        .producers
        .first()
        .map(|producer| match producer.value {
            Party::Service(id) => model.services[id].name.kebab(),
            Party::External(id) => model.externals[id].name.kebab(),
        });
    let folder = format!(
        "../crates/contracts-{}",
        owner.as_deref().unwrap_or("external")
    );
    VersionPage {
        number: version.number,
        deprecated: version.deprecated,
        schema: format!(
            "{folder}/schemas/{}",
            crate::plan::schema::file_name(event, version)
        ),
        fields: rows(model, &version.schema),
    }
}

/// The fields of a record, as rows.
pub(super) fn rows(model: &Model, fields: &Fields) -> Vec<FieldRow> {
    fields
        .fields
        .iter()
        .map(|field| row(model, field))
        .collect()
}

fn row(model: &Model, field: &Field) -> FieldRow {
    FieldRow {
        name: code(field.name.as_str()),
        ty: ty(model, &field.ty),
        required: field.required,
        description: field.description.as_deref().map(text).unwrap_or_default(),
    }
}

/// A type in words.
fn ty(model: &Model, of: &Type) -> String {
    match of {
        Type::Uuid => "uuid".to_owned(),
        Type::String => "string".to_owned(),
        Type::Integer => "integer".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Decimal => "decimal".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Timestamp => "ISO8601".to_owned(),
        Type::Json | Type::Unknown => "any JSON".to_owned(),
        Type::Enum(words) => format!("one of {}", codes(words.iter().map(String::as_str))),
        Type::Array(item) => format!("list of {}", ty(model, item)),
        Type::Named(id) => {
            let named = &model.types[*id];
            match &named.definition {
                Definition::Alias(Type::Enum(words)) => {
                    format!(
                        "{}: one of {}",
                        code(named.name.as_str()),
                        codes(words.iter().map(String::as_str))
                    )
                }
                Definition::Record(_) | Definition::Alias(_) => code(named.name.as_str()),
            }
        }
    }
}
