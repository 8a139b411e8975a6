//! What a service says about a saga that it coordinates.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::{Definition, SagaData, SagaFailure, SagaRecord};
use crate::problem::{Problem, Result};
use crate::storage::UnitOfWork;

/// A saga that a service coordinates.
#[async_trait]
pub trait Saga: Send + Sync + 'static {
    /// Its steps. An older version stays registered as a saga of its own until no instance of it runs any more.
    fn definition(&self) -> &'static Definition;

    /// What a step works on, from what the saga has gathered.
    ///
    /// # Errors
    /// When something is missing; the saga does not go on then.
    fn input(&self, step: &str, data: &SagaData) -> Result<Json>;

    /// What happens when the saga is committed, in the transaction that ends it.
    ///
    /// # Errors
    /// The saga does not end then, and is tried again. After a refusal, which is what would refuse a step, it counts as stuck, and
    /// is tried ever less often.
    async fn on_success(&self, uow: &mut UnitOfWork, data: &SagaData) -> Result<()> {
        let _ = (uow, data);
        Ok(())
    }

    /// What happens when the saga is compensated, in the transaction that ends it.
    ///
    /// # Errors
    /// The saga does not end then, and is tried again. After a refusal, which is what would refuse a step, it counts as stuck, and
    /// is tried ever less often.
    async fn on_failure(
        &self,
        uow: &mut UnitOfWork,
        data: &SagaData,
        failure: &SagaFailure,
    ) -> Result<()> {
        let _ = (uow, data, failure);
        Ok(())
    }
}

/// The sagas that a service coordinates, each in every version that may still run.
#[derive(Default)]
pub(super) struct Sagas(BTreeMap<(&'static str, u32), Arc<dyn Saga>>);

impl Sagas {
    pub(super) fn add(&mut self, saga: impl Saga) {
        let definition = saga.definition();
        let version = (definition.name, definition.version);
        self.0.insert(version, Arc::new(saga));
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().map(|(name, _)| *name)
    }

    pub(super) fn find(&self, stored: &SagaRecord) -> Result<&dyn Saga> {
        let found = self
            .0
            .iter()
            .find(|((name, version), _)| *name == stored.name && *version == stored.definition);
        found.map(|(_, saga)| &**saga).ok_or_else(|| {
            Problem::internal(format!(
                "saga `{}` of version {} is not known here",
                stored.name, stored.definition
            ))
        })
    }
}
