//! Forgets sagas that ended long ago: here, and at the services that took part, which must remember a step for as long as it may
//! have to be taken back.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::behaviour::Sagas;
use super::{Definition, commands_topic};
use crate::messaging::Envelope;
use crate::problem::{Problem, Result};
use crate::storage::{Database, UnitOfWork};

/// How many sagas are forgotten in one go.
const BATCH: u32 = 100;

/// The coordinator's word to a participant that a saga needs no memory any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Forgotten {
    pub(super) saga: Uuid,
}

impl Forgotten {
    /// What the message is called.
    pub(super) const NAME: &'static str = "SagaForgotten";
}

/// Forgets some of the sagas that ended before a moment, and says how many.
pub(super) async fn forget_ended(
    database: &Database,
    sagas: &Sagas,
    before: DateTime<Utc>,
) -> Result<usize> {
    let mut uow = database.begin().await?;
    let ended = uow.transaction().sagas_ended(before, BATCH).await?;
    for saga in &ended {
        // Of a version that is registered no more it is not known who took part: they keep their notes.
        if let Ok(known) = sagas.find(saga) {
            tell(&mut uow, known.definition(), saga.id)?;
        }
        uow.transaction().saga_delete(saga.id).await?;
    }
    uow.commit().await?;
    Ok(ended.len())
}

fn tell(uow: &mut UnitOfWork, definition: &Definition, saga: Uuid) -> Result<()> {
    let services: BTreeSet<_> = definition.steps.iter().map(|step| step.service).collect();
    for service in services {
        let payload = serde_json::to_value(Forgotten { saga }).map_err(Problem::internal)?;
        let (topic, key) = (commands_topic(service), saga.to_string());
        let (from, now) = (uow.service().to_owned(), uow.now());
        let name = Forgotten::NAME;
        uow.send(Envelope::new(&topic, name, 1, key, &from, now, payload));
    }
    Ok(())
}
