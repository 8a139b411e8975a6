//! What durability costs beyond what the servers themselves ask for. Needs a PostgreSQL and a NATS server that may be written to:
//! `MSARCH_POSTGRES` (`postgres://postgres@127.0.0.1:5432`) and `MSARCH_NATS` (`nats://127.0.0.1:4222`).

use std::sync::Arc;

use async_trait::async_trait;
use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::StreamExt as _;
use msarch_runtime::event_store::{ExpectedVersion, NewEvent};
use msarch_runtime::messaging::nats::{NatsBus, NatsSettings};
use msarch_runtime::messaging::{Bus, Consumer, ConsumerWorker, Event, OutboxRelay};
use msarch_runtime::problem::Result;
use msarch_runtime::storage::postgres::{PostgresOptions, PostgresStore};
use msarch_runtime::storage::{Database, UnitOfWork};
use runtime_benches::{Ground, System};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use uuid::Uuid;

#[derive(Clone, Serialize, Deserialize)]
struct Noted {
    id: Uuid,
    text: String,
}

impl Event for Noted {
    const NAME: &'static str = "Noted";
    const VERSION: u32 = 1;
    const TOPIC: &'static str = "bench.noted";

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// Says when it has received something.
struct Listener(Arc<Notify>);

#[async_trait]
impl Consumer for Listener {
    type Event = Noted;
    const NAME: &'static str = "bench.listener";

    async fn handle(&self, _: &mut UnitOfWork, _: Noted) -> Result<()> {
        self.0.notify_one();
        Ok(())
    }
}

async fn database(ground: &Ground, name: &str) -> Database {
    let options = PostgresOptions::new(&ground.url()).schema(name);
    let store = PostgresStore::open(options)
        .await
        .expect("the database opens");
    let database = Database::new(name, store);
    database
        .migrate("service", &[])
        .await
        .expect("the tables are made");
    database
}

/// One event appended with its expected version, against one INSERT of the same row in a transaction.
fn append(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let ground = runtime.block_on(Ground::new());
    let (database, pool) = runtime.block_on(async {
        let pool = PgPool::connect(&ground.url()).await.expect("the database opens");
        let table = "CREATE TABLE plain (stream TEXT, version BIGINT, id UUID, kind TEXT, data JSONB, time TIMESTAMPTZ, PRIMARY KEY (stream, version))";
        sqlx::query(table).execute(&pool).await.expect("the table is made");
        (database(&ground, "events").await, pool)
    });
    let event =
        NewEvent::new("Noted", 1, &serde_json::json!({"text": "noted"})).expect("it has a form");
    let mut group = c.benchmark_group("append an event");
    group.bench_function("msarch", |b| {
        b.to_async(&runtime).iter(|| async {
            let mut uow = database.begin().await.expect("a unit of work");
            let stream = Uuid::now_v7().to_string();
            let events = std::slice::from_ref(&event);
            uow.events()
                .append(&stream, ExpectedVersion::NoStream, events)
                .await
                .expect("appended");
            uow.commit().await.expect("committed");
        });
    });
    group.bench_function("insert", |b| {
        b.to_async(&runtime).iter(|| async {
            let mut transaction = pool.begin().await.expect("a transaction");
            sqlx::query("INSERT INTO plain VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(Uuid::now_v7().to_string())
                .bind(1_i64)
                .bind(Uuid::now_v7())
                .bind("Noted")
                .bind(serde_json::json!({"text": "noted"}))
                .bind(chrono::Utc::now())
                .execute(&mut *transaction)
                .await
                .expect("inserted");
            transaction.commit().await.expect("committed");
        });
    });
    group.finish();
}

/// From a unit of work that publishes, through outbox and inbox, to the handler in another service; against a bare publish to JetStream, with
/// its acknowledgement, and the delivery to a bare consumer.
fn publish(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let ground = runtime.block_on(Ground::new());
    let system = System::new();
    let heard = Arc::new(Notify::new());
    let (sender, stop) = runtime.block_on(async {
        let settings = NatsSettings::new(system.url(), system.name(), "bench");
        let bus: Arc<dyn Bus> = Arc::new(
            NatsBus::connect(&settings)
                .await
                .expect("the broker answers"),
        );
        let (sender, receiver) = (
            database(&ground, "sender").await,
            database(&ground, "receiver").await,
        );
        let stop = msarch_runtime::shutdown::Shutdown::new();
        let relay = OutboxRelay::new(sender.clone(), bus.clone());
        let consumer = ConsumerWorker::new(Listener(heard.clone()), receiver, bus);
        for worker in [
            Arc::new(relay) as Arc<dyn msarch_runtime::worker::Worker>,
            Arc::new(consumer),
        ] {
            let stop = stop.clone();
            tokio::spawn(async move { worker.run(&stop).await });
        }
        (sender, stop)
    });
    let mut group = c.benchmark_group("publish to consume");
    group.bench_function("msarch", |b| {
        b.to_async(&runtime).iter(|| async {
            let mut uow = sender.begin().await.expect("a unit of work");
            let event = Noted {
                id: Uuid::now_v7(),
                text: "noted".to_owned(),
            };
            uow.publish(event).expect("it has a form");
            uow.commit().await.expect("committed");
            heard.notified().await;
        });
    });
    stop.trigger();
    bare(&mut group, &runtime, &system);
    group.finish();
}

fn bare(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    runtime: &Runtime,
    system: &System,
) {
    use async_nats::jetstream::{self, consumer::pull, stream};
    let name = format!("{}-bare", system.name());
    let subject = format!("{name}.noted");
    let (context, messages) = runtime.block_on(async {
        let context = jetstream::new(
            async_nats::connect(system.url())
                .await
                .expect("the broker answers"),
        );
        let config = stream::Config {
            name,
            subjects: vec![subject.clone()],
            ..Default::default()
        };
        let stream = context.create_stream(config).await.expect("a stream");
        let config = pull::Config {
            durable_name: Some("bare".to_owned()),
            ..Default::default()
        };
        let consumer = stream.create_consumer(config).await.expect("a consumer");
        (
            context,
            tokio::sync::Mutex::new(consumer.messages().await.expect("messages")),
        )
    });
    group.bench_function("bare JetStream", |b| {
        b.to_async(runtime).iter(|| async {
            let sent = context
                .publish(subject.clone(), "noted".into())
                .await
                .expect("published");
            sent.await.expect("acknowledged");
            let message = messages
                .lock()
                .await
                .next()
                .await
                .expect("a message")
                .expect("a message");
            message.ack().await.expect("acknowledged");
        });
    });
}

criterion_group!(durable, append, publish);
criterion_main!(durable);
