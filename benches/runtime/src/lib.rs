//! A database of the benchmarks' own, made and removed by them.

use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

/// A database that nobody else uses.
pub struct Ground {
    server: String,
    name: String,
}

impl Ground {
    /// Makes the database on the server of `MSARCH_POSTGRES`.
    pub async fn new() -> Self {
        let server = setting("MSARCH_POSTGRES", "postgres://postgres@127.0.0.1:5432");
        let name = format!("bench_{}", Uuid::now_v7().simple());
        let ground = Self { server, name };
        ground
            .run(&format!("CREATE DATABASE {}", ground.name))
            .await;
        ground
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Removes it.
    pub async fn end(self) {
        self.run(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await;
    }

    async fn run(&self, sql: &str) {
        let url = format!("{}/postgres", self.server);
        let mut connection = PgConnection::connect(&url)
            .await
            .expect("PostgreSQL answers");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await
            .expect("it is done");
    }
}

/// A variable of the environment, or the usual.
pub fn setting(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
}
