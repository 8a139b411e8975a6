//! What a unit of work did to rows, written down so that it can be taken back later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::{self, Change};
use super::{Column, Kind, Row, StoreResult, Table, Transaction, Value};
use chrono::{DateTime, Utc};

/// The changes of a unit of work, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UndoLog(Vec<Undo>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "was")]
enum Undo {
    Created {
        table: String,
        id: Uuid,
    },
    Adjusted {
        table: String,
        id: Uuid,
        by: Vec<Cell>,
    },
    Set {
        table: String,
        id: Uuid,
        from: Vec<Cell>,
    },
    Deleted {
        table: String,
        row: Vec<Cell>,
    },
}

/// A column with its kind and a value: enough to write it back without knowing the rest of its table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cell {
    column: String,
    kind: Kind,
    value: Value,
}

impl UndoLog {
    /// Whether nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn created(&mut self, table: &Table<'_>, id: Uuid) {
        self.0.push(Undo::Created {
            table: table.name.to_owned(),
            id,
        });
    }

    pub(super) fn adjusted(
        &mut self,
        table: &Table<'_>,
        id: Uuid,
        by: &[(String, Value)],
    ) -> StoreResult<()> {
        let by = cells(table, by.iter().cloned())?;
        self.0.push(Undo::Adjusted {
            table: table.name.to_owned(),
            id,
            by,
        });
        Ok(())
    }

    pub(super) fn set(
        &mut self,
        table: &Table<'_>,
        id: Uuid,
        from: Vec<(String, Value)>,
    ) -> StoreResult<()> {
        let from = cells(table, from)?;
        self.0.push(Undo::Set {
            table: table.name.to_owned(),
            id,
            from,
        });
        Ok(())
    }

    pub(super) fn deleted(&mut self, table: &Table<'_>, row: Row) -> StoreResult<()> {
        let row = cells(table, row.into_values())?;
        self.0.push(Undo::Deleted {
            table: table.name.to_owned(),
            row,
        });
        Ok(())
    }

    /// The records that were changed, with their tables.
    pub(super) fn records(&self) -> impl Iterator<Item = (&str, Uuid)> {
        self.0.iter().filter_map(Undo::record)
    }

    /// Takes everything back, the last change first.
    pub(super) async fn apply(
        &self,
        transaction: &mut dyn Transaction,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        for undo in self.0.iter().rev() {
            undo.apply(transaction, now).await?;
        }
        Ok(())
    }
}

impl Undo {
    fn record(&self) -> Option<(&str, Uuid)> {
        match self {
            Self::Created { table, id }
            | Self::Adjusted { table, id, .. }
            | Self::Set { table, id, .. } => Some((table, *id)),
            Self::Deleted { table, row } => {
                let id = row.iter().find(|cell| cell.column == "id")?;
                match id.value {
                    Value::Uuid(id) => Some((table, id)),
                    _ => None,
                }
            }
        }
    }

    async fn apply(
        &self,
        transaction: &mut dyn Transaction,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let done = match self {
            Self::Created { table, id } => {
                transaction
                    .delete_row(
                        &Table {
                            name: table,
                            columns: &[],
                        },
                        *id,
                    )
                    .await?
            }
            Self::Adjusted { table, id, by } => {
                let columns = columns(by);
                let deltas: Vec<_> = by
                    .iter()
                    .map(|cell| Ok((cell.column.clone(), change::negated(&cell.value)?)))
                    .collect::<StoreResult<_>>()?;
                let table = Table {
                    name: table,
                    columns: &columns,
                };
                change::one(transaction, &table, *id, &Change::Add(&deltas), now).await?
            }
            Self::Set { table, id, from } => {
                let columns = columns(from);
                let values: Vec<_> = from
                    .iter()
                    .map(|cell| (cell.column.clone(), cell.value.clone()))
                    .collect();
                let table = Table {
                    name: table,
                    columns: &columns,
                };
                change::one(transaction, &table, *id, &Change::Set(&values), now).await?
            }
            Self::Deleted { table, row } => {
                let columns: Vec<_> = row.iter().map(Cell::column).collect();
                let row = row
                    .iter()
                    .map(|cell| (cell.column.clone(), cell.value.clone()))
                    .collect();
                transaction
                    .insert_row(
                        &Table {
                            name: table,
                            columns: &columns,
                        },
                        &row,
                    )
                    .await?;
                true
            }
        };
        if !done {
            tracing::warn!(undo = ?self, "nothing to undo: the record was removed in between");
        }
        Ok(())
    }
}

impl Cell {
    fn column(&self) -> Column<'_> {
        Column::nullable(&self.column, self.kind)
    }
}

fn cells(
    table: &Table<'_>,
    values: impl IntoIterator<Item = (String, Value)>,
) -> StoreResult<Vec<Cell>> {
    values
        .into_iter()
        .map(|(column, value)| {
            Ok(Cell {
                kind: table.column(&column)?.kind,
                column,
                value,
            })
        })
        .collect()
}

/// The columns of the cells, with the common ones that a change needs.
fn columns(cells: &[Cell]) -> Vec<Column<'_>> {
    let common = [
        Column::new("id", Kind::Uuid),
        Column::new("version", Kind::Int),
        Column::new("updated_at", Kind::Time),
    ];
    let own = cells
        .iter()
        .map(Cell::column)
        .filter(|column| common.iter().all(|known| known.name != column.name));
    common.iter().copied().chain(own).collect()
}
