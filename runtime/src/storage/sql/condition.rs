//! Filters, orders and page positions as SQL.

use super::{Dialect, quote};
use crate::storage::{Comparison, Filter, Kind, Order, Position, StoreResult, Table, Value};

/// A condition under construction: its text, and the arguments that it refers to by number.
pub(super) struct Condition<'t> {
    table: &'t Table<'t>,
    dialect: Dialect,
    pub(super) arguments: Vec<Value>,
}

impl<'t> Condition<'t> {
    pub(super) fn new(table: &'t Table<'t>, dialect: Dialect) -> Self {
        Self {
            table,
            dialect,
            arguments: Vec::new(),
        }
    }

    /// The filter as an expression.
    pub(super) fn filter(&mut self, filter: &Filter) -> StoreResult<String> {
        Ok(match filter {
            Filter::All => "1 = 1".to_owned(),
            Filter::Compare(column, comparison, Value::Null) => {
                let column = self.operand(column)?.0;
                match comparison {
                    Comparison::Eq | Comparison::Le | Comparison::Ge => format!("{column} IS NULL"),
                    Comparison::Ne | Comparison::Lt | Comparison::Gt => {
                        format!("{column} IS NOT NULL")
                    }
                }
            }
            Filter::Compare(column, comparison, value) => {
                let (column, kind) = self.operand(column)?;
                let argument = self.argument(value.clone().coerce(kind)?);
                format!("{column} {} {argument}", symbol(*comparison))
            }
            Filter::In(_, values) if values.is_empty() => "1 = 0".to_owned(),
            Filter::In(column, values) => {
                let (column, kind) = self.operand(column)?;
                let mut list = Vec::with_capacity(values.len());
                for value in values {
                    list.push(self.argument(value.clone().coerce(kind)?));
                }
                format!("{column} IN ({})", list.join(", "))
            }
            Filter::And(all) => self.joined(all, " AND ", "1 = 1")?,
            Filter::Or(any) => self.joined(any, " OR ", "1 = 0")?,
        })
    }

    /// Rows behind a position: empty columns come last, equal ones follow their identifiers.
    pub(super) fn after(&mut self, order: &Order, position: &Position) -> StoreResult<String> {
        let (column, _) = self.operand(&order.column)?;
        let id = self.argument(Value::Uuid(position.id));
        if position.value == Value::Null {
            return Ok(format!("({column} IS NULL AND \"id\" > {id})"));
        }
        let value = self.argument(position.value.clone());
        let sign = if order.descending { "<" } else { ">" };
        Ok(format!(
            "({column} {sign} {value} OR {column} IS NULL OR ({column} = {value} AND \"id\" > {id}))"
        ))
    }

    /// The `ORDER BY` that belongs to [`after`](Self::after).
    pub(super) fn order(&self, order: &Order) -> StoreResult<String> {
        let nullable = self.table.column(&order.column)?.nullable;
        let column = self.operand(&order.column)?.0;
        let direction = if order.descending { "DESC" } else { "ASC" };
        let empty_last = if nullable {
            format!("({column} IS NULL), ")
        } else {
            String::new()
        };
        Ok(format!(
            " ORDER BY {empty_last}{column} {direction}, \"id\" ASC"
        ))
    }

    pub(super) fn argument(&mut self, value: Value) -> String {
        self.arguments.push(value);
        format!("${}", self.arguments.len())
    }

    fn operand(&self, column: &str) -> StoreResult<(String, Kind)> {
        let kind = self.table.column(column)?.kind;
        let column = quote(column);
        let operand = if kind == Kind::Decimal {
            (self.dialect.decimal)(column)
        } else {
            column
        };
        Ok((operand, kind))
    }

    fn joined(&mut self, filters: &[Filter], by: &str, none: &str) -> StoreResult<String> {
        let parts = filters
            .iter()
            .map(|filter| self.filter(filter))
            .collect::<StoreResult<Vec<_>>>()?;
        Ok(if parts.is_empty() {
            none.to_owned()
        } else {
            format!("({})", parts.join(by))
        })
    }
}

fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Eq => "=",
        Comparison::Ne => "<>",
        Comparison::Lt => "<",
        Comparison::Le => "<=",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
    }
}
