//! Tables as the architecture wants them.

use std::collections::BTreeMap;

/// The tables of one service, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// The tables.
    pub tables: BTreeMap<String, Table>,
}

/// One table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// What it was called before.
    pub renamed_from: Option<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in SQL.
    pub sql: String,
    /// Its type as declared, in one word without blanks.
    pub declared: String,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether no two rows share a value.
    pub unique: bool,
    /// What rows get that were written before it, as an SQL literal.
    pub filler: String,
    /// Whether the architecture gave the filler as the field's default.
    pub filler_is_default: bool,
    /// What gives rows that were written before it values that no two share.
    pub distinct: Distinct,
    /// What it was called before.
    pub renamed_from: Option<String>,
}

/// What can fill a unique column in rows that were written before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distinct {
    /// The identifier of the row.
    Identifier,
    /// Numbers in a row, above this one.
    NumberAbove(i64),
    /// Nothing: such values cannot be made up.
    Nothing,
}

impl Table {
    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
