//! How a database is reached.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::config::Secret;
use crate::storage::sql::quote;
use crate::storage::{StoreError, StoreResult};

/// How long a request waits for a connection before it is told that the store is not available.
const WAIT: Duration = Duration::from_secs(5);
/// A connection that rested longer than this is asked whether it still lives before it is used.
const RESTED: Duration = Duration::from_secs(1);
/// The relay holds the outbox by one connection and marks messages by another.
const LEAST: u32 = 2;
/// The time after which a transaction that its client no longer speaks to gives up what it holds.
const IDLE_IN_TRANSACTION: &str = "60s";

/// How a database is reached.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    url: Secret,
    password: Option<Secret>,
    schema: String,
    max_connections: u32,
}

impl PostgresOptions {
    /// A database by its address: `postgres://user@host:5432/name`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            // It may hold a password.
            url: Secret::new(url),
            password: None,
            schema: "public".to_owned(),
            max_connections: 10,
        }
    }

    /// The password of the user.
    #[must_use]
    pub fn password(mut self, password: Option<Secret>) -> Self {
        self.password = password;
        self
    }

    /// The schema in the database that holds the tables.
    #[must_use]
    pub fn schema(mut self, schema: &str) -> Self {
        schema.clone_into(&mut self.schema);
        self
    }

    /// How many connections at most; two at least.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections.max(LEAST);
        self
    }

    pub(super) fn schema_name(&self) -> &str {
        &self.schema
    }

    pub(super) fn connection(&self) -> StoreResult<PgConnectOptions> {
        let options: PgConnectOptions =
            self.url
                .expose()
                .parse()
                .map_err(|error: sqlx::Error| StoreError::Unreachable {
                    server: "the address in `database.url`".to_owned(),
                    help: "write it as `postgres://user@host:5432/name`",
                    source: error.into(),
                })?;
        let options = match &self.password {
            Some(password) => options.password(password.expose()),
            None => options,
        };
        Ok(options.options([
            ("search_path", quote(&self.schema).as_str()),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
        ]))
    }

    pub(super) fn pool(&self) -> PgPoolOptions {
        PgPoolOptions::new()
            .max_connections(self.max_connections)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .before_acquire(|connection, seen| {
                Box::pin(async move {
                    if seen.idle_for > RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
    }
}
