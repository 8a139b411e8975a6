//! Which database a service uses: a file of SQLite, or a server.

use std::path::PathBuf;

use super::sqlite::SqliteStore;
use super::{Database, Migration, StoreError, StoreResult};
use crate::config::{Config, Secret};
use crate::tls::CaFile;

/// The history of the generated tables.
const HISTORY: &str = "service";

/// Which database a service uses. Without an address it is a file of SQLite.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The file, where there is no address.
    pub file: PathBuf,
    /// The address, `postgres://user@host:5432/name`: `database.url`. Hidden, since it may hold a password.
    pub url: Option<Secret>,
    /// The password: `database.password`.
    pub password: Option<Secret>,
    /// The certificates of authorities that the server's is signed by: `database.ca_file`. Without it, those that the machine trusts.
    pub ca_file: Option<CaFile>,
    /// The schema in the database: `database.schema`.
    pub schema: String,
    /// How many connections are open at most: `database.max_connections`, 10.
    pub max_connections: u32,
    /// Whether the tables are brought up to date at the start: `database.migrate`, true.
    pub migrate: bool,
}

/// The history of a service's tables, as each kind of database needs it spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrations {
    /// For SQLite.
    pub sqlite: &'static [Migration],
    /// For PostgreSQL; none where the architecture keeps the data elsewhere.
    pub postgres: &'static [Migration],
}

impl DatabaseSettings {
    /// Reads the settings. The file and the schema are what the architecture says.
    #[must_use]
    pub fn read(config: &mut Config, file: PathBuf, schema: &str) -> Self {
        Self {
            file,
            url: config.secret("database.url"),
            password: config.secret("database.password"),
            ca_file: config.optional("database.ca_file"),
            schema: config.value("database.schema", schema.to_owned()),
            max_connections: config.value("database.max_connections", 10),
            migrate: config.value("database.migrate", true),
        }
    }

    /// Opens the database of a service, with its tables up to date.
    ///
    /// # Errors
    /// When it cannot be opened or migrated, or must not be migrated and is not.
    pub async fn open(&self, service: &str, migrations: Migrations) -> StoreResult<Database> {
        let (database, migrations) = self.connect(service, migrations).await?;
        if self.migrate {
            database.migrate(HISTORY, migrations).await?;
        } else if !database.is_migrated(HISTORY, migrations).await? {
            return Err(StoreError::Migration {
                history: HISTORY.to_owned(),
                number: migrations.last().map_or(0, |last| last.number),
                reason: "it was not applied yet, and `database.migrate` is off: run the service with the argument `migrate`"
                    .to_owned(),
            });
        }
        Ok(database)
    }

    /// Brings the tables of a service up to date, whatever `database.migrate` says, and tells what was done.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated.
    pub async fn migrate(&self, service: &str, migrations: Migrations) -> StoreResult<String> {
        let (database, migrations) = self.connect(service, migrations).await?;
        let place = match &self.url {
            Some(_) => format!("schema `{}`", self.schema),
            None => self.file.display().to_string(),
        };
        let version = migrations.last().map_or(0, |last| last.number);
        Ok(match database.migrate(HISTORY, migrations).await? {
            0 => format!("nothing to do: the tables in {place} are at version {version} already"),
            1 => format!("1 migration applied: the tables in {place} are at version {version}"),
            applied => {
                format!(
                    "{applied} migrations applied: the tables in {place} are at version {version}"
                )
            }
        })
    }

    async fn connect(
        &self,
        service: &str,
        migrations: Migrations,
    ) -> StoreResult<(Database, &'static [Migration])> {
        let Some(url) = &self.url else {
            let store = SqliteStore::open(&self.file).await?;
            return Ok((Database::new(service, store), migrations.sqlite));
        };
        let postgres = ["postgres://", "postgresql://"];
        if !postgres
            .iter()
            .any(|scheme| url.expose().starts_with(scheme))
        {
            return Err(StoreError::Unreachable {
                server: "the address in `database.url`".to_owned(),
                help: "write it as `postgres://user@host:5432/name`".into(),
                source: "it is of no kind of database that is known here".into(),
            });
        }
        self.postgres(service, url, migrations).await
    }

    #[cfg(feature = "postgres")]
    async fn postgres(
        &self,
        service: &str,
        url: &Secret,
        migrations: Migrations,
    ) -> StoreResult<(Database, &'static [Migration])> {
        use super::postgres::{PostgresOptions, PostgresStore};
        let options = PostgresOptions::new(url.expose())
            .password(self.password.clone())
            .ca_file(self.ca_file.clone())
            .schema(&self.schema)
            .max_connections(self.max_connections);
        let store = PostgresStore::open(options).await?;
        Ok((Database::new(service, store), migrations.postgres))
    }

    #[cfg(not(feature = "postgres"))]
    async fn postgres(
        &self,
        _service: &str,
        _url: &Secret,
        _migrations: Migrations,
    ) -> StoreResult<(Database, &'static [Migration])> {
        Err(StoreError::NotBuiltIn {
            engine: "PostgreSQL",
            feature: "postgres",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const NONE: Migrations = Migrations {
        sqlite: &[],
        postgres: &[],
    };
    const TWO: Migrations = Migrations {
        sqlite: &[
            Migration::new(1, "things", "CREATE TABLE things (id TEXT)"),
            Migration::new(2, "parts", "CREATE TABLE parts (id TEXT)"),
        ],
        postgres: &[],
    };

    fn settings(file: &Path) -> DatabaseSettings {
        let mut config = Config::from_pairs("desk", [("", ""); 0]);
        DatabaseSettings::read(&mut config, file.to_owned(), "public")
    }

    #[tokio::test]
    async fn a_migration_tells_what_it_did_and_where() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("desk.db");
        let (settings, file) = (settings(&file), file.display());
        for expected in [
            format!("2 migrations applied: the tables in {file} are at version 2"),
            format!("nothing to do: the tables in {file} are at version 2 already"),
        ] {
            assert_eq!(settings.migrate("desk", TWO).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_missing_is_told_with_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nowhere/desk.db");
        let told = settings(&file).migrate("desk", NONE).await.unwrap_err();
        let told = told.to_string();
        assert!(told.contains(&file.display().to_string()), "{told}");
        assert!(told.contains("folder"), "{told}");
    }
}
