//! Which Rust type stands for a type of the file, and which named types a contract has to carry.

use std::collections::BTreeSet;

use super::names::Names;
use super::rust::RustType;
use crate::model::Model;
use crate::model::arena::{EntityId, TypeId};
use crate::model::endpoint::{Action, Body};
use crate::model::service::Party;
use crate::model::types::{Definition, Field, Fields, Type};

/// Finds Rust types.
#[derive(Debug)]
pub struct Types<'m> {
    /// The architecture.
    pub model: &'m Model,
    /// How things are called.
    pub names: &'m Names<'m>,
}

/// Where a field stands: what its own enums are named after, and which library carries the named types that it uses.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The path of the type that has the field: `contracts_shop::api::Customer`.
    pub owner: &'a str,
    /// The library with named types.
    pub library: &'a str,
}

impl Types<'_> {
    /// The Rust type of a field.
    pub fn field(&self, field: &Field, place: Place<'_>) -> RustType {
        self.of(&field.ty, &field.name.pascal(), place)
            .required(field.required)
    }

    /// The Rust type of a type; an enum in place is named after its owner and field.
    pub fn of(&self, ty: &Type, field: &str, place: Place<'_>) -> RustType {
        match ty {
            Type::Uuid => RustType::Uuid,
            Type::String => RustType::String,
            Type::Integer => RustType::Integer,
            Type::Number => RustType::Number,
            Type::Decimal => RustType::Decimal,
            Type::Boolean => RustType::Boolean,
            Type::Date => RustType::Date,
            Type::Timestamp => RustType::Timestamp,
            Type::Json | Type::Unknown => RustType::Json,
            Type::Enum(_) => RustType::Enum(format!("{}{field}", place.owner)),
            Type::Array(item) => RustType::Vec(Box::new(self.of(item, field, place))),
            Type::Named(id) => self.named(*id, place.library),
        }
    }

    /// The Rust type of a named type, as a library carries it. Aliases of anything but words are what they stand for.
    fn named(&self, id: TypeId, library: &str) -> RustType {
        let named = &self.model.types[id];
        let path = format!("{library}::types::{}", named.name.pascal());
        match &named.definition {
            Definition::Record(_) => RustType::Struct(path),
            Definition::Alias(Type::Enum(_)) => RustType::Enum(path),
            Definition::Alias(other) => self.of(
                other,
                "",
                Place {
                    owner: &path,
                    library,
                },
            ),
        }
    }

    /// Whether callers of its service see records of an entity.
    pub fn is_exposed(&self, entity: EntityId) -> bool {
        let service = &self.model.services[self.model.entities[entity].service];
        service.endpoints.iter().any(|id| {
            let endpoint = &self.model.endpoints[*id];
            let in_body = |body: &Body| matches!(body, Body::Entity(seen) | Body::Page(seen) if *seen == entity);
            let acts = matches!(&endpoint.action,
                Action::Create(seen) | Action::Read(seen) | Action::Update(seen) | Action::List { entity: seen, .. } if *seen == entity);
            acts || in_body(&endpoint.request) || in_body(&endpoint.response)
        })
    }

    /// The path after which enums of an entity's fields are named: its contract's, where callers see it.
    pub fn entity_owner(&self, entity: EntityId) -> String {
        let declared = &self.model.entities[entity];
        let record = self.names.record(entity);
        if self.is_exposed(entity) {
            format!(
                "{}::api::{}",
                self.names.contract_lib(Party::Service(declared.service)),
                record.pascal()
            )
        } else {
            format!(
                "{}::model::{}",
                self.names.service_lib(declared.service),
                record.pascal()
            )
        }
    }

    /// The Rust type of an entity's field.
    pub fn entity_field(&self, entity: EntityId, field: &Field) -> RustType {
        let library = self
            .names
            .contract_lib(Party::Service(self.model.entities[entity].service));
        self.field(
            field,
            Place {
                owner: &self.entity_owner(entity),
                library: &library,
            },
        )
    }

    /// The fields of a type that is a record; none of any other.
    pub fn record_of(&self, ty: &Type) -> Fields {
        match self.model.resolved(ty) {
            Type::Named(id) => match &self.model.types[*id].definition {
                Definition::Record(fields) => fields.clone(),
                Definition::Alias(_) => Fields::default(),
            },
            _ => Fields::default(),
        }
    }

    /// Adds the named types that a type needs, through and through.
    pub fn needed(&self, ty: &Type, found: &mut BTreeSet<TypeId>) {
        match ty {
            Type::Array(item) => self.needed(item, found),
            Type::Named(id) if found.insert(*id) => match &self.model.types[*id].definition {
                Definition::Record(fields) => self.needed_by(fields, found),
                Definition::Alias(other) => self.needed(other, found),
            },
            _ => {}
        }
    }

    /// Adds the named types that some fields need.
    pub fn needed_by(&self, fields: &Fields, found: &mut BTreeSet<TypeId>) {
        fields
            .fields
            .iter()
            .for_each(|field| self.needed(&field.ty, found));
    }
}
