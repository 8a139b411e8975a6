//! Two replicas of each service share sagas, participations and outboxes on PostgreSQL.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::system::{Files, Path, SERVICES, System, Totals};
use crate::saga::Provoked::{Error, Reject};
use crate::storage::Store;
use crate::storage::fused::Fuse;
use crate::storage::on_postgres::{MIGRATIONS, Place};

type Stores = BTreeMap<&'static str, Arc<dyn Store>>;

/// The stores of one replica of each service.
async fn replica(places: &[Place]) -> Stores {
    let mut stores = Stores::new();
    for (service, place) in SERVICES.into_iter().zip(places) {
        let store = place.store().await;
        store.migrate("service", MIGRATIONS).await.unwrap();
        stores.insert(service, Arc::new(store));
    }
    stores
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sagas_that_two_replicas_lead_at_once_end_and_leave_the_books_balanced() {
    const EACH: u128 = 6;
    let places: Option<Vec<Place>> = SERVICES.iter().map(|_| Place::new()).collect();
    let Some(places) = places else { return };
    let embedded = Files::new().await;
    let one = embedded.with_stores(replica(&places).await);
    one.furnish().await;
    let two = embedded.with_stores(replica(&places).await);
    let before = one.totals().await;
    let mut tasks = tokio::task::JoinSet::new();
    for (replica, files) in [&one, &two].into_iter().enumerate() {
        let path = Path::of(&[("book", Error, 2), ("ship", Reject, 2)]);
        let system = System::boot(files, &path, &Fuse::new(None));
        tasks.spawn(async move {
            let mut ends = Vec::new();
            for number in 0..EACH {
                let id = uuid::Uuid::from_u128(number * 2 + replica as u128 + 1);
                ends.push(system.run(id).await.unwrap());
            }
            ends
        });
    }
    let ends = tasks.join_all().await.concat();
    let count = |end: &str| i64::try_from(ends.iter().filter(|one| *one == end).count()).unwrap();
    let after = one.totals().await;
    let left = Totals {
        stock: after.stock - before.stock,
        bookings: after.bookings - before.bookings,
        committed: after.committed - before.committed,
        compensated: after.compensated - before.compensated,
    };
    let expected = Totals {
        stock: -3 * count("committed"),
        bookings: count("committed"),
        committed: count("committed"),
        compensated: count("compensated"),
    };
    assert_eq!((left, ends.len()), (expected, 12));
}
