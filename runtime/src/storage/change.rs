//! Changes of stored records: values set, numbers adjusted exactly and never below a floor.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Filter, Order, Record, Row, Select, StoreError, StoreResult, Table, Transaction, Value,
};
use crate::problem::FieldError;
use crate::validate::Checks;

/// The least that a number may become.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    pub(super) column: String,
    pub(super) least: Value,
}

impl Floor {
    /// The column may not fall below a value.
    pub fn at_least(column: &str, least: impl Into<Value>) -> Self {
        Self {
            column: column.to_owned(),
            least: least.into(),
        }
    }
}

/// What is done to the columns of a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'a> {
    /// They are given these values.
    Set(&'a [(String, Value)]),
    /// These numbers are added to them.
    Add(&'a [(String, Value)]),
}

impl Change<'_> {
    /// The values that the record's columns will have.
    pub(super) fn values(&self, table: &Table<'_>, row: &Row) -> StoreResult<Vec<(String, Value)>> {
        match self {
            Self::Set(values) => values
                .iter()
                .map(|(column, value)| {
                    Ok((
                        column.clone(),
                        value.clone().coerce(table.column(column)?.kind)?,
                    ))
                })
                .collect(),
            Self::Add(deltas) => deltas
                .iter()
                .map(|(column, delta)| Ok((column.clone(), sum(table, column, row, delta)?)))
                .collect(),
        }
    }
}

/// The records that meet a condition, held until the transaction ends.
pub(super) async fn locked(
    transaction: &mut dyn Transaction,
    table: &Table<'_>,
    filter: &Filter,
) -> StoreResult<Vec<Row>> {
    let order = Order::ascending("id");
    transaction
        .select_rows(
            table,
            Select {
                filter,
                order: &order,
                after: None,
                limit: None,
                lock: true,
            },
        )
        .await
}

/// Changes one record. Says whether it is there.
pub(super) async fn one(
    transaction: &mut dyn Transaction,
    table: &Table<'_>,
    id: Uuid,
    change: &Change<'_>,
    now: DateTime<Utc>,
) -> StoreResult<bool> {
    let Some(row) = locked(transaction, table, &Filter::eq("id", id))
        .await?
        .pop()
    else {
        return Ok(false);
    };
    let values = change.values(table, &row)?;
    write(transaction, table, &row, values, now).await?;
    Ok(true)
}

/// Writes values to a record that was read in this transaction; its version rises. Gives back the record as it is then.
pub(super) async fn write(
    transaction: &mut dyn Transaction,
    table: &Table<'_>,
    row: &Row,
    mut values: Vec<(String, Value)>,
    now: DateTime<Utc>,
) -> StoreResult<Row> {
    let (id, version): (Uuid, i64) = (row.get("id")?, row.get("version")?);
    values.push(("version".to_owned(), Value::Int(version + 1)));
    values.push(("updated_at".to_owned(), Value::from(now)));
    if !transaction.update_row(table, id, version, &values).await? {
        return Err(StoreError::Changed {
            table: table.name.to_owned(),
            id: id.to_string(),
            expected: version,
        });
    }
    Ok(changed(row, &values))
}

/// A row with some values written to it.
pub(super) fn changed(row: &Row, values: &[(String, Value)]) -> Row {
    let mut changed = row.clone();
    for (column, value) in values {
        changed.set(column, value.clone());
    }
    changed
}

/// Refuses values that lie below a floor.
pub(super) fn check(
    table: &Table<'_>,
    values: &[(String, Value)],
    floors: &[Floor],
) -> StoreResult<()> {
    for floor in floors {
        let Some((_, value)) = values.iter().find(|(column, _)| *column == floor.column) else {
            continue;
        };
        if number(value)? < number(&floor.least)? {
            return Err(StoreError::Refused {
                table: table.name.to_owned(),
                column: floor.column.clone(),
                floor: number(&floor.least)?.to_string(),
            });
        }
    }
    Ok(())
}

/// The limits that some columns of a record break.
pub(super) fn beyond<T: Record>(record: &T, looked_at: impl Fn(&str) -> bool) -> Vec<FieldError> {
    let mut errors = record.limits(Checks::new()).into_errors();
    errors.retain(|error| {
        let column = error.pointer.split('/').nth(1);
        looked_at(column.unwrap_or_default())
    });
    errors
}

/// The same amount in the other direction.
pub(super) fn negated(delta: &Value) -> StoreResult<Value> {
    match delta {
        Value::Int(value) => Ok(value
            .checked_neg()
            .map_or_else(|| Value::Decimal(-Decimal::from(*value)), Value::Int)),
        Value::Decimal(value) => Ok(Value::Decimal(-*value)),
        Value::Float(value) => Ok(Value::Float(-value)),
        other => Err(not_a_number(other)),
    }
}

fn sum(table: &Table<'_>, column: &str, row: &Row, delta: &Value) -> StoreResult<Value> {
    let kind = table.column(column)?.kind;
    let sum = match (
        row.value(column).unwrap_or(&Value::Null),
        delta.clone().coerce(kind)?,
    ) {
        (Value::Int(old), Value::Int(delta)) => old.checked_add(delta).map(Value::Int),
        (Value::Decimal(old), Value::Decimal(delta)) => old.checked_add(delta).map(Value::Decimal),
        (Value::Float(old), Value::Float(delta)) => {
            Some(Value::Float(old + delta)).filter(|_| (old + delta).is_finite())
        }
        // An empty number counts as nothing yet.
        (Value::Null, delta) => Some(delta),
        (other, _) => return Err(not_a_number(other)),
    };
    sum.ok_or_else(|| StoreError::Overflow {
        table: table.name.to_owned(),
        column: column.to_owned(),
    })
}

fn number(value: &Value) -> StoreResult<Decimal> {
    let number = match value {
        Value::Int(value) => Some(Decimal::from(*value)),
        Value::Decimal(value) => Some(*value),
        Value::Float(value) => Decimal::from_f64_retain(*value),
        Value::Null => Some(Decimal::ZERO),
        _ => None,
    };
    number.ok_or_else(|| not_a_number(value))
}

fn not_a_number(value: &Value) -> StoreError {
    StoreError::Kind {
        expected: super::Kind::Decimal,
        found: value.kind(),
    }
}
