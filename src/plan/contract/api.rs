//! What callers send and get: resources (records as callers see them), requests and answers.

use serde::Serialize;

use super::limits::LIMITED;
use super::request::{RequestDef, free_form, request_def, request_name};
use super::shared::enums_in_place;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::endpoint::{Action, Body, Endpoint};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::model::types::Fields;
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope, StructDef, sentence, words};
use crate::plan::types::{Place, Types};

/// `api.rs` of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct Api {
    /// What the file imports.
    pub imports: Scope,
    /// Enums of fields.
    pub enums: Vec<EnumDef>,
    /// Records as callers see them.
    pub resources: Vec<ResourceDef>,
    /// Bodies of requests.
    pub requests: Vec<RequestDef>,
    /// Bodies of answers.
    pub responses: Vec<StructDef>,
}

/// A record as callers see it.
#[derive(Debug, Clone, Serialize)]
pub struct ResourceDef {
    /// The struct.
    pub def: StructDef,
}

pub(super) fn api(types: &Types<'_>, party: Party, lib: &str) -> Option<Api> {
    let empty = Scope::new(format!("{lib}::api"));
    // What the file defines has to be known before anything is imported: a type of the same name is spelt in full then.
    let mut own = empty.clone();
    draft(types, party, lib, empty)
        .defined()
        .for_each(|name| own.define(name));
    let mut api = draft(types, party, lib, own);
    if api.resources.is_empty() && api.requests.is_empty() && api.responses.is_empty() {
        return None;
    }
    api.imports.all(["serde::Deserialize", "serde::Serialize"]);
    let mut requests = api.requests.iter();
    if requests.any(|request| !request.checks.is_empty()) {
        api.imports.all(LIMITED);
    }
    Some(api)
}

fn draft(types: &Types<'_>, party: Party, lib: &str, imports: Scope) -> Api {
    let mut api = Api {
        imports,
        enums: Vec::new(),
        resources: Vec::new(),
        requests: Vec::new(),
        responses: Vec::new(),
    };
    if let Party::Service(service) = party {
        api.add_resources(types, service);
    }
    let endpoints = types.model.endpoints.iter();
    for endpoint in endpoints.filter(|endpoint| endpoint.owner == party) {
        api.add_request(types, endpoint);
        if let Body::Fields(fields) = &endpoint.response {
            api.add_response(types, endpoint, fields, lib);
        }
    }
    api
}

impl Api {
    /// The names of the types in the file.
    fn defined(&self) -> impl Iterator<Item = &String> {
        let enums = self.enums.iter().map(|def| &def.name);
        let resources = self.resources.iter().map(|resource| &resource.def.name);
        let requests = self.requests.iter().map(|request| &request.def.name);
        let responses = self.responses.iter().map(|response| &response.name);
        enums.chain(resources).chain(requests).chain(responses)
    }

    fn add_resources(&mut self, types: &Types<'_>, service: ServiceId) {
        let entities = types.model.services[service].entities.iter();
        for id in entities.filter(|id| types.is_exposed(**id)) {
            let record = types.names.record(*id).pascal();
            if let Some(fields) = &types.model.entities[*id].fields {
                self.enums.extend(enums_in_place(fields, &record));
            }
            let def = resource(types, *id, &mut self.imports);
            self.resources.push(ResourceDef { def });
        }
    }

    fn add_request(&mut self, types: &Types<'_>, endpoint: &Endpoint) {
        let name = request_name(endpoint);
        match &endpoint.request {
            Body::Fields(fields) => self.enums.extend(enums_in_place(fields, &name)),
            Body::Type(ty) => self.enums.extend(enums_in_place(&lone(ty), &name)),
            _ => {}
        }
        self.requests
            .extend(request_def(types, endpoint, &mut self.imports));
    }

    fn add_response(&mut self, types: &Types<'_>, endpoint: &Endpoint, fields: &Fields, lib: &str) {
        let name = response_name(endpoint);
        self.enums.extend(enums_in_place(fields, &name));
        let owner = format!("{lib}::api::{name}");
        let place = Place {
            owner: &owner,
            library: lib,
        };
        let fields = fields
            .fields
            .iter()
            .map(|field| FieldDef::of(field, types.field(field, place), &mut self.imports))
            .collect();
        self.responses.push(StructDef {
            name,
            doc: format!("The answer of `{}`.", endpoint.name),
            fields,
            strict: false,
        });
    }
}

/// The name of the struct that an operation's answer is.
pub fn response_name(endpoint: &Endpoint) -> String {
    format!("{}Response", endpoint.name.pascal())
}

fn resource(types: &Types<'_>, entity: EntityId, scope: &mut Scope) -> StructDef {
    let declared = &types.model.entities[entity];
    let mut fields = common_fields(scope);
    match &declared.fields {
        Some(own) => fields.extend(
            own.fields
                .iter()
                .map(|field| FieldDef::of(field, types.entity_field(entity, field), scope)),
        ),
        None => {
            let (field, rust) = free_form(false);
            fields.push(FieldDef::of(&field, rust, scope));
        }
    }
    let name = types.names.record(entity);
    let doc = sentence(
        declared.description.as_deref(),
        &format!("one of the {}", words(&declared.name)),
    );
    StructDef {
        name: name.pascal(),
        doc,
        fields,
        strict: false,
    }
}

/// The fields that every record has.
pub fn common_fields(scope: &mut Scope) -> Vec<FieldDef> {
    let field = |name: &str, rust: RustType, doc: &str, scope: &mut Scope| {
        FieldDef::new(
            &Name::new(name, crate::syntax::source::Span::default()),
            rust,
            Some(doc),
            scope,
        )
    };
    vec![
        field("id", RustType::Uuid, "its identity", scope),
        field(
            "version",
            RustType::Integer,
            "how often it was written; the entity tag",
            scope,
        ),
        field(
            "created_at",
            RustType::Timestamp,
            "when it was added",
            scope,
        ),
        field(
            "updated_at",
            RustType::Timestamp,
            "when it was last changed",
            scope,
        ),
    ]
}

fn lone(ty: &crate::model::types::Type) -> Fields {
    let (mut field, _) = free_form(false);
    field.ty = ty.clone();
    field.name = Name::new("", crate::syntax::source::Span::default());
    Fields {
        fields: vec![field],
        ..Fields::default()
    }
}

/// Whether an operation answers with the record itself.
pub fn answers_record(endpoint: &Endpoint) -> Option<EntityId> {
    match (&endpoint.response, &endpoint.action) {
        (Body::Entity(entity), _) => Some(*entity),
        (Body::None, Action::Create(entity) | Action::Read(entity) | Action::Update(entity)) => {
            Some(*entity)
        }
        _ => None,
    }
}
