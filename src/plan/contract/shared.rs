//! Named types that a contract carries: each contract has its own copy, so that services share no domain library.

use std::collections::BTreeSet;

use serde::Serialize;

use super::limits::{LIMITED, limits};
use crate::model::arena::TypeId;
use crate::model::name::Name;
use crate::model::types::{Definition, Fields, Type};
use crate::plan::rust::{EnumDef, FieldDef, Scope, StructDef, sentence, words};
use crate::plan::types::{Place, Types};
use crate::plan::validation::Check;

/// `types.rs` of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct SharedTypes {
    /// What the file imports.
    pub imports: Scope,
    /// Its enums.
    pub enums: Vec<EnumDef>,
    /// Its structs.
    pub structs: Vec<SharedStruct>,
}

/// A struct, with what is checked of it.
#[derive(Debug, Clone, Serialize)]
pub struct SharedStruct {
    /// The struct.
    pub def: StructDef,
    /// What is checked beyond the types.
    pub checks: Vec<Check>,
}

pub(super) fn shared(
    types: &Types<'_>,
    named: &BTreeSet<TypeId>,
    lib: &str,
) -> Option<SharedTypes> {
    let mut scope = Scope::new(format!("{lib}::types"));
    for id in named {
        let declared = &types.model.types[*id];
        let name = declared.name.pascal();
        if let Definition::Record(fields) = &declared.definition {
            let enums = enums_in_place(fields, &name);
            enums.into_iter().for_each(|def| scope.define(def.name));
        }
        scope.define(name);
    }
    let (mut enums, mut structs) = (Vec::new(), Vec::new());
    for id in named {
        let declared = &types.model.types[*id];
        let name = declared.name.pascal();
        let doc = sentence(declared.description.as_deref(), &words(&declared.name));
        match &declared.definition {
            Definition::Alias(Type::Enum(words)) => enums.push(EnumDef::new(name, doc, words)),
            Definition::Alias(_) => {}
            Definition::Record(fields) => {
                let path = format!("{lib}::types::{name}");
                let place = Place {
                    owner: &path,
                    library: lib,
                };
                enums.extend(enums_in_place(fields, &name));
                let checks = limits(types, fields.fields.iter(), &mut scope);
                let fields = fields
                    .fields
                    .iter()
                    .map(|field| FieldDef::of(field, types.field(field, place), &mut scope));
                let def = StructDef {
                    name,
                    doc,
                    fields: fields.collect(),
                    strict: false,
                };
                structs.push(SharedStruct { def, checks });
            }
        }
    }
    if enums.is_empty() && structs.is_empty() {
        return None;
    }
    scope.all(["serde::Deserialize", "serde::Serialize"]);
    if structs.iter().any(|shared| !shared.checks.is_empty()) {
        scope.all(LIMITED);
    }
    Some(SharedTypes {
        imports: scope,
        enums,
        structs,
    })
}

/// The enums that fields declare in place, named after their owner.
pub fn enums_in_place(fields: &Fields, owner: &str) -> Vec<EnumDef> {
    fields
        .fields
        .iter()
        .filter_map(|field| in_place(&field.ty, &field.name, owner))
        .collect()
}

fn in_place(ty: &Type, field: &Name, owner: &str) -> Option<EnumDef> {
    match ty {
        Type::Enum(alternatives) => {
            let doc = format!("What `{field}` may be.");
            Some(EnumDef::new(
                format!("{owner}{}", field.pascal()),
                doc,
                alternatives,
            ))
        }
        Type::Array(item) => in_place(item, field, owner),
        _ => None,
    }
}
