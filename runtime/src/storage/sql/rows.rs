//! Rows of tables.

use async_trait::async_trait;
use uuid::Uuid;

use super::condition::Condition;
use super::{Session, SqlTransaction, count, quote};
use crate::storage::{Filter, Kind, Row, Rows, Select, StoreError, StoreResult, Table, Value};

#[async_trait]
impl<S: Session> Rows for SqlTransaction<S> {
    async fn insert_row(&mut self, table: &Table<'_>, row: &Row) -> StoreResult<()> {
        let mut columns = Vec::new();
        let mut arguments = Vec::new();
        for (name, value) in row.iter() {
            columns.push(quote(name));
            arguments.push(value.clone().coerce(table.column(name)?.kind)?);
        }
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        // Without `ON CONFLICT` a refused row would end the whole transaction in some databases.
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
            quote(table.name),
            columns.join(", "),
            places.join(", ")
        );
        if self.0.execute(sql.into(), arguments).await? == 1 {
            return Ok(());
        }
        Err(StoreError::Conflict {
            table: table.name.to_owned(),
            detail: "its identifier or a unique column is taken".to_owned(),
        })
    }

    async fn select_rows(
        &mut self,
        table: &Table<'_>,
        select: Select<'_>,
    ) -> StoreResult<Vec<Row>> {
        let dialect = self.0.dialect();
        let mut condition = Condition::new(table, dialect);
        let mut wheres = condition.filter(select.filter)?;
        if let Some(position) = select.after {
            wheres = format!(
                "({wheres}) AND {}",
                condition.after(select.order, position)?
            );
        }
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| quote(column.name))
            .collect();
        let mut sql = format!(
            "SELECT {} FROM {} WHERE {wheres}",
            columns.join(", "),
            quote(table.name)
        );
        sql.push_str(&condition.order(select.order)?);
        if let Some(limit) = select.limit {
            let limit = condition.argument(Value::Int(i64::from(limit)));
            sql.push_str(" LIMIT ");
            sql.push_str(&limit);
        }
        if select.lock {
            sql.push_str(dialect.lock);
        }
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        let rows = self
            .0
            .query(sql.into(), condition.arguments, &kinds)
            .await?;
        Ok(rows
            .into_iter()
            .map(|values| named(table, values))
            .collect())
    }

    async fn count_rows(&mut self, table: &Table<'_>, filter: &Filter) -> StoreResult<u64> {
        let mut condition = Condition::new(table, self.0.dialect());
        let wheres = condition.filter(filter)?;
        let sql = format!("SELECT COUNT(*) FROM {} WHERE {wheres}", quote(table.name));
        Ok(count(
            &self
                .0
                .query(sql.into(), condition.arguments, &[Kind::Int])
                .await?,
        ))
    }

    async fn update_row(
        &mut self,
        table: &Table<'_>,
        id: Uuid,
        version: i64,
        changes: &[(String, Value)],
    ) -> StoreResult<bool> {
        let mut sets = Vec::new();
        let mut arguments = Vec::new();
        for (name, value) in changes {
            arguments.push(value.clone().coerce(table.column(name)?.kind)?);
            sets.push(format!("{} = ${}", quote(name), arguments.len()));
        }
        arguments.push(Value::Uuid(id));
        arguments.push(Value::Int(version));
        let sql = format!(
            "UPDATE {} SET {} WHERE \"id\" = ${} AND \"version\" = ${}",
            quote(table.name),
            sets.join(", "),
            arguments.len() - 1,
            arguments.len()
        );
        Ok(self.0.execute(sql.into(), arguments).await? == 1)
    }

    async fn delete_row(&mut self, table: &Table<'_>, id: Uuid) -> StoreResult<bool> {
        let sql = format!("DELETE FROM {} WHERE \"id\" = $1", quote(table.name));
        Ok(self.0.execute(sql.into(), vec![Value::Uuid(id)]).await? == 1)
    }
}

fn named(table: &Table<'_>, values: Vec<Value>) -> Row {
    table
        .columns
        .iter()
        .map(|column| column.name.to_owned())
        .zip(values)
        .collect()
}
