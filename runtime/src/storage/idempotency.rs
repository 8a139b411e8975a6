//! A request that comes twice under one idempotency key takes effect once and is answered alike.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{Database, KeyRecord, KeyScope, StoreError, StoreResult, UnitOfWork};
use crate::context::RequestContext;

/// The longest that an answer is kept.
const CENTURY: Duration = Duration::days(36_500);

/// A request under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    scope: KeyScope,
    hash: String,
}

impl KeyedRequest {
    /// A request to an operation under a key, by whoever the current request is authenticated as.
    ///
    /// # Errors
    /// When the request has no JSON form.
    pub fn new(operation: &str, key: &str, request: &impl Serialize) -> StoreResult<Self> {
        let text =
            serde_json::to_vec(request).map_err(|e| StoreError::corrupt("the request", e))?;
        let subject = RequestContext::current()
            .subject
            .map(|subject| subject.id().to_owned());
        Ok(Self {
            scope: KeyScope {
                subject: subject.unwrap_or_default(),
                operation: operation.to_owned(),
                key: key.to_owned(),
            },
            hash: Sha256::digest(&text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        })
    }
}

impl KeyedRequest {
    /// A request that may have come with a key.
    ///
    /// # Errors
    /// When the request has no JSON form.
    pub fn maybe(
        operation: &str,
        key: Option<&str>,
        request: &impl Serialize,
    ) -> StoreResult<Option<Self>> {
        key.map(|key| Self::new(operation, key, request))
            .transpose()
    }
}

impl Database {
    /// Runs work in a unit of work and commits it.
    ///
    /// # Errors
    /// Whatever the work gives, after everything was rolled back; or the store's failure.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: AsyncFnOnce(&mut UnitOfWork) -> Result<T, E>,
    {
        let mut uow = self.begin().await?;
        let done = work(&mut uow).await;
        conclude(uow, done).await
    }

    /// Runs work once per idempotency key: the answer is stored in the work's own transaction and given again for a day, or as
    /// long as the [retention](super::Retention) says.
    /// Without a key the work simply runs.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when the key came with another request, [`StoreError::KeyInFlight`] while the first one is still
    /// being worked on, and whatever the work gives; a failed request leaves the key free.
    pub async fn once<T, E, F>(&self, request: Option<KeyedRequest>, work: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        E: From<StoreError>,
        F: AsyncFnOnce(&mut UnitOfWork) -> Result<T, E>,
    {
        let Some(request) = request else {
            return self.write(work).await;
        };
        let _held = self.hold(&request.scope)?;
        let mut uow = self.begin().await?;
        let kept = Duration::from_std(self.answers_kept()).unwrap_or(CENTURY);
        let until = uow.now() + kept.min(CENTURY);
        let done = anew(&mut uow, &request, until, work).await;
        conclude(uow, done).await
    }
}

/// Commits what was done; or forgets it before anybody hears that it failed, so that who asks again finds nothing locked.
async fn conclude<T, E: From<StoreError>>(uow: UnitOfWork, done: Result<T, E>) -> Result<T, E> {
    match done {
        Ok(value) => {
            uow.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // What cannot be rolled back has lost its connection, and with it everything.
            let _ = uow.rollback().await;
            Err(error)
        }
    }
}

/// The answer that was kept, or that of the work, which is kept from now on.
async fn anew<T, E, F>(
    uow: &mut UnitOfWork,
    request: &KeyedRequest,
    until: DateTime<Utc>,
    work: F,
) -> Result<T, E>
where
    T: Serialize + DeserializeOwned,
    E: From<StoreError>,
    F: AsyncFnOnce(&mut UnitOfWork) -> Result<T, E>,
{
    if let Some(answer) = answered(uow, request).await? {
        return Ok(answer);
    }
    let value = work(uow).await?;
    keep(uow, request, &value, until).await?;
    Ok(value)
}

async fn answered<T: DeserializeOwned>(
    uow: &mut UnitOfWork,
    request: &KeyedRequest,
) -> StoreResult<Option<T>> {
    let now = uow.now();
    match uow.transaction().key_find(&request.scope, now).await? {
        None => Ok(None),
        Some(record) if record.request_hash != request.hash => Err(StoreError::KeyReused),
        Some(record) => serde_json::from_value(record.response)
            .map(Some)
            .map_err(|e| StoreError::corrupt("the answer kept under an idempotency key", e)),
    }
}

async fn keep(
    uow: &mut UnitOfWork,
    request: &KeyedRequest,
    answer: &impl Serialize,
    until: DateTime<Utc>,
) -> StoreResult<()> {
    let now = uow.now();
    let response =
        serde_json::to_value(answer).map_err(|e| StoreError::corrupt("the answer", e))?;
    let record = KeyRecord {
        request_hash: request.hash.clone(),
        response,
        expires_at: until,
    };
    if uow
        .transaction()
        .key_insert(&request.scope, &record)
        .await?
    {
        return Ok(());
    }
    // The key was taken by an answer whose time is over, or by another instance at this very moment.
    uow.transaction().key_purge(now).await?;
    if uow
        .transaction()
        .key_insert(&request.scope, &record)
        .await?
    {
        Ok(())
    } else {
        Err(StoreError::KeyInFlight)
    }
}
