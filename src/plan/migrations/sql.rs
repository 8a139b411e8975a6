//! Statements that SQLite and PostgreSQL understand alike, and how SQLite changes tables.

use super::snapshot::Stored;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, on which every service can run.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// What a column gets in rows that have nothing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fill {
    /// This literal.
    Value(String),
    /// The identifier of the row.
    Identifier,
    /// Numbers in a row, above this one and above all that are taken.
    NumberAbove(i64),
}

/// A name in double quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// `CREATE TABLE`.
pub(super) fn create(table: &str, columns: &[Stored]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("    {}", definition(column)))
        .collect();
    format!(
        "CREATE TABLE {} (\n{}\n);\n",
        quoted(table),
        columns.join(",\n")
    )
}

fn definition(column: &Stored) -> String {
    let mut text = format!("{} {}", quoted(&column.name), column.sql);
    if column.name == "id" {
        text.push_str(" PRIMARY KEY");
    } else if !column.nullable {
        text.push_str(" NOT NULL");
    }
    if column.unique {
        text.push_str(" UNIQUE");
    }
    text
}

/// Adds a column; rows that exist already get the filler.
pub(super) fn add(table: &str, column: &Stored, filler: Option<&str>) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    let filler = filler
        .map(|filler| format!(" DEFAULT {filler}"))
        .unwrap_or_default();
    let (table, name) = (quoted(table), quoted(&column.name));
    format!(
        "ALTER TABLE {table} ADD COLUMN {name} {}{null}{filler};\n",
        column.sql
    )
}

/// A number for each row that has none: those above `start` and above all that are taken, in the order of the identifiers.
fn next_number(table: &str, column: &str, start: i64) -> String {
    let (table, column) = (quoted(table), quoted(column));
    let taken =
        format!("SELECT COALESCE(MAX({column}), {start}) FROM {table} WHERE {column} > {start}");
    format!("({taken}) + ROW_NUMBER() OVER (ORDER BY {})", quoted("id"))
}

/// Renames a column.
pub(super) fn rename_column(table: &str, from: &str, to: &str) -> String {
    format!(
        "ALTER TABLE {} RENAME COLUMN {} TO {};\n",
        quoted(table),
        quoted(from),
        quoted(to)
    )
}

/// Renames a table.
pub(super) fn rename_table(from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME TO {};\n", quoted(from), quoted(to))
}

/// Drops a table and its rows.
pub(super) fn drop_table(table: &str) -> String {
    format!("DROP TABLE {};\n", quoted(table))
}

/// Makes the table anew with other constraints and copies every row. `columns` pairs each column with what fills it where it is empty.
///
/// SQLite cannot change a column in place (<https://www.sqlite.org/lang_altertable.html>, "Making Other Kinds Of Table Schema Changes").
pub(super) fn rebuild(table: &str, columns: &[(Stored, Option<Fill>)]) -> String {
    let successor = format!("{table}__next");
    let stored: Vec<Stored> = columns.iter().map(|(column, _)| column.clone()).collect();
    let names: Vec<String> = columns
        .iter()
        .map(|(column, _)| quoted(&column.name))
        .collect();
    let values: Vec<String> = columns
        .iter()
        .map(|(column, fill)| {
            let own = quoted(&column.name);
            match fill {
                None => own,
                Some(Fill::Value(value)) => format!("COALESCE({own}, {value})"),
                Some(Fill::Identifier) => format!("COALESCE({own}, {})", quoted("id")),
                Some(Fill::NumberAbove(start)) => {
                    format!(
                        "COALESCE({own}, {})",
                        next_number(table, &column.name, *start)
                    )
                }
            }
        })
        .collect();
    format!(
        "{}INSERT INTO {} ({})\n    SELECT {} FROM {};\n{}{}",
        create(&successor, &stored),
        quoted(&successor),
        names.join(", "),
        values.join(", "),
        quoted(table),
        drop_table(table),
        rename_table(&successor, table),
    )
}
