//! The tables that the model wants, with what fills rows that were written before a column was there.

use serde_json::{Map, Value as Json, json};

use super::declared;
use super::schema::{Column, Distinct, Schema, Table};
use super::sql::Dialect;
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::types::{Definition, Field, Limits, Type};
use crate::plan::service::{ColumnPlan, EntityPlan};

/// The tables of a service.
pub(in crate::plan) fn schema(
    model: &Model,
    service: ServiceId,
    entities: &[EntityPlan],
    dialect: Dialect,
) -> Schema {
    let declared = model.services[service]
        .entities
        .iter()
        .map(|id| &model.entities[*id]);
    let tables = declared.zip(entities).map(|(declared, planned)| {
        let field = |column: &ColumnPlan| declared.fields.as_ref()?.find(&column.name);
        let identifier = declared
            .fields
            .as_ref()
            .and_then(|fields| fields.find("id"));
        let uuids = identifier.is_none_or(|id| *model.resolved(&id.ty) == Type::Uuid);
        let columns = planned.columns.iter().map(|column| Column {
            sql: sql_type(column, dialect),
            ..self::column(model, column, field(column), uuids)
        });
        let renamed_from = declared
            .renamed_from
            .as_ref()
            .map(|name| name.snake().to_owned());
        (
            planned.table.clone(),
            Table {
                columns: columns.collect(),
                renamed_from,
            },
        )
    });
    Schema {
        tables: tables.collect(),
    }
}

/// The native type of a kind of column. Texts are in the order of their characters' codes, as in SQLite and in the pages of a list.
fn sql_type(planned: &ColumnPlan, dialect: Dialect) -> String {
    let native = match (dialect, planned.kind.as_str()) {
        (Dialect::Sqlite, _) => planned.sql.as_str(),
        (_, "Uuid") => "UUID",
        (_, "Int") => "BIGINT",
        (_, "Float") => "DOUBLE PRECISION",
        (_, "Decimal") => "NUMERIC",
        (_, "Bool") => "BOOLEAN",
        (_, "Date") => "DATE",
        (_, "Time") => "TIMESTAMPTZ",
        (_, "Json") => "JSONB",
        _ => "TEXT COLLATE \"C\"",
    };
    native.to_owned()
}

fn column(model: &Model, planned: &ColumnPlan, field: Option<&Field>, uuids: bool) -> Column {
    let default = field.and_then(|field| field.default.as_ref());
    let filler = match (default, field) {
        (Some(default), _) => literal(default, planned),
        (None, Some(field)) => literal(&model.sample(&field.ty), planned),
        (None, None) => literal(&Json::Null, planned),
    };
    let declared = field.map_or_else(
        // A column that no field declares: the identifier, or the document of a record without fields.
        || planned.kind.to_lowercase(),
        |field| declared::word(model, &field.ty),
    );
    Column {
        name: planned.name.clone(),
        sql: planned.sql.clone(),
        declared,
        nullable: planned.nullable,
        unique: planned.unique,
        filler,
        filler_is_default: default.is_some(),
        distinct: field.map_or(Distinct::Identifier, |field| {
            distinct(model.resolved(&field.ty), &field.limits, uuids)
        }),
        renamed_from: field.and_then(|field| Some(field.renamed_from.as_ref()?.snake().to_owned())),
    }
}

/// What can fill a unique column of a type; `uuids` says whether rows are identified by such.
fn distinct(ty: &Type, limits: &Limits, uuids: bool) -> Distinct {
    let unlimited = *limits == Limits::default();
    let fits = |length: u64| {
        limits.pattern.is_none()
            && limits.min_length.is_none_or(|least| least <= length)
            && limits.max_length.is_none_or(|most| most >= length)
    };
    match ty {
        Type::Uuid if uuids => Distinct::Identifier,
        Type::String if unlimited || uuids && fits(UUID_LENGTH) => Distinct::Identifier,
        // Nobody knows how many rows there are, so nobody knows that they stay below a limit.
        Type::Integer | Type::Number if limits.max.is_none() => {
            Distinct::NumberAbove(limits.min.map_or(0, below))
        }
        _ => Distinct::Nothing,
    }
}

const UUID_LENGTH: u64 = 36;

/// The number below the first that is allowed and positive.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of floats stops at the ends of integers"
)]
fn below(least: f64) -> i64 {
    (least.ceil() as i64).saturating_sub(1).max(0)
}

/// A JSON value as the SQL literal that the runtime's store would have written.
fn literal(value: &Json, column: &ColumnPlan) -> String {
    match (value, column.kind.as_str()) {
        (Json::Bool(true), "Bool") => "TRUE".to_owned(),
        (Json::Bool(false), "Bool") => "FALSE".to_owned(),
        (Json::Number(number), "Int" | "Float") => number.to_string(),
        (Json::String(text), "Time") => quoted(&with_micros(text)),
        (Json::String(text), kind) if kind != "Json" => quoted(text),
        (other, _) => quoted(&other.to_string()),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Moments are stored with six digits, so that their texts sort as they do.
fn with_micros(text: &str) -> String {
    match text.strip_suffix('Z') {
        Some(whole) if !whole.contains('.') => format!("{whole}.000000Z"),
        _ => text.to_owned(),
    }
}

impl Model {
    /// The plainest value of a type: nothing, zero, the first word.
    fn sample(&self, ty: &Type) -> Json {
        match ty {
            Type::Uuid => json!("00000000-0000-0000-0000-000000000000"),
            Type::String => json!(""),
            Type::Integer | Type::Number => json!(0),
            Type::Decimal => json!("0"),
            Type::Boolean => json!(false),
            Type::Date => json!("1970-01-01"),
            Type::Timestamp => json!("1970-01-01T00:00:00Z"),
            Type::Json | Type::Unknown => Json::Null,
            Type::Enum(words) => json!(words.first()),
            Type::Array(_) => json!([]),
            Type::Named(id) => match &self.types[*id].definition {
                Definition::Alias(alias) => self.sample(alias),
                Definition::Record(record) => Json::Object(self.sample_record(&record.fields)),
            },
        }
    }

    fn sample_record(&self, fields: &[Field]) -> Map<String, Json> {
        let required = fields.iter().filter(|field| field.required);
        required
            .map(|field| (field.name.as_str().to_owned(), self.sample(&field.ty)))
            .collect()
    }
}
