//! Streams of events and their snapshots.

use async_trait::async_trait;

use super::{Positions, Session, SqlTransaction};
use crate::event_store::{Snapshot, StoredEvent};
use crate::storage::{Events, Kind, Row, StoreError, StoreResult, Value};

const COLUMNS: [(&str, Kind); 9] = [
    ("position", Kind::Int),
    ("id", Kind::Uuid),
    ("stream", Kind::Text),
    ("version", Kind::Int),
    ("kind", Kind::Text),
    ("schema", Kind::Int),
    ("data", Kind::Json),
    ("metadata", Kind::Json),
    ("recorded_at", Kind::Time),
];

#[async_trait]
impl<S: Session> Events for SqlTransaction<S> {
    async fn stream_version(&mut self, stream: &str) -> StoreResult<i64> {
        let sql = "SELECT COALESCE(MAX(version), 0) FROM msarch_events WHERE stream = $1";
        let rows = self
            .0
            .query(sql.into(), vec![stream.into()], &[Kind::Int])
            .await?;
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Int(version)) => Ok(*version),
            _ => Ok(0),
        }
    }

    async fn stream_hold(&mut self, stream: &str) -> StoreResult<()> {
        self.hold("msarch_events", stream).await
    }

    async fn events_append(&mut self, events: &[StoredEvent]) -> StoreResult<()> {
        if let Some(positions) = self.0.dialect().positions {
            self.0.execute(positions.announce.into(), vec![]).await?;
        }
        let sql = "INSERT INTO msarch_events (id, stream, version, kind, schema, data, metadata, recorded_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        for event in events {
            let arguments = vec![
                event.id.into(),
                event.stream.as_str().into(),
                event.version.into(),
                event.kind.as_str().into(),
                event.schema.into(),
                event.data.clone().into(),
                event.metadata.clone().into(),
                event.time.into(),
            ];
            if self.0.execute(sql.into(), arguments).await? == 0 {
                return Err(changed(event));
            }
        }
        Ok(())
    }

    async fn events_read(
        &mut self,
        stream: &str,
        after: i64,
        limit: u32,
    ) -> StoreResult<Vec<StoredEvent>> {
        let sql = format!(
            "{} WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3",
            select()
        );
        self.read(sql, vec![stream.into(), after.into(), limit.into()])
            .await
    }

    async fn events_read_all(&mut self, after: i64, limit: u32) -> StoreResult<Vec<StoredEvent>> {
        let mut sql = format!("{} WHERE position > $1", select());
        let mut arguments = vec![after.into(), limit.into()];
        if let Some(positions) = self.0.dialect().positions {
            sql.push_str(" AND position <= $3");
            arguments.push(self.settled(positions).await?);
        }
        sql.push_str(" ORDER BY position LIMIT $2");
        self.read(sql, arguments).await
    }

    async fn snapshot_load(&mut self, stream: &str) -> StoreResult<Option<Snapshot>> {
        let sql = "SELECT version, schema, state FROM msarch_snapshots WHERE stream = $1";
        let kinds = [Kind::Int, Kind::Int, Kind::Json];
        let rows = self
            .0
            .query(sql.into(), vec![stream.into()], &kinds)
            .await?;
        let Some(values) = rows.into_iter().next() else {
            return Ok(None);
        };
        let row: Row = ["version", "schema", "state"]
            .map(str::to_owned)
            .into_iter()
            .zip(values)
            .collect();
        Ok(Some(Snapshot {
            stream: stream.to_owned(),
            version: row.get("version")?,
            schema: row.get("schema")?,
            state: row.get("state")?,
        }))
    }

    async fn snapshot_save(&mut self, snapshot: &Snapshot) -> StoreResult<()> {
        let sql = "INSERT INTO msarch_snapshots (stream, version, schema, state) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (stream) DO UPDATE SET version = excluded.version, schema = excluded.schema, state = excluded.state";
        let arguments = vec![
            snapshot.stream.as_str().into(),
            snapshot.version.into(),
            snapshot.schema.into(),
            snapshot.state.clone().into(),
        ];
        self.0.execute(sql.into(), arguments).await?;
        Ok(())
    }
}

impl<S: Session> SqlTransaction<S> {
    /// The position up to which no event can come any more. Three statements, each with a view of its own: whoever drew a position before
    /// the first of them is seen by the second while it runs, and by the third when it does not.
    async fn settled(&mut self, positions: Positions) -> StoreResult<Value> {
        let drawn = self
            .0
            .query(positions.drawn.into(), vec![], &[Kind::Int])
            .await?;
        let drawn = drawn.into_iter().flatten().collect();
        let settled = self
            .0
            .query(positions.settled.into(), drawn, &[Kind::Int])
            .await?;
        Ok(settled
            .into_iter()
            .flatten()
            .next()
            .unwrap_or(Value::Int(0)))
    }

    async fn read(&mut self, sql: String, arguments: Vec<Value>) -> StoreResult<Vec<StoredEvent>> {
        let rows = self
            .0
            .query(sql.into(), arguments, &COLUMNS.map(|(_, kind)| kind))
            .await?;
        rows.into_iter()
            .map(|values| {
                event(
                    &COLUMNS
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
        "SELECT {} FROM msarch_events",
        COLUMNS.map(|(name, _)| name).join(", ")
    )
}

fn event(row: &Row) -> StoreResult<StoredEvent> {
    Ok(StoredEvent {
        position: row.get("position")?,
        id: row.get("id")?,
        stream: row.get("stream")?,
        version: row.get("version")?,
        kind: row.get("kind")?,
        schema: row.get("schema")?,
        data: row.get("data")?,
        metadata: row.get("metadata")?,
        time: row.get("recorded_at")?,
    })
}

fn changed(event: &StoredEvent) -> StoreError {
    StoreError::StreamChanged {
        stream: event.stream.clone(),
        expected: (event.version - 1).to_string(),
        actual: event.version,
    }
}
