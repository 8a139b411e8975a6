//! What is shown of the pool of connections.

use super::fixture::*;
use crate::storage::Database;
use crate::storage::postgres::PostgresStore;
use crate::telemetry::Metrics;

#[tokio::test]
async fn transactions_that_hold_a_connection_or_wait_for_one_are_shown() {
    let Some(place) = Place::new() else { return };
    let options = place.options().max_connections(2);
    let database = Database::new("things", PostgresStore::open(options).await.unwrap());
    let metrics = Metrics::new("things");
    database.show(&metrics);
    let gauge = metrics.gauge("database_connections", "", ["state"]);
    let shown = || ["in_use", "waiting"].map(|state| gauge.get([state]));
    let most = metrics.gauge("database_connections_max", "", []);
    assert_eq!((shown(), most.get([])), ([0.0, 0.0], 2.0));

    let (writing, reading) = (
        database.begin().await.unwrap(),
        database.read().await.unwrap(),
    );
    assert_eq!(shown(), [2.0, 0.0]);
    let third = tokio::spawn({
        let database = database.clone();
        async move { database.begin().await.unwrap() }
    });
    while shown() != [2.0, 1.0] {
        tokio::task::yield_now().await;
    }
    reading.rollback().await.unwrap();
    let third = third.await.unwrap();
    assert_eq!(shown(), [2.0, 0.0]);
    writing.commit().await.unwrap();
    drop(third);
    assert_eq!(shown(), [0.0, 0.0]);
}

#[tokio::test]
async fn who_gives_up_waiting_waits_no_more() {
    let Some(place) = Place::new() else { return };
    let options = place.options().max_connections(2);
    let database = Database::new("things", PostgresStore::open(options).await.unwrap());
    let metrics = Metrics::new("things");
    database.show(&metrics);
    let gauge = metrics.gauge("database_connections", "", ["state"]);
    let _held = (
        database.begin().await.unwrap(),
        database.begin().await.unwrap(),
    );
    let patience = std::time::Duration::from_millis(20);
    let begun = tokio::time::timeout(patience, database.begin()).await;
    assert!(begun.is_err(), "nobody gave a connection back");
    assert_eq!((gauge.get(["in_use"]), gauge.get(["waiting"])), (2.0, 0.0));
}
