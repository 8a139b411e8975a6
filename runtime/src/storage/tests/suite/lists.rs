//! Filters, order and pages.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::fixture::*;
use crate::storage::{Database, Filter, Order, Query, StoreError};

async fn names(database: &Database, query: Query) -> Vec<String> {
    let listing = database
        .read()
        .await
        .unwrap()
        .repository::<Thing>()
        .list(query)
        .await
        .unwrap();
    listing.items.into_iter().map(|thing| thing.name).collect()
}

async fn three() -> (Database, Place) {
    let (database, folder) = database().await;
    for (name, amount, kind, shade) in [
        ("a", 9, None, Shade::Light),
        ("b", 10, Some("x"), Shade::VeryDark),
        ("c", -100, Some("y"), Shade::Light),
    ] {
        let thing = Thing {
            amount: Decimal::from(amount),
            r#type: kind.map(Into::into),
            shade,
            ..Thing::named(name)
        };
        insert(&database, thing).await;
    }
    (database, folder)
}

#[tokio::test]
async fn decimals_compare_by_value_and_not_as_text() {
    let (database, _folder) = three().await;
    assert_eq!(
        names(&database, Query::filter(Filter::lt("amount", 10))).await,
        ["a", "c"]
    );
    assert_eq!(
        names(
            &database,
            Query::filter(Filter::eq("amount", Decimal::new(1000, 2)))
        )
        .await,
        ["b"]
    );
    let sorted = Query::default().order(Order::ascending("amount"));
    assert_eq!(names(&database, sorted).await, ["c", "a", "b"]);
}

#[tokio::test]
async fn conditions_are_joined() {
    let (database, _folder) = three().await;
    let light = Filter::eq("shade", Shade::Light);
    assert_eq!(
        names(
            &database,
            Query::filter(light.clone().and(Filter::ne("type", None::<String>)))
        )
        .await,
        ["c"]
    );
    assert_eq!(
        names(&database, Query::filter(light.or(Filter::eq("type", "x")))).await,
        ["a", "b", "c"]
    );
    assert_eq!(
        names(
            &database,
            Query::filter(Filter::any_of("name", ["a", "c", "z"]))
        )
        .await,
        ["a", "c"]
    );
    assert!(
        names(
            &database,
            Query::filter(Filter::any_of("name", Vec::<String>::new()))
        )
        .await
        .is_empty()
    );
}

#[tokio::test]
async fn an_unknown_column_is_an_error() {
    let (database, _folder) = three().await;
    let mut reading = database.read().await.unwrap();
    let result = reading
        .repository::<Thing>()
        .list(Query::filter(Filter::eq("nonsense\" OR 1=1 --", 1)))
        .await;
    assert!(matches!(result, Err(StoreError::UnknownColumn { .. })));
}

#[tokio::test]
async fn a_cursor_from_elsewhere_is_refused() {
    let (database, _folder) = three().await;
    for cursor in ["", "zz", "0", "é", "5b5d"] {
        let mut reading = database.read().await.unwrap();
        let query = Query::default().cursor(Some(cursor.to_owned()));
        assert!(
            matches!(
                reading.repository::<Thing>().list(query).await,
                Err(StoreError::Cursor)
            ),
            "{cursor}"
        );
    }
}

#[tokio::test]
async fn a_full_last_page_has_no_next_one() {
    let (database, _folder) = three().await;
    let listing = database
        .read()
        .await
        .unwrap()
        .repository::<Thing>()
        .list(Query::default().limit(3))
        .await
        .unwrap();
    assert_eq!((listing.items.len(), listing.next_cursor), (3, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn pages_show_every_record_once_and_in_order(
        kinds in proptest::collection::vec(proptest::option::of("[ab]"), 0..12),
        limit in 1_u32..5,
        descending: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (database, _folder) = database().await;
            for (at, kind) in kinds.iter().enumerate() {
                insert(&database, Thing { r#type: kind.clone(), ..Thing::named(&format!("{at:02}")) }).await;
            }
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let query = Query::default().order(Order { column: "type".into(), descending }).cursor(cursor).limit(limit);
                let page = database.read().await.unwrap().repository::<Thing>().list(query).await.unwrap();
                seen.extend(page.items.into_iter().map(|thing| (thing.r#type, thing.id)));
                cursor = page.next_cursor;
                if cursor.is_none() { break; }
            }
            let mut sorted = seen.clone();
            sorted.sort_by(|(a, i), (b, j)| {
                let by_kind = if descending { b.cmp(a) } else { a.cmp(b) };
                a.is_none().cmp(&b.is_none()).then(by_kind).then(i.cmp(j))
            });
            prop_assert_eq!(seen.len(), kinds.len());
            prop_assert_eq!(seen, sorted);
            Ok(())
        })?;
    }
}
