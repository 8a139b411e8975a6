//! Sagas and participations.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Session, SqlTransaction};
use crate::saga::{ParticipationRecord, SagaCount, SagaRecord};
use crate::storage::{Kind, Row, SagaLog, StoreResult, Value};

const SAGA: [(&str, Kind); 9] = [
    ("id", Kind::Uuid),
    ("name", Kind::Text),
    ("definition", Kind::Int),
    ("status", Kind::Text),
    ("revision", Kind::Int),
    ("wake_at", Kind::Time),
    ("started_at", Kind::Time),
    ("ended_at", Kind::Time),
    ("body", Kind::Json),
];

#[async_trait]
impl<S: Session> SagaLog for SqlTransaction<S> {
    async fn saga_insert(&mut self, saga: &SagaRecord) -> StoreResult<bool> {
        let sql = "INSERT INTO msarch_sagas (id, name, definition, status, revision, wake_at, started_at, ended_at, body) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        let arguments = vec![
            saga.id.into(),
            saga.name.as_str().into(),
            saga.definition.into(),
            saga.status.as_str().into(),
            saga.revision.into(),
            saga.wake_at.into(),
            saga.started_at.into(),
            saga.ended_at.into(),
            saga.body.clone().into(),
        ];
        Ok(self.0.execute(sql.into(), arguments).await? == 1)
    }

    async fn saga_load(&mut self, id: Uuid) -> StoreResult<Option<SagaRecord>> {
        let sql = format!("{} WHERE id = $1{}", select(), self.0.dialect().lock);
        Ok(self.sagas(sql, vec![id.into()]).await?.pop())
    }

    async fn saga_save(&mut self, saga: &SagaRecord) -> StoreResult<bool> {
        let sql = "UPDATE msarch_sagas SET status = $1, revision = $2, wake_at = $3, ended_at = $4, body = $5 \
                   WHERE id = $6 AND revision = $7";
        let arguments = vec![
            saga.status.as_str().into(),
            saga.revision.into(),
            saga.wake_at.into(),
            saga.ended_at.into(),
            saga.body.clone().into(),
            saga.id.into(),
            (saga.revision - 1).into(),
        ];
        Ok(self.0.execute(sql.into(), arguments).await? == 1)
    }

    async fn sagas_due(&mut self, now: DateTime<Utc>, limit: u32) -> StoreResult<Vec<Uuid>> {
        let sql = "SELECT id FROM msarch_sagas WHERE wake_at <= $1 ORDER BY wake_at, id LIMIT $2";
        let rows = self
            .0
            .query(sql.into(), vec![now.into(), limit.into()], &[Kind::Uuid])
            .await?;
        Ok(rows
            .into_iter()
            .flatten()
            .filter_map(|id| {
                if let Value::Uuid(id) = id {
                    Some(id)
                } else {
                    None
                }
            })
            .collect())
    }

    async fn sagas_next_due(&mut self) -> StoreResult<Option<DateTime<Utc>>> {
        let sql =
            "SELECT wake_at FROM msarch_sagas WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1";
        match self
            .0
            .query(sql.into(), vec![], &[Kind::Time])
            .await?
            .pop()
            .and_then(|mut row| row.pop())
        {
            Some(Value::Time(moment)) => Ok(Some(moment)),
            _ => Ok(None),
        }
    }

    async fn sagas_ended(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> StoreResult<Vec<SagaRecord>> {
        let sql = format!(
            "{} WHERE ended_at < $1 ORDER BY ended_at, id LIMIT $2{}",
            select(),
            self.0.dialect().claim
        );
        self.sagas(sql, vec![before.into(), limit.into()]).await
    }

    async fn saga_delete(&mut self, id: Uuid) -> StoreResult<()> {
        let sql = "DELETE FROM msarch_sagas WHERE id = $1";
        self.0.execute(sql.into(), vec![id.into()]).await?;
        Ok(())
    }

    async fn sagas_count(&mut self) -> StoreResult<Vec<SagaCount>> {
        let sql = "SELECT name, status, COUNT(*) FROM msarch_sagas GROUP BY name, status ORDER BY name, status";
        let rows = self
            .0
            .query(sql.into(), vec![], &[Kind::Text, Kind::Text, Kind::Int])
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match <[Value; 3]>::try_from(row) {
                Ok([Value::Text(name), Value::Text(status), Value::Int(count)]) => {
                    Some(SagaCount {
                        name,
                        status,
                        count: u64::try_from(count).unwrap_or(0),
                    })
                }
                _ => None,
            })
            .collect())
    }

    async fn sagas_recent(&mut self, limit: u32) -> StoreResult<Vec<SagaRecord>> {
        self.sagas(
            format!("{} ORDER BY started_at DESC, id LIMIT $1", select()),
            vec![limit.into()],
        )
        .await
    }

    async fn participation_load(
        &mut self,
        saga: Uuid,
        step: &str,
    ) -> StoreResult<Option<ParticipationRecord>> {
        // Held before there is a row, so that a command that comes twice at once takes effect once.
        self.hold("msarch_participations", &format!("{saga} {step}"))
            .await?;
        let lock = self.0.dialect().lock;
        let sql = format!(
            "SELECT status, body, updated_at FROM msarch_participations WHERE saga = $1 AND step = $2{lock}"
        );
        let kinds = [Kind::Text, Kind::Json, Kind::Time];
        let rows = self
            .0
            .query(sql.into(), vec![saga.into(), step.into()], &kinds)
            .await?;
        let Some(values) = rows.into_iter().next() else {
            return Ok(None);
        };
        let row: Row = ["status", "body", "updated_at"]
            .map(str::to_owned)
            .into_iter()
            .zip(values)
            .collect();
        Ok(Some(ParticipationRecord {
            saga,
            step: step.to_owned(),
            status: row.get("status")?,
            body: row.get("body")?,
            updated_at: row.get("updated_at")?,
        }))
    }

    async fn participation_save(&mut self, participation: &ParticipationRecord) -> StoreResult<()> {
        let sql = "INSERT INTO msarch_participations (saga, step, status, body, updated_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (saga, step) DO UPDATE SET \
                   status = excluded.status, body = excluded.body, updated_at = excluded.updated_at";
        let arguments = vec![
            participation.saga.into(),
            participation.step.as_str().into(),
            participation.status.as_str().into(),
            participation.body.clone().into(),
            participation.updated_at.into(),
        ];
        self.0.execute(sql.into(), arguments).await?;
        Ok(())
    }

    async fn participations_delete(&mut self, saga: Uuid) -> StoreResult<u64> {
        let sql = "DELETE FROM msarch_participations WHERE saga = $1";
        self.0.execute(sql.into(), vec![saga.into()]).await
    }
}

impl<S: Session> SqlTransaction<S> {
    async fn sagas(&mut self, sql: String, arguments: Vec<Value>) -> StoreResult<Vec<SagaRecord>> {
        let rows = self
            .0
            .query(sql.into(), arguments, &SAGA.map(|(_, kind)| kind))
            .await?;
        rows.into_iter()
            .map(|values| {
                saga(
                    &SAGA
                        .map(|(name, _)| name.to_owned())
                        .into_iter()
                        .zip(values)
                        .collect(),
                )
            })
            .collect()
    }
}

fn select() -> String {
    format!(
        "SELECT {} FROM msarch_sagas",
        SAGA.map(|(name, _)| name).join(", ")
    )
}

fn saga(row: &Row) -> StoreResult<SagaRecord> {
    Ok(SagaRecord {
        id: row.get("id")?,
        name: row.get("name")?,
        definition: row.get("definition")?,
        status: row.get("status")?,
        revision: row.get("revision")?,
        wake_at: row.get("wake_at")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        body: row.get("body")?,
    })
}
