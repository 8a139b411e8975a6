//! Outbox, inbox and idempotency keys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Session, SqlTransaction, count};
use crate::messaging::Envelope;
use crate::storage::{
    Inbox, KeyRecord, KeyScope, Keys, Kind, Outbox, StoreError, StoreResult, Value,
};

#[async_trait]
impl<S: Session> Outbox for SqlTransaction<S> {
    async fn outbox_append(&mut self, messages: &[Envelope]) -> StoreResult<()> {
        for message in messages {
            let envelope = Value::encode(message, Kind::Json)?;
            self.0
                .execute(
                    "INSERT INTO msarch_outbox (id, envelope) VALUES ($1, $2)".into(),
                    vec![message.id.into(), envelope],
                )
                .await?;
        }
        Ok(())
    }

    async fn outbox_pending(&mut self, limit: u32) -> StoreResult<Vec<Envelope>> {
        self.0
            .query(
                "SELECT envelope FROM msarch_outbox ORDER BY position LIMIT $1".into(),
                vec![limit.into()],
                &[Kind::Json],
            )
            .await?
            .into_iter()
            .flatten()
            .map(|envelope| {
                serde_json::from_value(envelope.to_json())
                    .map_err(|source| StoreError::corrupt("a message of the outbox", source))
            })
            .collect()
    }

    async fn outbox_sent(&mut self, ids: &[Uuid]) -> StoreResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "DELETE FROM msarch_outbox WHERE id IN ({})",
            places.join(", ")
        );
        self.0
            .execute(sql.into(), ids.iter().map(|id| Value::Uuid(*id)).collect())
            .await?;
        Ok(())
    }

    async fn outbox_size(&mut self) -> StoreResult<u64> {
        Ok(count(
            &self
                .0
                .query(
                    "SELECT COUNT(*) FROM msarch_outbox".into(),
                    vec![],
                    &[Kind::Int],
                )
                .await?,
        ))
    }
}

#[async_trait]
impl<S: Session> Inbox for SqlTransaction<S> {
    async fn inbox_claim(
        &mut self,
        consumer: &str,
        message: Uuid,
        now: DateTime<Utc>,
    ) -> StoreResult<bool> {
        let sql = "INSERT INTO msarch_inbox (consumer, message, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        Ok(self
            .0
            .execute(
                sql.into(),
                vec![consumer.into(), message.into(), now.into()],
            )
            .await?
            == 1)
    }

    async fn inbox_purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64> {
        self.0
            .execute(
                "DELETE FROM msarch_inbox WHERE received_at < $1".into(),
                vec![before.into()],
            )
            .await
    }
}

#[async_trait]
impl<S: Session> Keys for SqlTransaction<S> {
    async fn key_find(
        &mut self,
        scope: &KeyScope,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<KeyRecord>> {
        let held = format!("{}\n{}\n{}", scope.subject, scope.operation, scope.key);
        if !self.try_hold("msarch_idempotency", &held).await? {
            return Err(StoreError::KeyInFlight);
        }
        let sql = "SELECT request_hash, response, expires_at FROM msarch_idempotency \
                   WHERE subject = $1 AND operation = $2 AND key = $3 AND expires_at > $4";
        let mut arguments = scope_arguments(scope);
        arguments.push(now.into());
        let rows = self
            .0
            .query(sql.into(), arguments, &[Kind::Text, Kind::Json, Kind::Time])
            .await?;
        Ok(rows
            .into_iter()
            .next()
            .and_then(|row| match <[Value; 3]>::try_from(row) {
                Ok([Value::Text(request_hash), response, Value::Time(expires_at)]) => {
                    Some(KeyRecord {
                        request_hash,
                        response: response.to_json(),
                        expires_at,
                    })
                }
                _ => None,
            }))
    }

    async fn key_insert(&mut self, scope: &KeyScope, record: &KeyRecord) -> StoreResult<bool> {
        let sql = "INSERT INTO msarch_idempotency (subject, operation, key, request_hash, response, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let mut arguments = scope_arguments(scope);
        arguments.push(record.request_hash.as_str().into());
        arguments.push(record.response.clone().into());
        arguments.push(record.expires_at.into());
        Ok(self.0.execute(sql.into(), arguments).await? == 1)
    }

    async fn key_purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
        self.0
            .execute(
                "DELETE FROM msarch_idempotency WHERE expires_at <= $1".into(),
                vec![now.into()],
            )
            .await
    }
}

fn scope_arguments(scope: &KeyScope) -> Vec<Value> {
    vec![
        scope.subject.as_str().into(),
        scope.operation.as_str().into(),
        scope.key.as_str().into(),
    ]
}
