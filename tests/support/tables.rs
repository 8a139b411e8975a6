//! The tables of one service in a real database: SQLite in memory, or a schema of its own on a PostgreSQL server.

#![allow(unreachable_pub, reason = "a module of a test")]

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use msarch::plan::migrations::Dialect;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::part;

/// What stands for nothing in what `psql` prints.
const NULL: &str = "(null)";

/// A database with at most the one table `things`.
pub enum Tables {
    Sqlite(Connection),
    Postgres(Schema),
}

/// A schema, removed at the end.
pub struct Schema(String);

impl Tables {
    pub fn sqlite() -> Self {
        Self::Sqlite(Connection::open_in_memory().expect("memory holds a database"))
    }

    /// A schema on the server of this machine, or of `MSARCH_POSTGRES_URL`; none where no server answers.
    pub fn postgres() -> Option<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        part::program("psql", "postgresql-client")?;
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let schema = Schema(format!("msarch_tables_{}_{number}", std::process::id()));
        let made = schema.ask(&format!("CREATE SCHEMA {}", schema.0));
        made.map(|_| Self::Postgres(schema))
            .map_err(|error| part::silent("PostgreSQL", &error))
            .ok()
    }

    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(connection) => connection
                .execute_batch(sql)
                .unwrap_or_else(|error| panic!("{error} in\n{sql}")),
            Self::Postgres(schema) => {
                schema.rows(sql);
            }
        }
    }

    /// What a column holds, by identifier.
    pub fn values(&self, column: &str) -> Vec<Option<String>> {
        let sql = format!("SELECT \"{column}\" FROM things ORDER BY id");
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(&sql).expect("the column exists");
                let values = statement.query_map([], |row| {
                    Ok(match row.get_ref(0)? {
                        ValueRef::Null => None,
                        ValueRef::Integer(number) => Some(number.to_string()),
                        other => Some(other.as_str()?.to_owned()),
                    })
                });
                let values = values.expect("the rows can be read");
                values
                    .collect::<Result<_, _>>()
                    .expect("a value of each row")
            }
            Self::Postgres(schema) => {
                let rows = schema.rows(&sql).into_iter();
                rows.map(|row| (row != NULL).then_some(row)).collect()
            }
        }
    }

    /// Column → whether it must have a value.
    pub fn columns(&self) -> BTreeMap<String, bool> {
        match self {
            Self::Sqlite(connection) => {
                let sql = "SELECT name, \"notnull\" FROM pragma_table_info('things')";
                let mut statement = connection
                    .prepare(sql)
                    .expect("SQLite describes its tables");
                let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
                let columns = columns.expect("the columns can be read");
                columns
                    .collect::<Result<_, _>>()
                    .expect("a name and a mark of each column")
            }
            Self::Postgres(schema) => {
                let sql = "SELECT column_name || ' ' || is_nullable FROM information_schema.columns \
                           WHERE table_schema = current_schema() AND table_name = 'things'";
                let rows = schema.rows(sql).into_iter();
                rows.map(|row| {
                    let (name, nullable) = row.split_once(' ').expect("two words");
                    (name.to_owned(), nullable == "NO")
                })
                .collect()
            }
        }
    }
}

impl Schema {
    /// The lines of the answer, or what the server says against it.
    fn ask(&self, sql: &str) -> Result<Vec<String>, String> {
        let server = std::env::var("MSARCH_POSTGRES_URL")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let output = Command::new("psql")
            .env(
                "PGOPTIONS",
                format!("-c search_path={} -c client_min_messages=warning", self.0),
            )
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"])
            .args(["-P", &format!("null={NULL}"), "-d", &server, "-c", sql])
            .output()
            .expect("psql runs");
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            Ok(text.lines().map(ToOwned::to_owned).collect())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        self.ask(sql)
            .unwrap_or_else(|error| panic!("{error} in\n{sql}"))
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // Nothing is to be done about a server that is gone.
        let _ = self.ask(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.0));
    }
}
