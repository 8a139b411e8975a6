//! What only reads asks the server for nothing besides.

use sqlx::{Connection, PgConnection};

use super::fixture::*;
use crate::storage::Filter;

/// What the connections to a schema are at, as the server sees it.
async fn states(place: &Place) -> Vec<String> {
    let mut connection = PgConnection::connect(&server()).await.unwrap();
    let sql = "SELECT DISTINCT state FROM pg_stat_activity WHERE application_name = $1 ORDER BY 1";
    let states = sqlx::query_scalar(sql)
        .bind(place.schema())
        .fetch_all(&mut connection)
        .await;
    connection.close().await.unwrap();
    states.unwrap()
}

#[tokio::test]
async fn a_reading_begins_no_transaction_at_the_server() {
    let Some(place) = Place::new() else { return };
    let database = place.instance().await;
    database.migrate("service", MIGRATIONS).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let mut things = reading.repository::<Thing>();
    assert_eq!(things.count(&Filter::All).await.unwrap(), 0);
    assert_eq!(states(&place).await, ["idle"]);
    drop(reading);
    let lease = database.relay().await.unwrap().unwrap();
    let states = states(&place).await;
    assert!(
        states.contains(&"idle in transaction".to_owned()),
        "the lease needs one: {states:?}"
    );
    lease.rollback().await.unwrap();
}

#[tokio::test]
async fn what_a_reading_must_not_write_is_not_there_afterwards() {
    let Some(place) = Place::new() else { return };
    let database = place.instance().await;
    database.migrate("service", MIGRATIONS).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let mut things = reading.repository::<Thing>();
    let refused = things.insert(Thing::named("a")).await.unwrap_err();
    assert!(refused.to_string().contains("write"), "{refused}");
    assert_eq!(things.count(&Filter::All).await.unwrap(), 0);
}

#[tokio::test]
async fn a_reading_goes_on_behind_a_statement_that_failed() {
    let Some(place) = Place::new() else { return };
    let database = place.instance().await;
    database.migrate("service", MIGRATIONS).await.unwrap();
    let mut reading = database.read().await.unwrap();
    let unfit = Filter::eq("name", "a\0");
    let mut things = reading.repository::<Thing>();
    assert!(things.count(&unfit).await.is_err());
    assert_eq!(things.count(&Filter::All).await.unwrap(), 0);
}
