//! How a database is opened, and what is told when it cannot be.

use super::fixture::*;
use crate::config::{Config, Secret};
use crate::problem::Problem;
use crate::storage::postgres::{PostgresOptions, PostgresStore};
use crate::storage::{
    Database, DatabaseSettings, Filter, Migration, Migrations, Store, StoreError,
};

async fn refusal(options: PostgresOptions) -> String {
    let error = PostgresStore::open(options).await.unwrap_err();
    error.to_string()
}

#[tokio::test]
async fn an_address_that_is_none_is_told_without_its_password() {
    let told = refusal(PostgresOptions::new("postgres://me:hush@:x/y")).await;
    assert!(
        told.contains("database.url") && !told.contains("hush"),
        "{told}"
    );
    let shown = format!("{:?}", PostgresOptions::new("postgres://me:hush@host/y"));
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let Some(_place) = Place::new() else { return };
    let address = format!("{}_that_is_not_there", server());
    let told = refusal(PostgresOptions::new(&address)).await;
    assert!(told.contains("create the database"), "{told}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_told_with_its_address() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let url = format!("postgres://me@{address}/orders?sslmode=disable");
    let told = refusal(PostgresOptions::new(&url)).await;
    assert!(
        told.contains(&address.to_string()) && told.contains("`me`"),
        "{told}"
    );
}

#[tokio::test]
async fn replicas_that_migrate_at_once_do_it_once() {
    let Some(place) = Place::new() else { return };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = place.store().await;
        tasks.spawn(async move { store.migrate("service", MIGRATIONS).await });
    }
    for done in tasks.join_all().await {
        done.unwrap();
    }
    assert!(
        place
            .store()
            .await
            .is_migrated("service", MIGRATIONS)
            .await
            .unwrap()
    );
}

fn settings(place: &Place, migrate: &str) -> DatabaseSettings {
    let mut config = Config::from_pairs(
        "things",
        [
            ("THINGS__DATABASE__URL", server().as_str()),
            ("THINGS__DATABASE__MIGRATE", migrate),
        ],
    );
    let read = DatabaseSettings::read(&mut config, "unused.db".into(), place.schema());
    config.finish().unwrap();
    read
}

#[tokio::test]
async fn settings_open_a_server_and_migrate_it_unless_they_are_told_not_to() {
    let Some(place) = Place::new() else { return };
    let migrations = Migrations {
        sqlite: &[],
        postgres: MIGRATIONS,
    };
    let refused = settings(&place, "false").open("things", migrations).await;
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("argument `migrate`"), "{told}");
    settings(&place, "false")
        .migrate("things", migrations)
        .await
        .unwrap();
    let database = settings(&place, "false")
        .open("things", migrations)
        .await
        .unwrap();
    insert(&database, Thing::named("a")).await;
    settings(&place, "true")
        .open("things", migrations)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_address_of_another_kind_of_database_is_told() {
    let mut config = Config::from_pairs("things", [("THINGS__DATABASE__URL", "mysql://x/y")]);
    let settings = DatabaseSettings::read(&mut config, "unused.db".into(), "public");
    let none = Migrations {
        sqlite: &[],
        postgres: &[],
    };
    let told = settings.open("things", none).await.unwrap_err().to_string();
    assert!(told.contains("postgres://user@host"), "{told}");
}

#[tokio::test]
async fn a_password_comes_apart_from_the_address() {
    let Some(place) = Place::new() else { return };
    // Whether the server asks for it or not, a password in its own place is no fault.
    let options = place.options().password(Some(Secret::new("hush")));
    PostgresStore::open(options).await.unwrap();
}

#[tokio::test]
async fn a_lost_connection_is_an_outage_that_passes() {
    let Some(place) = Place::new() else { return };
    let store = place.store().await;
    store.migrate("service", MIGRATIONS).await.unwrap();
    let database = Database::new("things", store);
    let mut uow = database.begin().await.unwrap();
    let mut things = uow.repository::<Thing>();
    things.insert(Thing::named("a")).await.unwrap();
    place.disconnect().await;
    let error = things.insert(Thing::named("b")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(Problem::from(error).status().as_u16(), 503);
    drop(uow);
    place.disconnect().await;
    let mut tries = 0;
    while database.ping().await.is_err() {
        tries += 1;
        assert!(tries < 20, "the pool makes new connections");
    }
    insert(&database, Thing::named("a")).await;
}

#[tokio::test]
async fn what_no_text_can_hold_is_refused_as_such() {
    let (database, place) = database().await;
    if Place::new().is_none() {
        return;
    }
    for thing in [
        Thing::named("a\u{0}"),
        Thing {
            parts: vec!["\u{0}".to_owned()],
            ..Thing::named("b")
        },
    ] {
        let inserted = database
            .write(async |uow| uow.repository::<Thing>().insert(thing).await)
            .await;
        assert!(
            matches!(inserted, Err(StoreError::Unfit { .. })),
            "{inserted:?}"
        );
    }
    drop(place);
}

#[tokio::test]
async fn a_unit_of_work_whose_statement_failed_is_not_committed_in_part() {
    let (database, _place) = database().await;
    if Place::new().is_none() {
        return;
    }
    let taken = insert(&database, Thing::named("taken")).await;
    let mut uow = database.begin().await.unwrap();
    let mut things = uow.repository::<Thing>();
    things.insert(Thing::named("a")).await.unwrap();
    let other = things.insert(Thing::named("b")).await.unwrap();
    let renamed = Thing {
        name: taken.name,
        ..other
    };
    assert!(matches!(
        things.update(renamed).await,
        Err(StoreError::Conflict { .. })
    ));
    assert!(uow.commit().await.is_err());
    let mut reading = database.read().await.unwrap();
    let mut things = reading.repository::<Thing>();
    assert_eq!(things.count(&Filter::All).await.unwrap(), 1);
}

#[tokio::test]
async fn two_services_in_one_database_do_not_see_each_other() {
    let (Some(one), Some(two)) = (Place::new(), Place::new()) else {
        return;
    };
    const OTHER: &[Migration] = &[Migration::new(1, "none", "SELECT 1")];
    one.store()
        .await
        .migrate("service", MIGRATIONS)
        .await
        .unwrap();
    two.store().await.migrate("service", OTHER).await.unwrap();
    let database = one.instance().await;
    insert(&database, Thing::named("a")).await;
    let mut other = two.instance().await.read().await.unwrap();
    assert!(
        other
            .repository::<Thing>()
            .count(&Filter::All)
            .await
            .is_err()
    );
}
