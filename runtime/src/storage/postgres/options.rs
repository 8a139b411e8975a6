//! How a database is reached.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection};

use crate::config::Secret;
use crate::storage::sql::quote;
use crate::storage::{StoreError, StoreResult};
use crate::tls::{self, CaFile};

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
    ca_file: Option<CaFile>,
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
            ca_file: None,
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

    /// The certificates of authorities that the server's is signed by. With them, nobody but a server with such a certificate for its host
    /// is talked to, unless `sslmode=verify-ca` lets the host be any.
    #[must_use]
    pub fn ca_file(mut self, file: Option<CaFile>) -> Self {
        self.ca_file = file;
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
        tls::install_provider();
        let options: PgConnectOptions =
            self.url.expose().parse().map_err(|error: sqlx::Error| {
                unusable("write it as `postgres://user@host:5432/name`", error)
            })?;
        let options = self.trusting(options)?;
        let options = match &self.password {
            Some(password) => options.password(password.expose()),
            None => options,
        };
        Ok(options.options([
            ("search_path", quote(&self.schema).as_str()),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
        ]))
    }

    /// With what is to be trusted, as those expect who know `sslmode` from `psql`.
    fn trusting(&self, options: PgConnectOptions) -> StoreResult<PgConnectOptions> {
        let mode = options.get_ssl_mode();
        if let Some(file) = &self.ca_file {
            let mode = match mode {
                PgSslMode::Disable | PgSslMode::Allow => {
                    return Err(unusable(
                        "write `sslmode=verify-full`, or unset `database.ca_file`",
                        "`sslmode` asks for no TLS, and `database.ca_file` for TLS",
                    ));
                }
                PgSslMode::VerifyCa => PgSslMode::VerifyCa,
                PgSslMode::Prefer | PgSslMode::Require | PgSslMode::VerifyFull => {
                    PgSslMode::VerifyFull
                }
            };
            return Ok(options.ssl_root_cert(file.path()).ssl_mode(mode));
        }
        let Some(file) = root_certificates(&options) else {
            return Ok(options);
        };
        CaFile::open(&file).map_err(|error| {
            unusable(
                "let `sslrootcert` name a file with certificates of authorities; without it, those of the machine are trusted",
                format!("`{file}`: {error}"),
            )
        })?;
        Ok(match mode {
            // The driver would encrypt and trust everybody.
            PgSslMode::Require => options.ssl_mode(PgSslMode::VerifyCa),
            _ => options,
        })
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

/// The file that `sslrootcert` names. The driver tells of it by the whole address alone.
fn root_certificates(options: &PgConnectOptions) -> Option<String> {
    let url = options.to_url_lossy();
    let mut pairs = url.query_pairs();
    let (_, file) = pairs.find(|(key, _)| key == "sslrootcert")?;
    // The variable PGSSLROOTCERT may hold the certificates themselves, and those have no such beginning.
    file.strip_prefix("file: ").map(str::to_owned)
}

fn unusable(
    help: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Unreachable {
        server: "the address in `database.url`".to_owned(),
        help: help.into(),
        source: source.into(),
    }
}
