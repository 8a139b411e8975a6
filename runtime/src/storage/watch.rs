//! Who is told of changed records, once the change is durable.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

/// Learns of the record of an identifier.
type Watcher = Arc<dyn Fn(Uuid) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Those who watch, by table.
#[derive(Default)]
pub(super) struct Watchers(RwLock<BTreeMap<&'static str, Vec<Watcher>>>);

impl Watchers {
    pub(super) fn add<F, R>(&self, table: &'static str, told: F)
    where
        F: Fn(Uuid) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let watcher: Watcher = Arc::new(move |id| Box::pin(told(id)));
        let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
        tables.entry(table).or_default().push(watcher);
    }

    /// What is to be told of a change, to whom.
    pub(super) fn note(&self, table: &str, id: Uuid, news: &mut News) {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let watchers = tables.get(table).into_iter().flatten();
        news.0.extend(watchers.map(|watcher| (watcher.clone(), id)));
    }
}

/// What is to be told when a unit of work ends. The commit of one that nobody waits for any more may have happened all
/// the same: then it is told in the background.
#[derive(Default)]
pub(super) struct News(Vec<(Watcher, Uuid)>);

impl News {
    pub(super) async fn tell(&mut self) {
        for (watcher, id) in std::mem::take(&mut self.0) {
            watcher(id).await;
        }
    }
}

/// News on their way: told when the commit has been waited for, and in the background when not.
pub(super) struct OnTheWay(pub(super) News);

impl Drop for OnTheWay {
    fn drop(&mut self) {
        let mut news = std::mem::take(&mut self.0);
        if let (false, Ok(runtime)) = (news.0.is_empty(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { news.tell().await });
        }
    }
}
