//! Bodies of requests: their fields, what stands in for those that are not sent, and what is checked of them.

use serde::Serialize;

use super::limits::{limits, wire};
use crate::model::endpoint::{Action, Body, Endpoint, Method};
use crate::model::name::Name;
use crate::model::types::{Field, FieldLimits, Type};
use crate::plan::rust::{FieldDef, RustType, Scope, StructDef, literal};
use crate::plan::types::{Place, Types};
use crate::plan::validation::{Check, checks, is_limited};
use crate::syntax::source::Span;

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

/// The name of the struct that an operation's request is.
pub fn request_name(endpoint: &Endpoint) -> String {
    format!("{}Request", endpoint.name.pascal())
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
        name: Name::new("body", Span::default()),
        ty: Type::Json,
        required: !partial,
        description: Some("what the record holds".to_owned()),
        default: None,
        limits: FieldLimits::default(),
        unique: false,
        sensitive: false,
        renamed_from: None,
    };
    (field, RustType::Json.required(!partial))
}

/// The struct of a request, where it is one of its own.
pub(super) fn request_def(
    types: &Types<'_>,
    endpoint: &Endpoint,
    scope: &mut Scope,
) -> Option<RequestDef> {
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
