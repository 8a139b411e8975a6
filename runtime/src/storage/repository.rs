//! Entities of one type within a unit of work.

use std::marker::PhantomData;

use uuid::Uuid;

use super::change::{self, Change, Floor};
use super::{
    Filter, Listing, Order, Position, Query, Record, Row, Select, StoreError, StoreResult,
    UnitOfWork, Value,
};
use crate::problem::FieldError;

/// Reads and changes the records of one type. Every change is part of the unit of work, and undone with it.
pub struct Repository<'u, T> {
    uow: &'u mut UnitOfWork,
    record: PhantomData<fn() -> T>,
}

impl<'u, T: Record> Repository<'u, T> {
    pub(super) fn new(uow: &'u mut UnitOfWork) -> Self {
        Self {
            uow,
            record: PhantomData,
        }
    }

    /// Adds a record, at version 1 and with the time of now; a nil identifier is replaced by a new one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when such a record exists already, [`StoreError::Unfit`] when it breaks the limits of its fields.
    pub async fn insert(&mut self, record: T) -> StoreResult<T> {
        unfit::<T>(change::beyond(&record, |_| true))?;
        let now = self.uow.now();
        let id = if record.id().is_nil() {
            Uuid::now_v7()
        } else {
            record.id()
        };
        let row = record
            .to_row()?
            .with("id", id)
            .with("version", 1_i64)
            .with("created_at", now)
            .with("updated_at", now);
        self.uow.rows().insert_row(&T::TABLE, &row).await?;
        self.uow.note((T::TABLE.name, id), |log| {
            log.created(&T::TABLE, id);
            Ok(())
        })?;
        T::from_row(&row)
    }

    /// The record of an identifier, if there is one. In a unit of work that writes it is held against others until the end, so that
    /// what was read of it is still true when it is changed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(&mut self, id: Uuid) -> StoreResult<Option<T>> {
        let filter = Filter::eq("id", id);
        if !self.uow.writes() {
            return self.first(filter).await;
        }
        let rows = change::locked(self.uow.rows(), &T::TABLE, &filter).await?;
        rows.first().map(T::from_row).transpose()
    }

    /// The record of an identifier, held like that of [`find`](Self::find).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn get(&mut self, id: Uuid) -> StoreResult<T> {
        self.find(id)
            .await?
            .ok_or_else(|| not_found::<T>(&Filter::eq("id", id)))
    }

    /// The first record that meets a condition, by identifier.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn first(&mut self, filter: Filter) -> StoreResult<Option<T>> {
        Ok(self.list(Query::filter(filter).limit(1)).await?.items.pop())
    }

    /// How many records meet a condition.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count(&mut self, filter: &Filter) -> StoreResult<u64> {
        self.uow.rows().count_rows(&T::TABLE, filter).await
    }

    /// One page of a list.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] when the cursor belongs to no such list.
    pub async fn list(&mut self, query: Query) -> StoreResult<Listing<T>> {
        let order = query.order.unwrap_or_else(|| Order::ascending("id"));
        let after = query
            .cursor
            .map(|cursor| Position::parse(&cursor, &T::TABLE, &order))
            .transpose()?;
        // One more than asked for tells whether there is a next page.
        let limit = Some(query.limit.saturating_add(1));
        let select = Select {
            filter: &query.filter,
            order: &order,
            after: after.as_ref(),
            limit,
            lock: false,
        };
        let mut rows = self.uow.rows().select_rows(&T::TABLE, select).await?;
        let more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(position(last, &order)?.to_cursor()),
            _ => None,
        };
        let items = rows.iter().map(T::from_row).collect::<StoreResult<_>>()?;
        Ok(Listing { items, next_cursor })
    }

    /// Writes a record that was read and changed; its version rises.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when the stored record is no longer at the version of this one, [`StoreError::NotFound`] when there is none,
    /// [`StoreError::Unfit`] when what changed breaks the limits of its field.
    pub async fn update(&mut self, record: T) -> StoreResult<T> {
        let (id, expected) = (record.id(), record.version());
        let old = self.locked(&Filter::eq("id", id)).await?.remove(0);
        if old.get::<i64>("version")? != expected {
            return Err(StoreError::Changed {
                table: T::TABLE.name.to_owned(),
                id: id.to_string(),
                expected,
            });
        }
        let kept = ["id", "version", "created_at", "updated_at"];
        let row = record.to_row()?;
        let values = row
            .iter()
            .filter(|(column, value)| !kept.contains(column) && old.value(column) != Some(value));
        let values: Vec<(String, Value)> = values
            .map(|(column, value)| (column.to_owned(), value.clone()))
            .collect();
        unfit::<T>(change::beyond(&record, written(&values)))?;
        T::from_row(&self.write(&old, values).await?)
    }

    /// Removes a record.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn delete(&mut self, id: Uuid) -> StoreResult<()> {
        let old = self.locked(&Filter::eq("id", id)).await?.remove(0);
        self.uow.rows().delete_row(&T::TABLE, id).await?;
        self.uow
            .note((T::TABLE.name, id), |log| log.deleted(&T::TABLE, old))
    }

    /// Gives columns of all records that meet a condition new values.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no record meets the condition, [`StoreError::Unfit`] when a value breaks the limits of its field.
    pub async fn set<V: Into<Value> + Clone>(
        &mut self,
        filter: Filter,
        values: &[(&str, V)],
    ) -> StoreResult<Vec<T>> {
        let values = owned(values);
        let mut changed = Vec::new();
        for row in self.locked(&filter).await? {
            let values = Change::Set(&values).values(&T::TABLE, &row)?;
            let next = T::from_row(&change::changed(&row, &values))?;
            unfit::<T>(change::beyond(&next, written(&values)))?;
            changed.push(T::from_row(&self.write(&row, values).await?)?);
        }
        Ok(changed)
    }

    /// Adds to numbers of all records that meet a condition, exactly, unless one of them would fall below a floor or out of its limits.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when a floor would be broken, [`StoreError::Beyond`] when a limit would be, [`StoreError::NotFound`] when no record meets the condition. Records
    /// before the one that was refused are changed already: the unit of work must not be committed then.
    pub async fn adjust<V: Into<Value> + Clone>(
        &mut self,
        filter: Filter,
        deltas: &[(&str, V)],
        floors: &[Floor],
    ) -> StoreResult<Vec<T>> {
        let deltas = owned(deltas);
        let mut changed = Vec::new();
        for row in self.locked(&filter).await? {
            let values = Change::Add(&deltas).values(&T::TABLE, &row)?;
            change::check(&T::TABLE, &values, floors)?;
            let next = T::from_row(&change::changed(&row, &values))?;
            let errors = change::beyond(&next, written(&values));
            if !errors.is_empty() {
                let table = T::TABLE.name.to_owned();
                return Err(StoreError::Beyond { table, errors });
            }
            let now = self.uow.now();
            let new = change::write(self.uow.rows(), &T::TABLE, &row, values, now).await?;
            let id = row.get("id")?;
            self.uow.note((T::TABLE.name, id), |log| {
                log.adjusted(&T::TABLE, id, &deltas)
            })?;
            changed.push(T::from_row(&new)?);
        }
        Ok(changed)
    }

    async fn locked(&mut self, filter: &Filter) -> StoreResult<Vec<Row>> {
        let rows = change::locked(self.uow.rows(), &T::TABLE, filter).await?;
        if rows.is_empty() {
            Err(not_found::<T>(filter))
        } else {
            Ok(rows)
        }
    }

    async fn write(&mut self, old: &Row, values: Vec<(String, Value)>) -> StoreResult<Row> {
        let before = |(column, _): &(String, Value)| {
            (
                column.clone(),
                old.value(column).cloned().unwrap_or(Value::Null),
            )
        };
        let from = values.iter().map(before).collect();
        let now = self.uow.now();
        let new = change::write(self.uow.rows(), &T::TABLE, old, values, now).await?;
        let id = old.get("id")?;
        self.uow
            .note((T::TABLE.name, id), |log| log.set(&T::TABLE, id, from))?;
        Ok(new)
    }
}

/// Whether a column is among those that are written: what was stored before a limit was drawn stands in nobody's way.
fn written(values: &[(String, Value)]) -> impl Fn(&str) -> bool {
    |column| values.iter().any(|(written, _)| written == column)
}

fn unfit<T: Record>(errors: Vec<FieldError>) -> StoreResult<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let table = T::TABLE.name.to_owned();
    Err(StoreError::Unfit { table, errors })
}

fn owned<V: Into<Value> + Clone>(values: &[(&str, V)]) -> Vec<(String, Value)> {
    values
        .iter()
        .map(|(column, value)| ((*column).to_owned(), value.clone().into()))
        .collect()
}

fn position(row: &Row, order: &Order) -> StoreResult<Position> {
    let value = row.value(&order.column).cloned().unwrap_or(Value::Null);
    Ok(Position {
        value,
        id: row.get("id")?,
    })
}

fn not_found<T: Record>(filter: &Filter) -> StoreError {
    StoreError::NotFound {
        table: T::TABLE.name.to_owned(),
        columns: filter.columns(),
    }
}
