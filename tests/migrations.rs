//! Migrations are applied to a real SQLite database that holds rows: nothing is lost, and the tables become what was wanted.

use std::collections::BTreeMap;

use msarch::plan::migrations::{
    Applied, Column, Dialect, Distinct, Evolution, Schema, Table, evolve,
};
use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value;

fn column(name: &str, kind: &str) -> Column {
    let (sql, filler, distinct) = match kind {
        "number" => ("BIGINT", "0", Distinct::NumberAbove(0)),
        "date" => ("TEXT", "'1970-01-01'", Distinct::Nothing),
        _ => ("TEXT", "''", Distinct::Identifier),
    };
    Column {
        name: name.to_owned(),
        sql: sql.to_owned(),
        nullable: false,
        unique: false,
        filler: filler.to_owned(),
        filler_is_default: false,
        distinct,
        renamed_from: None,
    }
}

fn schema(columns: Vec<Column>) -> Schema {
    let id = column("id", "text");
    let table = Table {
        columns: std::iter::once(id).chain(columns).collect(),
        renamed_from: None,
    };
    Schema {
        tables: BTreeMap::from([("things".to_owned(), table)]),
    }
}

/// A database, and what its migrations amount to.
struct Database {
    connection: Connection,
    applied: Option<Applied>,
    rows: usize,
}

impl Database {
    fn new() -> Self {
        Self {
            connection: Connection::open_in_memory().expect("memory holds a database"),
            applied: None,
            rows: 0,
        }
    }

    fn evolution(&self, wanted: &Schema, drop_data: bool) -> Evolution {
        evolve(
            "thing-service",
            self.applied.as_ref(),
            wanted,
            Dialect::Sqlite,
            drop_data,
        )
    }

    fn become_(&mut self, wanted: &Schema, drop_data: bool) -> Vec<String> {
        let evolution = self.evolution(wanted, drop_data);
        assert_eq!(evolution.refusals, Vec::<String>::new());
        if let Some(migration) = &evolution.migration {
            let sql = format!("BEGIN; {} COMMIT;", migration.sql);
            self.connection
                .execute_batch(&sql)
                .unwrap_or_else(|error| panic!("{error} in\n{}", migration.sql));
        }
        self.applied = Some(evolution.applied);
        evolution.notices
    }

    /// Adds a row as generated code would: every wanted column, and no other. Its identifier begins as those of its time do.
    fn insert(&mut self, wanted: &Schema) {
        self.rows += 1;
        let columns = &wanted.tables["things"].columns;
        let names: Vec<String> = columns
            .iter()
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        let values: Vec<String> = columns
            .iter()
            .map(|column| match column.sql.as_str() {
                "BIGINT" => (1000 * self.rows).to_string(),
                _ if column.name == "id" => {
                    format!("'019ab2c4-7d00-7000-8000-{:012}'", self.rows)
                }
                _ => format!("'{}-{}'", column.name, self.rows),
            })
            .collect();
        let sql = format!(
            "INSERT INTO things ({}) VALUES ({})",
            names.join(", "),
            values.join(", ")
        );
        self.connection
            .execute(&sql, [])
            .expect("the row fits the table");
    }

    fn values(&self, column: &str) -> Vec<Value> {
        let sql = format!("SELECT \"{column}\" FROM things ORDER BY rowid");
        let mut statement = self.connection.prepare(&sql).expect("the column exists");
        let values = statement.query_map([], |row| row.get(0));
        let values = values.expect("the rows can be read");
        values
            .collect::<Result<_, _>>()
            .expect("a value of each row")
    }

    /// Column → whether it must have a value.
    fn columns(&self) -> BTreeMap<String, bool> {
        let mut statement = self
            .connection
            .prepare("SELECT name, \"notnull\" FROM pragma_table_info('things')")
            .expect("SQLite describes its tables");
        let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let columns = columns.expect("the columns can be read");
        columns
            .collect::<Result<_, _>>()
            .expect("a name and a mark of each column")
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

#[test]
fn a_new_required_field_fills_the_rows_that_exist() {
    let mut database = Database::new();
    let first = schema(vec![]);
    database.become_(&first, false);
    database.insert(&first);
    let second = schema(vec![column("note", "text")]);
    let notices = database.become_(&second, false);
    database.insert(&second);
    assert_eq!(database.values("note"), [text(""), text("note-2")]);
    assert!(
        notices[0].contains("give the field a `default:`"),
        "{notices:?}"
    );
}

#[test]
fn a_renamed_field_keeps_its_values() {
    let mut database = Database::new();
    let first = schema(vec![column("mail", "text")]);
    database.become_(&first, false);
    database.insert(&first);
    let renamed = Column {
        renamed_from: Some("mail".to_owned()),
        ..column("email", "text")
    };
    let second = schema(vec![renamed]);
    database.become_(&second, false);
    assert_eq!(database.values("email"), [text("mail-1")]);
    assert!(!database.columns().contains_key("mail"));
    assert_eq!(
        database.become_(&second, false),
        Vec::<String>::new(),
        "a rename happens once"
    );
}

#[test]
fn a_dropped_field_stays_until_it_is_dropped_on_purpose() {
    let mut database = Database::new();
    let first = schema(vec![column("note", "text")]);
    database.become_(&first, false);
    database.insert(&first);
    let second = schema(vec![]);
    let notices = database.become_(&second, false);
    database.insert(&second);
    assert_eq!(database.values("note"), [text("note-1"), Value::Null]);
    assert!(notices[0].contains("--drop-data"), "{notices:?}");
    assert_eq!(
        database.become_(&second, false),
        Vec::<String>::new(),
        "it is told once"
    );
    database.become_(&second, true);
    assert!(!database.columns().contains_key("note"));
    assert_eq!(database.values("id").len(), 2);
}

#[test]
fn a_field_of_another_type_keeps_the_old_values_beside_it() {
    let mut database = Database::new();
    let first = schema(vec![column("size", "text")]);
    database.become_(&first, false);
    database.insert(&first);
    let second = schema(vec![column("size", "number")]);
    database.become_(&second, false);
    assert_eq!(database.values("size"), [Value::Integer(0)]);
    assert_eq!(database.values("size_before"), [text("size-1")]);
    database.insert(&second);
}

#[test]
fn a_new_unique_field_gives_each_row_a_value_of_its_own() {
    let mut database = Database::new();
    let first = schema(vec![]);
    database.become_(&first, false);
    database.insert(&first);
    database.insert(&first);
    let second = schema(vec![Column {
        unique: true,
        ..column("code", "text")
    }]);
    database.become_(&second, false);
    assert_eq!(database.values("code"), database.values("id"));
    database.insert(&second);
}

fn unique(name: &str, kind: &str) -> Column {
    Column {
        unique: true,
        ..column(name, kind)
    }
}

#[test]
fn a_new_unique_number_counts_the_rows_from_where_it_may() {
    let mut database = Database::new();
    let first = schema(vec![]);
    database.become_(&first, false);
    (0..3).for_each(|_| database.insert(&first));
    let code = Column {
        distinct: Distinct::NumberAbove(99),
        filler: "7".to_owned(),
        filler_is_default: true,
        ..unique("code", "number")
    };
    let second = schema(vec![code]);
    database.become_(&second, false);
    assert_eq!(
        database.values("code"),
        [100, 101, 102].map(Value::Integer),
        "a default is one value, which no two rows can share"
    );
    database.insert(&second);
}

#[test]
fn numbers_that_a_column_has_are_kept_and_not_given_again() {
    let mut database = Database::new();
    let none = Column {
        nullable: true,
        ..unique("code", "number")
    };
    let optional = schema(vec![none]);
    database.become_(&optional, false);
    (0..2).for_each(|_| database.insert(&optional));
    database
        .connection
        .execute("UPDATE things SET code = NULL WHERE code = 1000", [])
        .expect("the column may be empty");
    database.become_(&schema(vec![unique("code", "number")]), false);
    assert_eq!(database.values("code"), [2001, 2000].map(Value::Integer));
}

#[test]
fn a_new_unique_field_whose_values_cannot_be_made_up_is_refused() {
    let mut database = Database::new();
    let first = schema(vec![]);
    database.become_(&first, false);
    let evolution = database.evolution(&schema(vec![unique("due", "date")]), false);
    let refusals = evolution.refusals.join("\n");
    assert!(
        refusals.contains("`due` of things") && refusals.contains("with a `?`"),
        "{refusals}"
    );
    let optional = Column {
        nullable: true,
        ..unique("due", "date")
    };
    database.insert(&first);
    database.insert(&first);
    database.become_(&schema(vec![optional]), false);
    assert_eq!(database.values("due"), [Value::Null, Value::Null]);
}

fn any_schema() -> impl Strategy<Value = Schema> {
    let column = (prop::bool::ANY, prop::bool::ANY, prop::bool::ANY);
    prop::collection::btree_map(0..5_usize, column, 0..5).prop_map(|columns| {
        let columns = columns
            .into_iter()
            .map(|(at, (number, nullable, default))| Column {
                nullable,
                // Rows that share a value keep any column from becoming unique, so some always are.
                unique: at > 2,
                filler_is_default: default,
                ..self::column(
                    &format!("field{at}"),
                    if number { "number" } else { "text" },
                )
            });
        schema(columns.collect())
    })
}

proptest! {
    #[test]
    fn any_history_ends_at_the_wanted_tables_and_loses_no_row(history in prop::collection::vec(any_schema(), 1..6)) {
        let mut database = Database::new();
        for wanted in &history {
            database.become_(wanted, false);
            database.insert(wanted);
            let columns = database.columns();
            for column in wanted.tables["things"].columns.iter().filter(|column| column.name != "id") {
                prop_assert_eq!(columns.get(&column.name), Some(&!column.nullable), "{}", &column.name);
            }
            prop_assert_eq!(database.values("id").len(), database.rows);
        }
    }
}
