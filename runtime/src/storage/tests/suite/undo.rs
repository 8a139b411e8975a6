//! What a unit of work did can be taken back.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::fixture::*;
use crate::storage::{Database, Filter, Query, UndoLog, UnitOfWork, Value};

async fn everything(database: &Database) -> Vec<(String, Option<String>, Decimal, i64)> {
    let listing = database
        .read()
        .await
        .unwrap()
        .repository::<Thing>()
        .list(Query::default())
        .await
        .unwrap();
    listing
        .items
        .into_iter()
        .map(|t| (t.name, t.r#type, t.amount, t.count))
        .collect()
}

async fn apply(uow: &mut UnitOfWork, action: u8, target: &str, serial: usize) {
    let mut things = uow.repository::<Thing>();
    let filter = Filter::eq("name", target);
    // Acting on a record that an earlier action removed finds nothing, and does nothing.
    let _ = match action {
        0 => things
            .insert(Thing::named(&format!("new-{serial}")))
            .await
            .map(|_| ()),
        1 => things
            .adjust(filter, &[("amount", Decimal::new(-105, 2))], &[])
            .await
            .map(|_| ()),
        2 => things
            .set(
                filter,
                &[("type", Value::from("set")), ("count", Value::from(77))],
            )
            .await
            .map(|_| ()),
        3 => things
            .adjust(filter, &[("count", 4)], &[])
            .await
            .map(|_| ()),
        _ => match things.first(filter).await.unwrap() {
            Some(thing) => things.delete(thing.id).await,
            None => Ok(()),
        },
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_changes_are_taken_back(actions in proptest::collection::vec((0_u8..5, "[ab]"), 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (database, _folder) = database().await;
            insert(&database, Thing::named("a")).await;
            insert(&database, Thing { r#type: Some("old".into()), ..Thing::named("b") }).await;
            let before = everything(&database).await;

            let mut uow = database.begin().await.unwrap();
            uow.record_undo();
            for (serial, (action, target)) in actions.iter().enumerate() {
                apply(&mut uow, *action, target, serial).await;
            }
            let log = serde_json::to_value(uow.take_undo()).unwrap();
            uow.commit().await.unwrap();

            let log: UndoLog = serde_json::from_value(log).unwrap();
            let mut uow = database.begin().await.unwrap();
            uow.undo(&log).await.unwrap();
            uow.commit().await.unwrap();
            prop_assert_eq!(everything(&database).await, before);
            Ok(())
        })?;
    }
}
