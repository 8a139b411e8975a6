//! Changes of tables as PostgreSQL makes them: in place, so that indexes and grants of a table stay.

use super::snapshot::Stored;
use super::sql::{Fill, quoted};

/// Gives a table other columns and constraints. `columns` pairs each column that stays with what fills it where it is empty.
pub(super) fn reshape(
    table: &str,
    before: &[Stored],
    columns: &[(Stored, Option<Fill>)],
) -> String {
    let mut sql = String::new();
    for known in before {
        match columns.iter().find(|(column, _)| column.name == known.name) {
            None => sql.push_str(&alter(
                table,
                &format!("DROP COLUMN {}", quoted(&known.name)),
            )),
            Some((column, fill)) => sql.push_str(&change(table, known, column, fill.as_ref())),
        }
    }
    sql
}

fn change(table: &str, known: &Stored, column: &Stored, fill: Option<&Fill>) -> String {
    let name = quoted(&column.name);
    let mut sql = fill.map_or_else(String::new, |fill| filled(table, column, fill));
    if known.nullable && !column.nullable {
        sql.push_str(&alter(table, &format!("ALTER COLUMN {name} SET NOT NULL")));
    }
    if !known.nullable && column.nullable {
        sql.push_str(&alter(table, &format!("ALTER COLUMN {name} DROP NOT NULL")));
    }
    if !known.unique && column.unique {
        sql.push_str(&alter(table, &format!("ADD UNIQUE ({name})")));
    }
    if known.unique && !column.unique {
        sql.push_str(&drop_unique(table, &column.name));
    }
    sql
}

/// Gives a column another type, and turns its values into it.
pub(super) fn retype(table: &str, column: &str, sql: &str) -> String {
    let name = quoted(column);
    let bare = sql.split(' ').next().unwrap_or(sql);
    alter(
        table,
        &format!("ALTER COLUMN {name} TYPE {sql} USING {name}::{bare}"),
    )
}

fn alter(table: &str, change: &str) -> String {
    format!("ALTER TABLE {} {change};\n", quoted(table))
}

fn filled(table: &str, column: &Stored, fill: &Fill) -> String {
    let (table, name, id) = (quoted(table), quoted(&column.name), quoted("id"));
    match fill {
        Fill::Value(value) => {
            format!("UPDATE {table} SET {name} = {value} WHERE {name} IS NULL;\n")
        }
        Fill::Identifier if column.sql.starts_with("TEXT") => {
            format!("UPDATE {table} SET {name} = {id}::TEXT WHERE {name} IS NULL;\n")
        }
        Fill::Identifier => format!("UPDATE {table} SET {name} = {id} WHERE {name} IS NULL;\n"),
        Fill::NumberAbove(start) => format!(
            "UPDATE {table} SET {name} = numbered.number\n    \
             FROM (SELECT {id}, ROW_NUMBER() OVER (ORDER BY {id}) + (SELECT COALESCE(MAX({name}), {start}) FROM {table} WHERE {name} > {start}) AS number\n        \
             FROM {table} WHERE {name} IS NULL) AS numbered\n    \
             WHERE {table}.{id} = numbered.{id};\n"
        ),
    }
}

/// The constraint is found by its column: its name may be older than that of the column or the table.
fn drop_unique(table: &str, column: &str) -> String {
    let table = quoted(table);
    format!(
        "DO $$\nDECLARE constrained name;\nBEGIN\n    \
         FOR constrained IN\n        \
         SELECT conname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]\n        \
         WHERE conrelid = '{table}'::regclass AND contype = 'u' AND attname = '{column}'\n    \
         LOOP\n        \
         EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', constrained);\n    \
         END LOOP;\nEND $$;\n"
    )
}
