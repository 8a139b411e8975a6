//! Owned data: a record struct tied to its table, and how callers see it.

use serde::Serialize;

use crate::model::arena::EntityId;
use crate::model::service::Party;
use crate::model::types::Field;
use crate::plan::contract::{common_fields, enums_in_place, free_form};
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope, StructDef, sentence, words};
use crate::plan::types::Types;
use crate::plan::validation::{Check, checks};

/// `model/<record>.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct EntityPlan {
    /// The module.
    pub module: String,
    /// The data's name, as written.
    pub name: String,
    /// The table.
    pub table: String,
    /// What the file imports.
    pub imports: Scope,
    /// Enums of fields, where callers do not see the record.
    pub enums: Vec<EnumDef>,
    /// The struct.
    pub def: StructDef,
    /// Field → kind of its column.
    pub columns: Vec<ColumnPlan>,
    /// What `model/mod.rs` takes out of the module.
    pub exports: String,
    /// What its fields allow beyond their types, by column.
    pub checks: Vec<Check>,
    /// The type that callers see, where they do.
    pub resource: Option<String>,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnPlan {
    /// The struct's field.
    pub ident: String,
    /// Its name in the table.
    pub name: String,
    /// Its kind, as the runtime calls it.
    pub kind: String,
    /// Its type in SQL.
    pub sql: String,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether no two records share a value.
    pub unique: bool,
}

/// Plans one entity.
pub fn entity(types: &Types<'_>, id: EntityId) -> EntityPlan {
    let declared = &types.model.entities[id];
    let record = types.names.record(id);
    let lib = types.names.service_lib(declared.service);
    let mut scope = Scope::new(format!("{lib}::model"));
    let exposed = types.is_exposed(id);
    let hidden = declared.fields.as_ref().filter(|_| !exposed);
    let enums = hidden.map_or_else(Vec::new, |own| enums_in_place(own, &record.pascal()));
    let name = format!("{}Record", record.pascal());
    let own = enums.iter().map(|def| def.name.as_str());
    own.chain([name.as_str()]).for_each(|own| scope.define(own));
    scope.import("msarch_runtime::record");
    let fields = fields(types, id, &mut scope);
    let unique: Vec<&str> = declared
        .fields
        .iter()
        .flat_map(|own| &own.fields)
        .filter(|field| field.unique)
        .map(|field| field.name.snake())
        .collect();
    if !enums.is_empty() {
        scope.all(["serde::Deserialize", "serde::Serialize"]);
    }
    let resource = exposed.then(|| {
        let lib = types.names.contract_lib(Party::Service(declared.service));
        scope.import(&format!("{lib}::api::{}", record.pascal()))
    });
    let columns = fields
        .iter()
        .map(|field| column(field, unique.contains(&field.bare.as_str())))
        .collect();
    let own = declared.fields.iter().flat_map(|own| &own.fields);
    let checks = checks(types.model, own, column_name);
    if !checks.is_empty() {
        scope.all([
            "msarch_runtime::validate::Checks",
            "msarch_runtime::validate::Limited",
        ]);
    }
    let doc = sentence(
        declared.description.as_deref(),
        &format!("one of the {}", words(&declared.name)),
    );
    EntityPlan {
        module: record.identifier(),
        name: declared.name.as_str().to_owned(),
        table: declared.name.snake().to_owned(),
        def: StructDef {
            name: name.clone(),
            doc,
            fields,
            strict: false,
        },
        exports: exports(&enums, &name),
        imports: scope,
        enums,
        columns,
        checks,
        resource,
    }
}

fn column_name(field: &Field) -> String {
    field.name.identifier().trim_start_matches("r#").to_owned()
}

/// The record's fields: those that every record has, and its own.
fn fields(types: &Types<'_>, id: EntityId, scope: &mut Scope) -> Vec<FieldDef> {
    let mut fields = common_fields(scope);
    match &types.model.entities[id].fields {
        Some(own) => fields.extend(
            own.fields
                .iter()
                .map(|field| FieldDef::of(field, types.entity_field(id, field), scope)),
        ),
        None => {
            let (field, rust) = free_form(false);
            fields.push(FieldDef::of(&field, rust, scope));
        }
    }
    fields
}

fn exports(enums: &[EnumDef], record: &str) -> String {
    let mut names: Vec<&str> = enums
        .iter()
        .map(|def| def.name.as_str())
        .chain([record])
        .collect();
    names.sort_unstable();
    match names.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{{{}}}", many.join(", ")),
    }
}

fn column(field: &FieldDef, unique: bool) -> ColumnPlan {
    let (kind, sql) = match field.rust.inner() {
        RustType::Uuid => ("Uuid", "TEXT"),
        RustType::String => ("Text", "TEXT"),
        RustType::Integer => ("Int", "BIGINT"),
        RustType::Number => ("Float", "DOUBLE PRECISION"),
        RustType::Decimal => ("Decimal", "TEXT"),
        RustType::Boolean => ("Bool", "BOOLEAN"),
        RustType::Date => ("Date", "TEXT"),
        RustType::Timestamp => ("Time", "TEXT"),
        RustType::Enum(_) => ("Enum", "TEXT"),
        RustType::Json | RustType::Struct(_) | RustType::Vec(_) | RustType::Option(_) => {
            ("Json", "TEXT")
        }
    };
    ColumnPlan {
        ident: field.ident.clone(),
        name: field.bare.clone(),
        kind: kind.to_owned(),
        sql: sql.to_owned(),
        nullable: field.optional,
        unique,
    }
}
