//! Events as types, one per version, side by side in one file per event.

use serde::Serialize;

use super::shared::enums_in_place;
use crate::model::arena::EventId;
use crate::model::event::{Event, EventVersion};
use crate::plan::expr::{self, Bindings};
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope, StructDef, sentence, words};
use crate::plan::types::{Place, Types};

/// `events/<event>.rs` of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct EventFile {
    /// The module.
    pub module: String,
    /// The event's name.
    pub name: String,
    /// What happened, as a sentence.
    pub doc: String,
    /// The topic that carries it.
    pub topic: String,
    /// What the file imports.
    pub imports: Scope,
    /// Enums of fields.
    pub enums: Vec<EnumDef>,
    /// Its versions, ascending.
    pub versions: Vec<EventType>,
}

/// One version of an event.
#[derive(Debug, Clone, Serialize)]
pub struct EventType {
    /// The struct.
    pub def: StructDef,
    /// Its number.
    pub number: u32,
    /// Whether it is any JSON (a schema that the notation cannot say).
    pub any: bool,
    /// The expression that gives its ordering key.
    pub key: Option<String>,
    /// Whether nobody should take it up any more.
    pub deprecated: bool,
    /// How one of the version before becomes this.
    pub upcast: Option<Upcast>,
}

/// How a payload of one version becomes one of the next.
#[derive(Debug, Clone, Serialize)]
pub struct Upcast {
    /// The type before.
    pub from: String,
    /// Field → expression.
    pub fields: Vec<(String, String)>,
}

pub(super) fn files(types: &Types<'_>, events: &[EventId], lib: &str) -> Vec<EventFile> {
    events.iter().map(|id| file(types, *id, lib)).collect()
}

fn file(types: &Types<'_>, id: EventId, lib: &str) -> EventFile {
    let event = &types.model.events[id];
    let module = event.name.identifier();
    let mut scope = Scope::new(format!("{lib}::events"));
    scope.all([
        "msarch_runtime::messaging::Event",
        "serde::Deserialize",
        "serde::Serialize",
    ]);
    let mut enums = Vec::new();
    let mut versions: Vec<EventType> = Vec::new();
    for (index, version) in event.versions.iter().enumerate() {
        let path = types.names.event_type(id, index);
        let name = path.rsplit("::").next().unwrap_or_default().to_owned();
        enums.extend(enums_in_place(&version.schema, &name));
        let place = Place {
            owner: &path,
            library: lib,
        };
        let fields: Vec<FieldDef> = version
            .schema
            .fields
            .iter()
            .map(|field| FieldDef::of(field, types.field(field, place), &mut scope))
            .collect();
        let any = fields.is_empty() && version.schema.raw.is_some();
        if any {
            scope.import("serde_json::Value");
        }
        let upcast = versions
            .last()
            .filter(|_| !any)
            .map(|before| upcast(types, id, index, before, &fields, &mut scope));
        versions.push(EventType {
            key: key(event, &fields),
            number: version.number,
            deprecated: version.deprecated,
            any,
            upcast,
            def: StructDef {
                doc: version_doc(event, version),
                name,
                fields,
                strict: false,
            },
        });
    }
    EventFile {
        module,
        name: event.name.as_str().to_owned(),
        doc: sentence(event.description.as_deref(), &words(&event.name)),
        topic: topic(event),
        imports: scope,
        enums,
        versions,
    }
}

/// The topic that carries an event.
pub fn topic(event: &Event) -> String {
    event.name.kebab()
}

fn version_doc(event: &Event, version: &EventVersion) -> String {
    format!("`{}`, version {}.", event.name, version.number)
}

/// The declared key, or else the first field that names something: a uuid, or text ending in `id`.
fn key(event: &Event, fields: &[FieldDef]) -> Option<String> {
    let declared = event
        .key
        .as_ref()
        .and_then(|key| fields.iter().find(|field| field.bare == key.snake()));
    let by_type = || {
        fields
            .iter()
            .find(|field| matches!(field.rust, RustType::Uuid))
    };
    let by_name = || {
        fields
            .iter()
            .find(|field| field.bare.ends_with("_id") && matches!(field.rust, RustType::String))
    };
    let field = declared.or_else(by_type).or_else(by_name)?;
    Some(match field.rust.inner() {
        RustType::String if field.optional => {
            format!("self.{}.clone().unwrap_or_default()", field.ident)
        }
        RustType::String => format!("self.{}.clone()", field.ident),
        RustType::Uuid | RustType::Integer | RustType::Date if !field.optional => {
            format!("self.{}.to_string()", field.ident)
        }
        RustType::Uuid | RustType::Integer => {
            format!("self.{}.unwrap_or_default().to_string()", field.ident)
        }
        RustType::Enum(_) if !field.optional => format!("self.{}.as_str().to_owned()", field.ident),
        _ => return None,
    })
}

fn upcast(
    types: &Types<'_>,
    id: EventId,
    index: usize,
    before: &EventType,
    fields: &[FieldDef],
    scope: &mut Scope,
) -> Upcast {
    let version = &types.model.events[id].versions[index];
    let bindings = Bindings::previous(types, id, index - 1);
    let fields = fields
        .iter()
        .map(|field| {
            let declared = version
                .upcast
                .iter()
                .find(|assignment| assignment.field.snake() == field.bare);
            let value = match declared {
                Some(assignment) => certain(expr::value(
                    &assignment.value,
                    &field.rust,
                    &bindings,
                    scope,
                )),
                None => carried(before, field, scope),
            };
            (field.ident.clone(), value)
        })
        .collect();
    Upcast {
        from: before.def.name.clone(),
        fields,
    }
}

/// A field of the same name and type goes over; one that is new is empty.
fn carried(before: &EventType, field: &FieldDef, scope: &mut Scope) -> String {
    let source = format!("previous.{}", field.ident);
    match before.def.fields.iter().find(|old| old.bare == field.bare) {
        Some(old) if old.rust == field.rust => source,
        Some(old) => certain(expr::convert(&source, &old.rust, &field.rust, scope)),
        None => expr::placeholder(&field.rust, scope),
    }
}

/// What has happened cannot be refused: where a value does not fit, the type's first one stands in.
fn certain(value: expr::Expr) -> String {
    if value.fallible {
        value.text.replace('?', ".unwrap_or_default()")
    } else {
        value.text
    }
}
