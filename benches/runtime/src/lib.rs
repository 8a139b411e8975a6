//! A database and a system at the broker, made by the benchmarks and removed with them, also when they fail.

use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

/// A database that nobody else uses, removed when it ends.
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

impl Drop for Ground {
    fn drop(&mut self) {
        waited_for(self.run(&format!("DROP DATABASE {} WITH (FORCE)", self.name)));
    }
}

/// A system of the benchmarks' own at a NATS server, whose streams are removed when it ends, also by a failure.
pub struct System {
    url: String,
    name: String,
}

impl System {
    /// A system that nobody else uses, on the server of `MSARCH_NATS`.
    pub fn new() -> Self {
        let url = setting("MSARCH_NATS", "nats://127.0.0.1:4222");
        let name = format!("bench{}", Uuid::now_v7().simple());
        Self { url, name }
    }

    /// The address of the server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name; whatever is called so or begins so is removed.
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn remove(&self) {
        let client = async_nats::connect(&self.url)
            .await
            .expect("the broker answers");
        let context = async_nats::jetstream::new(client);
        let names: Vec<String> = context
            .stream_names()
            .try_collect()
            .await
            .expect("the streams are listed");
        for name in names.iter().filter(|name| name.starts_with(&self.name)) {
            context
                .delete_stream(name)
                .await
                .expect("the stream is removed");
        }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        waited_for(self.remove());
    }
}

/// Waits on a thread of its own, for what must be done wherever one is.
fn waited_for(work: impl Future<Output = ()> + Send) {
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(work);
        });
        if done.join().is_err() {
            eprintln!("what the benchmarks made is still there");
        }
    });
}

/// A variable of the environment, or the usual.
pub fn setting(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_owned())
}
