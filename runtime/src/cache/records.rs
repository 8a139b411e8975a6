//! Caches of a service's own records: what the service changes, the cache forgets.

use std::sync::Arc;

use http::StatusCode;
use uuid::Uuid;

use super::{Cache, CacheValue};
use crate::problem::{Problem, Result};
use crate::storage::{Database, Record};

impl<V: CacheValue> Cache<Uuid, V> {
    /// Forgets every record of a type that a unit of work of this process adds, changes or removes: after the commit, and
    /// before whoever made the change has the answer.
    #[must_use]
    pub fn of<T: Record>(self, database: &Database) -> Self {
        let cache = self.clone();
        database.on_change::<T, _, _>(move |id| {
            let cache = cache.clone();
            async move { cache.invalidate(&id).await }
        });
        self
    }

    /// Gives what a handler reads, from the cache where that knows it. That there is no such record is what the handler's 404
    /// says, and is remembered for the time that the policy has for it.
    ///
    /// # Errors
    /// What the handler answers.
    pub async fn read<F, R>(&self, id: Uuid, handler: F) -> Result<V>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<V>>,
    {
        let load = async || match handler().await {
            Ok(value) => Ok(Some(value)),
            Err(problem) if problem.status() == StatusCode::NOT_FOUND => Ok(None),
            Err(problem) => Err(problem),
        };
        let found = self.get_or_load(&id, load).await;
        found
            .map_err(Arc::unwrap_or_clone)?
            .ok_or_else(|| Problem::not_found(format!("there is no record of id {id}")))
    }
}
