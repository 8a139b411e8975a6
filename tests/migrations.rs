//! Migrations are applied to real databases that hold rows, SQLite and PostgreSQL: nothing is lost, and the tables become what was wanted.

mod part;
#[path = "support/tables.rs"]
mod tables;

use std::collections::BTreeMap;

use msarch::plan::migrations::{Applied, Column, Distinct, Evolution, Schema, Table, evolve};
use proptest::prelude::*;
use tables::Tables;

fn column(name: &str, kind: &str) -> Column {
    let (sql, declared, filler, distinct) = match kind {
        "number" => ("BIGINT", "integer", "0", Distinct::NumberAbove(0)),
        "date" => ("TEXT", "date", "'1970-01-01'", Distinct::Nothing),
        "uuid" => ("TEXT", "uuid", "'none'", Distinct::Identifier),
        "words" => ("TEXT", r#"enum["size-1","b"]"#, "'b'", Distinct::Nothing),
        "more words" => (
            "TEXT",
            r#"enum["b","c","size-1"]"#,
            "'b'",
            Distinct::Nothing,
        ),
        "other words" => ("TEXT", r#"enum["b"]"#, "'b'", Distinct::Nothing),
        _ => ("TEXT", "string", "''", Distinct::Identifier),
    };
    Column {
        name: name.to_owned(),
        sql: sql.to_owned(),
        declared: declared.to_owned(),
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
    tables: Tables,
    applied: Option<Applied>,
    rows: usize,
}

impl Database {
    fn new(tables: Tables) -> Self {
        Self {
            tables,
            applied: None,
            rows: 0,
        }
    }

    /// One of each kind that is to be had here.
    fn each() -> Vec<Self> {
        let tables = std::iter::once(Tables::sqlite()).chain(Tables::postgres());
        tables.map(Self::new).collect()
    }

    fn evolution(&self, wanted: &Schema, drop_data: bool) -> Evolution {
        let dialect = self.tables.dialect();
        let before = self.applied.as_ref();
        evolve("thing-service", before, wanted, dialect, drop_data, 0)
    }

    fn become_(&mut self, wanted: &Schema, drop_data: bool) -> Vec<String> {
        let evolution = self.evolution(wanted, drop_data);
        assert_eq!(evolution.refusals, Vec::<String>::new());
        if let Some(migration) = &evolution.migration {
            self.tables
                .run(&format!("BEGIN; {} COMMIT;", migration.sql));
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
        self.tables.run(&format!(
            "INSERT INTO things ({}) VALUES ({})",
            names.join(", "),
            values.join(", ")
        ));
    }

    fn values(&self, column: &str) -> Vec<Value> {
        self.tables.values(column)
    }

    fn columns(&self) -> BTreeMap<String, bool> {
        self.tables.columns()
    }
}

type Value = Option<String>;

fn text(value: &str) -> Value {
    Some(value.to_owned())
}

#[test]
fn a_new_required_field_fills_the_rows_that_exist() {
    for mut database in Database::each() {
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
}

#[test]
fn a_renamed_field_keeps_its_values() {
    for mut database in Database::each() {
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
}

#[test]
fn a_dropped_field_stays_until_it_is_dropped_on_purpose() {
    for mut database in Database::each() {
        let first = schema(vec![column("note", "text")]);
        database.become_(&first, false);
        database.insert(&first);
        let second = schema(vec![]);
        let notices = database.become_(&second, false);
        database.insert(&second);
        assert_eq!(database.values("note"), [text("note-1"), None]);
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
}

#[test]
fn a_field_of_another_type_keeps_the_old_values_beside_it() {
    for mut database in Database::each() {
        let first = schema(vec![column("size", "text")]);
        database.become_(&first, false);
        database.insert(&first);
        let second = schema(vec![column("size", "number")]);
        database.become_(&second, false);
        assert_eq!(database.values("size"), [text("0")]);
        assert_eq!(database.values("size_before"), [text("size-1")]);
        database.insert(&second);
    }
}

#[test]
fn a_field_whose_old_values_cannot_be_read_keeps_them_beside_it_though_its_column_is_alike() {
    for (from, to) in [("text", "uuid"), ("text", "words"), ("uuid", "date")] {
        for mut database in Database::each() {
            let first = schema(vec![column("size", from)]);
            database.become_(&first, false);
            database.insert(&first);
            let second = schema(vec![column("size", to)]);
            let notices = database.become_(&second, false);
            assert!(
                notices[0].contains("values stay in the column size_before"),
                "{notices:?}"
            );
            assert_eq!(database.values("size_before"), [text("size-1")]);
            assert_ne!(database.values("size"), [text("size-1")]);
        }
    }
}

#[test]
fn a_field_that_takes_all_old_values_keeps_them_without_a_word() {
    for (from, to) in [("uuid", "text"), ("words", "more words"), ("words", "text")] {
        for mut database in Database::each() {
            let first = schema(vec![column("size", from)]);
            database.become_(&first, false);
            database.insert(&first);
            let second = schema(vec![column("size", to)]);
            let notices = database.become_(&second, false);
            assert_eq!(notices, [""; 0], "{from} {to}");
            assert_eq!(database.values("size"), [text("size-1")]);
            // From now on it is what it became.
            let notices = database.become_(&first, false);
            assert!(
                notices[0].contains("things.size "),
                "{from} {to}: {notices:?}"
            );
        }
    }
}

#[test]
fn an_enum_that_loses_a_word_keeps_its_column_and_says_so_once() {
    for mut database in Database::each() {
        let first = schema(vec![column("size", "words")]);
        database.become_(&first, false);
        database.insert(&first);
        let second = schema(vec![column("size", "other words")]);
        let notices = database.become_(&second, false);
        assert!(
            notices[0].contains("no longer knows `size-1`"),
            "{notices:?}"
        );
        assert_eq!(database.values("size"), [text("size-1")]);
        assert_eq!(database.become_(&second, false), [""; 0]);
    }
}

#[test]
fn what_a_lock_does_not_tell_of_an_older_column_is_taken_as_it_is_declared_now() {
    for mut database in Database::each() {
        let first = schema(vec![column("size", "text")]);
        database.become_(&first, false);
        let applied = database.applied.as_mut().expect("it was applied");
        for column in applied.tables.get_mut("things").expect("it is made") {
            column.declared = None;
        }
        let second = schema(vec![column("size", "uuid")]);
        assert_eq!(database.become_(&second, false), [""; 0]);
        assert_eq!(database.become_(&first, false), [""; 0]);
        let notices = database.become_(&second, false);
        assert!(notices[0].contains("size_before"), "{notices:?}");
    }
}

#[test]
fn a_new_unique_field_gives_each_row_a_value_of_its_own() {
    for mut database in Database::each() {
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
}

fn unique(name: &str, kind: &str) -> Column {
    Column {
        unique: true,
        ..column(name, kind)
    }
}

#[test]
fn a_new_unique_number_counts_the_rows_from_where_it_may() {
    for mut database in Database::each() {
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
            ["100", "101", "102"].map(text),
            "a default is one value, which no two rows can share"
        );
        database.insert(&second);
    }
}

#[test]
fn numbers_that_a_column_has_are_kept_and_not_given_again() {
    for mut database in Database::each() {
        let none = Column {
            nullable: true,
            ..unique("code", "number")
        };
        let optional = schema(vec![none]);
        database.become_(&optional, false);
        (0..2).for_each(|_| database.insert(&optional));
        database
            .tables
            .run("UPDATE things SET code = NULL WHERE code = 1000");
        database.become_(&schema(vec![unique("code", "number")]), false);
        assert_eq!(database.values("code"), ["2001", "2000"].map(text));
    }
}

#[test]
fn a_new_unique_field_whose_values_cannot_be_made_up_is_refused() {
    for mut database in Database::each() {
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
        assert_eq!(database.values("due"), [None, None]);
    }
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

fn history() -> impl Strategy<Value = Vec<Schema>> {
    prop::collection::vec(any_schema(), 1..6)
}

fn ends_at_the_wanted_tables(mut database: Database, history: &[Schema]) {
    for wanted in history {
        database.become_(wanted, false);
        database.insert(wanted);
        let columns = database.columns();
        let wanted = wanted.tables["things"].columns.iter();
        for column in wanted.filter(|column| column.name != "id") {
            let required = columns.get(&column.name);
            assert_eq!(required, Some(&!column.nullable), "{}", column.name);
        }
        assert_eq!(database.values("id").len(), database.rows);
    }
}

proptest! {
    #[test]
    fn any_history_ends_at_the_wanted_tables_and_loses_no_row(history in history()) {
        ends_at_the_wanted_tables(Database::new(Tables::sqlite()), &history);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5))]
    #[test]
    fn any_history_ends_at_the_wanted_tables_on_postgresql_as_well(history in history()) {
        if let Some(tables) = Tables::postgres() {
            ends_at_the_wanted_tables(Database::new(tables), &history);
        }
    }
}

/// Columns of native types, as the tables of a service on PostgreSQL have them.
fn native(columns: &[(&str, &str, &str)]) -> Schema {
    let columns = columns.iter().map(|(name, sql, filler)| Column {
        sql: (*sql).to_owned(),
        filler: (*filler).to_owned(),
        ..column(name, "text")
    });
    let mut schema = schema(columns.collect());
    let table = schema.tables.get_mut("things").expect("it is made so");
    "UUID".clone_into(&mut table.columns[0].sql);
    schema
}

#[test]
fn native_types_are_added_filled_and_made_unique_on_postgresql() {
    let Some(tables) = Tables::postgres() else {
        return;
    };
    let mut database = Database::new(tables);
    let first = native(&[]);
    database.become_(&first, false);
    database.insert(&first);
    let mut second = native(&[
        ("code", "TEXT COLLATE \"C\"", "''"),
        ("due", "DATE", "'1970-01-01'"),
        ("at", "TIMESTAMPTZ", "'1970-01-01T00:00:00.000000Z'"),
        ("price", "NUMERIC", "'0'"),
        ("parts", "JSONB", "'[]'"),
        ("owner", "UUID", "'00000000-0000-0000-0000-000000000000'"),
    ]);
    let table = second.tables.get_mut("things").expect("it is made so");
    for column in &mut table.columns {
        column.unique = column.name == "code" || column.name == "owner";
    }
    database.become_(&second, false);
    assert_eq!(database.values("code"), database.values("id"));
    assert_eq!(database.values("owner"), database.values("id"));
    assert_eq!(database.values("due"), [text("1970-01-01")]);
    assert_eq!(database.values("parts"), [text("[]")]);
    database.become_(&first, true);
    let left: Vec<String> = database.columns().into_keys().collect();
    assert_eq!(left, ["id"]);
}

#[test]
fn postgresql_turns_native_values_into_what_takes_all_of_them() {
    let Some(tables) = Tables::postgres() else {
        return;
    };
    let kinds = |owner: (&str, &str), count: (&str, &str)| {
        let mut schema = native(&[("owner", owner.1, "''"), ("count", count.1, "0")]);
        let table = schema.tables.get_mut("things").expect("it is made so");
        table.columns[1].declared = owner.0.to_owned();
        table.columns[1].filler = "'019ab2c4-7d00-7000-8000-000000000001'".to_owned();
        table.columns[2].declared = count.0.to_owned();
        schema
    };
    let mut database = Database::new(tables);
    database.become_(&native(&[]), false);
    database.insert(&native(&[]));
    database.become_(&kinds(("uuid", "UUID"), ("integer", "BIGINT")), false);
    let text_type = "TEXT COLLATE \"C\"";
    let wide = kinds(("string", text_type), ("decimal", "NUMERIC"));
    assert_eq!(database.become_(&wide, false), [""; 0]);
    assert_eq!(
        database.values("owner"),
        [text("019ab2c4-7d00-7000-8000-000000000001")]
    );
    assert_eq!(database.values("count"), [text("0")]);
    assert_eq!(database.become_(&wide, false), [""; 0]);
}
