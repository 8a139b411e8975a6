//! The parts that operations refer to: schemas under unique names, problem responses, headers, parameters, the security scheme.

mod raw;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::fields::{field, fits_pattern, settled};
use super::{headers, problems};
use crate::model::Model;
use crate::model::arena::{EntityId, ServiceId, TypeId};
use crate::model::endpoint::{Action, Body, Endpoint, Method};
use crate::model::name::Name;
use crate::model::types::{Field, FieldLimits, Fields, Type};
use crate::plan::names::Names;
use crate::plan::schema::{self, Object, Schemas, example_of_all};

/// Where the schemas stand.
const BASE: &str = "#/components/schemas/";

/// The parts so far.
pub(super) struct Components<'m> {
    model: &'m Model,
    names: &'m Names<'m>,
    schemas: Schemas<'m>,
    records: BTreeMap<EntityId, String>,
    taken: BTreeSet<String>,
    written: BTreeMap<String, Value>,
    types: BTreeSet<TypeId>,
    responses: BTreeSet<&'static str>,
    headers: BTreeSet<&'static str>,
    parameters: BTreeMap<String, Value>,
    secured: bool,
}

impl<'m> Components<'m> {
    /// Gives every record and named type its name; where two want one, the type gives way.
    pub(super) fn new(model: &'m Model, names: &'m Names<'m>, service: ServiceId) -> Self {
        let mut components = Self {
            model,
            names,
            schemas: Schemas::new(model, BASE),
            records: BTreeMap::new(),
            taken: BTreeSet::from(["Problem".to_owned()]),
            written: BTreeMap::new(),
            types: BTreeSet::new(),
            responses: BTreeSet::new(),
            headers: BTreeSet::new(),
            parameters: BTreeMap::new(),
            secured: super::is_authenticated(model),
        };
        for id in &model.services[service].entities {
            let name = components.unique(&names.record(*id).pascal(), "Record");
            components.records.insert(*id, name);
        }
        for id in model.types.ids() {
            let own = model.types[id].name.pascal();
            let name = components.unique(&own, "Type");
            if name != own {
                components.schemas.rename(id, name);
            }
        }
        components
    }

    /// A name that nothing else has.
    fn unique(&mut self, wanted: &str, ending: &str) -> String {
        let mut name = wanted.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push_str(ending);
        }
        name
    }

    /// The schema of what is sent, with an example.
    pub(super) fn request(&mut self, endpoint: &Endpoint) -> Option<(Value, Option<Value>)> {
        let wanted = format!("{}Request", endpoint.name.pascal());
        match &endpoint.request {
            Body::None | Body::Page(_) => None,
            Body::Type(ty) => Some(self.of_type(ty)),
            Body::Entity(entity) => {
                let fields = self.record_fields(*entity, endpoint.method == Method::Patch);
                let closed = self.closed(&wanted, &fields, None);
                self.clear(endpoint, &closed.0);
                Some(closed)
            }
            Body::Fields(fields) => {
                let own = settled(&fields.fields, false);
                let closed = self.closed(&wanted, &own, fields.raw.as_ref());
                if fields.raw.is_none() {
                    self.clear(endpoint, &closed.0);
                }
                Some(closed)
            }
        }
    }

    /// Allows null where a merge patch (RFC 7396) may clear a field.
    fn clear(&mut self, endpoint: &Endpoint, reference: &Value) {
        let (Method::Patch, Action::Update(entity)) = (endpoint.method, &endpoint.action) else {
            return;
        };
        let name = reference["$ref"]
            .as_str()
            .and_then(|at| at.strip_prefix(BASE));
        let stored = &self.model.entities[*entity].fields;
        let (Some(stored), Some(schema)) =
            (stored, name.and_then(|name| self.written.get_mut(name)))
        else {
            return;
        };
        for field in stored.fields.iter().filter(|field| !field.required) {
            if let Some(property) = schema["properties"].get_mut(field.name.as_str()) {
                nullable(property);
            }
        }
    }

    /// The schema of what comes back, with an example.
    pub(super) fn answer(&mut self, endpoint: &Endpoint) -> Option<(Value, Option<Value>)> {
        match &endpoint.response {
            Body::None => None,
            Body::Type(ty) => Some(self.of_type(ty)),
            Body::Entity(entity) => Some((self.record(*entity), self.record_example(*entity))),
            Body::Page(entity) => {
                let example = self
                    .record_example(*entity)
                    .map(|record| json!({ "items": [record] }));
                Some((self.page(*entity), example))
            }
            Body::Fields(fields) => {
                let name = self.unique(&format!("{}Response", endpoint.name.pascal()), "Body");
                let schema = match &fields.raw {
                    Some(raw) => self.hoisted(&name, raw),
                    None => self.open(fields),
                };
                let example = self.example(&fields.fields);
                self.written.insert(name.clone(), schema);
                Some((refer(&name), example.filter(|_| fields.raw.is_none())))
            }
        }
    }

    fn of_type(&mut self, ty: &Type) -> (Value, Option<Value>) {
        schema::needed(self.model, ty, &mut self.types);
        let field = field("value", ty.clone(), "");
        let schema = Value::Object(self.schemas.ty(ty));
        (
            schema,
            (!self.has_pattern(&field.ty)).then(|| schema::example(self.model, &field)),
        )
    }

    /// A request: what is not declared is refused.
    fn closed(
        &mut self,
        wanted: &str,
        fields: &[Field],
        raw: Option<&Value>,
    ) -> (Value, Option<Value>) {
        let name = self.unique(wanted, "Body");
        let schema = if let Some(raw) = raw {
            self.hoisted(&name, raw)
        } else {
            fields
                .iter()
                .for_each(|field| schema::needed(self.model, &field.ty, &mut self.types));
            let mut schema = self.schemas.record(fields.iter());
            schema.insert("additionalProperties".to_owned(), json!(false));
            Value::Object(schema)
        };
        self.written.insert(name.clone(), schema);
        let example = self.example(fields).filter(|_| raw.is_none());
        (refer(&name), example)
    }

    fn open(&mut self, fields: &Fields) -> Value {
        schema::needed_by(self.model, fields, &mut self.types);
        Value::Object(self.schemas.object(fields))
    }

    /// A payload that fits, unless a pattern stands in the way of making one up.
    fn example(&self, fields: &[Field]) -> Option<Value> {
        let told = |field: &&Field| field.limits.pattern.is_some() || self.has_pattern(&field.ty);
        let unsure = fields
            .iter()
            .filter(told)
            .any(|field| !fits_pattern(self.model, field));
        (!unsure).then(|| example_of_all(self.model, fields.iter()))
    }

    fn has_pattern(&self, ty: &Type) -> bool {
        let mut types = BTreeSet::new();
        schema::needed(self.model, ty, &mut types);
        types
            .iter()
            .any(|id| match &self.model.types[*id].definition {
                crate::model::types::Definition::Record(fields) => fields
                    .fields
                    .iter()
                    .any(|field| field.limits.pattern.is_some()),
                crate::model::types::Definition::Alias(_) => false,
            })
    }

    /// Refers to the problem of a name.
    pub(super) fn problem(&mut self, name: &'static str) -> Value {
        self.responses.insert(name);
        self.headers.extend(problems::headers_of(name));
        json!({ "$ref": format!("#/components/responses/{name}") })
    }

    /// Refers to a header of answers.
    pub(super) fn header(&mut self, name: &'static str) -> Value {
        self.headers.insert(name);
        headers::refer(name)
    }

    /// Refers to a parameter that several operations share.
    pub(super) fn parameter(&mut self, name: &str, parameter: Value) -> Value {
        self.parameters.insert(name.to_owned(), parameter);
        json!({ "$ref": format!("#/components/parameters/{name}") })
    }

    /// The schema of a query parameter that fixes a field.
    pub(super) fn filter(&mut self, entity: EntityId, name: &Name) -> Option<Value> {
        let field = self
            .own_fields(entity)
            .into_iter()
            .find(|field| field.name == *name)?;
        schema::needed(self.model, &field.ty, &mut self.types);
        let plain = Field {
            default: None,
            description: None,
            limits: FieldLimits::default(),
            ..field
        };
        Some(json!({
            "name": name.as_str(),
            "in": "query",
            "description": format!("Only those whose `{name}` is this."),
            "schema": self.schemas.field(&plain),
        }))
    }

    /// What an operation's records are called.
    pub(super) fn record_words(&self, entity: EntityId) -> String {
        self.names.record(entity).snake().replace('_', " ")
    }

    /// The `components` of the document.
    pub(super) fn into_object(mut self) -> Object {
        for (name, schema) in self.schemas.definitions(&self.types) {
            self.written.insert(name, schema);
        }
        if !self.responses.is_empty() {
            self.written
                .insert("Problem".to_owned(), problems::problem_schema());
        }
        let mut parts = Object::new();
        let mut put = |name: &str, part: Object| {
            if !part.is_empty() {
                parts.insert(name.to_owned(), Value::Object(part));
            }
        };
        put("schemas", self.written.into_iter().collect());
        let responses = self
            .responses
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), problems::response(name)?)));
        put("responses", responses.collect());
        put("parameters", self.parameters.into_iter().collect());
        put(
            "headers",
            self.headers
                .iter()
                .map(|name| ((*name).to_owned(), headers::header(name)))
                .collect(),
        );
        if self.secured {
            put(
                "securitySchemes",
                Object::from_iter([("bearerAuth".to_owned(), bearer())]),
            );
        }
        parts
    }
}

fn bearer() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A JSON Web Token (RFC 7519). Where an operation needs a scope, its description names it; the token carries it in `scope`.",
    })
}

/// The same schema, with null allowed too; what has no type takes it anyway.
fn nullable(schema: &mut Value) {
    if schema["type"].is_string() && schema["enum"].is_null() {
        schema["type"] = json!([schema["type"], "null"]);
    } else if schema["enum"].is_array() || schema["$ref"].is_string() {
        *schema = json!({ "anyOf": [schema, {"type": "null"}] });
    }
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("{BASE}{name}") })
}
