//! How values lie in SQLite: identifiers, moments, dates, decimals and JSON as text, each in the one form that compares well.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{Row as _, ValueRef as _};

use crate::storage::{Kind, StoreError, StoreResult, Value};

/// The collation that orders decimals by their values.
pub(super) const DECIMAL: &str = "msarch_decimal";

/// Fixed width, so that the order of the texts is the order of the moments.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

pub(super) fn compare_decimals(left: &str, right: &str) -> Ordering {
    match (
        Decimal::from_str_exact(left),
        Decimal::from_str_exact(right),
    ) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.cmp(right),
    }
}

pub(super) fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    value: &Value,
) -> Query<'q, Sqlite, SqliteArguments> {
    match value {
        Value::Null => query.bind(None::<String>),
        Value::Bool(value) => query.bind(*value),
        Value::Int(value) => query.bind(*value),
        Value::Float(value) => query.bind(*value),
        Value::Text(value) => query.bind(value.clone()),
        Value::Decimal(value) => query.bind(value.to_string()),
        Value::Uuid(value) => query.bind(value.to_string()),
        Value::Time(value) => query.bind(value.format(TIME).to_string()),
        Value::Date(value) => query.bind(value.to_string()),
        Value::Json(value) => query.bind(value.to_string()),
    }
}

pub(super) fn decode(row: &SqliteRow, kinds: &[Kind]) -> StoreResult<Vec<Value>> {
    kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| column(row, at, *kind))
        .collect()
}

fn column(row: &SqliteRow, at: usize, kind: Kind) -> StoreResult<Value> {
    let failed = |source| StoreError::backend("read a column", source);
    if row.try_get_raw(at).map_err(failed)?.is_null() {
        return Ok(Value::Null);
    }
    Ok(match kind {
        Kind::Bool => Value::Bool(row.try_get_unchecked::<i64, _>(at).map_err(failed)? != 0),
        Kind::Int => Value::Int(row.try_get_unchecked(at).map_err(failed)?),
        Kind::Float => Value::Float(row.try_get_unchecked(at).map_err(failed)?),
        _ => text(row.try_get_unchecked(at).map_err(failed)?, kind)?,
    })
}

fn text(text: String, kind: Kind) -> StoreResult<Value> {
    let corrupt = |source: Box<dyn std::error::Error + Send + Sync>| {
        StoreError::corrupt(format!("`{text}` as {kind:?}"), source)
    };
    match kind {
        Kind::Json => serde_json::from_str(&text)
            .map(Value::Json)
            .map_err(|e| corrupt(e.into())),
        Kind::Time => text
            .parse::<DateTime<Utc>>()
            .map(Value::Time)
            .map_err(|e| corrupt(e.into())),
        kind => Value::Text(text).coerce(kind),
    }
}
