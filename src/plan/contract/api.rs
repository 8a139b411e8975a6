//! What callers send and get: resources (records as callers see them), requests and answers.

use serde::Serialize;

use super::shared::enums_in_place;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::endpoint::{Action, Body, Endpoint, Method};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::model::types::{Field, Fields};
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope, StructDef, literal, sentence, words};
use crate::plan::types::{Place, Types};
use crate::plan::validation::{Check, checks, is_limited};

/// What the file of a struct with limits imports.
pub(super) const LIMITED: [&str; 2] = [
    "msarch_runtime::validate::Checks",
    "msarch_runtime::validate::Limited",
];

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

/// The body of a request, with what is checked of it.
#[derive(Debug, Clone, Serialize)]
pub struct RequestDef {
    /// The struct.
    pub def: StructDef,
    /// What is checked beyond the types.
    pub checks: Vec<Check>,
    /// What stands in for fields that are not sent.
    pub defaults: Vec<DefaultDef>,
}

/// What stands in for a field that is not sent.
#[derive(Debug, Clone, Serialize)]
pub struct DefaultDef {
    /// The function that gives it.
    pub function: String,
    /// The field, as JSON spells it.
    pub field: String,
    /// The field's type.
    pub ty: String,
    /// The value.
    pub value: String,
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

/// The name of the struct that an operation's request is.
pub fn request_name(endpoint: &Endpoint) -> String {
    format!("{}Request", endpoint.name.pascal())
}

/// The name of the struct that an operation's answer is.
pub fn response_name(endpoint: &Endpoint) -> String {
    format!("{}Response", endpoint.name.pascal())
}

/// The type of an operation's request, where it has a body.
pub fn request_type(types: &Types<'_>, endpoint: &Endpoint) -> Option<RustType> {
    let lib = types.names.contract_lib(endpoint.owner);
    let path = format!("{lib}::api::{}", request_name(endpoint));
    match &endpoint.request {
        Body::None => None,
        Body::Type(ty) => Some(types.of(
            ty,
            "",
            Place {
                owner: &path,
                library: &lib,
            },
        )),
        Body::Entity(_) | Body::Page(_) | Body::Fields(_) => Some(RustType::Struct(path)),
    }
}

/// The fields of an operation's request, by name, with whether each must be there.
pub fn request_fields(types: &Types<'_>, endpoint: &Endpoint) -> Vec<(Field, RustType)> {
    let lib = types.names.contract_lib(endpoint.owner);
    let owner = format!("{lib}::api::{}", request_name(endpoint));
    match &endpoint.request {
        Body::Entity(entity) => {
            let partial = endpoint.method == Method::Patch;
            let Some(fields) = &types.model.entities[*entity].fields else {
                return vec![free_form(partial)];
            };
            let usable = fields.fields.iter();
            usable
                .map(|field| {
                    let rust = types.entity_field(*entity, field);
                    if !partial {
                        return (field.clone(), rust);
                    }
                    let mut field = field.clone();
                    field.required = false;
                    (field, RustType::Option(Box::new(rust)))
                })
                .collect()
        }
        Body::Fields(fields) => {
            let place = Place {
                owner: &owner,
                library: &lib,
            };
            fields
                .fields
                .iter()
                .map(|field| {
                    let rust = types.field(field, place);
                    let clearable = patched(types, endpoint, field) == Some(true);
                    let rust = if clearable && rust.is_option() {
                        RustType::Option(Box::new(rust))
                    } else {
                        rust
                    };
                    (field.clone(), rust)
                })
                .collect()
        }
        Body::None | Body::Type(_) | Body::Page(_) => Vec::new(),
    }
}

/// Whether a field of a request may be sent as null, if it is one of a merge patch (RFC 7396): what the record may lack can be cleared.
pub fn patched(types: &Types<'_>, endpoint: &Endpoint, field: &Field) -> Option<bool> {
    let (Method::Patch, Action::Update(entity)) = (endpoint.method, &endpoint.action) else {
        return None;
    };
    let fields = types.model.entities[*entity].fields.as_ref()?;
    let stored = fields.find(field.name.snake())?;
    let own = matches!(endpoint.request, Body::Fields(_));
    (!own || !field.required).then(|| types.entity_field(*entity, stored).is_option())
}

/// The body of a record that was given no fields.
pub fn free_form(partial: bool) -> (Field, RustType) {
    let field = Field {
        name: Name::new("body", crate::syntax::source::Span::default()),
        ty: crate::model::types::Type::Json,
        required: !partial,
        description: Some("what the record holds".to_owned()),
        default: None,
        limits: crate::model::types::Limits::default(),
        unique: false,
        sensitive: false,
        renamed_from: None,
    };
    (field, RustType::Json.required(!partial))
}

fn request_def(types: &Types<'_>, endpoint: &Endpoint, scope: &mut Scope) -> Option<RequestDef> {
    if !matches!(endpoint.request, Body::Entity(_) | Body::Fields(_)) {
        return None;
    }
    let name = request_name(endpoint);
    let fields = request_fields(types, endpoint);
    let mut checks = limits(types, fields.iter().map(|(field, _)| field), scope);
    for check in &mut checks {
        check.clearable = fields.iter().any(|(field, rust)| {
            rust.is_clearable() && check.optional == Some(field.name.identifier())
        });
    }
    let mut defaults = Vec::new();
    let defs = fields
        .into_iter()
        .map(|(field, rust)| {
            let mut def = FieldDef::of(&field, rust, scope);
            def.patched = def.optional && patched(types, endpoint, &field).is_some();
            if let Some(default) = field.default.as_ref().filter(|_| field.required) {
                let function = format!("default_{}", def.bare);
                let value = literal(default, &def.rust, scope);
                defaults.push(DefaultDef {
                    field: def.wire.clone(),
                    ty: def.ty.clone(),
                    value,
                    function: function.clone(),
                });
                def.default = Some(format!("{name}::{function}"));
            }
            def
        })
        .collect();
    let doc = format!(
        "The body of `{} {}`.",
        endpoint.method.as_str(),
        endpoint.path.value
    );
    Some(RequestDef {
        def: StructDef {
            name,
            doc,
            fields: defs,
            strict: true,
        },
        checks,
        defaults,
    })
}

/// Whether a request is checked beyond its types.
pub fn request_checks(endpoint: &Endpoint, types: &Types<'_>) -> bool {
    if let Body::Type(ty) = &endpoint.request {
        return is_limited(types.model, ty);
    }
    let fields = request_fields(types, endpoint);
    let fields = fields.iter().map(|(field, _)| field);
    !checks(types.model, fields, wire).is_empty()
}

/// The checks of some fields by the names that JSON has for them.
pub(super) fn limits<'f>(
    types: &Types<'_>,
    fields: impl Iterator<Item = &'f Field>,
    scope: &mut Scope,
) -> Vec<Check> {
    let checks = checks(types.model, fields, wire);
    if checks.iter().any(|check| check.call.contains("Decimal::")) {
        scope.import("rust_decimal::Decimal");
    }
    checks
}

fn wire(field: &Field) -> String {
    field.name.as_str().to_owned()
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
