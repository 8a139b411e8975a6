//! The broker's file: every message once, and for each group of consumers what it has not dealt with.

use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::messaging::{DeadLetter, Envelope};
use crate::storage::sql::Session;
use crate::storage::sqlite::{Durability, SqliteSession, migrate_file, pools};
use crate::storage::{Kind, Migration, StoreError, StoreResult, Value};

const TABLES: &[Migration] = &[Migration::new(
    1,
    "tables of the broker",
    include_str!("schema.sql"),
)];

/// A message that a group has not dealt with.
pub(super) struct Due {
    pub(super) position: i64,
    pub(super) attempts: u32,
    pub(super) envelope: Envelope,
}

pub(super) struct Log {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Log {
    pub(super) async fn open(path: &Path) -> StoreResult<Self> {
        let (writer, readers) = pools(path, Durability::Process).await?;
        migrate_file(&writer, "broker", TABLES).await?;
        Ok(Self { writer, readers })
    }

    pub(super) async fn publish(
        &self,
        messages: &[Envelope],
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let mut session = self.write().await?;
        for message in messages {
            let sql = "INSERT INTO messages (id, topic, key, envelope, published_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
            let arguments = vec![
                message.id.into(),
                message.topic.as_str().into(),
                message.key.as_str().into(),
                Value::encode(message, Kind::Json)?,
                now.into(),
            ];
            if session.execute(sql.into(), arguments).await? == 1 {
                let sql = "INSERT INTO deliveries (topic, consumer_group, position, key, attempts, not_before) \
                           SELECT m.topic, g.name, m.position, m.key, 0, '' FROM messages m \
                           JOIN consumer_groups g ON g.topic = m.topic WHERE m.id = $1";
                session.execute(sql.into(), vec![message.id.into()]).await?;
            }
        }
        session.commit().await
    }

    pub(super) async fn join(&self, topic: &str, group: &str) -> StoreResult<()> {
        let mut session = self.write().await?;
        let sql =
            "INSERT INTO consumer_groups (topic, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        if session
            .execute(sql.into(), vec![topic.into(), group.into()])
            .await?
            == 1
        {
            let sql = "INSERT INTO deliveries (topic, consumer_group, position, key, attempts, not_before) \
                       SELECT topic, $2, position, key, 0, '' FROM messages WHERE topic = $1";
            session
                .execute(sql.into(), vec![topic.into(), group.into()])
                .await?;
        }
        session.commit().await
    }

    /// The oldest deliverable messages, each the first of its key.
    pub(super) async fn due(
        &self,
        topic: &str,
        group: &str,
        now: DateTime<Utc>,
        limit: usize,
    ) -> StoreResult<Vec<Due>> {
        let sql = "SELECT d.position, d.attempts, m.envelope FROM deliveries d JOIN messages m ON m.position = d.position \
                   WHERE d.topic = $1 AND d.consumer_group = $2 AND d.not_before <= $3 AND (d.key = '' OR NOT EXISTS \
                   (SELECT 1 FROM deliveries e WHERE e.topic = d.topic AND e.consumer_group = d.consumer_group \
                   AND e.key = d.key AND e.position < d.position)) ORDER BY d.position LIMIT $4";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let arguments = vec![topic.into(), group.into(), now.into(), limit.into()];
        let mut session = self.read().await?;
        let rows = session
            .query(sql.into(), arguments, &[Kind::Int, Kind::Int, Kind::Json])
            .await?;
        session.rollback().await?;
        rows.into_iter()
            .map(|row| match <[Value; 3]>::try_from(row) {
                Ok(
                    [
                        Value::Int(position),
                        Value::Int(attempts),
                        Value::Json(json),
                    ],
                ) => Ok(Due {
                    position,
                    attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
                    envelope: envelope(json)?,
                }),
                _ => Err(StoreError::corrupt("a delivery", "a column is empty")),
            })
            .collect()
    }

    /// When the next message that waits for its time may be delivered.
    pub(super) async fn next_due(
        &self,
        topic: &str,
        group: &str,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<DateTime<Utc>>> {
        let sql = "SELECT MIN(not_before) FROM deliveries WHERE topic = $1 AND consumer_group = $2 AND not_before > $3";
        let mut session = self.read().await?;
        let rows = session
            .query(
                sql.into(),
                vec![topic.into(), group.into(), now.into()],
                &[Kind::Time],
            )
            .await?;
        session.rollback().await?;
        Ok(rows.into_iter().flatten().find_map(|value| {
            if let Value::Time(time) = value {
                Some(time)
            } else {
                None
            }
        }))
    }

    pub(super) async fn done(&self, topic: &str, group: &str, position: i64) -> StoreResult<()> {
        let mut session = self.write().await?;
        remove(&mut session, topic, group, position).await?;
        session.commit().await
    }

    pub(super) async fn delay(
        &self,
        (topic, group, position): (&str, &str, i64),
        attempts: u32,
        until: DateTime<Utc>,
    ) -> StoreResult<()> {
        let sql = "UPDATE deliveries SET attempts = $5, not_before = $4 \
                   WHERE topic = $1 AND consumer_group = $2 AND position = $3";
        let mut session = self.write().await?;
        session
            .execute(
                sql.into(),
                vec![
                    topic.into(),
                    group.into(),
                    position.into(),
                    until.into(),
                    attempts.into(),
                ],
            )
            .await?;
        session.commit().await
    }

    pub(super) async fn bury(
        &self,
        (topic, group, position): (&str, &str, i64),
        reason: &str,
        attempts: u32,
        now: DateTime<Utc>,
    ) -> StoreResult<()> {
        let mut session = self.write().await?;
        remove(&mut session, topic, group, position).await?;
        let sql = "INSERT INTO dead_letters (consumer_group, position, reason, attempts, given_up_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let arguments = vec![
            group.into(),
            position.into(),
            reason.into(),
            attempts.into(),
            now.into(),
        ];
        session.execute(sql.into(), arguments).await?;
        session.commit().await
    }

    pub(super) async fn dead_letters(
        &self,
        groups: &str,
        limit: u32,
    ) -> StoreResult<Vec<DeadLetter>> {
        let sql = "SELECT l.consumer_group, m.envelope, l.reason, l.attempts, l.given_up_at FROM dead_letters l \
                   JOIN messages m ON m.position = l.position WHERE substr(l.consumer_group, 1, length($2)) = $2 \
                   ORDER BY l.given_up_at DESC, l.position DESC LIMIT $1";
        let kinds = [Kind::Text, Kind::Json, Kind::Text, Kind::Int, Kind::Time];
        let mut session = self.read().await?;
        let rows = session
            .query(sql.into(), vec![limit.into(), groups.into()], &kinds)
            .await?;
        session.rollback().await?;
        rows.into_iter()
            .map(|row| match <[Value; 5]>::try_from(row) {
                Ok(
                    [
                        Value::Text(group),
                        Value::Json(json),
                        Value::Text(reason),
                        Value::Int(attempts),
                        Value::Time(time),
                    ],
                ) => {
                    let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
                    Ok(DeadLetter {
                        group,
                        envelope: envelope(json)?,
                        reason,
                        attempts,
                        time,
                    })
                }
                _ => Err(StoreError::corrupt("a dead letter", "a column is empty")),
            })
            .collect()
    }

    pub(super) async fn dead_letter_count(&self, group: &str) -> StoreResult<u64> {
        let sql = "SELECT COUNT(*) FROM dead_letters WHERE consumer_group = $1";
        self.count(sql, vec![group.into()]).await
    }

    /// Puts a dead letter back among the deliveries, and gives its topic.
    pub(super) async fn revive(&self, group: &str, message: Uuid) -> StoreResult<Option<String>> {
        let mut session = self.write().await?;
        let sql = "SELECT m.topic, m.position FROM dead_letters l JOIN messages m ON m.position = l.position \
                   WHERE l.consumer_group = $1 AND m.id = $2";
        let rows = session
            .query(
                sql.into(),
                vec![group.into(), message.into()],
                &[Kind::Text, Kind::Int],
            )
            .await?;
        let Some(Ok([Value::Text(topic), position])) =
            rows.into_iter().next().map(<[Value; 2]>::try_from)
        else {
            return Ok(None);
        };
        let sql = "INSERT INTO deliveries (topic, consumer_group, position, key, attempts, not_before) \
                   SELECT topic, $1, position, key, 0, '' FROM messages WHERE position = $2";
        session
            .execute(sql.into(), vec![group.into(), position.clone()])
            .await?;
        let sql = "DELETE FROM dead_letters WHERE consumer_group = $1 AND position = $2";
        session
            .execute(sql.into(), vec![group.into(), position])
            .await?;
        session.commit().await?;
        Ok(Some(topic))
    }

    pub(super) async fn lag(&self, topic: &str, group: &str) -> StoreResult<u64> {
        let sql = "SELECT COUNT(*) FROM deliveries WHERE topic = $1 AND consumer_group = $2";
        self.count(sql, vec![topic.into(), group.into()]).await
    }

    async fn count(&self, sql: &'static str, arguments: Vec<Value>) -> StoreResult<u64> {
        let mut session = self.read().await?;
        let rows = session.query(sql.into(), arguments, &[Kind::Int]).await?;
        session.rollback().await?;
        Ok(match rows.first().and_then(|row| row.first()) {
            Some(Value::Int(count)) => u64::try_from(*count).unwrap_or(0),
            _ => 0,
        })
    }

    /// Forgets messages from before a moment that nobody waits for.
    pub(super) async fn trim(&self, before: DateTime<Utc>) -> StoreResult<u64> {
        let mut session = self.write().await?;
        let sql = "DELETE FROM messages WHERE published_at < $1 \
                   AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.position = messages.position) \
                   AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.position = messages.position)";
        let count = session.execute(sql.into(), vec![before.into()]).await?;
        session.commit().await?;
        Ok(count)
    }

    async fn write(&self) -> StoreResult<SqliteSession> {
        SqliteSession::begin(&self.writer, "BEGIN IMMEDIATE").await
    }

    async fn read(&self) -> StoreResult<SqliteSession> {
        SqliteSession::begin(&self.readers, "BEGIN").await
    }
}

async fn remove(
    session: &mut SqliteSession,
    topic: &str,
    group: &str,
    position: i64,
) -> StoreResult<()> {
    let sql = "DELETE FROM deliveries WHERE topic = $1 AND consumer_group = $2 AND position = $3";
    session
        .execute(
            sql.into(),
            vec![topic.into(), group.into(), position.into()],
        )
        .await?;
    Ok(())
}

fn envelope(json: serde_json::Value) -> StoreResult<Envelope> {
    serde_json::from_value(json).map_err(|e| StoreError::corrupt("a message", e))
}
