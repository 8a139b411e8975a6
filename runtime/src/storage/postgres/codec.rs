//! How values lie in PostgreSQL: each in the native type of its kind.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, Postgres};
use sqlx::query::Query;
use sqlx::{Encode, Row as _, Type};
use uuid::Uuid;

use crate::storage::{Kind, StoreError, StoreResult, Value};

/// The type `unknown`: the server infers what an argument of it is from where it stands.
const UNKNOWN: Oid = Oid(705);

pub(super) fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    value: &Value,
) -> Query<'q, Postgres, PgArguments> {
    match value {
        Value::Null => query.bind(Inferred(None)),
        Value::Json(value) => query.bind(Inferred(Some(value.clone()))),
        Value::Bool(value) => query.bind(*value),
        Value::Int(value) => query.bind(*value),
        Value::Float(value) => query.bind(*value),
        Value::Text(value) => query.bind(value.clone()),
        Value::Decimal(value) => query.bind(*value),
        Value::Uuid(value) => query.bind(*value),
        Value::Time(value) => query.bind(*value),
        Value::Date(value) => query.bind(*value),
    }
}

/// Nothing, which is of every type; or a document, which a column keeps as `json` or as `jsonb`.
struct Inferred(Option<Json>);

impl Type<Postgres> for Inferred {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(UNKNOWN)
    }
}

impl Encode<'_, Postgres> for Inferred {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.0 {
            Some(document) => {
                Encode::<Postgres>::encode_by_ref(&sqlx::types::Json(document), buffer)
            }
            None => Ok(IsNull::Yes),
        }
    }
}

pub(super) fn decode(row: &PgRow, kinds: &[Kind]) -> StoreResult<Vec<Value>> {
    kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| column(row, at, *kind))
        .collect()
}

fn column(row: &PgRow, at: usize, kind: Kind) -> StoreResult<Value> {
    let value = match kind {
        Kind::Bool => row.try_get::<Option<bool>, _>(at).map(Value::from),
        Kind::Int => row.try_get::<Option<i64>, _>(at).map(Value::from),
        Kind::Float => row.try_get::<Option<f64>, _>(at).map(Value::from),
        Kind::Text => row.try_get::<Option<String>, _>(at).map(Value::from),
        Kind::Decimal => row.try_get::<Option<Decimal>, _>(at).map(Value::from),
        Kind::Uuid => row.try_get::<Option<Uuid>, _>(at).map(Value::from),
        Kind::Time => row.try_get::<Option<DateTime<Utc>>, _>(at).map(Value::from),
        Kind::Date => row.try_get::<Option<NaiveDate>, _>(at).map(Value::from),
        Kind::Json => row.try_get::<Option<Json>, _>(at).map(Value::from),
    };
    value.map_err(|source| StoreError::backend("read a column", source))
}
